"""Millions of requests at once, as arrays.

day = simulate(rate=95, mean_service=0.010, servers=1, requests=1_000_000, seed=1)
days = simulate_many(seeds=range(1_000), rate=95, mean_service=0.010, requests=1_000)
"""

from .loads import Loads
from .many import simulate_many
from .result import Load
from .simulation import simulate

__all__ = ["Load", "Loads", "simulate", "simulate_many"]
