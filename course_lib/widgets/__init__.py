"""What students play with: widgets that run in the browser and hold real runs of the course."""

from .email_scene import EmailScene
from .explorer import Explorer
from .film_scene import film
from .questions import practice, score
from .share import share

__all__ = ["EmailScene", "Explorer", "film", "practice", "score", "share"]
