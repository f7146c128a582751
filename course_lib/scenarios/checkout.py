"""A checkout in a web shop: everything before the answer, or only what must be true before it.

Lanes: the `customer`, the `shop`, the `card network`, and one for each of the later steps: `mail
service`, `invoice service`, `analytics service`. All times are in seconds.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from ..flow import span


@dataclass(frozen=True, slots=True)
class Step:
    """A call to somebody, and how that somebody behaves on a normal day."""

    seconds: float
    """The median of how long it takes."""
    available: float
    """Share of the calls that are answered."""
    p99: float | None = None
    """Seconds within which 99 of 100 are answered; None: it always takes the median."""

    @property
    def sigma(self) -> float:
        """Spread of the logarithm: durations are lognormal, with many short and a few long."""
        if self.p99 is None:
            return 0.0
        return math.log(self.p99 / self.seconds) / NormalDist().inv_cdf(0.99)


# Durations and availabilities are assumptions: public figures are scarce. Put in your own.
STEPS = {
    "reserve stock": Step(0.020, 0.9995),
    "pay": Step(1.0, 0.999, p99=4.0),
    "store order": Step(0.010, 0.9999),
    "hand over": Step(0.005, 0.9999),
    "mail": Step(0.4, 0.995, p99=3.0),
    "invoice": Step(0.8, 0.999, p99=3.0),
    "analytics": Step(0.070, 0.995),
}
BEFORE_YES = ("reserve stock", "pay", "store order")
HAND_OVER = "hand over"  # to the broker, which keeps the later steps
LATER = ("mail", "invoice", "analytics")
LANES = {"pay": "card network", **{name: f"{name} service" for name in LATER}}  # else: the shop

PATIENCE = 5.0  # seconds that the shop waits for any answer: assumption
DOWN = 120.0  # seconds that an outage lasts, from the start: assumption
RETRY = 30.0  # seconds between two tries of a later step: assumption
RESTART = 10.0  # seconds until a crashed shop is back: assumption
ERROR = "error, please try again"
OUTAGES = (*STEPS, "crash")  # a step that hangs, or the shop right after "store order"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the customer has seen, and what has happened."""

    screen: str
    accept: float  # seconds until the screen said so
    card: str  # charged, not charged, or perhaps charged: a call that timed out is unknown
    mail: float | None  # seconds until the mail was sent; None: never

    def __str__(self) -> str:
        mail = "never" if self.mail is None else f"after {self.mail:.1f} s"
        return f"{self.screen}, after {self.accept:.1f} s; {self.card}; mail {mail}"


async def synchronous(*, outage: str | None = None, seed: int = 1) -> Outcome:
    """All six steps before the answer. After an error nothing more is done."""
    shop = _Shop(outage, seed)
    return shop.outcome(*await shop.answer((*BEFORE_YES, *LATER)))


async def mixed(*, outage: str | None = None, outbox: bool = False, seed: int = 1) -> Outcome:
    """The page's split: mail, invoice and analytics come after the answer, and are tried again.

    They are handed over to a broker before the answer; or, with an `outbox`, stored together with
    the order and found there later, also after a crash.
    """
    shop = _Shop(outage, seed)
    screen, accept = await shop.answer(BEFORE_YES if outbox else (*BEFORE_YES, HAND_OVER))
    if shop.crashed:
        await asyncio.sleep(RESTART)
    if ("store order" if outbox else HAND_OVER) in shop.done:
        async with asyncio.TaskGroup() as workers:
            for name in LATER:
                workers.create_task(shop.keep_trying(name), name=LANES[name])
    return shop.outcome(screen, accept)


class _Shop:
    def __init__(self, outage: str | None, seed: int) -> None:
        if outage is not None and outage not in OUTAGES:
            raise ValueError(f"there is no outage {outage!r}; take one of {', '.join(OUTAGES)}")
        rng = random.Random(seed)
        self.takes = {
            name: rng.lognormvariate(math.log(step.seconds), step.sigma)
            for name, step in STEPS.items()
        }
        self.outage, self.crashed, self.card = outage, False, "not charged"
        self.done: dict[str, float] = {}  # step → second

    async def answer(self, names: Iterable[str]) -> tuple[str, float]:
        """What the customer's screen says, and when."""
        screen, name = "order confirmed", ""
        with span("checkout open", lane="customer"):
            try:
                for name in names:
                    await self.call(name)
            except TimeoutError:
                screen = "payment pending" if name == "pay" else ERROR
            except ConnectionError:
                screen = ERROR
        return screen, _now()

    async def call(self, name: str) -> None:
        with span(name, lane=LANES.get(name, "shop")):
            if name == "pay":
                self.card = "perhaps charged"
            hangs = DOWN - _now() if name == self.outage else 0.0
            async with asyncio.timeout(PATIENCE):
                await asyncio.sleep(max(hangs, self.takes[name]))
        self.done[name] = _now()
        if name == "pay":
            self.card = "charged"
        if name == "store order" and self.outage == "crash":
            self.crashed = True
            raise ConnectionError("the shop crashed")

    async def keep_trying(self, name: str) -> None:
        while name not in self.done:
            try:
                await self.call(name)
            except TimeoutError:
                await asyncio.sleep(RETRY)

    def outcome(self, screen: str, accept: float) -> Outcome:
        return Outcome(screen, accept, self.card, self.done.get("mail"))


def _now() -> float:
    return asyncio.get_running_loop().time()
