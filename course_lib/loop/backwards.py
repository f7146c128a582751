"""A virtual loop whose sets of tasks and futures have the newest first.

On the course's other loops they have the order in which their members were made, so that a run is
the same every time. Python promises no order: who relies on that one finds out here.
"""

from __future__ import annotations

from .virtual import VirtualLoop


class BackwardsLoop(VirtualLoop):
    """The virtual loop in all else."""

    set_order = -1
