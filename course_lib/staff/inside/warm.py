"""The warm interpreter behind the bars: one child for each submission, and children of that talk.

    warm interpreter ── watcher ── first process of fresh namespaces, runs the cells
                                    └─ one process for a conversation, and for others after it

The grader's end of each line comes over a socket, as a descriptor. The two processes on the left
never run a line of a student's.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

import course_lib.line_order  # noqa: F401  which the cells of each submission would import anew
from course_lib.loop.stand_ins import stand_ins

from . import bars
from .cells import run_cells
from .grader_line import GraderLine
from .rehearsal import rehearse
from .student_side import StudentSide

LOOK_EVERY = 20  # milliseconds between two looks at the memory


def serve(control: socket.socket) -> None:
    """For each socket that comes over the control line, a submission behind it."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not descriptors:
            return
        if os.fork() == 0:
            _alone_with(descriptors[0])
            _submission(socket.socket(fileno=bars.LINE))
        os.close(descriptors[0])


def _alone_with(descriptor: int) -> None:
    """Keep this descriptor, as the line to the grader, and nothing else."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(bars.LINE):
        os.dup2(nothing, standard)
    bars.keep_only(descriptor)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _submission(line: socket.socket) -> None:
    """In the watcher: begin the first process of the submission, and watch its memory."""
    processes = os.open("/proc", os.O_RDONLY)  # in a moment another one lies over it
    bars.fresh_namespaces()
    first = os.fork()
    if first == 0:
        try:
            os.close(processes)
            os.setsid()  # a signal to its group would also stop who forks the next submission
            bars.fresh_folders()
            bars.lock_in()
            _first(line)
        finally:
            os._exit(0)
    hung_up = select.poll()
    hung_up.register(line, select.POLLRDHUP)
    while os.waitpid(first, os.WNOHANG)[0] == 0:
        if hung_up.poll(LOOK_EVERY) or _takes_too_much(first, processes):
            os.kill(first, signal.SIGKILL)  # and with it all of its namespace
            hung_up = select.poll()
    os._exit(0)


def _takes_too_much(first: int, processes: int) -> bool:
    """Whether a first process and all that came of it take more memory than a submission may.

    What each has is read at once, and counts what copies share again and again; only where that is
    too much is each asked for its part, which takes longer.
    """
    own = _with_all_that_came_of(str(first), processes)
    if sum(map(_resident, own.values())) <= bars.MOST_RESIDENT:
        return False
    return sum(_proportional(name, processes) for name in own) > bars.MOST_RESIDENT


def _with_all_that_came_of(first: str, processes: int) -> dict[str, Mapping[str, str]]:
    """By the number of each of them, what the system says of it.

    Whose parent is over is the first one's, in its namespace. So it needs no look at the order of
    numbers, in which the low ones come again after the highest.
    """
    children = defaultdict[str, list[str]](list)
    about = {
        name: _lines(f"{name}/status", processes)
        for name in os.listdir(processes)
        if name.isdigit()
    }
    for name, said in about.items():
        children[said.get("PPid", "")].append(name)
    own = [first]
    for name in own:
        own += children.pop(name, [])
    return {name: about.get(name, {}) for name in own}


def _resident(about: Mapping[str, str]) -> int:
    """Bytes of memory of a process, with the tables that say where it is; 0 if it is over."""
    return _kilobytes(about, "VmRSS", "VmPTE")


def _proportional(name: str, processes: int) -> int:
    """The same with a part of what it shares; all of it where the system does not say."""
    about = _lines(f"{name}/status", processes)
    part = _kilobytes(_lines(f"{name}/smaps_rollup", processes), "Pss")
    return part + _kilobytes(about, "VmPTE") if part else _resident(about)


def _kilobytes(about: Mapping[str, str], *names: str) -> int:
    """The sum of such lines, in bytes; 0 if there are none."""
    return sum(int(about[name].split()[0]) * 1024 for name in names if name in about)


def _lines(name: str, processes: int) -> dict[str, str]:
    """The lines of a file of /proc, by what stands before the colon."""
    pairs = (line.partition(":") for line in _read(name, processes).splitlines())
    return {key: value.strip() for key, _, value in pairs}


def _read(name: str, processes: int) -> str:
    try:
        file = os.open(name, os.O_RDONLY, dir_fd=processes)
    except OSError:
        return ""
    try:
        return os.read(file, 4096).decode("ascii", "replace")
    except OSError:
        return ""
    finally:
        os.close(file)


def _first(line: socket.socket) -> None:
    """In the first process: run the cells, say so, then a child for each conversation."""
    grader = GraderLine(line)
    namespace = run_cells(_cells(grader))
    if os.getpid() != 1:
        return  # a copy that a cell has made: it has no part in what follows
    _end_all_others()
    # Once for all conversations: to look through all modules takes longer than most of them.
    with stand_ins(namespace, list(namespace.values())):
        grader.say(ready=True, threads=threading.active_count() - 1)
        grader.send()
        side = StudentSide(grader, namespace)
        side.talk(partial(_next_conversation, line))
        while True:
            side = _again(side)


def _again(side: StudentSide) -> StudentSide:
    """In a process whose conversation is over, and left nothing behind: another one."""
    line = side.line.end
    grader = GraderLine(line)
    grader.say(fresh=True)
    side = StudentSide(grader, side.namespace)
    side.talk(lambda: line)
    return side


def _end_all_others() -> None:
    """Of this namespace, and wait until they are gone: till then they count as processes."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _next_conversation(line: socket.socket) -> socket.socket:
    """In a child for each line that comes: its end of it. The parent goes on till all is over."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    left = {folder: set(os.listdir(folder)) for folder in bars.FOLDERS}
    _share_memory()
    while True:
        _, descriptors, _, _ = socket.recv_fds(line, 1, 1)
        if not descriptors:
            os._exit(0)
        bars.clear(left)
        if os.fork() == 0:
            line.detach()  # its number is the conversation's from now on
            bars.keep_only(descriptors[0])
            bars.lock_in_talk()
            return socket.socket(fileno=bars.LINE)
        os.close(descriptors[0])


def _share_memory() -> None:
    """So that children do not look for garbage in what they have from here."""
    gc.collect()
    gc.freeze()


def _cells(grader: GraderLine) -> Sequence[str]:
    parts = []
    while (part := grader.hear()).get("more"):
        parts.append(part["more"])
    cells: list[str] = json.loads("".join(parts))
    return cells


if __name__ == "__main__":
    bars.become_nobody()
    with stand_ins({}):  # looks through all modules that there are, and remembers them
        rehearse()
    _share_memory()
    serve(socket.socket(fileno=int(sys.argv[1])))
