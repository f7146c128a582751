"""The two clocks on which a program can be run."""

from __future__ import annotations

from .live import LiveLoop
from .scheduler import Scheduler
from .virtual import VirtualLoop

__all__ = ["LOOPS", "LiveLoop", "VirtualLoop"]

LOOPS: dict[str, type[Scheduler]] = {"virtual": VirtualLoop, "live": LiveLoop}
