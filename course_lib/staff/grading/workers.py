"""Processes that work through a class; one that dies takes no other student's marks with it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, connection, get_context, parent_process
from typing import TYPE_CHECKING

from .work import Outcome, Task, grade_or_tell, lost

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

AT_ONCE = 32
"""Students whose answers a worker reads before it tells the writer."""
WHY = "reading it ended the process that read it"

_task: Task | None = None


def outcomes(task: Task, students: Sequence[str], jobs: int) -> Iterator[Outcome]:
    """What came out for each student, as it comes."""
    each = parts(task, students)
    again: list[str] = []
    with _pool(task, min(jobs, len(each)) or 1) as pool:
        with _deaf_to_ctrl_c():  # the first begins all processes
            doing = {pool.submit(_grade_all, part): part for part in each}
        for future in as_completed(list(doing)):
            part = doing.pop(future)
            try:
                yield from future.result()
            except BrokenProcessPool:
                again += part
    yield from _one_by_one(task, sorted(again))


def parts(task: Task, students: Sequence[str]) -> list[list[str]]:
    """The students in parts, each for one worker at a time."""
    size = AT_ONCE if all(one.only_answers for one in task.skeletons) else 1
    return [list(students[start : start + size]) for start in range(0, len(students), size)]


def _one_by_one(task: Task, students: Sequence[str]) -> Iterator[Outcome]:
    """So that it is plain to see which one ends a process."""
    left = list(students)
    while left:
        with _pool(task, 1) as pool:
            while left:
                student = left.pop(0)
                try:
                    with _deaf_to_ctrl_c():
                        doing = pool.submit(_grade_all, [student])
                    yield doing.result()[0]
                except BrokenProcessPool:
                    yield lost(task, student, WHY)
                    break


@contextmanager
def _pool(task: Task, jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with the work; at once, and with no more begun, when it is interrupted."""
    context, others = get_context("spawn"), set(active_children())
    with ProcessPoolExecutor(jobs, context, _begin, (task, context.Value("i", 0))) as pool:
        try:
            yield pool
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(active_children()) - others:
                process.terminate()  # a graded notebook is replaced as a whole, or not at all
            raise


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that begin in here leave Ctrl-C to this one, and say nothing of their own to it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(task: Task, begun: Synchronized[int]) -> None:
    global _task
    _task = task
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with begun:
        number, begun.value = begun.value, begun.value + 1
    if not all(one.only_answers for one in task.skeletons):
        _stay_on_one_processor(number)


def _stay_on_one_processor(number: int) -> None:
    """With all that is started from here: who grades and who is graded never work at the same time.

    On two processors each would have to wake the other's up, at every word of a conversation.
    """
    if hasattr(os, "sched_setaffinity"):  # some systems have no such call
        there = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {there[number % len(there)]})


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for ever."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _grade_all(students: Sequence[str]) -> list[Outcome]:
    if _task is None:
        raise RuntimeError("this process has got no task")
    return [grade_or_tell(_task, student) for student in students]
