"""A subscription of the stand-in for Google Pub/Sub, on the virtual clock."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from course_lib import run
from course_lib.brokers.stand_ins.pubsub.journal import Journal
from course_lib.brokers.stand_ins.pubsub.subscription import Held, Subscription


def subscription(*, attempts: int = 0, ordered: bool = True) -> Any:
    """With the list `gone` of what is settled, and `dead` of what failed too often."""
    settings = SimpleNamespace(
        enable_message_ordering=ordered,
        ack_deadline_seconds=10,
        dead_letter_policy=SimpleNamespace(max_delivery_attempts=attempts),
    )
    gone: list[int] = []
    dead: list[tuple[str, int]] = []
    made: Any = Subscription(settings, gone.append, lambda m, n: dead.append((m.body, n)))
    made.gone, made.dead = gone, dead
    return made


def put(queue: Subscription, *bodies: str, key: str = "") -> None:
    for body in bodies:
        queue.put(SimpleNamespace(body=body, ordering_key=key))


def bodies(taken: list[Held]) -> str:
    return " ".join(held.message.body for held in taken)


def test_what_is_not_acknowledged_in_time_is_ready_again() -> None:
    """At its deadline, and not before; the late ack does nothing any more."""

    async def main() -> None:
        queue = subscription()
        put(queue, "cake")
        [first] = queue.take(9)
        ack_id = first.ack_id
        await asyncio.sleep(9.9)
        assert queue.take(9) == []
        await asyncio.sleep(0.2)
        [second] = queue.take(9)
        assert second.message.body == "cake"
        assert not queue.ack(ack_id)
        assert queue.ack(second.ack_id)
        await asyncio.sleep(60)
        assert (queue.take(9), queue.gone) == ([], [1])

    run(main)


def test_a_deadline_is_counted_from_its_change() -> None:
    """30 s more at second 5 end at second 35; 0 s end at once."""

    async def main() -> None:
        queue = subscription()
        put(queue, "cake")
        [held] = queue.take(1)
        await asyncio.sleep(5)
        assert queue.extend(held.ack_id, 30)
        await asyncio.sleep(29.9)
        assert queue.take(1) == []
        await asyncio.sleep(0.2)
        [held] = queue.take(1)
        assert queue.extend(held.ack_id, 0)
        assert not queue.extend(held.ack_id, 5)
        assert bodies(queue.take(1)) == "cake"

    run(main)


def test_a_stream_has_its_own_deadline() -> None:
    """It counts for what the stream takes."""

    async def main() -> None:
        queue = subscription()
        put(queue, "cake")
        queue.take(1, 20)
        await asyncio.sleep(19)
        assert queue.take(1) == []
        await asyncio.sleep(2)
        assert bodies(queue.take(1)) == "cake"

    run(main)


def test_a_key_goes_on_when_all_that_is_out_is_settled() -> None:
    """Other keys, and messages without one, wait for nobody."""

    async def main() -> None:
        queue = subscription()
        put(queue, "a1", "a2", key="a")
        [a1, a2] = queue.take(9)
        put(queue, "a3", key="a")
        put(queue, "b1", key="b")
        put(queue, "plain")
        assert bodies(queue.take(9)) == "b1 plain"
        queue.ack(a2.ack_id)
        assert queue.take(9) == []
        queue.ack(a1.ack_id)
        assert queue.gone == [1, 2]
        assert bodies(queue.take(9)) == "a3"

    run(main)


def test_what_comes_again_brings_the_later_ones_of_its_key() -> None:
    """Acknowledged or not; the earlier ones stay where they are; and only it has failed."""

    async def main() -> None:
        queue = subscription(attempts=5)
        put(queue, "1", "2", "3", "4", key="a")
        [one, two, three, _] = queue.take(9)
        queue.ack(three.ack_id)
        queue.give_back(two.ack_id)
        assert queue.take(9) == []
        queue.ack(one.ack_id)
        again = queue.take(9)
        assert bodies(again) == "2 3 4"
        assert [queue.attempt(held) for held in again] == [2, 1, 1]
        for held in again:
            queue.ack(held.ack_id)
        await asyncio.sleep(60)
        assert (queue.take(9), queue.gone) == ([], [1, 2, 3, 4])

    run(main)


def test_without_ordering_a_key_means_nothing() -> None:
    """What is out holds up nobody."""

    async def main() -> None:
        queue = subscription(ordered=False)
        put(queue, "1", "2", key="a")
        assert bodies(queue.take(1)) == "1"
        assert bodies(queue.take(1)) == "2"

    run(main)


def test_the_last_attempt_in_vain_is_a_dead_letter() -> None:
    """Given back or too late, both count; the next one of its key goes on."""

    async def main() -> None:
        queue = subscription(attempts=5)
        put(queue, "poison", "cake", key="a")
        for attempt in (1, 2, 3, 4):
            held = queue.take(1)[0]
            assert queue.attempt(held) == attempt
            queue.give_back(held.ack_id)
        queue.take(1)
        await asyncio.sleep(11)
        assert queue.dead == [("poison", 5)]
        assert bodies(queue.take(9)) == "cake"

    run(main)


def test_news_wakes_who_waits() -> None:
    """A message, something given back, or nothing within the time."""

    async def main() -> None:
        queue = subscription()
        loop = asyncio.get_running_loop()
        await queue.news(5)
        assert loop.time() == 5
        loop.call_later(1, put, queue, "cake")
        await queue.news(5)
        assert loop.time() == 6
        queue.take(1)
        await queue.news(60)
        assert loop.time() == 16  # its deadline

    run(main)


def test_a_torn_last_line_of_a_journal_is_cut_off(tmp_path: Path) -> None:
    """Whoever died over it had not answered yet; what comes after it is whole."""
    path = tmp_path / "journal"
    for word in (b"\x00cake", b"tea"):
        journal = Journal(path)
        journal.write("message", "orders", word)
        journal.close()
        with path.open("a", encoding="ascii") as file:
            file.write('["message", "ord')
    found: list[Any] = []
    journal = Journal(path)
    journal.replay(lambda *words: found.append(words))
    journal.close()
    assert found == [("message", "orders", b"\x00cake"), ("message", "orders", b"tea")]
