"""Every way to ask Python for the time gives the time of the run, from one epoch."""

from __future__ import annotations

import asyncio
import datetime
import email.utils
import logging
import pickle
import sched
import sys
import threading
import time
import timeit
from collections.abc import Callable
from copy import copy, deepcopy
from datetime import date, timedelta
from datetime import datetime as moment
from typing import Any, Optional, get_args

import pytest

from course_lib import run
from course_lib.loop import clocks
from course_lib.loop.clocks import EPOCH

LATER = 90061.5  # seconds after the begin of a run: a day, an hour, a minute, 1.5 s
WHEN = EPOCH + LATER


def ask(question: Callable[[], Any], clock: Any = "virtual", *, seconds: float = LATER) -> Any:
    """What a question gives after so many seconds of a run."""

    async def main() -> Any:
        await asyncio.sleep(seconds)
        return question()

    return run(main, clock=clock).result


ELAPSED = {
    "monotonic": lambda: time.monotonic(),
    "monotonic_ns": lambda: time.monotonic_ns() / 1e9,
    "perf_counter": lambda: time.perf_counter(),
    "perf_counter_ns": lambda: time.perf_counter_ns() / 1e9,
    "timeit.default_timer": lambda: timeit.default_timer(),
    "timeit.Timer": lambda: timeit.Timer().timer(),
    "sched.scheduler": lambda: sched.scheduler().timefunc(),
    "the loop's time": lambda: asyncio.get_running_loop().time(),
    "a log's record": lambda: logging.makeLogRecord({}).relativeCreated / 1000,
    **{
        name: lambda name=name: time.clock_gettime(getattr(time, name))
        for name in dir(time)
        if name.startswith(("CLOCK_MONOTONIC", "CLOCK_BOOT", "CLOCK_UPTIME", "CLOCK_HIGHRES"))
    },
}
LOCAL = datetime.datetime.fromtimestamp(WHEN)
UTC = datetime.datetime.fromtimestamp(WHEN, datetime.UTC)
PLUS_9 = datetime.timezone(timedelta(hours=9))
CALENDAR: dict[str, tuple[Callable[[], Any], Any]] = {
    "time": (lambda: time.time(), WHEN),
    "time_ns": (lambda: time.time_ns(), int(WHEN * 1e9)),
    "clock_gettime": (lambda: time.clock_gettime(time.CLOCK_REALTIME), WHEN),
    "clock_gettime_ns": (lambda: time.clock_gettime_ns(time.CLOCK_REALTIME), int(WHEN * 1e9)),
    "localtime": (lambda: time.localtime(), time.localtime(WHEN)),
    "localtime of None": (lambda: time.localtime(None), time.localtime(WHEN)),
    "localtime of a time": (lambda: time.localtime(7), time.localtime(7)),
    "gmtime": (lambda: time.gmtime(), time.gmtime(WHEN)),
    "ctime": (lambda: time.ctime(), time.ctime(WHEN)),
    "ctime of a time": (lambda: time.ctime(7), time.ctime(7)),
    "asctime": (lambda: time.asctime(), time.ctime(WHEN)),
    "asctime of a time": (lambda: time.asctime(time.gmtime(7)), time.asctime(time.gmtime(7))),
    "strftime": (lambda: time.strftime("%F %X"), time.strftime("%F %X", time.localtime(WHEN))),
    "strftime of a time": (lambda: time.strftime("%F", time.gmtime(0)), "1970-01-01"),
    "now": (lambda: moment.now(), LOCAL),
    "now in UTC": (lambda: datetime.datetime.now(datetime.UTC), UTC),
    "now, by a keyword": (lambda: datetime.datetime.now(tz=datetime.UTC), UTC),
    "now somewhere": (lambda: moment.now(PLUS_9).hour, UTC.astimezone(PLUS_9).hour),
    "utcnow": (lambda: moment.utcnow(), UTC.replace(tzinfo=None)),
    "datetime.today": (lambda: moment.today(), LOCAL),
    "date.today": (lambda: date.today(), LOCAL.date()),
    "datetime.date.today": (lambda: datetime.date.today(), LOCAL.date()),
    "email": (lambda: email.utils.formatdate(), email.utils.formatdate(WHEN)),
    "email's local time": (lambda: email.utils.localtime(), UTC),
    "a log's record": (lambda: logging.makeLogRecord({}).created, WHEN),
}


@pytest.mark.parametrize("name", ELAPSED)
def test_what_counts_seconds_counts_those_of_the_run(name: str) -> None:
    """It began at 0 with the run."""
    assert ask(ELAPSED[name]) == LATER


@pytest.mark.parametrize("name", CALENDAR)
def test_the_calendar_begins_at_the_epoch_of_the_virtual_clock(name: str) -> None:
    """All agree what time it is, in every zone, also where a time is given to them."""
    question, answer = CALENDAR[name]
    assert ask(question) == answer


def test_the_epoch_is_a_morning_of_this_decade() -> None:
    """Nobody meets 1970 or 2038, and a run seldom crosses midnight."""
    assert moment.fromtimestamp(EPOCH, datetime.UTC).isoformat() == "2027-01-15T08:00:00+00:00"


def test_the_first_example_of_asyncios_manual() -> None:
    """It prints the time, says two words, and prints the time: three seconds have gone by."""

    async def main() -> list[str]:
        said = [time.strftime("%X")]
        for delay in (1, 2):
            await asyncio.sleep(delay)
        return [*said, time.strftime("%X")]

    first, last = (moment.strptime(text, "%X") for text in run(main).result)
    assert (last - first).seconds == 3


def test_to_wait_for_a_moment_of_the_calendar_ends() -> None:
    """`while datetime.now() < until`, in steps or for all that is left, ends when it is time."""

    async def main() -> list[float]:
        until = moment.now() + timedelta(seconds=2.5)
        while moment.now() < until:
            await asyncio.sleep(1)
        found = [time.monotonic()]
        until = moment.now() + timedelta(seconds=1 / 3)
        while (left := (until - moment.now()).total_seconds()) > 0:
            await asyncio.sleep(left)
        return [*found, time.monotonic()]

    assert run(main).result == [3, 3.333333]


@pytest.mark.parametrize(
    "question",
    [time.time, moment.now, date.today, lambda: time.gmtime()[:5], lambda: time.strftime("%F")],
)
def test_on_the_live_clock_the_calendar_is_todays(question: Callable[[], Any]) -> None:
    """Only what counts seconds begins anew."""
    before = question()
    found = ask(question, "live", seconds=0)
    assert before <= found <= question()


def test_what_the_processor_did_is_no_time_of_the_run() -> None:
    """`process_time` and `thread_time` go on counting real work, and a day of sleep is none."""
    assert 0 < ask(time.process_time) < LATER
    assert 0 < ask(time.thread_time) < LATER
    if hasattr(time, "CLOCK_PROCESS_CPUTIME_ID"):
        assert ask(lambda: time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)) < LATER


def numbers_of_clocks() -> list[int]:
    """The numbers of all clocks that this system has, named in `time` or not."""
    found = []
    for number in range(64):
        try:
            time.clock_gettime(number)
        except (AttributeError, OSError):  # Windows has no such function
            continue
        found.append(number)
    return found


NUMBERS = numbers_of_clocks()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_clock_without_a_name_tells_the_runs_time_or_refuses(number: int) -> None:
    """Whatever number is asked for, no real time comes out, in seconds or nanoseconds."""
    for question, second in ((time.clock_gettime, 1), (time.clock_gettime_ns, 10**9)):
        if number in clocks.WORK_CLOCKS:
            assert 0 < ask(lambda question=question: question(number)) < LATER * second
            continue
        try:
            found = ask(lambda question=question: question(number))
        except RuntimeError as error:
            assert sys.platform != "linux"
            assert "does not keep to the virtual clock" in str(error)
        else:
            assert found in (LATER * second, WHEN * second)


@pytest.mark.skipif(not NUMBERS, reason="this system has no clocks with numbers")
def test_a_clock_that_nobody_knows_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the computer's time would come into the run; on the live clock it may."""
    monkeypatch.setattr(clocks, "CALENDAR_CLOCKS", set())
    question = lambda: time.clock_gettime(time.CLOCK_REALTIME)  # noqa: E731
    with pytest.raises(RuntimeError, match=r"clock 0 is real.* time.CLOCK_MONOTONIC or .*live"):
        ask(question)
    assert ask(question, "live", seconds=0) >= time.time() - 60


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere they have other numbers")
def test_numbers_that_are_the_systems_alone() -> None:
    """Its number is below 0; and for a number that is no clock Python's own error stays."""
    other = time.pthread_getcpuclockid(threading.get_ident())
    assert 0 < ask(lambda: time.clock_gettime(other)) < LATER
    with pytest.raises(OSError, match="Invalid argument"):
        ask(lambda: time.clock_gettime(63))


def test_code_takes_no_time_on_the_virtual_clock() -> None:
    """timeit says 0, and a sentence where it would go on until code takes long enough."""
    assert ask(lambda: timeit.timeit("sum(range(9))", number=100)) == 0
    with pytest.raises(RuntimeError, match=r"code takes no time: measure outside .*clock=\"live\""):
        ask(lambda: timeit.Timer("sum(range(9))").autorange())


def test_a_scheduler_of_the_standard_library_keeps_to_the_clock() -> None:
    """`sched.scheduler()` has the clock's functions as default arguments."""

    def work() -> list[float]:
        seen: list[float] = []
        plan = sched.scheduler()
        for delay in (3, 1, 2):
            plan.enter(delay, 0, lambda: seen.append(time.monotonic()))
        plan.run()
        return seen

    assert ask(work, seconds=0) == [1, 2, 3]


class Birthday(moment):
    """A class of the student's that is a kind of datetime."""


def hint() -> Any:
    """A type in a hint that `typing` keeps, to give the same one again."""
    return get_args(Optional[moment])[0]  # noqa: UP045 - it does not keep `moment | None`


async def dates() -> dict[str, Any]:
    """What a program does with dates."""
    now = moment.now(datetime.UTC)

    class Deadline(moment):
        """A kind of datetime that is made during the run."""

    deadline = Deadline.now()
    match now:
        case datetime.date():
            kind = "date"
    return {
        "kind": kind,
        "types": (type(now), type(date.today()), type(moment(2027, 1, 1))),
        "instances": (isinstance(now, moment), isinstance(now, date), isinstance(WHEN, moment)),
        "old ones": (isinstance(UTC, moment), isinstance(Birthday(2001, 2, 3), moment)),
        "classes": (issubclass(moment, date), issubclass(Birthday, moment), issubclass(int, date)),
        "own": (
            type(deadline) is Deadline,
            isinstance(deadline, moment),
            isinstance(now, Deadline),
        ),
        "equal": (
            type(now) in [moment],
            moment in [type(now)],
            type(now) in [date],
            {moment: "moment", date: "day"}[type(date.today())],
            type(now) in {moment},
        ),
        "hint": hint() == moment,
        "order": (now > UTC - timedelta(days=9), now == UTC, max(now, UTC) - min(now, UTC)),
        "texts": (moment.fromisoformat("2027-01-01"), moment.strptime("2027", "%Y")),
        "joined": moment.combine(date(2027, 1, 2), datetime.time(3)),
        "pickles": [pickle.dumps([now, date(2027, 1, 2), Birthday(2001, 2, 3)], p) for p in (2, 5)],
        "copies": (copy(now), deepcopy([now])[0]),
        "class": pickle.dumps(moment),
        "said": (repr(moment), repr(now), moment.__doc__ == now.__doc__),
        "limits": (moment.min, moment.max, moment.resolution),
    }


def test_dates_are_dates_inside_a_run_and_after_it() -> None:
    """Instances, classes, order, texts, pickles and copies are those of the real classes."""
    found = run(dates).result
    real = asyncio.run(dates())
    now = datetime.datetime.fromtimestamp(EPOCH, datetime.UTC)
    assert found["types"] == (datetime.datetime, datetime.date, datetime.datetime)
    assert found["order"] == (True, False, timedelta(seconds=LATER))
    assert found["copies"] == (now, now)
    for name in ("kind", "instances", "old ones", "classes", "own", "equal", "texts", "joined"):
        assert found[name] == real[name], name
    for text in found["pickles"]:
        assert pickle.loads(text) == [now, date(2027, 1, 2), Birthday(2001, 2, 3)]
        assert [type(d) for d in pickle.loads(text)] == [moment, date, Birthday]
    assert found["limits"] == real["limits"]
    assert found["class"] == real["class"]
    assert found["said"][0] == "<class 'datetime.datetime'>"
    assert hint() is datetime.datetime


def test_a_pickle_made_inside_can_be_read_inside() -> None:
    """And one that was made before the run, too."""
    before = pickle.dumps([UTC, UTC.date()])

    def there_and_back() -> list[Any]:
        return [*pickle.loads(before), *pickle.loads(pickle.dumps([UTC, UTC.date()]))]

    assert ask(there_and_back) == [UTC, UTC.date()] * 2
