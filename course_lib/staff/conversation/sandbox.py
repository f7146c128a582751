"""Bubblewrap's bars around a student's code: no network, nothing to write to, nobody else's files.

    with Sandbox() as sandbox, sandbox.submission(cells) as submission:
        line = submission.conversation()

One warm interpreter stands behind the bars, and forks into fresh namespaces for each submission.
Sees of the machine: /usr, Python and its packages, and the course without what is for staff.
References: bwrap(1).
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from course_lib.staff.inside import wire

from .line import SOON_SECONDS, Line, Silent

COURSE = Path(__file__).resolve().parents[2]
INSIDE = "/course"
CELLS_SECONDS = 60.0
"""Real seconds for all cells of a notebook together."""
SECONDS = 90.0
"""Real seconds for all that is done with one submission; what needs more is not judged on."""
TALK_SECONDS = 20.0
"""Real seconds for one conversation, which needs a tenth of one."""
MOST_THREADS = 1000  # more than a process may have
PART = 50_000  # characters of the cells in one message


class NoSandbox(Exception):  # noqa: N818
    """This machine gives none; says why, and how to get one."""


class Sandbox:
    """The bars, with a warm interpreter behind them. Raises NoSandbox."""

    def __init__(self) -> None:
        bubblewrap = shutil.which("bwrap")
        if bubblewrap is None:
            raise NoSandbox("bubblewrap is not installed: sudo apt install bubblewrap")
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = _start(bubblewrap, theirs)
        try:
            with self.submission(["here = True"]):
                pass
        except (Silent, wire.Broken, OSError):
            self.control.close()
            said = self.process.communicate()[1].decode(errors="replace")
            last = said.strip().splitlines()[-1:] or ["it says nothing"]
            raise NoSandbox(f"bubblewrap cannot start here ({last[0]})") from None

    @contextmanager
    def submission(self, cells: Sequence[str]) -> Iterator[Submission]:
        """Behind fresh bars, the cells of one student; nothing of it is left afterwards."""
        ours, theirs = socket.socketpair()
        with Line(ours) as line:
            with theirs:
                socket.send_fds(self.control, [b"!"], [theirs.fileno()])
            submission = Submission(line)
            submission.run(cells)
            try:
                yield submission
            finally:
                for rested in submission.rested:
                    rested.close()

    def close(self) -> None:
        """Take it down, with all that is behind it."""
        self.control.close()
        self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Submission:
    """A student's cells, run behind bars."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.until = time.monotonic() + SECONDS
        self.threads = 0
        """That the cells left running; no conversation has them."""
        self.rested: list[Line] = []
        """To processes that had a conversation, and may have another."""

    def run(self, cells: Sequence[str]) -> None:
        """Run the cells; raises Silent or Broken if their process does not come to an end well."""
        text = json.dumps(list(cells))
        for begin in range(0, len(text), PART):
            self.line.say(more=text[begin : begin + PART])
        self.line.say(more="")
        answer = self.line.hear(CELLS_SECONDS)
        threads = answer.get("threads")
        if type(threads) is not int or not 0 <= threads <= MOST_THREADS:
            raise wire.Broken("a message without its form")
        self.threads = threads

    def conversation(self) -> Line:
        """A line to a process of its own, in which the cells have been run; raises Silent."""
        self._in_time()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self.line.end, [b"!"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise wire.Broken("its first process ended") from None
        return Line(ours, self._seconds())

    def again(self) -> Line | None:
        """A line to one that rests, and of which nothing goes on that it began; raises Silent."""
        self._in_time()
        while self.rested:
            line = self.rested.pop()
            with suppress(Silent, wire.Broken):
                if line.hear(SOON_SECONDS).get("fresh") and not line.mail.waits():
                    return Line(line.end, self._seconds())
            line.close()
        return None

    def rest(self, line: Line) -> None:
        """A conversation is over, and its process may have another, if it says so."""
        try:
            line.say(over=True)
        except (Silent, wire.Broken):
            line.close()
        else:
            self.rested.append(line)

    def _in_time(self) -> None:
        if time.monotonic() > self.until:
            raise Silent(f"its {SECONDS:g} s are used up")

    def _seconds(self) -> float:
        return min(TALK_SECONDS, self.until - time.monotonic())


def _start(bubblewrap: str, control: socket.socket) -> subprocess.Popen[bytes]:
    number = control.fileno()
    command = [bubblewrap, *_bars(), sys.executable, "-X", "frozen_modules=on", "-B", "-m"]
    return subprocess.Popen(
        [*command, "course_lib.staff.inside.warm", str(number)],
        pass_fds=[number],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        start_new_session=True,
    )


def _bars() -> list[str]:
    words = ["--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    if os.geteuid() == 0:  # to read what only root may find; behind the bars it becomes nobody
        words += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
        words += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        words += ["--unshare-all"]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"]
    for name, value in (("PYTHONPATH", INSIDE), ("HOME", "/tmp"), ("LANG", "C.UTF-8"),
                        ("MPLCONFIGDIR", "/tmp"), ("PYTHONDONTWRITEBYTECODE", "1")):  # fmt: skip
        words += ["--setenv", name, value]
    for folder in _readable():
        for above in reversed(Path(folder).parents[:-1]):
            words += ["--perms", "0755", "--dir", str(above)]
        words += ["--ro-bind", folder, folder, *_without_staff(folder)]
    for folder in ("/lib", "/lib64", "/bin"):
        if os.path.islink(folder):
            words += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            words += ["--ro-bind", folder, folder]
    words += ["--perms", "0755", "--dir", INSIDE]
    words += ["--ro-bind", str(COURSE), f"{INSIDE}/course_lib"]
    words += ["--tmpfs", f"{INSIDE}/course_lib/staff"]
    words += ["--ro-bind", str(COURSE / "staff/inside"), f"{INSIDE}/course_lib/staff/inside"]
    for folder in (f"{INSIDE}/course_lib/staff", "/dev", "/"):
        words += ["--remount-ro", folder]
    return words


def _without_staff(folder: str) -> list[str]:
    """Nothing in the place of what is for staff, where that is installed among these packages."""
    staff, real = COURSE / "staff", os.path.realpath(folder)
    if not staff.is_relative_to(real):
        return []
    place = os.path.join(folder, staff.relative_to(real))
    return ["--tmpfs", place, "--remount-ro", place]


def _readable() -> list[str]:
    """Folders that Python needs, without one inside another."""
    wanted = sorted({"/usr", sys.prefix, sys.base_prefix, os.path.realpath(sys.base_prefix)})
    return [one for one in wanted if not any(one.startswith(f"{two}/") for two in wanted)]
