"""All experiments on one system after another, and the table that their runs fill in.

    queues = await look_at("RabbitMQ", "Amazon SQS")
    queues + await look_at("NATS core")

Real time passes: from five seconds a system to half a minute.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from ..page import render
from . import contract
from .channel import Channel, Promised
from .kinds import KINDS
from .progress import waiting
from .server import MissingServer, Server

ASPECTS = {
    "crash": "A consumer dies with a message",
    "twice": "Is it received twice?",
    "order": "Order",
    "dead": "It fails again and again",
    "unheard": "Nobody listens",
    "restart": "The server dies",
}
ORDERS = {"all": "all in order", "by key": "in order within a key", "none": "in any order"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the experiments have shown of one system, each as words."""

    kind: type[Channel]
    what: str
    """What runs here."""
    crash: str
    twice: str
    order: str
    dead: str
    unheard: str
    restart: str

    def cell(self, aspect: str) -> str:
        """What was seen; where it is not what is promised, that too, and why."""
        seen: str = getattr(self, aspect)
        promised = promises(self.kind.promised)[aspect]
        if same(seen, promised):
            return seen
        return f"{seen}; promised is: {promised}. {self.kind.differs.get(aspect, 'Look into it!')}"


def same(seen: str, promised: str) -> bool:
    """Whether a run shows what is promised; how long it took exactly is not promised."""
    return seen.partition(" after ")[0] == promised.partition(" after ")[0]


def promises(promised: Promised) -> dict[str, str]:
    """What is promised, in the words in which a run is told."""
    again, most = promised.after_crash is not None, promised.attempts
    return {
        "crash": "comes again" if again else "lost",
        "twice": "yes" if again else "no",
        "order": ORDERS[promised.order],
        "dead": _failed(most, promised.dead_letters),
        "unheard": "kept" if promised.unheard else "lost",
        "restart": "kept" if promised.restart else "lost",
    }


def _failed(attempts: int | None, set_aside: bool) -> str:
    if attempts is None:
        return "delivered again and again"
    times = "once" if attempts == 1 else f"{attempts} times"
    return f"delivered {times}, then {'set aside' if set_aside else 'no more'}"


class Findings(tuple[Seen | str, ...]):
    """Systems as rows; a text stands for one that is missing here. A table in a notebook."""

    def __add__(self, other: object) -> Findings:
        return Findings((*self, *other)) if isinstance(other, Findings) else NotImplemented

    def rows(self) -> Iterator[list[str]]:
        """Header, then a row a system."""
        yield ["System", "What runs here", *ASPECTS.values()]
        for one in self:
            if isinstance(one, Seen):
                yield [one.kind.system, one.what, *map(one.cell, ASPECTS)]
            else:
                yield [one, *[""] * (1 + len(ASPECTS))]

    def differences(self) -> list[str]:
        """The sentences about what was seen and not promised, or promised and not seen."""
        found = [(one, aspect) for one in self if isinstance(one, Seen) for aspect in ASPECTS]
        cells = [(one.kind.system, one.cell(aspect)) for one, aspect in found]
        return [f"{system}: {cell}" for system, cell in cells if "; promised is: " in cell]

    def __repr__(self) -> str:
        header, *rows = self.rows()
        return "\n\n".join(_as_text(header, row) for row in rows)

    def _repr_html_(self) -> str:
        return render("facts.html", caption="What was seen", rows=list(self.rows()))


def _as_text(header: list[str], row: list[str]) -> str:
    told = [f"  {title}: {cell}" for title, cell in zip(header, row, strict=True)][1:]
    return "\n".join([row[0], *(line for line in told if not line.endswith(": "))])


async def look_at(*systems: str) -> Findings:
    """Run all experiments on these systems, by the names of their channels.

    Raises LookupError for a name that no channel has.
    """
    kinds = {kind.system: kind for kind in KINDS}
    for system in systems:
        if system not in kinds:
            raise LookupError(f"there is no {system!r}; there are: {', '.join(kinds)}")

    async def one_after_another() -> list[Seen | str]:
        return [await _seen(kinds[system]) for system in systems]

    return Findings(await waiting(f"looking at {', '.join(systems)}", one_after_another()))


async def _seen(kind: type[Channel]) -> Seen | str:
    server = kind.server()
    try:
        await asyncio.to_thread(server.start)
        return await _look(kind, server)
    except MissingServer as why:
        return str(why)
    finally:
        await asyncio.to_thread(server.close)


async def _look(kind: type[Channel], server: Server) -> Seen:
    def fresh() -> contract.Open:
        return partial(kind.open, server.url, f"orders-{uuid.uuid4().hex[:8]}")

    def restart() -> None:
        server.kill()
        server.start()

    crash = await contract.after_crash(fresh())
    numbers = await contract.order(fresh())
    attempts, dead = await contract.after_failures(fresh())
    kept = fresh()
    async with contract.producer(kept):  # the queue is there before its message
        pass
    unheard = await contract.unheard(kept)
    survived = await contract.after_restart(fresh(), restart)
    return Seen(
        kind,
        server.kind,
        crash="lost" if crash.seconds is None else f"comes again after {crash.seconds:.1f} s",
        twice="no" if crash.seconds is None else "yes",
        order=_order(numbers, kind.promised),
        dead=_failed(attempts, dead == ["poison"]),
        unheard="kept" if unheard else "lost",
        restart="kept" if survived else "lost",
    )


def _order(numbers: dict[str, list[int]], promised: Promised) -> str:
    """Orders can be seen to be broken, and never seen to be kept for ever."""
    kept = all(them == sorted(them) for them in numbers.values())
    return ORDERS[promised.order] if kept or promised.order == "none" else ORDERS["none"]
