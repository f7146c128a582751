"""What students play with: widgets that run in the browser and hold real runs of the course."""

from .email_scene import EmailScene

__all__ = ["EmailScene"]
