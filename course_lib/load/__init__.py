"""Millions of requests at once, as arrays.

day = simulate(rate=95, mean_service=0.010, servers=1, requests=1_000_000, seed=1)
"""

from .result import Load
from .simulation import simulate

__all__ = ["Load", "simulate"]
