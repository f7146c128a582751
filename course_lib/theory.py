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

from .checked import held, number, plural, whole

SERVERS = 10**10  # at most: a third of a second at full load, and elsewhere no time at all
MANY = 10**15  # requests or places at most: a float still counts them one by one


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
    within = number("percentile", q, "per cent")
    if within >= 100:
        raise ValueError(f"there is no percentile {q!r} of the response; give less than 100, as 99")
    mean = mm1(rate=rate, mean_service=mean_service).response
    return held("percentile", mean * math.log1p(within / (100 - within)))


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
    count = whole("number of requests", requests, most=MANY)
    _, each, rho = _load(rate, mean_service, 1)
    variance = rho * (2 + 5 * rho - 4 * rho**2 + rho**3) / (1 - rho) ** 4
    return held("standard error", each * math.sqrt(variance / count))


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
    rate, each, utilisation = _load(rate, mean_service, servers)
    must_wait = _must_wait(rate * each, servers)
    # Not from the utilisation, which is rounded: near 1, what is left to 1 would be mostly that.
    waiting = must_wait * each / (int(servers) - rate * each)
    return _steady(rate, each, utilisation, must_wait, waiting)


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
    rate, each, utilisation = _load(rate, mean_service, 1)
    square = number("mean square", mean_square, "seconds²")
    least = held("square of the mean service", each * each)
    if square < least * (1 - 1e-9):
        raise ValueError(
            f"the mean square is {mean_square!r} seconds², and with a mean service of "
            f"{each:g} s it is at least {least:g}; give the mean of the squares, which is "
            "the square of the mean only if all services are equal"
        )
    waiting = rate * square / (2 * (1 - utilisation))
    return _steady(rate, each, utilisation, utilisation, waiting)


def md1(*, rate: float, service: float) -> Steady:
    """One server, random arrivals, equal services of so many seconds: half the waiting of M/M/1.

    Raises ValueError as `mm1` does.

    References
    ----------
    As in `mg1`, of which it is the case without any spread.
    """
    rate, each, utilisation = _load(rate, service, 1)
    return _steady(rate, each, utilisation, utilisation, each * utilisation / 2 / (1 - utilisation))


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
    (1 − ρ) ρ^K / (1 − ρ^(K+1)), or 1 / (K+1) where ρ = 1. Whoever is let in finds what is there
    with one place less, and waits that many services.

    References
    ----------
    L. Kleinrock, Queueing Systems, volume 1: Theory, Wiley 1975, section 3.6.
    """
    each = number("mean service", mean_service, "seconds", above=True)
    offered = number("rate", rate, "arrivals per second") * each
    places = whole("number of places", places, most=MANY)
    lost, in_system = _crowd(offered, places)
    _, found = _crowd(offered, places - 1)
    waiting = held("mean waiting", found * each)
    return Bounded(lost, waiting, held("mean response", waiting + each), in_system)


def _crowd(ratio: float, most: int) -> tuple[float, float]:
    """Share of the time that `most` are there, and how many on average; n with weight ratio^n.

    Above 1 the same from the other end, where the powers do not overflow.
    """
    if ratio > 1:
        total, moment, _ = _powers(1 / ratio, most + 1)
        return 1 / total, most - moment / total
    total, moment, _ = _powers(ratio, most + 1)
    return ratio**most / total, moment / total


def _powers(ratio: float, count: int) -> tuple[float, float, float]:
    """Sums of r^n and of n·r^n over n = 0 … count − 1, and r^count: sums alone, no difference.

    Twice as many from half as many, so that ten millions are 24 steps.
    """
    if count == 0:
        return 0.0, 0.0, 1.0
    half = count // 2
    total, moment, power = _powers(ratio, half)
    moment += power * (moment + half * total)
    total += power * total
    power *= power
    if count % 2:
        total += power
        moment += (count - 1) * power
        power *= ratio
    return total, moment, power


def erlang_b(*, offered: float, servers: int) -> float:
    """Share of the requests that are turned away where nobody may wait (Erlang's loss formula).

    True of services of any kind: only their mean counts. Twice as many servers for twice the load
    lose a smaller share.

    Parameters
    ----------
    offered : float
        The load a = λS, from 0: how many servers would be busy on average if there were enough.
        It may be more than `servers`: there is always a steady state.
    servers : int
        How many serve (c), from 1 to 10¹⁰.

    Raises
    ------
    ValueError
        If a number makes no sense.
    TypeError
        If `servers` is no whole number, or `offered` no number.

    Notes
    -----
    B(0) = 1 and 1/B(c) = 1 + c/a · 1/B(c−1), unrolled from its end:
    1/B(c) = 1 + c/a + c(c−1)/a² + … No factorial, no difference, and it may stop as soon as a
    term no longer counts. Shares below 1e-308 are given as 0.

    References
    ----------
    A. K. Erlang 1917, as in `mmc`.
    D. L. Jagerman, Some properties of the Erlang loss function, Bell System Technical Journal 53
    (1974), 525–551.
    """
    load = number("offered load", offered, "busy servers")
    count = whole("number of servers", servers, most=SERVERS)
    inverse = term = 1.0
    for left in range(count, 0, -1):
        term *= left / load if load else math.inf
        inverse += term
        if term < 1e-20 * inverse or inverse == math.inf:
            break
    return 1 / inverse


def erlang_c(*, offered: float, servers: int) -> float:
    """Share of the requests that find all servers busy and have to wait, however long.

    Parameters
    ----------
    offered, servers
        As in `erlang_b`, but the load must be below `servers`, else the line grows for ever.

    Raises
    ------
    ValueError
        If a number makes no sense, or the utilisation ρ = a/c is 1 or more.
    TypeError
        As in `erlang_b`.

    Notes
    -----
    By way of Erlang B: C = B / (1 − ρ (1 − B)).

    References
    ----------
    A. K. Erlang 1917, as in `mmc`.
    """
    load, _, _ = _load(number("offered load", offered, "busy servers"), 1.0, servers)
    return _must_wait(load, servers)


def _must_wait(offered: float, servers: int) -> float:
    turned_away = erlang_b(offered=offered, servers=servers)
    return turned_away / (1 - offered / int(servers) * (1 - turned_away))


def little(*, rate: float, time: float) -> float:
    """Little's law, L = λW: how many are there on average, if `rate` come per second and stay.

    `time` is the mean seconds that each stays. True of any place with a steady state, whatever
    the order of service and however random, and for any part of it: the waiting line, the servers,
    both. Raises ValueError for a number below 0, or none that is finite.

    References
    ----------
    J. D. C. Little, A proof for the queuing formula L = λW, Operations Research 9 (1961), 383–387.
    """
    come = number("rate", rate, "arrivals per second")
    return held("mean number", come * number("time", time, "seconds"))


def _steady(
    rate: float, mean_service: float, utilisation: float, must_wait: float, waiting: float
) -> Steady:
    """What follows from the waiting, by Little's law."""
    response = held("mean response", waiting + mean_service)
    in_line, in_system = little(rate=rate, time=waiting), little(rate=rate, time=response)
    return Steady(utilisation, must_wait, waiting, response, in_line, in_system)


def _load(rate: float, mean_service: float, servers: int) -> tuple[float, float, float]:
    """λ, S and λS/c, which must be below 1; the sentence says how to get there."""
    come = number("rate", rate, "arrivals per second")
    each = number("mean service", mean_service, "seconds", above=True)
    count = whole("number of servers", servers, most=SERVERS)
    offered = come * each
    if offered >= count:
        enough = f", or take {math.floor(offered) + 1} servers" if offered < SERVERS else ""
        busy = f"{100 * offered / count:.0f} %" if offered < SERVERS else "far more than 100 %"
        raise ValueError(
            f"there is no steady state: {come:g} requests per second of {each:g} s each keep "
            f"{plural(count, 'server')} {busy} busy, and from 100 % on the waiting line grows for "
            f"ever; stay below {count / each:g} requests per second{enough}"
        )
    return come, each, offered / count
