"""The name by which a course's nbgrader_config.py may know how submissions are graded."""

from .grading.steps import GradedNotebook, NeedsMarks, OverwriteCells

__all__ = ["GradedNotebook", "NeedsMarks", "OverwriteCells"]
