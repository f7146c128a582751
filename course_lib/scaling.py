"""Closed forms of many parts: how fast together, how often all up, how often one is slow.

Shares and probabilities are from 0 to 1, all of them plain floats. The parts are taken as
independent: where one rack, one release or one full disk takes several of them down at once, the
true numbers are worse. Each function says so again where it matters most. All of them raise
TypeError for what is no number, and ValueError for one that is out of its range.
"""

from __future__ import annotations

import math

from .checked import fraction, held, number, whole

MANY = 10**15  # parts or keys at most: a float still counts them one by one


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
    return universal(workers, contention=fraction("serial share", serial), coherence=0)


def universal(workers: float, *, contention: float, coherence: float) -> float:
    """How many times more `workers` do than one, if they queue for each other and have to agree.

    n / (1 + σ(n − 1) + κn(n − 1)): Amdahl's law, and a cost for each pair. Both σ (`contention`)
    and κ (`coherence`) are in units of one worker's work, fitted to measurements of a system.

    References
    ----------
    N. J. Gunther, Guerrilla Capacity Planning, Springer 2007, chapter 4: the universal scalability
    law.
    """
    queue, agree = fraction("contention", contention), fraction("coherence", coherence)
    count = number("number of workers", workers, least=1)
    return count / held("cost", 1 + queue * (count - 1) + agree * count * (count - 1))


def universal_peak(*, contention: float, coherence: float) -> float:
    """The number of workers beyond which one more makes all of them slower: √((1 − σ) / κ).

    Infinite where they need not agree (κ = 0). Source as in `universal`.
    """
    free, agree = 1 - fraction("contention", contention), fraction("coherence", coherence)
    return math.sqrt(free) / math.sqrt(agree) if agree else math.inf


def all_up(*availability: float) -> float:
    """Share of the time that every part is up at once: the product of their availabilities.

    A chain of n synchronous calls is up when all n are: `all_up(*[0.999] * 5)`. Accepting through a
    broker needs only the front and the broker: `all_up(front, broker)`. Parts that fail together
    are up together too, so for them this is too low; for parts that overload each other it is too
    high.
    """
    return math.prod(fraction("availability", value) for value in availability)


def any_slow(share: float, parts: int) -> float:
    """Share of the requests that meet a slow part, if they need so many and each is slow so often.

    1 − (1 − p)^n, for parts that are slow independently of each other.

    References
    ----------
    J. Dean and L. A. Barroso, The tail at scale, Communications of the ACM 56(2), 2013, 74–80.
    """
    count = whole("number of parts", parts, least=0, most=MANY)
    slow = fraction("share of slow answers", share)
    if slow == 1:
        return float(count > 0)
    return -math.expm1(count * math.log1p(-slow))  # exact where 1 − (1 − p)^n loses its digits


def hottest_share(keys: int, *, exponent: float = 1.0) -> float:
    """Share of all events that belong to the most frequent key, if frequencies follow Zipf's law.

    The key of rank k comes k^(−exponent) times as often as the first, so this is one over the sum
    of all those; the exponent is about 1 for words of a language, and to be measured for yours.

    Notes
    -----
    The first thousand are added up, and all others by Euler's and Maclaurin's formula, which is
    then right to the last digits: 10¹⁵ keys are as quick as 1,000.

    References
    ----------
    G. K. Zipf, Human Behavior and the Principle of Least Effort, Addison-Wesley 1949.
    """
    count = whole("number of keys", keys, most=MANY)
    steep = number("exponent", exponent)
    first = min(count, 1_000)
    total = math.fsum(key**-steep for key in range(1, first + 1))
    return 1 / (total + (_others(first, count, steep) if count > first else 0.0))


def _others(first: int, last: int, steep: float) -> float:
    """The sum of k^(−steep) over k = first + 1 … last: the integral, and what it leaves out."""
    rise, far = 1 - steep, math.log(last / first)
    below = math.expm1(rise * far) / rise if rise else far
    fall = float((last / first) ** -steep)
    total = first * below + (fall - 1) / 2 + (steep / first - steep * fall / last) / 12
    return float(first**-steep) * total


def backlog_after(seconds: float, *, rate: float, capacity: float, share: float = 0.5) -> float:
    """How many wait after so many seconds of a peak that began with nobody; in the given share of
    such peaks it is at most that, so 0.5 gives the median and 0.9 one that one peak in ten passes.

    `rate` is what comes per second, `capacity` what can be done per second, both with random gaps.
    What comes less what can be done is only the half of it: where the two are close, chance alone
    makes a line as long as the square root of the time. It is the diffusion limit, good for long
    peaks, and a little too much where less comes than can be done.

    References
    ----------
    J. M. Harrison, Brownian Motion and Stochastic Flow Systems, Wiley 1985, chapter 1: the
    reflected Brownian motion has the distribution of the running maximum.
    """
    come = number("rate", rate, "requests per second")
    done = number("capacity", capacity, "requests per second", above=True)
    time, wanted = number("seconds", seconds), fraction("share", share)
    if wanted == 1:
        raise ValueError("the share is 1, and no line is so long that none passes it; give 0.99")
    drift = held("growth of the line", (come - done) * time)
    spread = math.sqrt(held("variance of the line", (come + done) * time))
    if not spread:
        return 0.0
    low, high = 0.0, held("longest line", max(0.0, drift) + 9 * spread)
    while high - low > 1e-9 * high:
        middle = low + (high - low) / 2
        below = _chance_below(middle, drift, spread) < wanted
        low, high = (middle, high) if below else (low, middle)
    return low + (high - low) / 2


def _chance_below(line: float, drift: float, spread: float) -> float:
    """That the line is at most so long: `drift` is its growth, `spread` its standard deviation."""
    turned_back = 2 * (drift / spread) * (line / spread)
    mirrored = _normal((-line - drift) / spread)
    return _normal((line - drift) / spread) - math.exp(min(turned_back, 700)) * mirrored


def _normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2
