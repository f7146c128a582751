"""The names by which a course's nbgrader_config.py may know what makes the page of feedback."""

from .grading.feedback import FeedbackPage, Grades

__all__ = ["FeedbackPage", "Grades"]
