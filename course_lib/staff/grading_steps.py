"""The name by which a course's nbgrader_config.py may know the steps of autograding."""

from .grading.steps import NeedsMarks, OverwriteCells

__all__ = ["NeedsMarks", "OverwriteCells"]
