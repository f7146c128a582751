"""JupyterLab is started in this folder, and nbgrader's panels look for their settings here.

The course itself is in quizzes/, and so are its settings.
"""

from pathlib import Path

course = str(Path(__file__).resolve().parent / "quizzes")
load_subconfig("nbgrader_config.py", path=course)  # noqa: F821  nbgrader knows it
c = get_config()  # noqa: F821
c.CourseDirectory.root = course
