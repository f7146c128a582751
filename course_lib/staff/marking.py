"""The name by which the hidden lines of released quizzes ask for marks."""

from .grading.marks import NoPoint
from .grading.marks import award as mark

__all__ = ["NoPoint", "mark"]
