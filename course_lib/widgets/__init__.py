"""What students play with: widgets that run in the browser and hold real runs of the course."""

from .email_scene import EmailScene
from .explorer import Explorer
from .questions import practice, score

__all__ = ["EmailScene", "Explorer", "practice", "score"]
