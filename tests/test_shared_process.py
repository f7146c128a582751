"""Scenes that share a process behind the bars: quicker, and nobody's points depend on it."""

from __future__ import annotations

from typing import Any

import pytest

from course_lib.exercises.student import Pieces
from course_lib.staff.conversation import talk
from course_lib.staff.conversation.judge import Behind, judge
from course_lib.staff.conversation.sandbox import Sandbox, Submission

ASKED = [("consume_by_key", "order of each key")]
PIECE = """
import asyncio, os
seen = []

async def piece():
    seen.append(1)
    {}
    return os.getpid(), len(seen)
"""


def twice(sandbox: Sandbox, cell: str, *, share: bool = True) -> list[Any]:
    """What `piece()` gives in two scenes, one after the other."""

    async def scene(pieces: Pieces) -> Any:
        return await pieces.call("piece")

    with sandbox.submission([cell]) as submission:
        student = Behind([submission], [cell], share=share)
        return [student.on_clock(scene, "piece()") for _ in range(2)]


@pytest.mark.slow
def test_two_scenes_share_a_process_and_not_what_it_remembers(sandbox: Sandbox) -> None:
    """A list of the notebook is as it was; who shares none has a process of his own."""
    one, two = twice(sandbox, PIECE.format("pass"))
    assert one == two
    one, two = twice(sandbox, PIECE.format("pass"), share=False)
    assert one != two


@pytest.mark.slow
@pytest.mark.parametrize(
    "leaves",
    [
        "asyncio.ensure_future(asyncio.sleep(9))",
        "asyncio.ensure_future(asyncio.Event().wait())",
    ],
)
def test_a_process_in_which_something_goes_on_has_no_other_scene(
    leaves: str, sandbox: Sandbox
) -> None:
    """Whether it sleeps or waits for what never comes."""
    one, two = twice(sandbox, PIECE.format(leaves))
    assert one[0] != two[0]


@pytest.mark.slow
def test_a_process_that_says_more_than_it_is_asked_has_no_other_scene(sandbox: Sandbox) -> None:
    """What it says before the next scene has begun would be heard in it."""
    says = """
    import gc
    from course_lib.staff.inside.grader_line import GraderLine
    def more(line, **message):
        say(line, **message)
        if "fresh" in message:
            say(line, end=1, value=["forged", 1])
    if GraderLine.say.__name__ == "say":
        say, GraderLine.say = GraderLine.say, more"""
    one, two = twice(sandbox, PIECE.format(says))
    assert "forged" not in (one[0], two[0])
    assert one[0] != two[0]


@pytest.mark.slow
def test_who_is_right_only_in_a_process_of_his_own_is_right(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An object that belongs to one loop meets another's where scenes share a process."""
    begun: list[str] = []
    for name in ("again", "conversation"):
        real = getattr(Submission, name)
        told = lambda self, real=real, name=name: (begun.append(name), real(self))[1]  # noqa: E731
        monkeypatch.setattr(Submission, name, told)
    cell = """
import asyncio

class Limits:
    loop = None

async def consume_by_key(messages, work, limit):
    loop, Limits.loop = Limits.loop, asyncio.get_running_loop()
    if loop not in (None, Limits.loop):
        raise RuntimeError("this is for another loop")
    for key, value in messages:
        await work(key, value)
"""
    (verdict,) = judge([cell], ASKED, "seed", sandbox)
    assert verdict.holds is True
    assert begun[:3] == ["again", "conversation", "again"]  # the second scene fails, so:
    assert begun[3:] == ["conversation"] * (len(begun) - 3) != []


@pytest.mark.slow
def test_what_hangs_is_tried_again_once(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """In whichever exercise: real time is lost with it, and others need what there is."""
    begun: list[Submission] = []
    real = Submission.conversation
    monkeypatch.setattr(Submission, "conversation", lambda one: (begun.append(one), real(one))[1])
    monkeypatch.setattr(talk, "PATIENCE_REAL", 0.5)
    cell = """
async def consume_by_key(messages, work, limit):
    for key, value in messages:
        await work(key, value)

async def handle_all(fn, xs, limit):
    while True:
        pass

async def run_pipeline(source, work, workers, maxsize):
    while True:
        pass
"""
    slow = ("handle_all", "results in order"), ("run_pipeline", "all results")
    found = judge([cell], [*ASKED, slow[0], *ASKED, slow[1]], "seed", sandbox)
    assert [one.holds for one in found] == [True, False, True, False]
    assert len(begun) == 3  # for what is right, for the first that hangs, and for what is right
