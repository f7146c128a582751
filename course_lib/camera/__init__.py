"""The film of a run: what `course_lib.widgets.film` shows, as a value."""

from .film import Actor, Film, Kind, Source, Step, Thing, Wait
from .record import MOST_STEPS, record

__all__ = ["MOST_STEPS", "Actor", "Film", "Kind", "Source", "Step", "Thing", "Wait", "record"]
