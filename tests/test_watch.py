"""Real time that a run waits for is told: a note on the virtual clock, a blocked stretch live."""

from __future__ import annotations

import asyncio
import dis
import gc
import inspect
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from course_lib import Trace, run, span
from course_lib.drawing import words
from course_lib.loop import watch
from course_lib.loop.others import others_who_could_act
from course_lib.loop.time_keeper import in_runs
from course_lib.loop.watch import Watch


@pytest.fixture
def silence() -> Iterator[int]:
    """The end of a pipe into which nobody ever writes."""
    reader, writer = os.pipe()
    yield reader
    os.close(reader)
    os.close(writer)


def listen(reader: int, seconds: float) -> None:
    """Wait for something real that does not come."""
    select.select([reader], [], [], seconds)


@pytest.mark.slow
def test_a_line_that_waits_for_something_real_gets_a_note(silence: int) -> None:
    """The line and the seconds, also in a thread; the table ends with it, and so does the page."""

    async def main() -> None:
        await asyncio.sleep(1)
        listen(silence, 1.2)
        await asyncio.to_thread(listen, silence, 1.2)

    trace = run(main)
    line = inspect.getsourcelines(listen)[1] + 2
    assert trace.duration == 1
    assert len(trace.notes) == 1
    note = trace.notes[0]
    assert note.startswith(f"line {line} took 2.")
    assert trace.table().splitlines()[-1] == f"Note: {note}."
    assert f"<p>Note: {note.replace(chr(34), '&quot;')}.</p>" in words.timeline(trace, b"")


@pytest.mark.slow
def test_a_process_that_is_waited_for_gets_a_note() -> None:
    """And its time limit is a real one, though `subprocess` sleeps while it waits."""
    words = [sys.executable, "-S", "-E", "-c", "import time; time.sleep(99)"]

    async def main() -> None:
        with subprocess.Popen(words) as process:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1.2)
            process.kill()

    trace = run(main)
    assert trace.duration == 0
    assert "s of real time" in trace.notes[0]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="This system has no timers of signals")
def test_a_signals_timer_gets_a_note() -> None:
    """It counts real seconds: what it was to cut short is not. To take it back is no wait."""

    async def main() -> None:
        before = signal.signal(signal.SIGALRM, lambda *_: None)
        for set_timer in (signal.alarm, lambda seconds: signal.setitimer(timer, seconds)):
            set_timer(60)
            await asyncio.sleep(0.01)
            set_timer(0)
        signal.signal(signal.SIGALRM, before)

    timer = signal.ITIMER_REAL
    line = inspect.getsourcelines(main)[1] + 2
    end = 'lets a signal come, which does not keep to the virtual clock: use clock="live"'
    assert run(main).notes == (f"line {line + 1} {end}", f"line {line} {end}")
    assert run(main, clock="live").notes == ()


def test_a_process_that_is_asked_for_again_and_again_gets_a_note() -> None:
    """How often depends on the computer, and on the virtual clock each time is one too many."""

    async def main() -> None:
        words = [sys.executable, "-S", "-E", "-c", "input()"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                await asyncio.sleep(1)
                if time.monotonic() >= 2:
                    process.kill()
        assert process.poll() is not None

    line = inspect.getsourcelines(main)[1] + 3
    (note,) = run(main).notes
    assert note.startswith(f"line {line} asks for a process, which does not keep to")
    assert run(main, clock="live").notes == ()


def test_a_process_that_is_only_looked_at_gets_no_note() -> None:
    """As before it is ended: what it says depends on no clock, nor when that was."""

    async def main() -> None:
        words = [sys.executable, "-S", "-E", "-c", "input()"]
        await asyncio.sleep(1)
        with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            if process.poll() is None and process.poll() is None:
                process.kill()
            process.wait()
            await asyncio.sleep(1)
            assert process.poll() is not None

    assert run(main).notes == ()


@pytest.mark.slow
def test_a_process_that_is_begun_gets_a_note() -> None:
    """Whatever its sleeps take: those of a fork have a clock of their own."""

    async def main() -> None:
        process = get_context("spawn").Process(target=int)
        process.start()
        process.join()

    line = inspect.getsourcelines(main)[1] + 2
    assert run(main).notes[0].startswith(f"line {line} begins a process, which does not keep to")


def test_what_computes_or_sleeps_on_the_clock_gets_no_note() -> None:
    """Only what waits for something real does."""

    async def main() -> None:
        sum(range(1_000_000))
        time.sleep(3600)
        await asyncio.to_thread(time.sleep, 3600)
        await asyncio.sleep(3600)

    assert run(main).notes == ()


@pytest.mark.slow
def test_on_the_live_clock_it_blocks_the_loop(silence: int) -> None:
    """Inside a span and outside, on its line; a `time.sleep` is told once, by its own name."""

    async def main() -> None:
        with span("listen"):
            listen(silence, 0.3)
        time.sleep(0.1)
        listen(silence, 0.3)
        await asyncio.sleep(0.01)

    trace = run(main, clock="live")
    blocked = [s for s in trace.spans if s.kind == "blocked"]
    line = inspect.getsourcelines(listen)[1] + 2
    assert [(s.label, s.reason) for s in blocked] == [
        ("listen", "something real"),
        ("time.sleep", "time.sleep"),
        ("something real", "something real"),
    ]
    assert [blocked[0].line, blocked[2].line] == [line, line]
    assert trace.notes == ()


def test_notes_are_no_part_of_what_happened() -> None:
    """Two traces that differ only in notes are equal."""
    assert Trace(notes=["line 3 took 2.0 s"]) == Trace()
    assert Trace(notes=["line 3 took 2.0 s"]).table().endswith("\nNote: line 3 took 2.0 s.")


class Looks:
    """A watch whose looks find what a test says: a place, the time, and the processor's seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.watch = Watch(lambda: 1, lambda: self.turn)
        self.turn = 0

    def see(self, now: float, used: float, place: str, turn: int = 0) -> None:
        """One look."""
        self.turn = turn
        frames = {"here": HERE[0], "there": HERE[1], "round": ROUND, "nowhere": None}
        self.monkeypatch.setattr(watch, "_real_now", lambda: now)
        self.monkeypatch.setattr(watch, "_processor_seconds", lambda: used)
        self.monkeypatch.setattr(sys, "_current_frames", lambda: {1: frames[place]})
        self.watch.look()


def _frame() -> Iterator[FrameType | None]:
    while True:
        yield inspect.currentframe()


generators = [_frame(), _frame()]
HERE = [next(generator) for generator in generators]
PLACES = ("here", "there")


def _go_round(stop: list[bool]) -> None:
    while not stop:
        pass


_jumps = (i.offset for i in dis.get_instructions(_go_round) if "JUMP_BACKWARD" in i.opname)
ROUND: Any = SimpleNamespace(
    f_code=_go_round.__code__, f_lasti=next(_jumps), f_lineno=1, f_back=None
)


@pytest.mark.parametrize(
    ("looks", "seconds"),
    [
        ([(n / 10, 0.0, "here") for n in range(30)], 2.9),
        ([(n / 10, n / 10, "here") for n in range(30)], 0),  # it computes
        ([(n / 10, n / 100, "here") for n in range(30)], 0),  # it gets a tenth of the processor
        ([(n / 10, 0.0, "here" if n % 2 else "there") for n in range(30)], 0),  # it goes on
        ([(n / 10, 0.0, "nowhere") for n in range(30)], 0),  # it has ended
        ([(n, 0.0, "here") for n in range(4)], 3),  # a busy computer: the looks come late
        ([(0, 0.0, "here"), (3600, 0.0, "here")], 0),  # the computer was asleep
        ([(0, 0, "there"), (1, 0, "here"), (2, 0, "here"), (3, 0, "there")], 2),
    ],
)
def test_a_wait_is_where_a_thread_stands_still_and_uses_no_processor(
    looks: list[tuple[float, float, str]], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the look before it was first seen there to the last that saw it there."""
    told = Looks(monkeypatch)
    for look in looks:
        told.see(*look)
    waits = told.watch.take()
    monkeypatch.undo()
    assert sum(wait.end - wait.begin for wait in waits) == pytest.approx(seconds)
    assert told.watch.take() == []


@pytest.mark.parametrize(
    ("looks", "is_told"),
    [
        ([(n, n, PLACES[n % 2], 1) for n in range(30)], True),
        ([(n, n, PLACES[n % 4 == 1], 1) for n in range(30)], True),  # mostly at the same place
        ([(n, n, "round", 1) for n in range(30)], True),  # so short a way that it is always there
        ([(n, n / 3, PLACES[n % 2], 1) for n in range(30)], True),  # on a busy computer
        ([(n, n, "here", 1) for n in range(30)], False),  # it waits, and others compute
        ([(n, n, PLACES[n % 2 and n < 4], 1) for n in range(30)], False),  # since then
        ([(n, n, PLACES[n % 2], 1) for n in range(10)], False),  # it may be done soon
        ([(n, n, PLACES[n % 2], n // 10) for n in range(30)], False),  # turns end
        ([(n, n / 10, PLACES[n % 2], 1) for n in range(30)], False),  # it waits for something real
        ([(n, n, "nowhere", 1) for n in range(30)], False),  # it is over
        ([(n * 3600, n * 3600, "round", 1) for n in range(30)], False),  # the computer was asleep
    ],
)
def test_a_turn_that_goes_on_and_on_is_told_once(
    looks: list[tuple[float, float, str, int]],
    is_told: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On the student's line: it computes, or goes round for what cannot happen meanwhile."""
    told = Looks(monkeypatch)
    for look in looks:
        told.see(*look)
    monkeypatch.undo()
    assert capsys.readouterr().err.count("has gone on for 10 s of real time") == is_told


class Full(StringIO):
    """A file on a disk that is full."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


class Closed(StringIO):
    """A file that was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.close()


@pytest.mark.parametrize("kind", [Full, Closed])
def test_a_turn_that_cannot_be_told_is_let_be(
    kind: type[StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch goes on, for this run and for all others."""
    told = Looks(monkeypatch)
    monkeypatch.setattr(sys, "stderr", kind())
    for n in range(30):
        told.see(n, n, PLACES[n % 2])
    told.see(30, 30, "here")
    told.see(31, 30, "here")
    (wait,) = told.watch.take()
    assert wait.begin == 29


def test_a_watch_that_fails_does_not_end_those_of_later_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its thread ends, and the next run begins another."""
    rounds = watch._Rounds()
    rounds.go_on = True
    rounds.watches.append(Watch(lambda: 1 // 0))
    with pytest.raises(ZeroDivisionError):
        rounds.make()
    assert (rounds.go_on, threading.get_ident() in in_runs) == (False, False)


@pytest.mark.slow
def test_who_waits_while_another_thread_computes_is_not_told(
    silence: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processor's time is that of all threads."""
    stderr = StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr(watch, "BUSY", 0.3)
    over: list[bool] = []
    thread = threading.Thread(target=_go_round, args=[over])
    thread.start()

    async def main() -> None:
        listen(silence, 1.2)

    try:
        run(main)
    finally:
        over.append(True)
        thread.join()
    assert stderr.getvalue() == ""


@pytest.mark.slow
@pytest.mark.parametrize("in_thread", [True, False])
def test_to_go_round_till_another_has_acted_is_told(
    in_thread: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a thread and in the loop's: nobody acts meanwhile, and it says so while it goes round."""

    class Page(StringIO):
        """Asks for the name of the thread that writes, as a notebook's does."""

        def write(self, text: str) -> int:
            threading.current_thread()
            return super().write(text)

    stderr = Page()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr(watch, "BUSY", 0.2)

    def go_round() -> None:
        patience = time.process_time() + 9
        while not stderr.getvalue() and time.process_time() < patience:
            pass

    async def main() -> None:
        await asyncio.sleep(1)
        if in_thread:
            thread = threading.Thread(target=go_round)
            thread.start()
            thread.join()
        else:
            go_round()

    assert run(main).duration == 1
    first = inspect.getsourcelines(go_round)[1]
    line = re.match(r"line (\d+) has gone on", stderr.getvalue())
    assert line
    assert first < int(line[1]) < first + 15  # a busy computer may have held up main itself
    assert others_who_could_act(()) == []  # in the next run


@pytest.mark.slow
def test_the_shortest_way_round_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python can look around only at its jump, so it is seen nowhere else."""
    told: list[Any] = []
    patience = threading.Timer(9, told.append, [""])
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(write=told.append))
    monkeypatch.setattr(watch, "BUSY", 0.2)
    patience.start()

    async def main() -> None:
        _go_round(told)

    try:
        run(main)
    finally:
        patience.cancel()
        patience.join()
    assert "has gone on for" in told[0]


@pytest.mark.parametrize("collects", [True, False])
def test_no_garbage_is_collected_while_python_looks_at_all_frames(
    monkeypatch: pytest.MonkeyPatch, collects: bool
) -> None:
    """Python 3.11 would hold a lock meanwhile, and some scripts never ended."""
    seen = []
    monkeypatch.setattr(sys, "_current_frames", lambda: seen.append(gc.isenabled()) or {})
    was = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        Watch(lambda: 1).look()
        assert (seen, gc.isenabled()) == ([False], collects)
    finally:
        (gc.enable if was else gc.disable)()


def test_only_the_watch_asks_for_all_frames() -> None:
    """All others ask it, so that none of them can be held up."""
    room = Path(watch.__file__).parents[1]
    asking = [path.name for path in room.rglob("*.py") if "sys._current_frames" in path.read_text()]
    assert asking == ["watch.py"]
