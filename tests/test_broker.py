"""The broker keeps the promises of its docstrings, and breaks only those it never made."""

from __future__ import annotations

import asyncio
import math
import random
from dataclasses import FrozenInstanceError

import pytest

from course_lib.broker import Broker, Message, at_random, dlq
from course_lib.flow import run


def given(**how) -> Broker:
    """A broker with a queue "orders"."""
    broker = Broker(**{name: how.pop(name) for name in ("hop", "patience", "loses") if name in how})
    broker.create_queue("orders", **how)
    return broker


async def soon(coroutine, limit=0.001):
    """What the coroutine gives at once, or None if it waits."""
    try:
        return await asyncio.wait_for(coroutine, limit)
    except TimeoutError:
        return None


def result(main):
    return run(main).result


# ---- queues -------------------------------------------------------------------------------------
def test_a_message_goes_to_one_consumer_and_acknowledged_it_is_gone(caplog) -> None:
    """Competing consumers: each message once, in order, and never again after its ack."""

    async def main():
        broker = given(ack_timeout=5)
        for body in "abc":
            await broker.publish("orders", body)
        got = [await broker.receive("orders") for _ in range(3)]
        for message in got:
            await broker.ack(message)
        await asyncio.sleep(100)
        return [(m.body, m.attempt) for m in got], await soon(broker.receive("orders"))

    assert result(main) == ([("a", 1), ("b", 1), ("c", 1)], None)
    assert caplog.records == []  # nor does a timer look for it


def test_a_lane_has_the_tasks_name_or_that_of_what_it_runs() -> None:
    """Nobody reads "Task-7" in a picture."""

    async def shop(broker):
        await broker.publish("orders", "a")

    async def main():
        broker = given(ack_timeout=5)
        await asyncio.create_task(shop(broker))
        await asyncio.create_task(shop(broker), name="second shop")

    sources = {arrow.source for arrow in run(main).messages if arrow.label == "a"}
    assert sources == {"shop", "second shop"}


def test_without_an_ack_it_comes_again_after_the_timeout_and_says_so() -> None:
    """Attempts are counted from 1, at 0, 30 and 60 s, with one id."""

    async def main():
        broker = given(ack_timeout=30)
        await broker.publish("orders", "a")
        got = [await broker.receive("orders") for _ in range(3)]
        return [(m.id, m.attempt) for m in got], asyncio.get_running_loop().time()

    assert result(main) == ([("1", 1), ("1", 2), ("1", 3)], 60)


def test_a_publish_gives_the_id_that_every_delivery_has() -> None:
    """The broker's own, counted from 1, or the producer's."""

    async def main():
        broker = given()
        ids = [await broker.publish("orders", "a"), await broker.publish("orders", "b", id=77)]
        got = [await broker.receive("orders") for _ in ids]
        return ids, [message.id for message in got], [message.receipt for message in got]

    assert result(main) == (["1", 77], ["1", 77], [1, 2])


def test_unless_told_an_ack_has_thirty_seconds_and_a_confirm_one() -> None:
    """The defaults that are written at the methods."""

    async def main():
        broker = given()
        await broker.publish("orders", "a")
        for _ in range(2):
            await broker.receive("orders")
        silent = given(loses=lambda trip: True)
        start = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError, match="within 1 s"):
            await silent.publish("orders", "a")
        return start, asyncio.get_running_loop().time()

    assert result(main) == (30, 31)


def test_every_trip_takes_its_time_and_can_get_lost() -> None:
    """There and back 1 s, a delivery half of one, an ack and a nack each another half."""
    trips = []

    async def main():
        broker, loop = given(hop=0.5, loses=lambda trip: bool(trips.append(trip))), None
        loop, times = asyncio.get_running_loop(), []
        for _ in range(2):
            await broker.publish("orders", "a")
        times.append(loop.time())
        for settle in (broker.ack, broker.nack):
            message = await broker.receive("orders")
            times.append(loop.time())
            await settle(message)
            times.append(loop.time())
        return times

    assert result(main) == [2, 2.5, 3, 3.5, 4]
    assert trips == ["publish", "confirm"] * 2 + ["deliver", "ack", "deliver", "nack"]


def test_a_redelivered_message_goes_before_those_behind_it() -> None:
    """A message that is given back takes its old place."""

    async def main():
        broker = given()
        await broker.publish("orders", "a")
        await broker.publish("orders", "b")
        await broker.nack(await broker.receive("orders"))
        return [(m.body, m.attempt) for m in broker.ready("orders")]

    assert result(main) == [("a", 2), ("b", 1)]


@pytest.mark.parametrize("attempts", [1, 2, 5])
@pytest.mark.parametrize("way", ["nack", "reason", "crash"])
def test_after_the_last_attempt_it_is_in_the_dead_letter_queue_with_its_reason(
    attempts, way
) -> None:
    """Exactly so many deliveries; what is left says why, from where, and after how many."""

    async def main():
        broker = given(ack_timeout=10, max_attempts=attempts)
        await broker.publish("orders", "poison", key="k", headers={"trace": "7"})
        seen = []
        for _ in range(attempts):
            message = await broker.receive("orders")
            seen.append(message.attempt)
            if way != "crash":
                await broker.nack(message, *["no such book"] * (way == "reason"))
        dead = await broker.receive(dlq("orders"))
        return seen, dead, broker.ready("orders"), broker.unacked("orders")

    seen, dead, ready, unacked = result(main)
    reason = {"nack": "nack", "reason": "no such book", "crash": "ack timeout"}[way]
    assert seen == list(range(1, attempts + 1))
    assert (dead.id, dead.body, dead.key, dead.attempt) == ("1", "poison", "k", 1)
    assert dead.headers == {
        "trace": "7",
        "reason": reason,
        "attempts": str(attempts),
        "from": "orders",
    }
    assert (ready, unacked) == ([], [])


def test_a_consumer_that_stops_waiting_loses_nothing() -> None:
    """Receive, cancelled before a message is there, takes none with it."""

    async def main():
        broker = given()
        nothing = await soon(broker.receive("orders"))
        await broker.publish("orders", "a")
        return nothing, (await broker.receive("orders")).attempt

    assert result(main) == (None, 1)


# ---- trips that get lost ------------------------------------------------------------------------
@pytest.mark.parametrize(("lost", "there"), [("publish", 0), ("confirm", 1)])
def test_a_lost_message_and_a_lost_confirm_look_the_same(lost, there) -> None:
    """The producer learns the same after the same time; only the queue knows the difference."""

    async def main():
        broker = given(hop=0.1, patience=2, loses=lambda trip: trip == lost)
        with pytest.raises(TimeoutError, match="it may come twice"):
            await broker.publish("orders", "a")
        return asyncio.get_running_loop().time(), len(broker.ready("orders"))

    assert result(main) == (pytest.approx(2), there)


@pytest.mark.parametrize("lost", ["deliver", "ack"])
def test_a_lost_delivery_or_ack_is_made_good_by_a_redelivery(lost) -> None:
    """At least once: the second attempt arrives, with the same id."""
    once = iter([lost])

    async def main():
        broker = given(ack_timeout=9, loses=lambda trip: trip == lost and bool(next(once, "")))
        await broker.publish("orders", "a")
        message = await broker.receive("orders")
        await broker.ack(message)
        message = message if lost == "deliver" else await broker.receive("orders")
        return message.id, message.attempt, asyncio.get_running_loop().time()

    assert result(main) == ("1", 2, 9)


def test_loss_at_random_is_the_same_for_a_seed() -> None:
    """A seed fixes every loss; another seed gives others; the share is about the probability."""

    def lost(seed):
        loses = at_random(0.2, seed=seed)
        return [loses("ack") for _ in range(5000)]

    assert lost(1) == lost(1) != lost(2)
    assert sum(lost(1)) / 5000 == pytest.approx(0.2, abs=4 * math.sqrt(0.16 / 5000))


@pytest.mark.parametrize(
    ("hop", "patience", "seconds"), [(0.5, 1, 1), (0.9, 1, None), (1, 1, None), (2, 1, None)]
)
def test_a_confirm_comes_within_the_patience_or_not_at_all(hop, patience, seconds) -> None:
    """There and back at most so long; else TimeoutError right then, and the message arrives."""

    async def main():
        broker, loop = given(hop=hop, patience=patience), asyncio.get_running_loop()
        confirmed = None
        try:
            await broker.publish("orders", "a")
            confirmed = loop.time()
        except TimeoutError:
            assert loop.time() == patience
        await asyncio.sleep(hop - loop.time() - 0.01)
        before = len(broker.ready("orders"))
        await asyncio.sleep(10)
        return confirmed, before, len(broker.ready("orders"))

    trace = run(main)
    assert trace.result == (seconds, int(hop <= 1), 1)
    sent = [(m.label, m.received) for m in trace.messages]
    assert sent == [("a", hop), ("confirm", 2 * hop)][: 2 if hop <= patience else 1]


def test_a_message_under_way_arrives_whatever_becomes_of_its_producer() -> None:
    """Who is cancelled after the half of the way has sent it all the same."""

    async def main():
        broker = given(hop=1, patience=9)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(broker.publish("orders", "a"), 0.5)
        await asyncio.sleep(0.4)
        there = len(broker.ready("orders"))
        await asyncio.sleep(0.1)
        return there, len(broker.ready("orders"))

    assert result(main) == (0, 1)


@pytest.mark.parametrize(("settle", "attempt"), [("ack", None), ("nack", 2)])
def test_an_ack_under_way_arrives_whatever_becomes_of_its_consumer(settle, attempt) -> None:
    """Its arrow arrives, so it does; and one that comes too late is heard by nobody."""

    async def main():
        broker = given(hop=1, patience=9, ack_timeout=5)
        await broker.publish("orders", "a")
        message = await broker.receive("orders")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(getattr(broker, settle)(message), 0.5)
        await asyncio.sleep(0.4)
        assert broker.unacked("orders") == [message]
        await asyncio.sleep(0.2)
        left = [again.attempt for again in broker.ready("orders")]
        return broker.unacked("orders"), left

    assert result(main) == ([], [attempt] if attempt else [])


def test_an_ack_that_comes_too_late_for_nobody_is_not_told(caplog) -> None:
    """Its consumer is gone, and the message is in the queue again."""

    async def main():
        broker = given(hop=1, patience=9, ack_timeout=2)
        await broker.publish("orders", "a")
        message = await broker.receive("orders")
        await asyncio.sleep(0.5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(broker.ack(message), 0.4)
        await asyncio.sleep(2)
        return [again.attempt for again in broker.ready("orders")]

    assert result(main) == [2]
    assert not caplog.records


@pytest.mark.parametrize("hop", [0, 1])
@pytest.mark.parametrize("first", ["ack", "nack"])
@pytest.mark.parametrize("then", ["ack", "nack"])
@pytest.mark.parametrize("after", [0, 5])
def test_whoever_is_cancelled_while_it_settles_may_settle_again(hop, first, then, after) -> None:
    """As at a shutdown, which gives back what is not done: what left first arrives first."""

    async def main():
        broker = given(hop=hop, patience=9)
        await broker.publish("orders", "a")

        async def consumer():
            message = await broker.receive("orders")
            try:
                await getattr(broker, first)(message)
            except asyncio.CancelledError:
                await asyncio.sleep(after)
                await getattr(broker, then)(message)
                raise

        task = asyncio.create_task(consumer())
        await asyncio.sleep(0)
        await asyncio.sleep(1.5 * hop)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return broker.unacked("orders"), [again.attempt for again in broker.ready("orders")]

    assert result(main) == ([], [] if first == "ack" else [2])


def test_an_ack_that_took_too_long_for_its_consumer_may_be_sent_again() -> None:
    """It has arrived, and a third finds it so, too; but one that arrived is settled for others."""

    async def main():
        broker = given(hop=1, patience=9)
        for body in "ab":
            await broker.publish("orders", body)
        message, other = [await broker.receive("orders") for _ in range(2)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(broker.ack(message), 0.9)
        for _ in range(2):
            await broker.ack(message)
        await broker.ack(other)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(broker.ack(other), 0.9)
        with pytest.raises(RuntimeError, match="it was already acknowledged"):
            await broker.ack(other)

    result(main)


def test_an_ack_that_was_lost_or_late_on_its_way_alone_settles_nothing() -> None:
    """The next one does, or hears that others may have the message by now."""

    async def main():
        acks = iter([True, False])
        lost = given(hop=1, patience=9, loses=lambda trip: trip == "ack" and next(acks))
        late = given(hop=1, patience=9, ack_timeout=2)
        for broker in (lost, late):
            await broker.publish("orders", "a")
        message = await lost.receive("orders")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(lost.ack(message), 0.9)
        await lost.nack(message)
        assert [again.attempt for again in lost.ready("orders")] == [2]
        message = await late.receive("orders")
        await asyncio.sleep(0.5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(late.ack(message), 0.4)
        with pytest.raises(TimeoutError, match="it may be done again"):
            await late.ack(message)

    result(main)


def test_what_a_cancelled_producer_published_comes_before_what_it_publishes_then() -> None:
    """Also without a way between: it left first."""

    async def main():
        broker = given()

        async def producer():
            try:
                await broker.publish("orders", "a")
            except asyncio.CancelledError:
                await broker.publish("orders", "closed")
                raise

        task = asyncio.create_task(producer())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return [message.body for message in broker.ready("orders")]

    assert result(main) == ["a", "closed"]


def routed(rule, **how) -> Broker:
    """A broker with a topic "paid", whose events go to the queue "orders" by a rule."""
    broker = given(**how)
    broker.create_topic("paid")
    broker.subscribe("paid", "orders", rule=rule)
    return broker


@pytest.mark.parametrize("hop", [0, 0.1])
def test_a_rule_or_a_loss_that_must_be_awaited_is_refused(hop) -> None:
    """A coroutine is true: every trip would be lost, and every message fit."""

    async def never(what):
        return False

    with pytest.raises(TypeError, match="the loses is a coroutine function"):
        run(given(loses=never, hop=hop).publish("orders", "a"))
    with pytest.raises(TypeError, match="the rule is a coroutine function"):
        run(routed(never, hop=hop).publish("paid", "a"))


@pytest.mark.parametrize("hop", [0, 0.1])
def test_the_error_of_a_rule_is_the_producers(hop) -> None:
    """It is not lost on the way: nobody else would hear of it."""
    with pytest.raises(KeyError, match="euros"):
        run(routed(lambda event: event.body["euros"] > 9, hop=hop).publish("paid", {}))


def test_a_message_of_another_broker_is_not_taken_for_ones_own() -> None:
    """The same queue and the same number of delivery: another message all the same."""

    async def main():
        mine, theirs = given(), given()
        await mine.publish("orders", "a", id="mine")
        await theirs.publish("orders", "b", id="theirs")
        await mine.receive("orders")
        with pytest.raises(RuntimeError, match="this broker never delivered it"):
            await mine.ack(await theirs.receive("orders"))
        return len(mine.unacked("orders"))

    assert result(main) == 1


# ---- topics -------------------------------------------------------------------------------------
def test_each_subscription_gets_a_copy_and_inside_one_consumers_compete() -> None:
    """One publish, two queues; an ack in one of them does nothing to the other."""

    async def main():
        broker = Broker()
        broker.create_topic("paid")
        for queue in ("mail", "stock"):
            broker.create_queue(queue)
            broker.subscribe("paid", queue)
        await broker.publish("paid", "a")
        await broker.publish("paid", "b")
        mail = [await broker.receive("mail"), await broker.receive("mail")]
        for message in mail:
            await broker.ack(message)
        return [m.body for m in mail], [m.id for m in broker.ready("stock")]

    assert result(main) == (["a", "b"], ["1", "2"])


def test_a_queue_that_is_subscribed_twice_gets_one_copy() -> None:
    """If one of its rules says yes, or both."""

    async def main():
        broker = routed(lambda message: message.body > 1)
        broker.subscribe("paid", "orders", rule=lambda message: message.body > 2)
        for body in (1, 2, 3):
            await broker.publish("paid", body)
        return [message.body for message in broker.ready("orders")]

    assert result(main) == [2, 3]


def test_where_one_rule_fails_nobody_has_a_copy() -> None:
    """So that the producer can publish it again; a rule that subscribes waits for the next."""

    async def main():
        def welcome(message):
            broker.subscribe("paid", "later")
            return True

        broker = routed(welcome)
        broker.create_queue("big")
        broker.create_queue("later")
        broker.subscribe("paid", "big", rule=lambda message: message.body["total"] > 0)
        with pytest.raises(TypeError, match="subscriptable"):
            await broker.publish("paid", 7)
        before = [len(broker.ready(name)) for name in ("orders", "big", "later")]
        await broker.publish("paid", {"total": 7})
        return before, [len(broker.ready(name)) for name in ("orders", "big", "later")]

    assert result(main) == ([0, 0, 0], [1, 1, 1])


def test_a_queue_is_there_with_its_dead_letters_or_not_at_all() -> None:
    """Where the name of one is taken, the other is not made."""

    async def main():
        broker = Broker()
        broker.create_queue(dlq("orders"))
        with pytest.raises(ValueError, match="already something called 'orders DLQ'"):
            broker.create_queue("orders", max_attempts=2)
        broker.create_queue("orders")

    result(main)


def test_what_was_published_before_a_subscription_is_gone_for_it() -> None:
    """A topic keeps nothing: neither for nobody, nor for those who come later."""

    async def main():
        broker = given()
        broker.create_topic("paid")
        await broker.publish("paid", "too early")
        broker.subscribe("paid", "orders")
        await broker.publish("paid", "in time")
        return [m.body for m in broker.ready("orders")]

    assert result(main) == ["in time"]


def test_a_rule_routes() -> None:
    """Each target gets what its rule says yes to; an event for no rule is dropped."""

    async def main():
        broker = Broker()
        broker.create_topic("events")
        for kind in ("paid", "sent"):
            broker.create_queue(kind)
            broker.subscribe("events", kind, rule=lambda m, kind=kind: m.key == kind)
        for kind in ("paid", "sent", "paid", "returned"):
            await broker.publish("events", kind, key=kind)
        return len(broker.ready("paid")), len(broker.ready("sent"))

    assert result(main) == (2, 1)


# ---- logs ---------------------------------------------------------------------------------------
async def log_of(bodies, partitions=1) -> Broker:
    broker = Broker()
    broker.create_log("clicks", partitions=partitions)
    for body in bodies:
        await broker.publish("clicks", body, key=str(body))
    return broker


def test_groups_read_on_their_own_and_a_new_reader_begins_at_the_commit() -> None:
    """What was read and not committed is read again after a crash; other groups do not notice."""

    async def main():
        broker = await log_of("abcde")
        reader = broker.reader("clicks", group="billing")
        first = [(await reader.read()).body for _ in range(2)]
        reader.commit()
        lost = (await reader.read()).body
        after = broker.reader("clicks", group="billing")
        other = broker.reader("clicks", group="search")
        return first, lost, (await after.read()).body, (await other.read()).offset

    assert result(main) == (["a", "b"], "c", "c", 0)


def test_replay_reads_the_same_again_and_moves_no_commit() -> None:
    """Seek to 0 and everything is there as before: reading removes nothing."""

    async def main():
        broker = await log_of("abc")
        reader = broker.reader("clicks", group="g")
        once = [await reader.read() for _ in range(3)]
        reader.commit()
        reader.seek(0)
        again = [await reader.read() for _ in range(3)]
        return once == again, broker.reader("clicks", group="g").position

    assert result(main) == (True, 3)


def test_a_key_keeps_its_order_in_one_partition() -> None:
    """All records of a key are in one partition, in order; the keys are spread, always alike."""

    async def main():
        broker = Broker()
        broker.create_log("clicks", partitions=3)
        for number in range(60):
            await broker.publish("clicks", number, key=f"user {number % 12}")
        found = {}
        for partition in range(3):
            reader = broker.reader("clicks", group="g", partition=partition)
            while record := await soon(reader.read()):
                assert (record.partition, record.offset) == (partition, reader.position - 1)
                found.setdefault(record.key, []).append((partition, record.body))
        return found

    found = result(main)
    assert len(found) == 12 and len({p for places in found.values() for p, _ in places}) == 3
    for places in found.values():
        assert len({partition for partition, _ in places}) == 1
        assert [body for _, body in places] == sorted(body for _, body in places)


def test_messages_without_a_key_go_to_each_partition_in_turn() -> None:
    """As at Kafka, where no key means no order, and not that two of three readers are idle."""

    async def main():
        broker = Broker()
        broker.create_log("clicks", partitions=3)
        for number in range(6):
            await broker.publish("clicks", number)
        reader = broker.reader("clicks", group="g")
        read = [await reader.read() for _ in range(6)]
        return sorted((record.partition, record.body) for record in read)

    assert result(main) == [(0, 0), (0, 3), (1, 1), (1, 4), (2, 2), (2, 5)]


def test_a_reader_at_the_end_waits_for_the_next_record() -> None:
    """No polling: it wakes when something is published."""

    async def main():
        broker = await log_of("")
        reading = asyncio.create_task(broker.reader("clicks", group="g").read())
        await asyncio.sleep(3)
        await broker.publish("clicks", "late")
        return (await reading).body, asyncio.get_running_loop().time()

    assert result(main) == ("late", 3)


# ---- what it says -------------------------------------------------------------------------------
async def _ack_twice():
    broker = given()
    await broker.publish("orders", "a")
    message = await broker.receive("orders")
    await broker.ack(message)
    await broker.ack(message)


async def _nack_twice():
    broker = given()
    await broker.publish("orders", "a")
    message = await broker.receive("orders")
    await broker.nack(message)
    await broker.nack(message)


async def _from_a_callback():
    reader = (await log_of("a")).reader("clicks", group="g")
    told = asyncio.get_running_loop().create_future()

    def commit():
        try:
            reader.commit()
        except RuntimeError as error:
            told.set_exception(error)

    asyncio.get_running_loop().call_soon(commit)
    await told


async def _ack_late():
    broker = given(ack_timeout=30)
    await broker.publish("orders", "a")
    message = await broker.receive("orders")
    await asyncio.sleep(31)
    await broker.ack(message)


async def _ack_of_nobody():
    await given().ack(Message(id="1", body="a", queue="orders"))


async def _in_two_runs():
    await OLD.publish("orders", "a")


OLD = given()
run(OLD.publish("orders", "a"))


async def _old_reader():
    broker = await log_of("abc")
    reader = broker.reader("clicks", group="g")
    await reader.read()
    return reader


OLD_READER = run(_old_reader).result


async def _read_in_two_runs():
    await OLD_READER.read()


async def _commit_in_two_runs():
    OLD_READER.commit()


WRONG = [
    (_ack_twice, RuntimeError, "message 1, attempt 1, cannot be acknowledged: it was already ack"),
    (_nack_twice, RuntimeError, "cannot be given back: it was already given back"),
    (_from_a_callback, RuntimeError, "a broker is used from inside a task: await it"),
    (_ack_late, TimeoutError, "its ack timeout of 30 s is over, and it may be done again"),
    (_ack_of_nobody, RuntimeError, "this broker never delivered it"),
    (_in_two_runs, RuntimeError, "make a new one in each run"),
    (_read_in_two_runs, RuntimeError, "make a new one in each run"),
    (_commit_in_two_runs, RuntimeError, "make a new one in each run"),
    (
        lambda: given().receive("oders"),
        LookupError,
        "no 'oders' at this broker; there is: 'orders'",
    ),
    (lambda: Broker().publish("orders", 1), LookupError, "there is: nothing yet"),
    (lambda: given().publish("orders", 1, key=7), TypeError, "the key is 7; give a text, like"),
    (
        lambda: given().publish("orders", 1, key="\ud800"),
        ValueError,
        r"the key is '\\ud800'; give a",
    ),
    (lambda: given().publish("orders", 1, id=[1]), TypeError, r"the id is \[1\], by which no"),
    (lambda: given().publish("orders", 1, headers=5), TypeError, "the headers are 5; give them by"),
    (lambda: given().publish(["orders"], 1), LookupError, r"no \['orders'\] at this broker"),
    (lambda: given().ack("a"), TypeError, "'a' is no delivery; give the message that `receive`"),
    (lambda: given().nack(Message(id="1", body="a")), TypeError, "is no delivery; give the"),
]


@pytest.mark.parametrize(("wrong", "kind", "says"), WRONG)
def test_a_mistake_in_a_run_is_told_in_a_sentence(wrong, kind, says) -> None:
    """Each names the message or the queue, and what to do."""
    with pytest.raises(kind, match=says):
        run(wrong())


SETUPS = [
    (lambda b: b.create_queue("orders"), ValueError, "already something called 'orders'"),
    (lambda b: b.create_log(5), ValueError, "the name is 5; give a text, like 'orders'"),
    (lambda b: b.reader("log", group=None), ValueError, "the group is None; give a text, like"),
    (
        lambda b: b.create_queue("q", ack_timeout=0),
        ValueError,
        "the ack timeout is 0 seconds; give a number above 0",
    ),
    (lambda b: b.create_queue("q", max_attempts=0), ValueError, "the number of attempts is 0"),
    (lambda b: b.create_log("l", partitions=0), ValueError, "the number of partitions is 0"),
    (lambda b: b.subscribe("orders", "orders"), LookupError, "'orders' is a queue: that has rec"),
    (lambda b: b.reader("topic", group="g"), LookupError, r"is a topic: that has subscribe\(\) h"),
    (lambda b: b.ready("log"), LookupError, r"'log' is a log: that has reader\(\) here"),
    (lambda b: b.ready("x"), LookupError, "there is: 'orders', 'log', 'topic'"),
    (lambda b: b.subscribe("topic", "orders", rule=1), TypeError, "the rule is 1; give a function"),
    (lambda b: b.reader("orders", group="g"), LookupError, "'orders' is a queue"),
    (lambda b: b.reader("log", group="g", partition=2), LookupError, "they go from 0 to 0"),
    (lambda b: b.reader("log", group="g", partition="0"), TypeError, "partition is '0'; give a wh"),
    (lambda b: b.reader("log", group="g").seek(1, partition=2), LookupError, "go from 0 to 0"),
    (lambda b: b.reader("log", group="g").seek(-1), ValueError, "the offset is -1; give 0 or more"),
    (lambda b: b.reader("log", group="g", partition=-1), ValueError, "the partition is -1"),
    (lambda b: at_random(1.5, seed=1), ValueError, "the probability is 1.5"),
    (lambda b: b.create_log("l", silence=0), ValueError, "the silence is 0 seconds"),
    (lambda b: b.reader("log", group="g", start="first"), ValueError, "no start 'first'; take"),
    (lambda b: Broker(hop=-1), ValueError, "the hop is -1 seconds; give"),
    (lambda b: Broker(patience=math.nan), ValueError, "the patience is nan seconds"),
    (lambda b: Broker(loses="ack"), TypeError, "the loses is 'ack'; give a function"),
]


@pytest.mark.parametrize(("wrong", "kind", "says"), SETUPS)
def test_a_mistake_in_the_set_up_is_told_in_a_sentence(wrong, kind, says) -> None:
    """As above, before anything runs."""
    broker = given()
    broker.create_log("log")
    broker.create_topic("topic")
    with pytest.raises(kind, match=says):
        wrong(broker)


def test_messages_are_values() -> None:
    """Nobody changes a message under way; two alike are one in a set."""
    message = Message(id="1", body="a")
    assert (message.attempt, message.receipt, message.partition, message.offset) == (1, 0, 0, 0)
    assert {message, Message(id="1", body="a", headers={})} == {message}
    with pytest.raises(FrozenInstanceError):
        Message(id="1", body="a").body = "b"


def test_headers_are_the_brokers_own() -> None:
    """What the producer does to its dictionary afterwards changes no message."""

    async def main():
        broker, headers = given(), {"trace": "1"}
        await broker.publish("orders", "a", headers=headers)
        headers["trace"] = "2"
        return (await broker.receive("orders")).headers

    assert result(main) == {"trace": "1"}


# ---- on the timeline, and for a long time -------------------------------------------------------
def test_who_talks_is_a_lane() -> None:
    """A task that has a name goes by it, another by its coroutine's; a copy goes from the topic."""

    async def consumer():
        broker = routed(None)
        await broker.publish("paid", "a")
        named = asyncio.create_task(broker.receive("orders"), name="second one")
        await broker.nack(await named)
        await broker.ack(await broker.receive("orders"))

    arrows = [(m.source, m.target, m.label) for m in run(consumer).messages]
    assert arrows == [
        ("consumer", "paid", "a"),
        ("paid", "orders", "a"),
        ("paid", "consumer", "confirm"),
        ("orders", "second one", "a"),
        ("consumer", "orders", "nack"),
        ("orders", "consumer", "a, attempt 2"),
        ("consumer", "orders", "ack"),
    ]


def test_arrows_of_tasks_without_a_name_are_in_their_numbered_lanes() -> None:
    """Lesson 5 has a shop gather its calls: a lane "publish" beside "publish 1" would be nobody."""

    async def consumer(broker):
        await broker.ack(await broker.receive("orders"))

    async def shop():
        broker = given(hop=0.1)
        calls = [broker.publish("orders", order) for order in "AB"]
        await asyncio.gather(*calls, consumer(broker), consumer(broker))

    trace = run(shop)
    assert {lane for lane in trace.lanes if lane[-1] not in "12"} == {"shop", "orders"}
    lanes = {m.label: (m.source, m.target) for m in trace.messages if "publish" in m.source}
    assert lanes == {"A": ("publish 1", "orders"), "B": ("publish 2", "orders")}
    acks = sorted(m.source for m in trace.messages if m.label == "ack")
    assert acks == ["consumer 1", "consumer 2"]
    assert {m.target for m in trace.messages if m.label in "AB"} >= {"orders"} | set(acks)


async def _story():
    broker = given(hop=0.5, ack_timeout=4, max_attempts=1)
    await broker.publish("orders", "a")
    await broker.receive("orders")
    await asyncio.sleep(10)


def test_trips_are_arrows_and_a_timeout_is_a_mark() -> None:
    """The story can be read from the trace, twice the same."""
    trace = run(_story())
    told = [(m.source, m.target, m.label, m.sent, m.received) for m in trace.messages]
    assert told == [
        ("_story", "orders", "a", 0.0, 0.5),
        ("orders", "_story", "confirm", 0.5, 1.0),
        ("orders", "_story", "a", 1.0, 1.5),
        ("orders", "orders DLQ", "a: ack timeout", 5.0, 5.0),
    ]
    assert [(m.lane, m.label, m.time) for m in trace.marks] == [("orders", "ack timeout", 5.0)]
    assert trace == run(_story())


def test_on_the_live_clock_it_does_the_same() -> None:
    """The broker is ordinary asyncio: a redelivery after a real hundredth of a second."""

    async def main():
        broker = given(ack_timeout=0.01)
        await broker.publish("orders", "a")
        return [(await broker.receive("orders")).attempt for _ in range(2)]

    assert run(main, clock="live").result == asyncio.run(main()) == [1, 2]


@pytest.mark.parametrize("p", [0.1, 0.2])
def test_deliveries_are_geometric_when_consumers_crash(p) -> None:
    """Crash before the ack with probability p: nothing is lost, 1/(1 − p) deliveries a message."""
    count = 1000

    async def main():
        broker, chance = given(ack_timeout=1), random.Random(7)
        for number in range(count):
            await broker.publish("orders", number)
        done, deliveries = set(), 0
        while len(done) < count:
            message = await broker.receive("orders")
            deliveries += 1
            if chance.random() >= p:
                await broker.ack(message)
                done.add(message.id)
        return deliveries / count

    error = math.sqrt(p / (1 - p) ** 2 / count)
    assert result(main) == pytest.approx(1 / (1 - p), abs=4 * error)
