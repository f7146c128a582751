"""For whoever grades: the settings of the course itself, wherever JupyterLab was started."""

from pathlib import Path

course = str(Path.home() / "course" / "quizzes")
load_subconfig("nbgrader_config.py", path=course)  # noqa: F821  nbgrader knows it
c = get_config()  # noqa: F821
c.CourseDirectory.root = course
