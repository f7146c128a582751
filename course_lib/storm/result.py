"""What happened in a storm, as arrays of moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..checked import number

Seconds = NDArray[np.float64]
MOST = 10_000_000  # windows


@dataclass(frozen=True, eq=False)
class Storm:
    """What happened, as moments in seconds, each array in order."""

    wanted: Seconds
    """When requests came for the first time: the demand."""
    sent: Seconds
    """When attempts reached the server, first ones and retries."""
    answered: Seconds
    """When a client that was still waiting got its answer: the goodput."""
    end: float

    def per_second(self, moments: Seconds, *, width: float = 1.0) -> tuple[Seconds, Seconds]:
        """Starts of windows of `width` seconds, and how many of the moments per second in each."""
        number("width", width, "seconds", above=True)
        if not 1 <= self.end / width <= MOST:
            raise ValueError(
                f"the width is {width} seconds, which makes no windows of the {self.end:g} s that "
                f"are simulated; give at most that, and no more than {MOST:,} windows"
            )
        edges = np.arange(0, self.end + width / 2, width)
        counts, _ = np.histogram(moments, edges)
        return edges[:-1], counts / width

    @property
    def goodput(self) -> Seconds:
        """Useful answers in each second."""
        return self.per_second(self.answered)[1]

    def share_answered(self, at: float | None = None, *, width: float = 10.0) -> float:
        """Useful answers as a share of the demand, in the `width` seconds around a moment.

        Unless told, in the last ones. It can be a little above 1 while a waiting line gets shorter.
        """
        number("width", width, "seconds", above=True)
        at = self.end - width / 2 if at is None else number("moment", at, "seconds")
        low, high = at - width / 2, at + width / 2
        answers, demand = (_between(m, low, high) for m in (self.answered, self.wanted))
        return answers / demand if demand else float("nan")


def _between(moments: Seconds, low: float, high: float) -> float:
    first, last = np.searchsorted(moments, (low, high))
    return float(last - first)
