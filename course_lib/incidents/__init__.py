"""Incidents: a minute on call. A system, promises to keep, trouble that comes, and your moves.

    day = play(story("friday"), moves="20 ack after", seed=7)
    judge(day)

All that happens is a function of the story, the seed and the moves, in whole milliseconds. The
browser computes the same by a mirror of these files, in widgets/incident_state.js.
"""

from .chance import draw
from .day import Day
from .judging import Judgement, judge
from .moment import Moment, at
from .moves import Move, parse, write
from .promises import Standing, standing
from .stories import Story, names, story
from .system import play

__all__ = [
    "Day",
    "Judgement",
    "Moment",
    "Move",
    "Standing",
    "Story",
    "at",
    "draw",
    "judge",
    "names",
    "parse",
    "play",
    "standing",
    "story",
    "write",
]
