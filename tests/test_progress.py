"""What is waited for is told, and its result comes back."""

from __future__ import annotations

import asyncio
import io

import pytest

from course_lib.brokers import progress
from course_lib.brokers.progress import waiting


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_result_comes_back_and_others_go_on() -> None:
    """Also what the others do meanwhile is done."""

    async def main() -> tuple[str, bool]:
        door = asyncio.Event()
        asyncio.get_running_loop().call_soon(door.set)
        await waiting("the door opens", door.wait())
        return await waiting("nothing", asyncio.sleep(0, "a cake")), door.is_set()

    assert asyncio.run(main()) == ("a cake", True)


def test_an_error_comes_through() -> None:
    """As if there were nobody between."""

    async def fails() -> None:
        raise LookupError("no such queue")

    with pytest.raises(LookupError, match="no such queue"):
        asyncio.run(waiting("nothing", fails()))


def test_who_is_stopped_stops_what_it_waits_for() -> None:
    """An interrupted cell leaves nothing behind."""

    async def main() -> bool:
        inner = asyncio.ensure_future(asyncio.Event().wait())
        outer = asyncio.ensure_future(waiting("for ever", inner))
        await asyncio.sleep(0)
        outer.cancel()
        await asyncio.wait({outer, inner})
        return inner.cancelled()

    assert asyncio.run(main())


def test_a_long_wait_is_told_and_wiped_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal: how long for already, and in the end an empty line."""
    screen, seconds = Terminal(), iter(range(0, 100, 2))
    monkeypatch.setattr(progress.sys, "stderr", screen)
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(seconds)))
    asyncio.run(waiting("Stripe tries again", asyncio.sleep(0)))
    assert "Stripe tries again: " in screen.getvalue()
    assert screen.getvalue().endswith("\r")


def test_inside_another_one_it_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line at a time: the outer one tells."""
    screen, seconds = Terminal(), iter(range(0, 100, 2))
    monkeypatch.setattr(progress.sys, "stderr", screen)
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(seconds)))
    with progress.Progress("looking at NATS") as outer, progress.Progress("NATS starts") as inner:
        inner.tell()
        assert screen.getvalue() == ""
        outer.tell()
    assert "looking at NATS: " in screen.getvalue()
    assert "NATS starts" not in screen.getvalue()
