"""The names by which a course's nbgrader_config.py may know its steps to and from students."""

from .grading.exchange import Extractor, ReleaseFeedback

__all__ = ["Extractor", "ReleaseFeedback"]
