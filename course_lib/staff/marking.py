"""The name by which the hidden lines of released quizzes ask for marks."""

from .grading.marks import NoPoint, mark

__all__ = ["NoPoint", "mark"]
