"""Who plays in a film, each by its place in a list."""

from __future__ import annotations

import functools
from asyncio import Handle
from typing import Any

from ..loop.recorder import EVENT_LOOP, LOOP_LANE, Recorder
from ..loop.tasks import Task
from ..loop.virtual_thread import VirtualThread
from .film import Actor

CALLBACKS = {  # what asyncio itself queues, in the words of the course
    "gather.<locals>._done_callback": "gather: one is done",
    "Timeout._on_timeout": "time limit",
    "TaskGroup._on_task_done": "task group: one is done",
    "_wait.<locals>._on_completion": "wait: one is done",
    "_AsCompletedIterator._handle_completion": "as_completed: one is done",
    "_AsCompletedIterator._handle_timeout": "time limit",
    "as_completed.<locals>._on_completion": "as_completed: one is done",
    "as_completed.<locals>._on_timeout": "time limit",
    "shield.<locals>._inner_done_callback": "shield: it is done",
    "shield.<locals>._outer_done_callback": "shield: nobody waits any more",
    "shield.<locals>._clear_awaited_by_callback": "shield: nobody waits any more",
    "_chain_future.<locals>._set_state": "a thread is done",
    "_chain_future.<locals>._call_set_state": "a thread is done",
    "_chain_future.<locals>._call_check_cancel": "a thread is done",
    "_release_waiter": "time limit",
}
HIDDEN = "_run_until_complete_cb"  # ends the run: nobody's turn
A_THREAD = "a thread"


class Cast:
    """Everybody who has had, or will have, a turn; the first is the event loop."""

    def __init__(self) -> None:
        self.actors = [Actor(LOOP_LANE)]
        self._places: dict[Any, int] = {EVENT_LOOP: 0}

    def place(self, who: Any) -> int | None:
        """The place of a task, of a callback, which goes by its name, or of a thread; None for
        what ends the run.
        """
        if type(who) is Task:  # as nearly always: asked for each in each queue after each step
            return self._places.get(who.serial) or self.task(who.serial)
        if isinstance(who, Handle):
            name = _name_of(who._callback)  # type: ignore[attr-defined]
            return None if name == HIDDEN else self.named(name)
        if isinstance(who, VirtualThread):
            return self._add(who.actor or A_THREAD, Actor(A_THREAD, "thread"))
        return self.task(who.serial)

    def task(self, number: Any) -> int:
        """The place of a task, by the number that the log has for it."""
        return self._add(number, Actor("", "task"))

    def named(self, words: str) -> int:
        """The place of something that the loop does."""
        return self._add(("loop", words), Actor(words))

    def _add(self, key: Any, actor: Actor) -> int:
        if key not in self._places:
            self._places[key] = len(self.actors)
            self.actors.append(actor)
        return self._places[key]

    def named_by(self, recorder: Recorder) -> list[Actor]:
        """All of them, with the names that the trace has for their lanes."""
        lanes = recorder.lanes()
        keys = {place: key for key, place in self._places.items()}
        return [
            Actor(lanes.get(keys[n]) or actor.name or "a helper of asyncio's", actor.kind)
            for n, actor in enumerate(self.actors)
        ]


def _name_of(callback: Any) -> str:
    while isinstance(callback, functools.partial):
        callback = callback.func
    name = getattr(callback, "__qualname__", type(callback).__name__)
    last = name.rpartition(".")[2]
    if last == HIDDEN:
        return HIDDEN
    return CALLBACKS.get(name) or last.strip("_").replace("_", " ")
