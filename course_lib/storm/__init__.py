"""A retry storm: clients that give up and call again, and a server that does not know.

    storm = simulate_storm(max_attempts=3)      # 300 s, in which the server is away for 10 s
    storm.share_answered()                      # of the demand, long after the outage

Requests come at random; the server takes them in order of arrival, a constant service each. A
client waits `TIMEOUT` for an answer and then gives up that attempt, or calls again; the server
goes on with what it has. An answer counts only if it comes while somebody waits for it: goodput.
All times are in seconds, rates per second. Everything below is a model, its constants assumptions.

References
----------
N. Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021;
L. Huang et al., "Metastable Failures in the Wild", OSDI 2022.
"""

from .day import CAP, CAPACITY, OUTAGE, RATE, TIMEOUT
from .result import Storm
from .simulation import simulate_storm

__all__ = ["CAP", "CAPACITY", "OUTAGE", "RATE", "TIMEOUT", "Storm", "simulate_storm"]
