"""Closed forms of many parts: how fast together, how often all up, how often one is slow.

Shares and probabilities are from 0 to 1, all of them plain floats. The parts are taken as
independent: where one rack, one release or one full disk takes several of them down at once, the
true numbers are worse. Each function says so again where it matters most.
"""

from __future__ import annotations

import math
from numbers import Integral, Real

import numpy as np


def amdahl(workers: float, *, serial: float) -> float:
    """How many times faster `workers` are than one, if a share of the work is `serial`.

    n / (1 + s(n − 1)), which never passes 1/s. `serial` is the share of the time of one worker
    that cannot be divided. The problem stays the same size and dividing it costs nothing, so this
    is an upper bound.

    References
    ----------
    G. M. Amdahl, Validity of the single processor approach to achieving large scale computing
    capabilities, AFIPS Spring Joint Computer Conference 1967, 483–485.
    """
    return universal(workers, contention=serial, coherence=0)


def universal(workers: float, *, contention: float, coherence: float) -> float:
    """How many times more `workers` do than one, if they queue for each other and have to agree.

    n / (1 + σ(n − 1) + κn(n − 1)): Amdahl's law, and a cost for each pair. Both σ (`contention`)
    and κ (`coherence`) are in units of one worker's work, fitted to measurements of a system.

    Raises
    ------
    ValueError
        For less than one worker, or a share out of its range.

    References
    ----------
    N. J. Gunther, Guerrilla Capacity Planning, Springer 2007, chapter 4: the universal scalability
    law.
    """
    _share("contention", contention)
    _share("coherence", coherence)
    if isinstance(workers, bool) or not isinstance(workers, Real):
        raise TypeError(f"the number of workers is {workers!r}; give a number")
    if not 1 <= workers < math.inf:
        raise ValueError(f"the number of workers is {workers!r}; give 1 or more")
    return workers / (1 + contention * (workers - 1) + coherence * workers * (workers - 1))


def universal_peak(*, contention: float, coherence: float) -> float:
    """The number of workers beyond which one more makes all of them slower: √((1 − σ) / κ).

    Infinite where they need not agree (κ = 0). Source as in `universal`.
    """
    free = 1 - _share("contention", contention)
    return math.sqrt(free / coherence) if _share("coherence", coherence) else math.inf


def all_up(*availability: float) -> float:
    """Share of the time that every part is up at once: the product of their availabilities.

    A chain of n synchronous calls is up when all n are: `all_up(*[0.999] * 5)`. Accepting through a
    broker needs only the front and the broker: `all_up(front, broker)`. Parts that fail together
    are up together too, so for them this is too low; for parts that overload each other it is too
    high.
    """
    return math.prod(_share("availability", value) for value in availability)


def any_slow(share: float, parts: int) -> float:
    """Share of the requests that meet a slow part, if they need so many and each is slow so often.

    1 − (1 − p)^n, for parts that are slow independently of each other.

    References
    ----------
    J. Dean and L. A. Barroso, The tail at scale, Communications of the ACM 56(2), 2013, 74–80.
    """
    if isinstance(parts, bool) or not isinstance(parts, Integral):
        raise TypeError(f"the number of parts is {parts!r}; give a whole number")
    if parts < 0:
        raise ValueError(f"the number of parts is {parts!r}; give 0 or more")
    if _share("share of slow answers", share) == 1:
        return float(parts > 0)
    return -math.expm1(parts * math.log1p(-share))  # exact where 1 − (1 − p)^n loses its digits


def hottest_share(keys: int, *, exponent: float = 1.0) -> float:
    """Share of all events that belong to the most frequent key, if frequencies follow Zipf's law.

    The key of rank k comes k^(−exponent) times as often as the first, so this is one over the sum
    of all those; the exponent is about 1 for words of a language, and to be measured for yours.

    References
    ----------
    G. K. Zipf, Human Behavior and the Principle of Least Effort, Addison-Wesley 1949.
    """
    if isinstance(keys, bool) or not isinstance(keys, Integral):
        raise TypeError(f"the number of keys is {keys!r}; give a whole number")
    if keys < 1:
        raise ValueError(f"the number of keys is {keys!r}; give 1 or more")
    if isinstance(exponent, bool) or not isinstance(exponent, Real):
        raise TypeError(f"the exponent is {exponent!r}; give a number")
    if not 0 <= exponent < math.inf:
        raise ValueError(f"the exponent is {exponent!r}; give 0 (all keys alike) or more")
    return float(1 / (np.arange(1, int(keys) + 1, dtype=np.float64) ** -float(exponent)).sum())


def _share(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"the {name} is {value!r}; give a share from 0 to 1, like 0.05")
    if not 0 <= value <= 1:  # NaN is neither
        hint = f"; {value:g} % is {value / 100:g}" if 1 < value <= 100 else ""
        raise ValueError(f"the {name} is {value!r}; give a share from 0 to 1{hint}")
    return value
