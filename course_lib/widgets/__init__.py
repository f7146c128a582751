"""What students play with: widgets that run in the browser and hold real runs of the course."""

from .email_scene import EmailScene
from .explorer import Explorer
from .film_scene import film
from .incident import Incident
from .questions import practice, score
from .share import share

__all__ = ["EmailScene", "Explorer", "Incident", "film", "practice", "score", "share"]
