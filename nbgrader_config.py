"""JupyterLab is started in this folder, and nbgrader's panels look here first.

The course itself, with its own settings, is in quizzes/.
"""

from pathlib import Path

c = get_config()  # noqa: F821  nbgrader knows it
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "quizzes")
