"""What a film shows after each step is what the loop has then."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from course_lib.camera import Film, Kind, record
from course_lib.camera.moments import Box, moments
from course_lib.camera.turns import turns
from course_lib.camera.words import Words
from tests.films import NAMES, program
from tests.films.generated import generated

PROGRAMS: dict[str, Any] = {name: program(name) for name in NAMES}
PROGRAMS |= {f"by chance {seed}": generated(seed) for seed in range(20)}
LOOP_ALONE = ("the run ends, and cancels what is left",)


@pytest.fixture(params=PROGRAMS, scope="module")
def film(request: pytest.FixtureRequest) -> Film:
    """The film of each program."""
    return record(PROGRAMS[request.param], most_steps=1_000_000)


def test_whoever_begins_a_turn_stood_first_in_the_ready_queue(film: Film) -> None:
    """The queue that is shown is the order in which the loop takes them."""
    for turn in list(turns(film))[1:]:
        if turn.kind is not Kind.JUMP and film.cast[turn.actor].name not in LOOP_ALONE:
            assert film.steps[turn.first - 1].ready[0] == turn.actor, turn


def test_each_task_is_in_one_box(film: Film) -> None:
    """One runs at most, and it is the one whose step it is."""
    for moment in moments(film):
        running = [task for task in moment.alive if moment.box(task) is Box.RUNNING]
        step = moment.step
        mine = film.cast[step.actor].is_task and step.actor not in step.waits
        assert running == ([step.actor] if mine and step.actor not in step.ready else [])
        assert len(set(step.ready) & {who for _, who in step.timers}) == 0 or any(
            not film.cast[who].is_task for who in step.ready
        )


def test_a_jump_takes_the_clock_to_the_first_timer(film: Film) -> None:
    """Of those that were shown before it, all that are due then are ready; nobody was before."""
    before = None
    for step in film.steps:
        if step.kind is Kind.JUMP and before is not None:
            assert before.ready == ()
            assert step.end_ns == before.timers[0][0]
            due = [who for when, who in before.timers if when == step.end_ns]
            assert sorted(step.ready) == sorted(due)
        before = step


def test_whoever_waits_for_others_waits_for_those_who_are_not_over() -> None:
    """It becomes shorter when one is over."""
    film = record(program("blocked"))
    words, told = Words(film), []
    for moment in moments(film):
        if moment.alive[0] in moment.waits and (text := words.wait(moment, 1)) not in told:
            told.append(text)
    assert told == [
        "for request 1, request 2 and request 3",
        "for request 1 and request 3",
        "for request 3",
        "for a task group",
        "done",
    ]


def test_a_lock_is_named_and_so_is_its_holder() -> None:
    """By the name that the program has for it."""
    film = record(program("deadlock"))
    last = list(moments(film))[-1]
    words = Words(film)
    assert [thing.name for thing in film.things] == ["ann", "bob"]
    assert [words.wait(last, task) for task in last.alive[1:]] == [
        "for the lock bob, which transfer 2 holds",
        "for the lock ann, which transfer 1 holds",
    ]
    assert [words.state(*pair) for pair in zip(film.things, last.step.states, strict=True)] == [
        "held by transfer 1",
        "held by transfer 2",
    ]


def test_a_holder_is_told_only_where_it_is_known() -> None:
    """A lock that no line shows, and that was not taken by `async with`, is just held."""

    async def waits(hidden: dict[str, list[asyncio.Lock]]) -> None:
        async with hidden["inside"][0]:
            pass

    async def main() -> None:
        hidden = {"inside": [asyncio.Lock()]}
        await hidden["inside"][0].acquire()
        waiting = asyncio.create_task(waits(hidden))
        await asyncio.sleep(1)
        hidden["inside"][0].release()
        await waiting

    film = record(main)
    words, seen = Words(film), list(moments(film))
    told = [words.state(film.things[0], one.step.states[0]) for one in seen if one.step.states]
    assert list(dict.fromkeys(told)) == ["held", "free", "held by waits"]
    assert "for the lock lock" in [words.wait(one, 2) for one in seen if 2 in one.waits]
