"""A film is true to the run: its trace, its turns, its errors and its prints."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from course_lib import Trace, run
from course_lib.camera import Kind, record
from course_lib.camera.turns import turn_rows
from course_lib.camera.words import sentences
from course_lib.scenarios import (
    bookshop,
    checkout,
    email,
    lease,
    mail_service,
    restaurant,
    ride,
    social_post,
    video_upload,
)
from tests.conftest import ROOT, in_ci
from tests.films import NAMES, program, turns_expected
from tests.films.generated import generated
from tests.test_scenario_bookshop import Shop


async def leased() -> list[int]:
    leases = lease.Leases(10)
    async with asyncio.TaskGroup() as group:
        taken = [group.create_task(leases.take()) for _ in range(3)]
    return [one.result() for one in taken]


SCENARIOS: dict[str, Callable[[], Any]] = {
    "restaurant": restaurant.dinner,
    "email synchronous": lambda: email.synchronous(3, workers=2),
    "email asynchronous": lambda: email.asynchronous(3, workers=2),
    "mail service synchronous": lambda: mail_service.synchronous(crash()),
    "mail service asynchronous": lambda: mail_service.asynchronous(crash()),
    "bookshop": lambda: bookshop.day(Shop().ack_last, bookshop.once("between")),
    "checkout synchronous": lambda: checkout.synchronous(outage="mail"),
    "checkout mixed": lambda: checkout.mixed(outage="mail", outbox=True),
    "social post": social_post.line,
    "video upload": lambda: video_upload.upload(parts=7, outage="line"),
    "video process": video_upload.process,
    "lease": leased,
    "ride": ride.request,
}


def crash() -> mail_service.Mailing:
    return mail_service.Mailing(mails=4, workers=2, crash=True, outage=True)


def trace_of(main: Any) -> Trace:
    """Of a run that may end with an error."""
    try:
        return run(main)
    except Exception as error:  # noqa: BLE001 - also one that a program made by chance raises
        return error.trace


@pytest.mark.parametrize("name", NAMES)
def test_a_film_has_the_trace_of_the_run(name: str) -> None:
    """Whatever kind of wait, call or error is in it."""
    assert record(program(name)).trace == trace_of(program(name))


@pytest.mark.parametrize("name", SCENARIOS)
def test_so_has_every_scenario(name: str) -> None:
    """Their code is the course's, of which no lines are filmed, only turns."""
    film = record(SCENARIOS[name](), most_steps=1_000_000)
    assert film.trace == trace_of(SCENARIOS[name]())
    assert len(film.steps) > 5


@pytest.mark.parametrize(
    "seed", [*range(20), *(pytest.param(n, marks=in_ci) for n in range(20, 200))]
)
def test_so_has_a_program_made_by_chance(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """With locks, queues, groups, time limits, threads, errors and calls that block."""
    assert record(generated(seed), most_steps=1_000_000).trace == trace_of(generated(seed))


@pytest.mark.parametrize("name", NAMES)
def test_the_turns_are_the_same_on_every_python(name: str) -> None:
    """When, who, where it waits, and what for."""
    assert turn_rows(record(program(name)))[1:] == turns_expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_two_films_of_a_program_are_the_same(name: str) -> None:
    """In every word."""
    assert list(sentences(record(program(name)))) == list(sentences(record(program(name))))


def test_a_generator_that_is_left_open_is_closed_as_in_a_run() -> None:
    """By a task of asyncio's own, which has no lane."""

    async def numbers() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
        finally:
            await asyncio.sleep(1)

    async def main() -> None:
        one = numbers()
        await anext(one)

    assert record(main).trace == run(main)


def test_a_deadlock_is_told_with_lock_and_holder() -> None:
    """By the film as by Stuck."""
    film = record(program("deadlock"))
    assert "transfer 2 waits for lock ann, which transfer 1 holds, on line 9" in film.problem
    assert list(sentences(film))[-1] == (
        "transfer 2 runs line 9. There it waits for the lock ann, which transfer 1 holds, and "
        "gives its turn back to the loop."
    )


def test_an_error_is_the_end_of_the_film() -> None:
    """It is not raised, and its kind and words are there."""
    film = record(program("fails"))
    assert film.problem == "ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)"
    told = list(sentences(film))
    assert "bad runs line 8. ZeroDivisionError is raised there." in " ".join(told)


def test_a_time_limit_strikes_at_an_await() -> None:
    """The task goes on where it waited, with an error."""
    told = " ".join(sentences(record(program("timeout"))))
    assert "At 3 s the timer of “time limit” rings." in told
    assert "goes on in line 8 where it waited. CancelledError is raised there." in told


def test_who_sleeps_no_time_is_ready_again_at_once() -> None:
    """In the table of turns as in the sentences: it waits for nothing."""

    async def main() -> None:
        await asyncio.sleep(0)

    film = record(main)
    assert [row[3] for row in turn_rows(film)[1:]] == ["is ready again at once", "done"]
    assert "ready again at once" in next(sentences(film))


def test_a_call_that_blocks_tells_whose_timer_has_rung() -> None:
    """That is what a timeline cannot say: who is ready, and gets no turn."""
    told = list(sentences(record(program("blocked"))))
    words = "It blocks: for 3 s nobody else can run, though the timer of request 1 has rung."
    assert f"request 2 runs line 9. {words}" in told


def test_what_is_printed_is_in_the_film_and_below_the_cell(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each word at its step."""
    film = record(program("blocked"))
    printed = "answered 2\nanswered 1\nanswered 3\n"
    assert capsys.readouterr().out == printed
    assert "".join(step.printed for step in film.steps) == printed
    assert [step.line for step in film.steps if step.printed] == [12, 12, 12]


def test_what_run_refuses_is_refused() -> None:
    """With the same words, in its own name."""
    with pytest.raises(TypeError, match="record needs a function that begins with `async def`"):
        record(3)  # type: ignore[arg-type]


def test_run_does_not_know_of_films() -> None:
    """The course is imported without the camera."""
    code = (
        "import course_lib, sys\n"
        "print([name for name in sys.modules if 'camera' in name or 'watched' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_log_alone_does_not_tell_the_ready_queue() -> None:
    """Two programs with the same trace, one of which wakes the third task a turn earlier."""

    def main(first_wakes: bool) -> Callable[[], Any]:
        async def wakes(event: asyncio.Event, yes: bool) -> None:
            if yes:
                event.set()

        async def waits(event: asyncio.Event) -> None:
            await event.wait()

        async def program() -> None:
            event = asyncio.Event()
            third = asyncio.create_task(waits(event), name="c")
            await asyncio.sleep(1)
            one = asyncio.create_task(wakes(event, first_wakes), name="a")
            two = asyncio.create_task(wakes(event, not first_wakes), name="b")
            await asyncio.wait([third, one, two])

        return program

    early, late = record(main(True)), record(main(False))
    assert early.trace == late.trace == run(main(True)) == run(main(False))
    assert [step.ready for step in early.steps] != [step.ready for step in late.steps]


def test_time_goes_by_only_in_jumps_and_where_a_line_blocks() -> None:
    """And never back: each step begins where the one before has ended."""
    film = record(program("blocked"))
    ends = [0, *(step.end_ns for step in film.steps)]
    assert [step.start_ns for step in film.steps] == ends[:-1]
    long = [(step.kind, step.line) for step in film.steps if step.end_ns > step.start_ns]
    assert long == [(Kind.LINE, 9), (Kind.JUMP, 0)]


def test_the_plain_variables_of_a_line_are_those_after_it() -> None:
    """Numbers and texts, and nothing that would run code of the student's to be told."""

    async def main() -> None:
        count = 1
        things = [count]
        count += len(things)
        await asyncio.sleep(count)

    values = [step.values for step in record(main).steps if step.kind is Kind.LINE]
    assert values == ["count = 1", "count = 1", "count = 2", "count = 2"]
