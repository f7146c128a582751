"""Readers of one group share the partitions: each record has one reader, and one bookmark."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.broker import Broker
from course_lib.flow import run


async def log_of(count: int, partitions: int = 1, silence: float = 30.0) -> Broker:
    """A broker with a log "clicks" of so many records, each of a key of its own."""
    broker = Broker()
    broker.create_log("clicks", partitions=partitions, silence=silence)
    for number in range(count):
        await broker.publish("clicks", number, key=str(number))
    return broker


class Crew:
    """Readers at work, each a task: what each has done, and who did what at the same time."""

    def __init__(self, broker: Broker, seconds: float = 1.0, group: str = "g", **how) -> None:
        self.broker, self.seconds, self.group, self.how = broker, seconds, group, how
        self.done: dict[str, list[int]] = {}
        self.order: list[tuple[int, int]] = []
        self.refused: list[str] = []
        self.busy: Counter[int] = Counter()
        self.together = False
        self.readers = {}
        self.tasks = {}

    def start(self, name: str, **how) -> asyncio.Task[None]:
        self.readers[name] = self.broker.reader("clicks", group=self.group, **self.how | how)
        self.tasks[name] = asyncio.create_task(self.work(name), name=name)
        return self.tasks[name]

    async def work(self, name: str) -> None:
        await self.work_of(self.readers[name], self.done.setdefault(name, []))

    async def work_of(self, reader, mine: list[int]) -> None:
        while True:
            record = await reader.read()
            self.busy[record.partition] += 1
            self.together |= self.busy[record.partition] > 1
            try:
                await asyncio.sleep(self.seconds)
            finally:
                self.busy[record.partition] -= 1
            mine.append(record.body)
            self.order.append((record.partition, record.offset))
            try:
                reader.commit()
            except TimeoutError as error:
                self.refused.append(str(error))

    def crash(self, name: str) -> None:
        """The process is gone: it neither reads nor says goodbye."""
        self.tasks[name].cancel()

    def all(self) -> list[int]:
        return sorted(number for mine in self.done.values() for number in mine)


def partitions(crew: Crew) -> dict[str, list[int]]:
    return {name: reader.partitions for name, reader in crew.readers.items()}


# ---- sharing ------------------------------------------------------------------------------------
def test_two_readers_of_one_group_and_one_partition_share_the_records() -> None:
    """Each is read once, by the first; the second watches until it is needed."""

    async def main():
        crew = Crew(await log_of(5))
        crew.start("a")
        crew.start("b")
        await asyncio.sleep(10)
        return crew.done, partitions(crew)

    done, shares = run(main).result
    assert done == {"a": [0, 1, 2, 3, 4], "b": []}
    assert shares == {"a": [0], "b": []}


@pytest.mark.parametrize("readers", [1, 2, 3, 4, 5])
def test_a_group_shares_the_partitions_out(readers: int) -> None:
    """Four partitions: nobody has two more than another, and a fifth reader has none."""

    async def main():
        crew = Crew(await log_of(40, partitions=4))
        for number in range(readers):
            crew.start(f"reader {number}")
        await asyncio.sleep(50)
        return partitions(crew), crew.all(), crew.together

    shares, done, together = run(main).result
    assert sorted(p for mine in shares.values() for p in mine) == [0, 1, 2, 3]
    counts = sorted(len(mine) for mine in shares.values())
    assert counts[-1] - counts[0] <= 1
    assert (done, together) == ([*range(40)], False)


def test_one_reader_reads_its_partitions_in_turn() -> None:
    """A long partition does not keep the others waiting; each is in order."""

    async def main():
        reader = (await log_of(40, partitions=3)).reader("clicks", group="g")
        return [await reader.read() for _ in range(40)]

    records = run(main).result
    assert {record.partition for record in records[:3]} == {0, 1, 2}
    for partition in range(3):
        offsets = [r.offset for r in records if r.partition == partition]
        assert offsets == [*range(len(offsets))]


def test_who_asks_for_a_partition_gets_that_one() -> None:
    """The others share the rest; a second who asks for it waits."""

    async def main():
        crew = Crew(await log_of(40, partitions=4))
        for name, how in {"a": {}, "b": {"partition": 2}, "c": {"partition": 2}}.items():
            crew.start(name, **how)
        await asyncio.sleep(50)
        before = partitions(crew)
        crew.crash("b")
        await asyncio.sleep(31)
        return before, partitions(crew)["c"]

    assert run(main).result == ({"a": [0, 1, 3], "b": [2], "c": []}, [2])


# ---- coming, going, silence ---------------------------------------------------------------------
def test_what_nobody_asked_for_is_shared_among_all_who_asked_for_none() -> None:
    """A partition that somebody asked for is no turn of theirs: two for two, and nobody idle."""

    async def main():
        crew = Crew(await log_of(0, partitions=3))
        crew.start("asks", partition=1)
        crew.start("one")
        crew.start("two")
        await asyncio.sleep(1)
        return partitions(crew)

    assert run(main).result == {"asks": [1], "one": [0], "two": [2]}


def test_who_comes_gets_a_share_when_the_others_are_done_with_their_record() -> None:
    """Nothing is done twice, nothing by two at once, and no commit is refused."""

    async def main():
        crew = Crew(await log_of(40, partitions=2))
        crew.start("a")
        await asyncio.sleep(5.5)
        crew.start("b")
        await asyncio.sleep(40)
        return crew

    crew = run(main).result
    assert crew.all() == [*range(40)]
    assert (crew.together, crew.refused) == (False, [])
    assert partitions(crew) == {"a": [0], "b": [1]}


async def a_crash() -> Crew:
    """Two readers with a partition each, of whom b has just crashed, 3.5 s after the start."""
    crew = Crew(await log_of(20, partitions=2))
    crew.start("a")
    crew.start("b")
    await asyncio.sleep(3.5)
    crew.crash("b")
    return crew


def test_who_goes_leaves_its_share_at_once() -> None:
    """After `close` the others go on from its commit, without a pause."""

    async def main():
        crew = await a_crash()
        crew.readers["b"].close()
        await asyncio.sleep(20)
        return crew

    crew = run(main).result
    assert crew.all() == [*range(20)]
    assert partitions(crew)["a"] == [0, 1]


def test_a_crash_is_noticed_by_silence_and_what_was_not_committed_is_read_again() -> None:
    """After 30 s the survivor has all; only the record that was under way is done anew."""

    async def main():
        crew = await a_crash()
        await asyncio.sleep(26)
        before = partitions(crew)["a"]
        await asyncio.sleep(20)
        return crew, before

    trace = run(main)
    crew, before = trace.result
    assert before == [0]
    assert partitions(crew)["a"] == [0, 1]
    assert crew.all() == [*range(20)]
    assert [(m.label, m.time) for m in trace.marks] == [("g: silent", 33.0)]


def test_who_waits_for_a_record_is_not_silent() -> None:
    """An hour without a click, and the same reader is still there; a run can end meanwhile."""

    async def main():
        broker = await log_of(0)
        crew = Crew(broker)
        crew.start("a")
        crew.start("b")
        await asyncio.sleep(3600)
        await broker.publish("clicks", 0)
        await asyncio.sleep(2)
        return crew.done

    trace = run(main)
    assert (trace.result, trace.marks) == ({"a": [0], "b": []}, ())


def test_silence_counts_from_the_last_sign_of_life() -> None:
    """A commit at 0.5 s: 29.9 s later there is still time, and after 30 s there is none."""

    async def main():
        reader = (await log_of(2)).reader("clicks", group="g")
        for pauses in ([0.5, 29.9], [0.5, 30]):
            await reader.read()
            for pause in pauses:
                await asyncio.sleep(pause)
                reader.commit()

    with pytest.raises(TimeoutError, match="silent for 30 s") as late:
        run(main)
    assert late.value.trace.duration == pytest.approx(0.5 + 29.9 + 0.5 + 30)


def test_who_reads_when_the_silence_is_over_is_a_moment_too_late() -> None:
    """It was out, and comes in again: at its commit, and with a mark for all to see."""

    async def main():
        reader = (await log_of(3)).reader("clicks", group="g")
        await reader.read()
        await asyncio.sleep(0.5)
        reader.commit()
        await reader.read()
        await asyncio.sleep(30)
        return (await reader.read()).offset

    trace = run(main)
    assert (trace.result, [mark.time for mark in trace.marks]) == (1, [30.5])


def test_a_commit_is_a_sign_of_life() -> None:
    """Work in pieces, with a commit between: 80 s for one record, and nobody takes it over."""

    async def main():
        broker = await log_of(3)
        slow, other = (broker.reader("clicks", group="g") for _ in range(2))
        await slow.read()
        waiting = asyncio.create_task(other.read())
        for _ in range(4):
            await asyncio.sleep(20)
            slow.commit()
        return waiting.done()

    assert run(main).result is False


# ---- fencing ------------------------------------------------------------------------------------
def test_a_stale_commit_is_refused_and_moves_no_bookmark() -> None:
    """Read to 2, away for a minute, back with a commit; another has committed 5 since."""

    async def main():
        broker = await log_of(9)
        slow, quick = (broker.reader("clicks", group="g") for _ in range(2))
        for _ in range(2):
            await slow.read()
        again = [(await quick.read()).offset for _ in range(5)]
        quick.commit()
        says = "commit of 2 in partition 0 comes too late: it was read in generation 1 of group 'g'"
        with pytest.raises(TimeoutError, match=f"{says}, which is at 3 now"):
            slow.commit()
        return again, broker.reader("clicks", group="g").position

    assert run(main).result == ([0, 1, 2, 3, 4], 5)


def test_a_late_commit_is_refused_even_if_nobody_came_in_between() -> None:
    """As a late acknowledgement is: the rule does not depend on who else is there."""

    async def main():
        reader = (await log_of(5)).reader("clicks", group="g")
        await reader.read()
        await asyncio.sleep(30)
        with pytest.raises(TimeoutError, match="silent for 30 s, or closed, is out"):
            reader.commit()
        return (await reader.read()).offset, reader.position

    assert run(main).result == (0, 1)


def test_who_comes_back_begins_at_the_commit_of_the_others() -> None:
    """It remembers nothing of before, and its next commit is good again."""

    async def main():
        broker = await log_of(9)
        slow, quick = (broker.reader("clicks", group="g") for _ in range(2))
        await slow.read()
        for _ in range(3):
            await quick.read()
        quick.commit()
        quick.close()
        record = await slow.read()
        slow.commit()
        return record.offset, broker.reader("clicks", group="g").position

    assert run(main).result == (3, 4)


def test_who_comes_back_knows_only_what_it_has_now() -> None:
    """Alone it had both partitions; then it was silent, and shares them with another."""

    async def main():
        broker = await log_of(9, partitions=2)
        slow, quick = (broker.reader("clicks", group="g") for _ in range(2))
        await slow.read()
        both = slow.partitions
        await asyncio.sleep(31)
        waiting = asyncio.create_task(Crew(broker).work_of(quick, []))
        await asyncio.sleep(1)
        await slow.read()
        await asyncio.sleep(1)
        waiting.cancel()
        return both, quick.partitions, slow.partitions

    assert run(main).result == ([0, 1], [0], [1])


def test_a_place_that_was_sought_is_sought_once() -> None:
    """Later the reader goes on from the commit, as everybody does."""

    async def main():
        reader = (await log_of(9)).reader("clicks", group="g")
        reader.seek(2)
        first = (await reader.read()).offset
        reader.commit()
        await asyncio.sleep(31)
        return first, (await reader.read()).offset

    assert run(main).result == (2, 3)


def test_a_closed_reader_reads_and_commits_no_more(caplog) -> None:
    """Also one that waits in a read; and no timer looks for it later."""

    async def main():
        broker = await log_of(1)
        reader = broker.reader("clicks", group="g")
        await reader.read()
        waiting = asyncio.create_task(reader.read())
        await asyncio.sleep(1)
        reader.close()
        with pytest.raises(RuntimeError, match="this reader is closed"):
            await waiting
        assert reader.partitions == []
        with pytest.raises(TimeoutError, match="too late"):
            reader.commit()
        other = broker.reader("clicks", group="g")
        await other.read()
        other.close()
        await asyncio.sleep(100)
        return broker.reader("clicks", group="g").position

    assert run(main).result == 0
    assert caplog.records == []


# ---- where a group begins -----------------------------------------------------------------------
@pytest.mark.parametrize(("start", "first"), [("earliest", 0), ("latest", 3)])
def test_a_new_group_begins_where_it_says(start, first) -> None:
    """With all that is there, or with what comes next."""

    async def main():
        broker = await log_of(3)
        reader = broker.reader("clicks", group="new", start=start)
        reading = asyncio.create_task(reader.read())
        await asyncio.sleep(1)
        await broker.publish("clicks", 3)
        return (await reading).offset

    assert run(main).result == first


def test_a_commit_says_more_than_a_start() -> None:
    """Only who has committed nothing asks where to begin; and "latest" forgets what it read."""

    async def main():
        broker = await log_of(3)
        for group, commits in (("with", True), ("without", False)):
            reader = broker.reader("clicks", group=group, start="latest")
            reading = asyncio.create_task(reader.read())
            await asyncio.sleep(1)
            await broker.publish("clicks", "x")
            await reading
            if commits:
                reader.commit()
            reader.close()
        await broker.publish("clicks", "y")
        successors = (broker.reader("clicks", group=g, start="latest") for g in ("with", "without"))
        return [reader.position for reader in successors]

    assert run(main).result == [4, 6]


def test_groups_do_not_notice_each_other() -> None:
    """Each has its own bookmarks and its own readers, on the same records."""

    async def main():
        broker = await log_of(6)
        one, two = Crew(broker, group="one"), Crew(broker, group="two")
        one.start("a")
        two.start("a")
        await asyncio.sleep(10)
        return one.all(), two.all()

    assert run(main).result == ([*range(6)], [*range(6)])


# ---- on the timeline, and positions -------------------------------------------------------------
@pytest.mark.parametrize(("partitions", "commit"), [(1, "commit 3"), (2, "commit 0, 3")])
def test_reads_and_commits_are_arrows(partitions, commit) -> None:
    """With the offsets of each partition; a commit of nothing says so."""

    async def reader():
        broker = Broker()
        broker.create_log("clicks", partitions=partitions)
        for number in range(3):
            await broker.publish("clicks", number, key="one")
        reader = broker.reader("clicks", group="g")
        reader.commit()
        for _ in range(3):
            await reader.read()
        reader.commit()

    told = [("reader", "clicks", "commit nothing")]
    told += [("clicks", "reader", f"{n}, offset {n}") for n in range(3)]
    told += [("reader", "clicks", commit)]
    assert [(m.source, m.target, m.label) for m in run(reader).messages[-5:]] == told


def test_unless_told_a_reader_may_be_silent_for_thirty_seconds() -> None:
    """The default of `create_log`."""

    async def main():
        broker = Broker()
        broker.create_log("clicks")
        await broker.publish("clicks", 0)
        slow, quick = (broker.reader("clicks", group="g") for _ in range(2))
        await slow.read()
        await quick.read()
        return asyncio.get_running_loop().time()

    assert run(main).result == 30


# ---- positions ----------------------------------------------------------------------------------
def test_seek_goes_to_one_of_several_partitions_and_says_so() -> None:
    """Before the first read, and later; without a partition it is told."""

    async def main():
        broker = await log_of(40, partitions=2)
        reader = broker.reader("clicks", group="g")
        with pytest.raises(LookupError, match="this reader has 2 partitions: say which"):
            reader.seek(3)
        reader.seek(3, partition=1)
        first = [await reader.read() for _ in range(2)]
        reader.seek(0, partition=1)
        again = [await reader.read() for _ in range(2)]
        with pytest.raises(LookupError, match="say which"):
            _ = reader.position
        return [{(r.partition, r.offset) for r in records} for records in (first, again)]

    assert run(main).result == [{(0, 0), (1, 3)}, {(0, 1), (1, 0)}]


# ---- whatever happens ---------------------------------------------------------------------------
CHANGES = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from(["start", "crash", "close"]), st.floats(0, 40)
    ),
    max_size=8,
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(changes=CHANGES, partitions=st.integers(1, 4), seconds=st.sampled_from([0.0, 1.0, 7.0]))
def test_nothing_is_lost_and_nobody_works_on_one_partition_together(
    changes, partitions, seconds
) -> None:
    """Readers come, crash and go at any moment; one comes in the end, and all is done in order."""

    async def main():
        crew = Crew(await log_of(12, partitions=partitions), seconds)
        for name, what, pause in changes:
            if what == "start" and name not in crew.tasks:
                crew.start(name)
            elif what != "start" and name in crew.tasks:
                crew.tasks.pop(name).cancel()
                if what == "close":
                    crew.readers[name].close()
            await asyncio.sleep(pause)
        crew.start("last")
        await asyncio.sleep(1000)
        return crew

    crew = run(main).result
    assert set(crew.all()) == {*range(12)}
    assert (crew.together, crew.refused) == (False, [])
    for partition in range(partitions):
        done = [offset for where, offset in crew.order if where == partition]
        assert done == sorted(done)


def test_work_that_takes_longer_than_the_silence_is_never_done() -> None:
    """Each time it is refused, and read again: the rule has a price, as an ack timeout has."""

    async def main():
        crew = Crew(await log_of(2), seconds=35)
        crew.start("a")
        await asyncio.sleep(120)
        return crew.done, len(crew.refused)

    assert run(main).result == ({"a": [0, 0, 0]}, 3)
