"""What very many requests see with the explorer's settings, and what a formula says to it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..load import Load, simulate
from ..scenarios.email import ACCEPT
from ..theory import md1, mm1k, mmc
from .schedule import SEED, Setting

MANY = 20_000  # requests that the kernel simulates for one change
PARTS = 20  # of the run, whose means say how sure its mean is
# A line forgets how it began after some 1/(1 - share)² requests, share being what is asked for of
# what can be done. A run should hold that many times, else it says nothing of days without end.
MEMORIES = 50


def crowd(setting: Setting, seed: int = SEED) -> str:
    """A sentence or two about `MANY` requests with these settings, and the chance of this seed."""
    if setting.failure:
        return f"With {MANY:,} requests: the simulator knows no crashes."
    load = _simulated(setting, seed)
    before = 0.0 if setting.synchronous else ACCEPT
    response = load.response
    parts = [f"mean {before + response.mean():,.2f} ± {_doubt(response):,.2f} s"]
    if setting.order == "fifo":  # the simulator knows no other, and the mean is the same in all
        middle, late = (f"{before + load.percentile(q):,.2f} s" for q in (50, 99))
        parts = [f"p50 {middle}", f"p99 {late}", *parts]
    if load.rejected:
        parts.append(f"{100 * load.rejected / load.requests:.1f} % refused")
    told = f"With {MANY:,} requests: done after {', '.join(parts)} (± two standard errors)."
    return f"{told} {_theory(setting, before)}".rstrip()


def _simulated(setting: Setting, seed: int) -> Load:
    come: dict[str, Any] = {"rate": setting.rate, "requests": MANY}
    if not setting.random_arrivals:
        come = {"arrivals": np.arange(1, MANY + 1) / setting.rate}
    return simulate(
        **come,
        mean_service=setting.task,
        service="exponential" if setting.random_tasks else "constant",
        servers=setting.servers,
        # Who waits for a place is served when an endless queue would do it.
        waiting_room=setting.bound if setting.refuses else None,
        seed=seed,
    )


def _doubt(response: NDArray[np.float64]) -> float:
    """Two standard errors of the mean, in seconds. Neighbours wait alike, so what counts is how far
    the means of long parts of the run lie apart.
    """
    begins = np.arange(PARTS) * len(response) // PARTS
    means = np.add.reduceat(response, begins) / np.diff(begins, append=len(response))
    return 2 * float(np.std(means, ddof=1)) / math.sqrt(PARTS)


def _theory(setting: Setting, before: float) -> str:
    """What a formula says, where there is one and the run can be compared with it."""
    rate, task, servers = setting.rate, setting.task, setting.servers
    share, are_random = rate * task / servers, (setting.random_arrivals, setting.random_tasks)
    if setting.refuses:
        if not all(are_random) or servers > 1:
            return ""
        lost = mm1k(rate=rate, mean_service=task, places=setting.bound + 1).lost
        return f"Theory (M/M/1/K): {100 * lost:.1f} % refused."
    if share > 1:
        return (
            f"{share:.2f} times of what can be done is asked for: "
            f"the queue grows by {rate - servers / task:.2f} requests a second."
        )
    if not any(are_random):
        return "Nothing is left to chance, and nobody waits."
    if share == 1:
        return "Exactly what can be done is asked for: chance finds no room."
    if MANY * (1 - share) ** 2 < MEMORIES:
        return (
            f"Almost all that can be done is asked for ({100 * share:.2f} %): the line grows for "
            f"longer than {MANY:,} requests, and theory speaks of days without end."
        )
    return _mean_in_theory(setting, before)


def _mean_in_theory(setting: Setting, before: float) -> str:
    rate, task, servers = setting.rate, setting.task, setting.servers
    if setting.random_arrivals and setting.random_tasks:
        mean = mmc(rate=rate, mean_service=task, servers=servers).response
        return f"Theory (M/M/c): mean {before + mean:,.2f} s."
    if setting.random_arrivals and servers == 1:
        mean = md1(rate=rate, service=task).response
        return f"Theory (M/D/1): mean {before + mean:,.2f} s."
    return ""
