"""Exercise 6: a circuit breaker with a clock that is handed in.

References: M. Nygard, Release It!, Pragmatic Bookshelf 2007, chapter 5.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random

from ..checked import plural
from .breaker_bench import FAILS, OPEN, WORKS, Bench, at_the_same_moment
from .property import Exercise, expect
from .student import LONG, Pieces, Student


class Unavailable(Exception):  # noqa: N818
    """An error that no piece can know by name."""


NOT_ASKED = "another property"
ANY = (RuntimeError, ValueError, TypeError, IndexError, TimeoutError, Unavailable)


def _tell(student: Student, bench: Bench, story: Callable[[], Awaitable[str]], case: str) -> str:
    """What the story says, told with a breaker of this bench."""

    async def scene(pieces: Pieces) -> str:
        words = (bench.threshold, bench.reset_after, bench.clock)
        bench.made = await pieces.make("Breaker", *words)
        return await story()

    return student.on_clock(scene, case)


def _about(bench: Bench) -> str:
    return f"threshold {bench.threshold}, reset_after {bench.reset_after:g}"


def opens(student: Student, chance: Random) -> None:
    """The clock of the first begins at 0: a moment, too."""
    drawn = (len(ANY), chance.sample(ANY, len(ANY)))
    for threshold, kinds in ((1, [ConnectionError]), (3, [ConnectionError]), drawn):
        bench = Bench(chance, threshold)
        bench.begins *= threshold > 1
        errors = [kinds[n % len(kinds)] for n in range(threshold + 2)]
        fails = f"fails {threshold + 2} times with {', '.join(one.__name__ for one in kinds)}"
        case = f"{_about(bench)}, clock() is {bench.begins:g}; op gives {bench.word}, then {fails}"
        if len(kinds) > 1:
            case += ", each time another op"

        async def story(bench: Bench = bench, errors: Sequence[type[Exception]] = errors) -> str:
            ends = []
            for bench.error in (None, *errors):
                if len({*errors}) > 1:
                    bench.hand_another()
                ends.append(await bench.one())
            told = [name if name == OPEN else f"{name} {text}".strip() for name, text in ends]
            return f"{', '.join(told)} after {plural(bench.calls, 'call')} of op"

        rule = (
            "What op gives or raises comes out; after `threshold` failures in a row it is open: "
            "OpenError, and op is not called."
        )
        failures = [f"{one.__name__} {bench.word}" for one in errors[:threshold]]
        ends = [repr(bench.word), *failures, OPEN, OPEN]
        wanted = f"{', '.join(ends)} after {plural(threshold + 1, 'call')} of op"
        seen = _tell(student, bench, story, case)
        expect(seen == wanted, rule, case, seen=seen, wanted=wanted)
    _each_for_itself(student, Bench(chance, 2))


def _each_for_itself(student: Student, bench: Bench) -> None:
    case = f"{_about(bench)}; two breakers, each called twice in turn, and op always fails"

    async def scene(pieces: Pieces) -> str:
        words = (bench.threshold, bench.reset_after, bench.clock)
        both, ends = [await pieces.make("Breaker", *words) for _ in range(2)], []
        for bench.made in both * 2:
            ends += await bench.steps(True)
        return ", ".join(ends)

    rule, wanted = "Each breaker counts its own failures.", ", ".join([FAILS] * 4)
    seen = student.on_clock(scene, case)
    expect(seen == wanted, rule, case, seen=seen, wanted=wanted)


def probe_in_time(student: Student, chance: Random) -> None:
    """At the very moment, by the clock that is handed in, and since the failure ended."""
    for threshold, takes, pace in ((1, 0.0, 1.0), (2, 2.0, 1.0), (1, 0.0, 0.5), (3, 1.0, 2.0)):
        bench = Bench(chance, threshold, pace)
        bench.takes = takes
        slow = f", op takes {takes * pace:g} s to fail" if takes else ""
        other = f", a second of the loop is {pace:g} s of clock()" if pace != 1 else ""
        case = (
            f"{_about(bench)}{slow}{other}; a call {bench.reset_after - 0.5:g} s after it opened, "
            f"and one at {bench.reset_after:g} s"
        )

        async def story(bench: Bench = bench) -> str:
            await bench.open()
            due = bench.failed_at + bench.reset_after
            await bench.until(due - 0.5)
            bench.takes, bench.error = 0.0, None
            early = await bench.step()
            await bench.until(due)
            return f"{early}, then {await bench.step()}"

        rule = (
            "By clock(), reset_after seconds after the failure that opened it, a call is let "
            "through, and none before."
        )
        wanted = f"{OPEN}, then {WORKS}"
        seen = _tell(student, bench, story, case)
        unused = "" if bench.reads else " (clock() was never called)"
        expect(seen == wanted, rule, case, seen=seen + unused, wanted=wanted)


def failed_probe(student: Student, chance: Random) -> None:
    """Half a second off every edge; what a call that is refused changes is another property.

    In the last scene a probe fails in another way than the call before it. That each of these ways
    counts while it is closed is another property, and needed for this one.
    """
    drawn = chance.randrange(3, 6)
    early, late = (FAILS, OPEN), (FAILS, FAILS, OPEN)
    one, many = [ConnectionError], chance.sample(ANY, drawn)
    for threshold, ends, kinds in (
        *((2, early, one), (2, late, one), (drawn, early, one)),
        (drawn, (many[0].__name__, many[1].__name__, OPEN), many),
    ):
        bench = Bench(chance, threshold)
        after = bench.reset_after
        moments = (after + 0.5, 2 * after + (len(ends) == 3), 3 * after + 0.5)[: len(ends)]
        when = ", ".join(f"{moment:g}" for moment in moments)
        case = f"{_about(bench)}; it opens at 0 s, op still fails, calls at {when} s"
        if kinds is many:
            names = ", ".join(kind.__name__ for kind in kinds)
            case += f"; op fails with {names}, and then in the same order"

        async def story(
            bench: Bench = bench,
            moments: Sequence[float] = moments,
            kinds: Sequence[type[Exception]] = kinds,
        ) -> str:
            await bench.open(kinds)
            if kinds is many and bench.calls != bench.threshold:
                return NOT_ASKED
            ends = []
            for number, moment in enumerate(moments):
                await bench.until(moment)
                bench.error = kinds[number % len(kinds)]
                ends.append(await bench.step())
            return ", ".join(ends)

        rule = f"A probe that fails opens it for another {after:g} s; then comes the next one."
        wanted = ", ".join(ends)
        seen = _tell(student, bench, story, case)
        expect(seen in (wanted, NOT_ASKED), rule, case, seen=seen, wanted=wanted)
    _slow_probe(student, Bench(chance, drawn))


def _slow_probe(student: Student, bench: Bench) -> None:
    """Since it has failed, and not since it began; that the first time does is another property."""
    after, bench.takes = bench.reset_after, 2.0
    case = (
        f"{_about(bench)}, op takes {bench.takes:g} s to fail; calls {after - 0.5:g} s and "
        f"{after:g} s after it opened, and {after - 0.5:g} s after the second of these has failed"
    )

    async def story() -> str:
        await bench.open()
        ends, opened_at = [], bench.failed_at
        for moment in (opened_at + after - 0.5, opened_at + after):
            await bench.until(moment)
            ends.append(await bench.step())
        await bench.until(bench.failed_at + after - 0.5)
        return ", ".join([*ends, await bench.step()])

    rule = (
        f"A probe that fails opens it for another {after:g} s, from the moment when it has failed."
    )
    probe, seen = f"{OPEN}, {FAILS}", _tell(student, bench, story, case)
    good = seen == f"{probe}, {OPEN}" or not seen.startswith(probe)
    expect(good, rule, case, seen=seen, wanted=f"{probe}, {OPEN}")


def five_at_once(student: Student, chance: Random) -> None:
    """While it is closed, all of them; while it probes, one, however long that takes.

    One failure is far from the threshold: whoever opens too early loses another property.
    """
    for count in (2, 5):
        bench = Bench(chance, chance.randrange(4, 7))
        _all_while_closed(student, bench, count)
    for count in (2, 5):
        bench = Bench(chance, chance.randrange(2, 5))
        _one_while_probing(student, bench, count)


def _all_while_closed(student: Student, bench: Bench, count: int) -> None:
    case = (
        f"{_about(bench)}; one call works, then {count} at the same moment, before anything "
        "failed; while they are at work, one more fails, and another one works"
    )

    async def story() -> str:
        await bench.steps(False)
        bench.takes = 1.0
        seen, tasks = await bench.at_once(count)
        bench.takes = 0.0
        more = ", ".join(await bench.steps(True, False))
        await asyncio.gather(*tasks)
        return f"{seen}; then {more}"

    rule = "While it is closed, no call waits for another, and none is refused."
    wanted = f"{at_the_same_moment(count, 0)}; then {FAILS}, {WORKS}"
    seen = _tell(student, bench, story, case)
    expect(seen == wanted, rule, case, seen=seen, wanted=wanted)


def _one_while_probing(student: Student, bench: Bench, count: int) -> None:
    begin, later = bench.reset_after + 0.5, 2 * bench.reset_after + 1
    case = (
        f"{_about(bench)}; it opens at 0 s, {count} calls at the same moment at {begin:g} s, "
        f"one more at {later:g} s, when the probe is still out; it works after {LONG:g} s"
    )

    async def story() -> str:
        await bench.open()
        await bench.until(begin)
        bench.error, bench.takes = None, LONG
        seen, tasks = await bench.at_once(count)
        await bench.until(later)
        more, others = await bench.at_once(1)
        ends = await asyncio.gather(*tasks, *others)
        return f"{seen}; later {more}; {sum(not name for name, _ in ends)} works in the end"

    rule = "One call is the probe; as long as it is out, all others get OpenError at once."
    later_on = f"later {at_the_same_moment(0, 1)}; 1 works in the end"
    wanted = f"{at_the_same_moment(1, count - 1)}; {later_on}"
    seen = _tell(student, bench, story, case)
    expect(seen == wanted, rule, case, seen=seen, wanted=wanted)


def closes(student: Student, chance: Random) -> None:
    """A success while it is closed counts as much as a probe's; and it can open again."""
    for probes in (False, True):
        bench = Bench(chance, chance.randrange(2, 5))
        few = [True] * (bench.threshold - 1)
        bench.word = bench.word if probes else None
        before = f"it opens, a probe works at {bench.reset_after + 0.5:g} s, " if probes else ""
        gives = "" if probes else "op gives None when it works; "
        failures = plural(len(few), "failure")
        fails = f"{failures}, a success, {failures}, a success"
        again = 2 * bench.reset_after + 1
        after = f", and a probe works at {again:g} s" if probes else ""
        case = f"{_about(bench)}; {gives}{before}{fails}, then failures until it opens{after}"

        async def story(bench: Bench = bench, probes: bool = probes, again: float = again) -> str:
            ends = []
            if probes:
                await bench.open()
                await bench.until(bench.reset_after + 0.5)
                ends = await bench.steps(False)
            few = [True] * (bench.threshold - 1)
            ends += await bench.steps(*few, False, *few, False)
            ends.append(await bench.open())
            if probes:
                await bench.until(again)
                ends += await bench.steps(False)
            return ", ".join(ends)

        rule = "A success closes it and sets the count of failures to 0; then it can open again."
        twice = [*[FAILS] * len(few), WORKS] * 2
        wanted = ", ".join([*[WORKS] * probes, *twice, OPEN, *[WORKS] * probes])
        seen = _tell(student, bench, story, case)
        expect(seen == wanted, rule, case, seen=seen, wanted=wanted)


def cancelled_probe(student: Student, chance: Random) -> None:
    """It neither closes the breaker nor opens it anew, and lets go of its place."""
    bench = Bench(chance, 4)
    begin = bench.reset_after + 0.5
    case = (
        f"{_about(bench)}; it opens at 0 s, the probe at {begin:g} s is cancelled while it waits, "
        "and then come calls that fail"
    )

    async def story() -> str:
        await bench.open()
        await bench.until(begin)
        before, bench.takes = bench.calls, LONG
        probe = asyncio.ensure_future(bench.made.call("call", bench.handed))
        await asyncio.sleep(0.25)
        probe.cancel()
        await asyncio.wait([probe])
        if bench.calls == before:
            return "no probe was let through"
        if not probe.cancelled():
            probe.exception()  # is looked at, whatever it is
            return "the cancellation did not come out"
        bench.takes, before = 0.0, bench.calls
        _, tasks = await bench.at_once(2)
        await asyncio.gather(*tasks)
        calls = bench.calls - before
        if not calls:
            return "the calls after it get OpenError"
        # Two calls that fail do not open it if it is closed, and one does if it was a probe.
        closed = calls == 2 and await bench.step() != OPEN
        return "it is closed after it" if closed else "another probe follows"

    rule = "A probe that is cancelled counts as neither: the next call is a probe, at once."
    wanted = "another probe follows"
    seen = _tell(student, bench, story, case)
    expect(seen == wanted, rule, case, seen=seen, wanted=wanted)
    _one_after_it(student, Bench(chance, chance.randrange(2, 5)))


def _one_after_it(student: Student, bench: Bench) -> None:
    """That one of two at once is the probe, if none was cancelled, is another property."""
    begin = bench.reset_after + 0.5
    case = (
        f"{_about(bench)}; it opens at 0 s, of 2 calls at {begin:g} s one is a probe that is "
        "cancelled while it waits, and then come 2 calls at the same moment"
    )

    async def story() -> str:
        await bench.open()
        await bench.until(begin)
        bench.takes = LONG
        before, tasks = await bench.at_once(2)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        after, others = await bench.at_once(2)
        await asyncio.gather(*others)
        return NOT_ASKED if before != wanted else after

    rule = "After a probe that is cancelled one call is the probe, and the others get OpenError."
    wanted = at_the_same_moment(1, 1)
    seen = _tell(student, bench, story, case)
    expect(seen in (wanted, NOT_ASKED), rule, case, seen=seen, wanted=wanted)


EXERCISE = Exercise(
    ("Breaker",),
    {
        "opens": opens,
        "one probe, in time": probe_in_time,
        "a failed probe": failed_probe,
        "five at once": five_at_once,
        "a success closes": closes,
        "a cancelled probe": cancelled_probe,
    },
)
