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

from ..checked import one_of, whole, yes_or_no
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
    "store order": Step(0.005, 0.99995),  # as pending, with its id
    "pay": Step(1.0, 0.999, p99=4.0),  # with that id as the idempotency key
    "mark paid": Step(0.005, 0.99995),  # in one transaction with the outbox row, if there is one
    "hand over": Step(0.005, 0.9999),
    "mail": Step(0.4, 0.995, p99=3.0),
    "invoice": Step(0.8, 0.999, p99=3.0),
    "analytics": Step(0.070, 0.995),
}
BEFORE_YES = ("reserve stock", "store order", "pay", "mark paid")
HAND_OVER = "hand over"  # to the broker, which keeps the later steps
LATER = ("mail", "invoice", "analytics")
LANES = {"pay": "card network", **{name: f"{name} service" for name in LATER}}  # else: the shop

PATIENCE = 5.0  # seconds that the shop waits for any answer: assumption
DOWN = 120.0  # seconds that an outage lasts, from the start: assumption
RETRY = 30.0  # seconds between two tries of what the customer does not wait for: assumption
RESTART = 10.0  # seconds until a crashed shop is back: assumption
CRASHES = {"crash after pay": "pay", "crash": "mark paid"}  # the shop dies right after that step
OUTAGES = (*STEPS, *CRASHES)  # a step that hangs, or a crash
CONFIRMED, PENDING, ERROR = "order confirmed", "payment pending", "error, please try again"
SEED = 143  # a customer whose payment takes about the median


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


async def synchronous(*, outage: str | None = None, seed: int = SEED) -> Outcome:
    """All steps before the answer. After an error nothing more is done."""
    shop = _Shop(outage, seed)
    return shop.outcome(*await shop.answer((*BEFORE_YES, *LATER)))


async def mixed(*, outage: str | None = None, outbox: bool = False, seed: int = SEED) -> Outcome:
    """The page's split: mail, invoice and analytics come after the answer, and are tried again.

    They are handed over to a broker before the answer. Or, with an `outbox`, what is still to do
    stands in the shop's own database: a worker finds there, also after a crash, the later steps of
    each paid order, and each pending order whose payment it must ask for again, with the same key.
    """
    yes_or_no("outbox", outbox)
    shop = _Shop(outage, seed)
    screen, accept = await shop.answer(BEFORE_YES if outbox else (*BEFORE_YES, HAND_OVER))
    if outbox and "store order" in shop.done:
        await shop.settle_payment()
    if ("mark paid" if outbox else HAND_OVER) in shop.done:
        async with asyncio.TaskGroup() as workers:
            for name in LATER:
                workers.create_task(shop.keep_trying(name), name=LANES[name])
    return shop.outcome(screen, accept)


class _Shop:
    def __init__(self, outage: str | None, seed: int) -> None:
        one_of("outage", outage, (None, *OUTAGES))
        self._rng = random.Random(whole("seed", seed, least=0))
        self.takes = {name: self._draw(name) for name in STEPS}
        self.outage, self.crashed, self.card = outage, False, "not charged"
        self.done: dict[str, float] = {}  # step → second

    def _draw(self, name: str) -> float:
        return self._rng.lognormvariate(math.log(STEPS[name].seconds), STEPS[name].sigma)

    async def answer(self, names: Iterable[str]) -> tuple[str, float]:
        """What the customer's screen says, and when."""
        screen, name = CONFIRMED, ""
        with span("checkout open", lane="customer"):
            try:
                for name in names:
                    await self.call(name)
            except TimeoutError:  # from the payment on, the money may be gone: no "try again"
                screen = PENDING if name in ("pay", "mark paid") else ERROR
            except ConnectionError:
                screen = ERROR
        return screen, _now()

    async def call(self, name: str) -> None:
        with span(name, lane=LANES.get(name, "shop")):
            if name == "pay" and self.card == "not charged":
                self.card = "perhaps charged"
            hangs = DOWN - _now() if name == self.outage else 0.0
            async with asyncio.timeout(PATIENCE):
                await asyncio.sleep(max(hangs, self.takes[name]))
        self.done[name] = _now()
        if name == "pay":
            self.card = "charged"  # once, however often it is asked with the same key
        if CRASHES.get(self.outage or "") == name and not self.crashed:
            self.crashed = True
            raise ConnectionError("the shop crashed")

    async def settle_payment(self) -> None:
        """The worker asks again for what is pending: once the shop is back, or after a while."""
        if self.crashed:
            await asyncio.sleep(RESTART)
        elif "mark paid" not in self.done:
            await asyncio.sleep(RETRY)
        if "mark paid" not in self.done:
            await self.keep_trying("pay")
            await self.keep_trying("mark paid")

    async def keep_trying(self, name: str) -> None:
        """Call until there is an answer."""
        while True:
            try:
                return await self.call(name)
            except TimeoutError:
                await asyncio.sleep(RETRY)
                if self.takes[name] > PATIENCE:  # it was slow, and will not be so each time
                    self.takes[name] = self._draw(name)
            except ConnectionError:  # the worker died with the shop, and is back with it
                await asyncio.sleep(RESTART)

    def outcome(self, screen: str, accept: float) -> Outcome:
        return Outcome(screen, accept, self.card, self.done.get("mail"))


def _now() -> float:
    return asyncio.get_running_loop().time()
