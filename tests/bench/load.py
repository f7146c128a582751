"""Requests per second: this course's arrays beside SimPy and Ciw on the same arrivals.

All serve the same requests first come, first served, and must see the same departures. SimPy and
Ciw get the first few thousand of the million, since their cost per request does not depend on how
many there are. The floor is one pass over memory: adding the services to the arrivals.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import ciw
import numpy as np
import simpy

from course_lib.load import simulate
from course_lib.load.departures import departures
from course_lib.load.heap import heap

REQUESTS = 1_000_000
IN_SIMPY = 10_000
IN_CIW = 3_000
ROUNDS = 5
FLOOR_AT_LEAST = 0.20
GENERATION_AT_MOST = 2.0

Times = Any  # int64 array, nanoseconds


@dataclass(frozen=True)
class Case:
    """A line to be served, and how many times SimPy's speed is to be reached."""

    name: str
    servers: int
    utilisation: float
    to_reach: float | None
    equal: bool = False


CASES = (
    Case("1 server", 1, 0.8, 2_000),
    Case("2 servers", 2, 0.8, 500),
    Case("8 servers", 8, 0.8, 350),
    Case("8, equal services", 8, 0.8, None, equal=True),
    Case("8, at 95 %", 8, 0.95, None),
    Case("1, overload", 1, 1.2, 50),
    Case("2, overload", 2, 1.2, 50),
    Case("8, overload", 8, 1.2, 50),
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


def _seconds(call: Callable[[], object]) -> float:
    gc.collect()
    begin = time.process_time()
    call()
    return time.process_time() - begin


def best(
    calls: dict[str, tuple[Callable[[], object], int]], rounds: int = ROUNDS
) -> dict[str, float]:
    """Nanoseconds of CPU a request (each call serves so many): the best of rounds in turns."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, (call, count) in calls.items():
            found[name].append(_seconds(call) / count * 1e9)
    return {name: min(costs) for name, costs in found.items()}


def measure(case: Case) -> dict[str, float]:
    """Cost of a request in each, after a look at whether they agree."""
    arrival, service = requests(case)
    few = arrival[:IN_SIMPY].tolist(), service[:IN_SIMPY].tolist(), case.servers
    fewer = few[0][:IN_CIW], few[1][:IN_CIW], case.servers
    ours = departures(arrival, service, case.servers)
    if ours[:IN_SIMPY].tolist() != in_simpy(*few) or ours[:IN_CIW].tolist() != in_ciw(*fewer):
        raise SystemExit(f"{case.name}: the simulators do not agree")
    return best(
        {
            "floor": (lambda: np.add(arrival, service), REQUESTS),
            "arrays": (lambda: departures(arrival, service, case.servers), REQUESTS),
            "heap": (lambda: heap(arrival[:100_000], service[:100_000], case.servers), 100_000),
            "SimPy": (lambda: in_simpy(*few), IN_SIMPY),
            "Ciw": (lambda: in_ciw(*fewer), IN_CIW),
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

    arrivals, services = (times / 1e9 for times in requests(CASES[0]))
    return best(
        {
            "random numbers": (generate, REQUESTS),
            "all": (all_of_it, REQUESTS),
            "from arrays": (lambda: simulate(arrivals=arrivals, services=services), REQUESTS),
        },
        rounds=8 * ROUNDS,
    )


def main() -> None:
    """Print the table, and beside each ratio what is to be reached."""
    print("Cost of a request, nanoseconds of CPU (best of rounds that take turns)")
    columns = ("floor", "arrays", "heap", "SimPy", "Ciw")
    print(f"{'':<18}" + "".join(f"{name:>10}" for name in columns) + "   million requests a second")
    found = {}
    for case in CASES:
        cost = found[case] = measure(case)
        print(
            f"{case.name:<18}"
            + "".join(f"{cost[name]:>10,.1f}" for name in columns)
            + f"   {1e3 / cost['arrays']:.1f}"
        )
    print("\nSpeed of the arrays")
    for case, cost in found.items():
        goal = f"   (to reach: ≥ {case.to_reach:,} × SimPy)" if case.to_reach else ""
        print(
            f"{case.name:<18}{cost['SimPy'] / cost['arrays']:>7,.0f} × SimPy"
            f"{cost['Ciw'] / cost['arrays']:>8,.0f} × Ciw{goal}"
        )
    first = found[CASES[0]]
    print(
        f"\n1 server: {100 * first['floor'] / first['arrays']:.0f} % of the memory floor "
        f"(to reach: ≥ {100 * FLOOR_AT_LEAST:.0f} %)"
    )
    cost = from_end_to_end()
    print(
        f"simulate, p50 and p99: {cost['all']:.1f} ns a request, "
        f"{cost['all'] / cost['random numbers']:.2f} × its random numbers, "
        f"{cost['random numbers']:.1f} ns (to reach: ≤ {GENERATION_AT_MOST})\n"
        f"simulate from given arrays of seconds: {cost['from arrays']:.1f} ns a request"
    )


if __name__ == "__main__":
    main()
