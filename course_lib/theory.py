"""Closed forms of waiting lines, to hold simulations against. What many parts do is in `scaling`.

Rates are per second, times in seconds, all of them plain floats: one call, one system in its
steady state, which is what it settles into after a long time under the same load.
Names: M/M/c has random (exponential) gaps between arrivals, random (exponential) services, and c
servers with one waiting line, first come, first served. M/D/1 has equal services, M/G/1 any
independent ones, and in M/M/1/K whoever finds K requests there is turned away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real


@dataclass(frozen=True, slots=True)
class Steady:
    """What to expect of a system in its steady state; response = waiting + service."""

    utilisation: float
    """Share of the time that a server is busy, from 0 to below 1 (ρ)."""
    must_wait: float
    """Share of the requests that find all servers busy."""
    waiting: float
    """Mean seconds in the waiting line, over all requests (Wq)."""
    response: float
    """Mean seconds from arrival to departure (W)."""
    in_line: float
    """Mean number of requests in the waiting line (Lq)."""
    in_system: float
    """Mean number of requests in line and in service (L)."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """What to expect of a system that turns requests away when it is full."""

    lost: float
    """Share of the requests that are turned away."""
    waiting: float
    """Mean seconds in the waiting line, over those that are let in."""
    response: float
    """Mean seconds from arrival to departure, over those that are let in."""
    in_system: float
    """Mean number of requests in line and in service."""


def mm1(*, rate: float, mean_service: float) -> Steady:
    """One server, random arrivals, random services: W = S / (1 − ρ).

    Parameters
    ----------
    rate : float
        Arrivals per second (λ), from 0.
    mean_service : float
        Mean seconds of one service (S = 1/μ), above 0.

    Raises
    ------
    ValueError
        If a number makes no sense, or the utilisation ρ = λS is 1 or more: the waiting line then
        grows for ever, and there is no mean to give.

    References
    ----------
    L. Kleinrock, Queueing Systems, volume 1: Theory, Wiley 1975, chapter 3.
    """
    return mmc(rate=rate, mean_service=mean_service, servers=1)


def mm1_percentile(q: float, *, rate: float, mean_service: float) -> float:
    """Seconds within which `q` per cent of the requests to one server depart again.

    In M/M/1 the response is itself exponential, P(response > t) = e^(−t/W), so the percentile is
    W ln(100 / (100 − q)), and p99 is always 4.605 times the mean. First come, first served only.

    Parameters
    ----------
    q : float
        Per cent, from 0 to below 100.
    rate, mean_service : float
        As in `mm1`.

    Raises
    ------
    ValueError
        As in `mm1`, and for a `q` out of its range.

    References
    ----------
    L. Kleinrock, Queueing Systems, volume 1: Theory, Wiley 1975, chapter 5.
    """
    if isinstance(q, bool) or not isinstance(q, Real):
        raise TypeError(f"the percentile is {q!r}; give a number of per cent, like 99")
    if not 0 <= q < 100:
        raise ValueError(
            f"there is no percentile {q!r} of the response; give per cent, from 0 to below 100, "
            "like 99"
        )
    mean = mm1(rate=rate, mean_service=mean_service).response
    return mean * math.log(100 / (100 - q))


def mm1_waiting_error(requests: int, *, rate: float, mean_service: float) -> float:
    """Standard error, in seconds, of the mean waiting of so many requests in a row.

    Neighbours in a line wait alike, so this is far more than for independent numbers: at
    ρ = 0.8, 5,000 requests give the mean to ± 16 % only. Good for many requests: the run has to
    be long against 1/(1 − ρ)² services; for a short one from an empty system it says too much.

    Parameters
    ----------
    requests : int
        How many requests the mean is taken over, above 0.
    rate, mean_service : float
        As in `mm1`.

    Raises
    ------
    ValueError
        As in `mm1`, and for fewer requests than 1.

    References
    ----------
    D. J. Daley, The serial correlation coefficients of waiting times in a stationary single
    server queue, Journal of the Australian Mathematical Society 8 (1968), 683–699: the variance
    of the sum follows from the correlations. The tests hold it against repeated simulations.
    """
    count = _whole("number of requests", requests)
    rho = mm1(rate=rate, mean_service=mean_service).utilisation
    variance = rho * (2 + 5 * rho - 4 * rho**2 + rho**3) / (1 - rho) ** 4
    return mean_service * math.sqrt(variance / count)


def mmc(*, rate: float, mean_service: float, servers: int) -> Steady:
    """Several equal servers, one waiting line, random arrivals, random services (Erlang C).

    Parameters
    ----------
    rate : float
        Arrivals per second at all servers together (λ), from 0.
    mean_service : float
        Mean seconds of one service at one server (S = 1/μ), above 0.
    servers : int
        How many serve (c), from 1.

    Raises
    ------
    ValueError
        If a number makes no sense, or the utilisation ρ = λS/c is 1 or more.
    TypeError
        If `servers` is no whole number, or another is no number.

    References
    ----------
    A. K. Erlang, Solution of some problems in the theory of probabilities of significance in
    automatic telephone exchanges, Elektroteknikeren 13 (1917).
    L. Kleinrock, Queueing Systems, volume 1: Theory, Wiley 1975, chapter 3.
    """
    utilisation = _utilisation(rate, mean_service, servers)
    must_wait = erlang_c(offered=rate * mean_service, servers=servers)
    waiting = must_wait * mean_service / (servers * (1 - utilisation))
    response = waiting + mean_service
    in_line = little(rate=rate, time=waiting)
    in_system = little(rate=rate, time=response)
    return Steady(utilisation, must_wait, waiting, response, in_line, in_system)


def mg1(*, rate: float, mean_service: float, mean_square: float) -> Steady:
    """One server, random arrivals, services of any kind: Wq = λE[S²] / (2(1 − ρ)).

    Who waits, waits for the rest of the service that is under way, and a long service is under way
    more often than it comes. So it is the mean square that counts, and a few long ones make it big.

    Parameters
    ----------
    rate : float
        Arrivals per second (λ), from 0.
    mean_service : float
        Mean seconds of one service (E[S]), above 0.
    mean_square : float
        Mean of the squared services (E[S²]) in seconds², at least `mean_service` squared.

    Raises
    ------
    ValueError
        As in `mm1`, and for a mean square that no services can have.

    References
    ----------
    F. Pollaczek, Über eine Aufgabe der Wahrscheinlichkeitstheorie, Mathematische Zeitschrift 32
    (1930), 64–100; A. Y. Khinchine 1932.
    L. Kleinrock, Queueing Systems, volume 1: Theory, Wiley 1975, chapter 5.
    """
    utilisation = _utilisation(rate, mean_service, 1)
    least = mean_service**2
    if _number("mean square", mean_square, "seconds²") < least * (1 - 1e-9):
        raise ValueError(
            f"the mean square is {mean_square!r} seconds², and with a mean service of "
            f"{mean_service:g} s it is at least {least:g}; give the mean of the squares, which is "
            "the square of the mean only if all services are equal"
        )
    waiting = rate * mean_square / (2 * (1 - utilisation))
    response = waiting + mean_service
    in_line = little(rate=rate, time=waiting)
    in_system = little(rate=rate, time=response)
    return Steady(utilisation, utilisation, waiting, response, in_line, in_system)


def md1(*, rate: float, service: float) -> Steady:
    """One server, random arrivals, equal services of so many seconds: half the waiting of M/M/1.

    Raises ValueError as `mm1` does.

    References
    ----------
    As in `mg1`, of which it is the case without any spread.
    """
    _utilisation(rate, service, 1)
    return mg1(rate=rate, mean_service=service, mean_square=service**2)


def mm1k(*, rate: float, mean_service: float, places: int) -> Bounded:
    """One server, random arrivals and services, and room for so many requests (K); no more.

    Parameters
    ----------
    rate : float
        Arrivals per second (λ), from 0, those that are turned away included. It may be more than
        the server can do: there is always a steady state.
    mean_service : float
        Mean seconds of one service, above 0.
    places : int
        How many can be there, the one in service included, from 1.

    Raises
    ------
    ValueError
        If a number makes no sense.

    Notes
    -----
    n requests are there for a share of the time that is proportional to ρ^n; an arrival at a
    random moment finds what is there on average, so the share that is lost is that of n = K:
    (1 − ρ) ρ^K / (1 − ρ^(K+1)), or 1 / (K+1) where ρ = 1.

    References
    ----------
    L. Kleinrock, Queueing Systems, volume 1: Theory, Wiley 1975, section 3.6.
    """
    _number("rate", rate, "arrivals per second")
    _service(mean_service)
    places = _whole("number of places", places)
    rho = rate * mean_service
    if rho <= 1:
        weights = [rho**n for n in range(places + 1)]
    else:  # the same, from the other end, where the powers do not overflow
        weights = [rho ** (n - places) for n in range(places + 1)]
    lost = weights[-1] / sum(weights)
    in_system = sum(n * weight for n, weight in enumerate(weights)) / sum(weights)
    let_in = rate * (1 - lost)
    response = in_system / let_in if let_in else mean_service
    return Bounded(lost, response - mean_service, response, in_system)


def erlang_c(*, offered: float, servers: int) -> float:
    """Share of the requests that find all servers busy and have to wait.

    `offered` is the load a = λS: how many servers would be busy on average if there were enough.
    It must be below `servers`, else the line grows for ever: ValueError.

    Notes
    -----
    Computed by way of Erlang B, the share that is turned away where nobody may wait:
    B(0) = 1, B(c) = aB / (c + aB), then C = B / (1 − ρ (1 − B)). No factorial, so 1,000 servers
    are no problem.

    References
    ----------
    A. K. Erlang 1917, as in `mmc`.
    """
    utilisation = _utilisation(offered, 1.0, servers)
    turned_away = 1.0
    for count in range(1, servers + 1):
        turned_away = offered * turned_away / (count + offered * turned_away)
    return turned_away / (1 - utilisation * (1 - turned_away))


def little(*, rate: float, time: float) -> float:
    """Little's law, L = λW: how many are there on average, if `rate` come per second and stay.

    `time` is the mean seconds that each stays. True of any place with a steady state, whatever
    the order of service and however random, and for any part of it: the waiting line, the servers,
    both.

    References
    ----------
    J. D. C. Little, A proof for the queuing formula L = λW, Operations Research 9 (1961), 383–387.
    """
    return _number("rate", rate, "arrivals per second") * _number("time", time, "seconds")


def _utilisation(rate: float, mean_service: float, servers: int) -> float:
    """λS/c, which must be below 1; the sentence says how to get there."""
    _number("rate", rate, "arrivals per second")
    _service(mean_service)
    count = _whole("number of servers", servers)
    utilisation = rate * mean_service / count
    if utilisation >= 1:
        raise ValueError(
            f"there is no steady state: {rate:g} requests per second of {mean_service:g} s each "
            f"keep {count} server{'s'[: count > 1]} {100 * utilisation:.0f} % busy, and from 100 % "
            f"on the waiting line grows for ever; stay below {count / mean_service:g} requests per "
            f"second, or take {math.floor(rate * mean_service) + 1} servers"
        )
    return utilisation


def _service(mean: float) -> float:
    if _number("mean service", mean, "seconds") == 0:
        raise ValueError("the mean service is 0 seconds; a server that takes no time has no line")
    return mean


def _number(name: str, value: float, unit: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"the {name} is {value!r}; give a number of {unit}")
    if not 0 <= value < math.inf:  # NaN is neither
        raise ValueError(f"the {name} is {value!r} {unit}; give a number from 0")
    return value


def _whole(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"the {name} is {value!r}; give a whole number")
    if value < 1:
        raise ValueError(f"the {name} is {value!r}; give 1 or more")
    return value
