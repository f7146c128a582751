"""The name by which a course's nbgrader_config.py may know the page of feedback."""

from .grading.feedback import FeedbackPage

__all__ = ["FeedbackPage"]
