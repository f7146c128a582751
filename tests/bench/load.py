"""Requests per second: this course's arrays beside SimPy and Ciw on the same arrivals.

All serve the same requests first come, first served, and must see the same departures. `simulate`
is what a reader calls, with arrays of seconds; `departures` is the function inside it that finds
the departures from whole nanoseconds. SimPy, Ciw and the heap get the first of the million, since
their cost per request does not depend on how many there are. The floor is one pass over memory:
adding the services to the arrivals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import ciw
import numpy as np
import simpy

from course_lib.load import simulate, simulate_many
from course_lib.load.departures import departures
from course_lib.load.heap import heap

from .cpu import cpu_seconds

REQUESTS = 1_000_000
IN_SIMPY = 10_000
IN_CIW = 3_000
IN_HEAP = 200_000
SEEDS = 1_000
ROUNDS = 5
FLOOR_AT_LEAST = 0.20
GENERATION_AT_MOST = 2.0
MANY_AT_LEAST = 10
HEAP_AT_MOST = 1.1

Times = Any  # int64 array, nanoseconds


@dataclass(frozen=True)
class Case:
    """A line to be served, and how many times SimPy's speed is to be reached by `simulate`."""

    servers: int
    utilisation: float
    to_reach: float | None = None
    equal: bool = False

    def __str__(self) -> str:
        kind = ", equal" if self.equal else ""
        return f"{self.servers} at {100 * self.utilisation:.0f} %{kind}"


CASES = (
    Case(1, 0.8, 2_000),
    Case(2, 0.8, 500),
    Case(8, 0.8, 350),
    Case(8, 0.8, equal=True),
    Case(8, 0.95),
    *(Case(servers, load) for load in (0.97, 0.99, 1.0) for servers in (2, 8, 32)),
    *(Case(servers, 1.2, 50) for servers in (1, 2, 8)),
)


def requests(case: Case) -> tuple[Times, Times]:
    """Arrivals and services of a case: random, of 10 ms at each server."""
    rng = np.random.default_rng(1)
    gap = rng.exponential(1e7 / case.servers / case.utilisation, REQUESTS)
    service = np.full(REQUESTS, 1e7) if case.equal else rng.exponential(1e7, REQUESTS)
    return np.cumsum(np.rint(gap).astype(np.int64)), np.rint(service).astype(np.int64)


def in_simpy(arrival: list[int], service: list[int], servers: int) -> list[int]:
    """Departures by SimPy: a process for each request, a Resource for the servers."""
    env = simpy.Environment()
    resource = simpy.Resource(env, servers)
    found: list[Any] = [0] * len(arrival)

    def request(number: int) -> Iterator[Any]:
        with resource.request() as turn:
            yield turn
            yield env.timeout(service[number])
        found[number] = env.now

    def source() -> Iterator[Any]:
        for number, when in enumerate(arrival):
            yield env.timeout(when - env.now)
            env.process(request(number))

    env.process(source())
    env.run()
    return found


def in_ciw(arrival: list[int], service: list[int], servers: int) -> list[int]:
    """Departures by Ciw: one node, gaps and services from lists."""
    gaps = np.diff(arrival, prepend=0).tolist()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, float("inf")])],
        service_distributions=[ciw.dists.Sequential(service)],
        number_of_servers=[servers],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(arrival), method="Finish")
    records = sorted(simulation.get_all_records(), key=lambda record: record.id_number)
    return [int(record.exit_date) for record in records]


def best(
    calls: dict[str, tuple[Callable[[], object], int]], rounds: int = ROUNDS
) -> dict[str, float]:
    """Nanoseconds of CPU a request (each call serves so many): the best of rounds in turns."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, (call, count) in calls.items():
            found[name].append(cpu_seconds(call) / count * 1e9)
    return {name: min(costs) for name, costs in found.items()}


def measure(case: Case) -> dict[str, float]:
    """Cost of a request in each, after a look at whether they agree."""
    arrival, service = requests(case)
    seconds = {"arrivals": arrival / 1e9, "services": service / 1e9, "servers": case.servers}
    few = arrival[:IN_SIMPY].tolist(), service[:IN_SIMPY].tolist(), case.servers
    fewer = few[0][:IN_CIW], few[1][:IN_CIW], case.servers
    ours = simulate(**seconds).departure_ns
    if ours[:IN_SIMPY].tolist() != in_simpy(*few) or ours[:IN_CIW].tolist() != in_ciw(*fewer):
        raise SystemExit(f"{case}: the simulators do not agree")
    first = arrival[:IN_HEAP], service[:IN_HEAP], case.servers
    return best(
        {
            "floor": (lambda: np.add(arrival, service), REQUESTS),
            "simulate": (lambda: simulate(**seconds), REQUESTS),
            "departures": (lambda: departures(arrival, service, case.servers), REQUESTS),
            "heap": (lambda: heap(*first), IN_HEAP),
            "SimPy": (lambda: in_simpy(*few), IN_SIMPY),
            "Ciw": (lambda: in_ciw(*fewer), IN_CIW),
        }
    )


def many_seeds(servers: int) -> dict[str, float]:
    """Cost of a request in a day of a thousand, a thousand days at once and one after the other."""
    words = {"rate": 0.8 * servers, "mean_service": 1.0, "servers": servers, "requests": 1_000}
    return best(
        {
            "at once": (lambda: simulate_many(seeds=range(SEEDS), **words), SEEDS * 1_000),
            "one by one": (lambda: [simulate(seed=seed, **words) for seed in range(50)], 50_000),
        }
    )


def from_end_to_end() -> dict[str, float]:
    """Cost of a request from nothing to p50 and p99, and of its two random numbers alone."""

    def generate() -> tuple[Any, Any]:
        rng = np.random.default_rng(1)
        return rng.exponential(1 / 80, REQUESTS), rng.exponential(0.010, REQUESTS)

    def all_of_it() -> None:
        day = simulate(rate=80, mean_service=0.010, requests=REQUESTS)
        day.percentile(50)
        day.percentile(99)

    return best(
        {
            "random numbers": (generate, REQUESTS),
            "all": (all_of_it, REQUESTS),
        },
        rounds=8 * ROUNDS,
    )


def main() -> None:
    """Print the tables, and beside each ratio what is to be reached."""
    print("Cost of a request, nanoseconds of CPU (best of rounds that take turns)")
    columns = ("floor", "departures", "simulate", "heap", "SimPy", "Ciw")
    print(f"{'servers':<18}" + "".join(f"{name:>12}" for name in columns))
    found = {}
    for case in CASES:
        cost = found[case] = measure(case)
        print(f"{case!s:<18}" + "".join(f"{cost[name]:>12,.1f}" for name in columns))
    print("\nSpeed of simulate, from arrays of seconds; of departures, from whole nanoseconds")
    for case, cost in found.items():
        print(_speeds(case, cost))
    first = found[CASES[0]]
    print(
        f"\ndepartures, 1 server: {100 * first['floor'] / first['departures']:.0f} % of the memory "
        f"floor (to reach: ≥ {100 * FLOOR_AT_LEAST:.0f} %)"
    )
    cost = from_end_to_end()
    print(
        f"simulate, p50 and p99: {cost['all']:.1f} ns a request, "
        f"{cost['all'] / cost['random numbers']:.2f} × its random numbers, "
        f"{cost['random numbers']:.1f} ns (to reach: ≤ {GENERATION_AT_MOST})"
    )
    for servers in (2, 8):
        cost = many_seeds(servers)
        print(
            f"simulate_many, {SEEDS:,} seeds of 1,000 requests, {servers} servers: "
            f"{cost['at once']:.1f} ns a request, {cost['one by one'] / cost['at once']:.1f} × as "
            f"fast as one seed after the other (to reach: ≥ {MANY_AT_LEAST})"
        )


def _speeds(case: Case, cost: dict[str, float]) -> str:
    """One line: how many times faster than each other, and what is to be reached."""
    goal = f"   (to reach: ≥ {case.to_reach:,} × SimPy)" if case.to_reach else ""
    heaps = cost["departures"] / cost["heap"]
    return (
        f"{case!s:<18}{cost['SimPy'] / cost['simulate']:>7,.0f} × SimPy"
        f"{cost['Ciw'] / cost['simulate']:>8,.0f} × Ciw"
        f"; departures {cost['SimPy'] / cost['departures']:>6,.0f} × SimPy, {heaps:.2f} of the "
        f"heap's time (to reach: ≤ {HEAP_AT_MOST}){goal}"
    )


if __name__ == "__main__":
    main()
