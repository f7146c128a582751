"""Processes of one scene run on computers of their own: whatever a cell takes away before."""

from __future__ import annotations

from typing import Any

import pytest

from course_lib.exercises.student import Pieces
from course_lib.staff.conversation.judge import Behind, judge
from course_lib.staff.conversation.machines import Machines
from course_lib.staff.conversation.sandbox import Sandbox
from tests.conftest import in_ci

WITHOUT_BARS = """
import os, pathlib
from course_lib.staff.inside import bars
bars.lock_in_talk = bars.clear = lambda *_: None
bars.keep_only = lambda line: os.dup2(line, bars.LINE)
"""
HELP = """
import ctypes, fcntl, socket, struct
kept, libc, file = [], ctypes.CDLL(None), open(os.__file__)
watch = libc.inotify_init1(os.O_NONBLOCK)
libc.inotify_add_watch(watch, os.__file__.encode(), 0x20)
def has_news():
    return len(os.read(watch, 999)) > 0
def is_locked():
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
def is_part_locked():
    asks = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    return struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, asks))[0] != fcntl.F_UNLCK
def named(one, name):
    one.bind(name)
    return one
def is_taken(name):
    try:
        named(socket.socket(socket.AF_UNIX if type(name) is str else socket.AF_INET), name)
    except OSError as problem:
        return problem.errno == 98
"""
NOTES_BESIDE = """
def consume(db, message, effect):
    known = pathlib.Path("/tmp") / message["id"]
    if known.exists() or db.execute("SELECT 1 FROM inbox WHERE id = ?", [message["id"]]).fetchone():
        return
    effect(db, message["body"])
    db.commit()
    known.touch()
    db.execute("INSERT INTO inbox (id) VALUES (?)", [message["id"]])
    db.commit()
"""


@pytest.mark.slow
def test_who_takes_the_bars_away_gets_no_point_by_it(sandbox: Sandbox) -> None:
    """Two commits where one is asked for: a file tells the next process of the first one."""
    asked = [("consume", "crash after the effect")]
    (verdict,) = judge([WITHOUT_BARS, NOTES_BESIDE], asked, "seed", sandbox)
    assert verdict.holds is False
    assert "then has its effect, once" in verdict.said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("leaves", "looks"),
    [
        ("pathlib.Path('/tmp/here').touch()", "pathlib.Path('/tmp/here').exists()"),
        ("fcntl.flock(file, fcntl.LOCK_EX)", "is_locked()"),
        ("fcntl.lockf(file, fcntl.LOCK_SH)", "is_part_locked()"),
        ("kept.append(named(socket.socketpair()[0], '\\0here'))", "is_taken('\\0here')"),
        ("kept.append(socket.create_server(('127.0.0.1', 4000)))", "is_taken(('127.0.0.1', 4000))"),
        ("kept.append(os.openpty())", "os.listdir('/dev/pts') not in ([], ['ptmx'])"),
        ("open(os.__file__).read()", "has_news()"),
    ],
)
def test_two_machines_share_nothing(leaves: str, looks: str, sandbox: Sandbox) -> None:
    """Not even what the system itself has to do with a file that both may read."""
    cell = f"""{WITHOUT_BARS}{HELP}
def leave():
    try:
        {leaves}
    except OSError:
        pass
def look():
    try:
        return {looks}
    except OSError:
        return False
"""

    async def scene(pieces: Pieces) -> Any:
        other = pieces.process()
        assert not await other.call("look")
        await pieces.call("leave")
        return await other.call("look")

    with Machines(sandbox, [cell]) as machines:
        assert not Behind(machines.first(2), [cell]).on_clock(scene, leaves)


@pytest.mark.slow
def test_cells_that_are_run_again_take_no_time_from_the_pieces(sandbox: Sandbox) -> None:
    """Both machines have the time to the end that the first one had, longer by theirs."""
    with Machines(sandbox, ["import time\ntime.sleep(0.5)"]) as machines:
        [first] = machines.first(1)
        until = first.until
        assert {one.until >= until + 0.5 for one in machines.first(2)} == {True}
        assert len({one.until for one in machines.first(2)}) == 1


@in_ci
@pytest.mark.slow
def test_what_one_machine_holds_does_not_end_the_other(sandbox: Sandbox) -> None:
    """Each has the memory of a submission: a cell that holds much of it is run on both."""
    cell = """
held = bytearray(b'x') * (600 << 20)

def change():
    for place in range(0, len(held), 4096):
        held[place] = 0
    return len(held)
"""

    async def scene(pieces: Pieces) -> Any:
        return [await one.call("change") for one in (pieces, pieces.process())]

    with Machines(sandbox, [cell]) as machines:
        both = machines.first(2)
        assert Behind(both, [cell]).on_clock(scene, "change") == [600 << 20] * 2
