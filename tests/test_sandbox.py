"""The bars around a student's code: what is behind them gets at nothing, and leaves nothing."""

from __future__ import annotations

import asyncio
import errno
import os
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from course_lib.exercises.property import NotMet
from course_lib.exercises.student import Pieces
from course_lib.loop.stand_ins import stand_ins
from course_lib.staff import doctor
from course_lib.staff.conversation import probe as probes
from course_lib.staff.conversation import sandbox as bars
from course_lib.staff.conversation import talk
from course_lib.staff.conversation.judge import Behind, judge
from course_lib.staff.conversation.line import Line, Silent
from course_lib.staff.conversation.probe import PROBES, probe
from course_lib.staff.conversation.sandbox import NoSandbox, Sandbox
from course_lib.staff.inside import bars as bars_inside
from course_lib.staff.inside import calls, rehearsal, warm
from tests.conftest import ROOT, in_ci, sandbox_here
from tests.exercises import reference, setup

STARTS = "def piece():\n    "
# The bars show Python and the course where they stand, and that may be below /tmp.
SHOWN = {place.parts[2] for place in (ROOT, Path(sys.prefix)) if place.is_relative_to("/tmp")}
LEFT = f"sorted(set(os.listdir('/tmp')) - {SHOWN!r})"
ASKED = [("consume_by_key", "order of each key")]
RIGHT = """
import asyncio
async def consume_by_key(messages, work, limit):
    for key, value in messages:
        await work(key, value)
"""


@pytest.fixture(scope="module")
def found(sandbox: Sandbox) -> dict[str, str]:
    return probe(sandbox)


def called(sandbox: Sandbox, *cells: str) -> Any:
    """What `piece()` gives behind the bars."""

    async def scene(pieces: Pieces) -> Any:
        return await pieces.call("piece")

    with sandbox.submission(cells) as submission:
        return Behind([submission], cells).on_clock(scene, "piece()")


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBES)
def test_a_probe_gets_nowhere(name: str, found: dict[str, str]) -> None:
    """Network, files, keys, rights, memory, processes: each attempt fails."""
    assert found[name] == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["network", "this machine's files", "keys and properties' secrets"]
)
def test_a_probe_would_see_a_hole(name: str) -> None:
    """The same attempts without bars do get somewhere: the probes can fail."""
    with probes._listening() as port:
        words = {"port": port, "course": str(ROOT), "home": str(Path.home())}
        number = list(PROBES).index(name)
        program = f"import contextlib, os\n{probes._cell(number, words)}\nprint(probe_{number}())"
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        )
    assert done.stdout.strip()


@pytest.mark.slow
def test_it_can_be_judged_from_within_a_loop(sandbox: Sandbox) -> None:
    """Formgrader's button grades in the server's own event loop, which goes on afterwards."""

    async def button() -> list[bool | None]:
        verdicts = judge([RIGHT], ASKED, "a class", sandbox)
        await asyncio.sleep(0)
        return [verdict.holds for verdict in verdicts]

    assert asyncio.run(button()) == [True]


@pytest.mark.slow
def test_a_hub_s_token_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graded from Formgrader, a cell would find in its environment, or in that of a process that
    it sees, what lets it act as the instructor.
    """
    for name in ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN", "JUPYTERHUB_USER"):
        monkeypatch.setenv(name, "a-hub-s-secret")
    cell = f"""
import os
from pathlib import Path
{STARTS}found = [str(dict(os.environ))]
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            found.append(path.read_text())
        except OSError:
            pass
    return "PYTHONPATH" in found[0], [text for text in found if "HUB" in text or "secret" in text]
"""
    with sandbox_here() as outside:
        assert called(outside, cell) == (True, [])


@pytest.mark.slow
def test_a_course_below_tmp_finds_its_libraries(sandbox: Sandbox, tmp_path: Path) -> None:
    """Each submission has a /tmp of its own, and what Python needs is there, not to be changed."""
    if not str(tmp_path).startswith("/tmp/"):
        pytest.skip("Temporary files are not in /tmp here.")
    env = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(env)], check=True)
    packages = next(env.glob("lib/python3*/site-packages"))
    (packages / "below_tmp.py").write_text("HERE = 1\n")
    (packages / "course.pth").write_text("\n".join(sys.path[1:]))
    tries = [f"open({str(place / 'new')!r}, 'w')" for place in (packages, tmp_path)]
    cell = f"import below_tmp\nfrom contextlib import suppress\n{STARTS}got = below_tmp.HERE\n"
    cell += "".join(f"    with suppress(OSError):\n        got = {one}\n" for one in tries)
    cell += "    return got\n"
    program = f"from tests.test_sandbox import *\nprint(called(Sandbox(), {cell!r}))"
    done = subprocess.run(
        [str(env / "bin" / "python"), "-c", program],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "1\n", done.stderr


def processes() -> set[str]:
    """Command lines of all that runs here with the word that our leftovers have in theirs."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if b"left-by-a-test" in words:
            found.add(path.parent.name)
    return found


@pytest.mark.slow
def test_nothing_is_left_running(sandbox: Sandbox) -> None:
    """A process that a piece starts, cut off from its parents, is gone with the submission."""
    starts = (
        "import subprocess, sys\n" + STARTS + "subprocess.Popen([sys.executable, '-c', "
        "'import signal; signal.pause()', 'left-by-a-test'], start_new_session=True)\n    return 1"
    )
    assert called(sandbox, starts) == 1
    until = time.monotonic() + 60  # seconds, on a computer however busy
    while (left := processes()) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == set()


@pytest.mark.slow
def test_nothing_is_left_behind(sandbox: Sandbox) -> None:
    """A file that one submission writes is not there for the next."""
    looks = STARTS + f"import os\n    return {LEFT}"
    assert called(sandbox, "open('/tmp/note', 'w').close()", looks) == ["note"]
    assert called(sandbox, looks) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("leaves", "import os\nos._exit(0)"),
        ("kills itself", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nos.abort()"),
        ("stops its group", "import os, signal\nos.kill(0, signal.SIGSTOP)"),
        ("kills its group", "import os, signal\nos.kill(0, signal.SIGKILL)"),
        ("recursion", "def f(): return f()\nf()" + "\nraise SystemExit"),
        ("nothing is Python", "this is } no Python"),
        ("too deep", "x = " + "(" * 5000 + ")" * 5000),
        ("closes everything", "import os\nos.closerange(0, 100)"),
        ("many processes", "import os\nfor _ in range(500):\n    if os.fork() == 0:\n        "
                           "import signal; signal.pause()"),
        ("stops signals", "import signal\nfor n in range(1, 32):\n    try: signal.signal(n, 1)\n"
                          "    except Exception: pass"),
    ],
)  # fmt: skip
def test_a_cell_that_ends_its_process_ends_no_other(name: str, cell: str, sandbox: Sandbox) -> None:
    """Whatever a cell does, there is a verdict, and the next submission has its points."""
    (verdict,) = judge([cell], ASKED, "seed", sandbox)
    assert verdict.holds is False
    (verdict,) = judge([RIGHT], ASKED, "seed", sandbox)
    assert verdict.holds is True


@in_ci
@pytest.mark.slow
def test_processes_that_a_cell_left_take_no_room_from_the_pieces(sandbox: Sandbox) -> None:
    """They are gone before the first conversation, which needs a process itself."""
    forks = (
        "import os\ntry:\n    while True:\n        os.fork()\nexcept OSError:\n"
        "    import time\n    time.sleep(0.5)"
    )
    for _ in range(5):
        assert called(sandbox, forks, STARTS + "return 1") == 1


@in_ci
@pytest.mark.slow
def test_a_cell_that_never_ends_is_stopped(sandbox: Sandbox) -> None:
    """As by a click on the square: what the other cells define counts."""
    (verdict,) = judge(["while True: pass", RIGHT, "input()"], ASKED, "seed", sandbox)
    assert verdict.holds is True


@in_ci
@pytest.mark.slow
def test_a_cell_is_given_time_by_the_processor(sandbox: Sandbox) -> None:
    """On a busy computer it gets little of that: real seconds pass, and it is let go on."""
    (verdict,) = judge([f"import time\ntime.sleep(4)\n{RIGHT}"], ASKED, "seed", sandbox)
    assert verdict.holds is True


@pytest.mark.slow
def test_a_cell_may_await_at_its_top(sandbox: Sandbox) -> None:
    """As in a notebook: what the cell defines counts, and its hours take no time."""
    awaits = f"import asyncio\nawait asyncio.sleep(3600)\n{RIGHT}"
    (verdict,) = judge([awaits], ASKED, "seed", sandbox)
    assert verdict.holds is True


@pytest.mark.slow
@pytest.mark.parametrize(
    "cell",
    [
        "x = [0]\nwhile True:\n    x += x",
        "import os\ntry:\n    while True:\n        os.fork()\nexcept OSError:\n    pass",
        "import os, time\nif os.fork() == 0:\n    time.sleep(2)",
    ],
)
def test_what_a_cell_takes_is_given_back(cell: str, sandbox: Sandbox) -> None:
    """A list without end, forks without end, a copy that lives on: right code keeps its points."""
    (verdict,) = judge([cell, RIGHT], ASKED, "seed", sandbox)
    assert verdict.holds is True, verdict.said


@pytest.mark.slow
@pytest.mark.parametrize(
    "counter",
    [
        "class Ids:\n    last = 0\n    def next(self):\n"
        "        Ids.last += 1\n        return Ids.last",
        "class Ids:\n    def __init__(self):\n        self.last = 0\n    def next(self):\n"
        "        self.last += 1\n        return self.last",
    ],
    ids=["of a class", "of an object"],
)
def test_another_process_has_no_counter_of_the_first(counter: str, sandbox: Sandbox) -> None:
    """An event's id out of memory comes again there, in whatever kind of object it is kept."""
    right, _, relay = reference("outbox").partition("def relay")
    place = right.replace("event-of-{order['id']}", "event-{ids.next()}")
    cells = [setup(), f"{counter}\n\nids = Ids()", f"{place}\n\ndef relay{relay}"]
    (verdict,) = judge(cells, [("outbox", "the event")], "seed", sandbox)
    assert "Yours: their ids are ['event-1', 'event-2', 'event-1']" in verdict.said


@pytest.mark.slow
def test_a_conversation_leaves_the_next_nothing(sandbox: Sandbox) -> None:
    """No letter in a file of the cells': there is no ledger beside a database."""
    cells = [
        "import os\nopen('/tmp/known', 'w').write('of the cells')",
        f"{STARTS}seen = {LEFT}, open('/tmp/known').read()\n"
        "    try:\n        os.write(os.open('/tmp/known', os.O_APPEND | os.O_WRONLY), b'more')\n"
        "    except OSError as refused:\n        return *seen, refused.errno",
    ]

    async def scene(pieces: Pieces) -> Any:
        return await pieces.call("piece")

    with sandbox.submission(cells) as submission:
        student = Behind([submission], cells)
        seen = [student.on_clock(scene, "piece()") for _ in range(2)]
    barred = platform.machine() in calls.MACHINES
    refused = errno.EPERM if barred else errno.EFBIG  # elsewhere only its length is limited
    assert seen == [(["known"], "of the cells", refused)] * 2


KEEPERS = {
    "a pipe": ("r, w = os.pipe()\nos.set_blocking(r, False)", "os.write(w, b'x')", "os.read(r, 9)"),
    "a pipe with a name": (
        "os.mkfifo('/tmp/here'); kept.append(os.open('/tmp/here', os.O_RDWR))\n"
        "os.write(kept[0], b'xyz')",
        "os.read(os.open('/tmp/here', os.O_NONBLOCK), 1)",
        "os.read(os.open('/tmp/here', os.O_NONBLOCK), 1) == b'z' or None",
    ),
    "the length of a pipe": (
        "os.mkfifo('/tmp/here')\nkept.append(os.open('/tmp/here', os.O_RDWR))",
        "kept.append(os.open('/tmp/here', os.O_NONBLOCK)); fcntl.fcntl(kept[-1], 1031, 4096)",
        "fcntl.fcntl(os.open('/tmp/here', os.O_NONBLOCK), 1032) == 4096 or None",
    ),
    "a ring for asynchronous reading": (
        "ring = ctypes.c_ulong()\n"
        "assert libc.syscall(NUMBER['io_setup'], 9, ctypes.byref(ring)) == 0\n"
        "shared = (ctypes.c_char * 4096).from_address(ring.value)",
        "shared.__setitem__(2048, b'x')",
        "shared[2048] == b'x' or None",
    ),
    "an open file": (
        "file = os.open('/tmp/known', os.O_RDWR | os.O_CREAT)\nos.write(file, b'abc')",
        "os.lseek(file, 2, os.SEEK_SET)",
        "os.lseek(file, 0, os.SEEK_CUR) == 2 or None",
    ),
    "memory": (
        "shared = mmap.mmap(-1, 9, flags=mmap.MAP_SHARED)",
        "shared.write(b'x')",
        "shared[0] or None",
    ),
    "a name of the network": (
        "",
        "kept.append(socket.socket(socket.AF_UNIX)); kept[0].bind('\\0here')",
        "is_taken('\\0here')",
    ),
    "a folder": ("", "os.mkdir('/tmp/here')", "os.path.exists('/tmp/here') or None"),
    "a link": ("", "os.symlink('x', '/tmp/here')", "os.readlink('/tmp/here')"),
    "an empty file": ("", "open('/tmp/here', 'x')", "os.path.exists('/tmp/here') or None"),
    "a file that is gone": (
        "open('/tmp/known', 'w')",
        "os.unlink('/tmp/known')",
        "os.path.exists('/tmp/known') and None",
    ),
    "another name": (
        "open('/tmp/known', 'w')",
        "os.rename('/tmp/known', '/tmp/here')",
        "os.path.exists('/tmp/here') or None",
    ),
    "a file's time": (
        "open('/tmp/known', 'w')",
        "os.utime('/tmp/known', (7, 7))",
        "os.stat('/tmp/known').st_mtime == 7 or None",
    ),
    "a file's rights": (
        "open('/tmp/known', 'w')",
        "os.chmod('/tmp/known', 0o700)",
        "os.stat('/tmp/known').st_mode & 0o100 or None",
    ),
    "a file's length": (
        "open('/tmp/known', 'w').write('abc')",
        "os.truncate('/tmp/known', 0)",
        "os.stat('/tmp/known').st_size and None",
    ),
    "a priority": (
        "",
        "os.setpriority(os.PRIO_PROCESS, 1, 19)",
        "os.getpriority(os.PRIO_PROCESS, 1) == 19 or None",
    ),
    "a lock": (
        "open('/tmp/known', 'w')",
        "kept.append(open('/tmp/known')); fcntl.flock(kept[0], fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "not_locked('/tmp/known')",
    ),
    "a lock of a part": (
        "open('/tmp/known', 'w')",
        "kept.append(os.open('/tmp/known', os.O_RDWR)); "
        "fcntl.lockf(kept[0], fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "part_locked('/tmp/known', os.O_RDWR, fcntl.F_SETLK)",
    ),
    "a reader's lock of a part": (
        "open('/tmp/known', 'w')",
        "kept.append(os.open('/tmp/known', os.O_RDONLY)); "
        "fcntl.lockf(kept[0], fcntl.LOCK_SH | fcntl.LOCK_NB)",
        "part_locked('/tmp/known', os.O_RDONLY, fcntl.F_GETLK)",
    ),
    "a lease": (
        "open('/tmp/known', 'w')",
        "kept.append(os.open('/tmp/known', os.O_RDONLY)); "
        "fcntl.fcntl(kept[0], fcntl.F_SETLEASE, fcntl.F_RDLCK)",
        "open_to_write('/tmp/known')",
    ),
    "no length, by opening": (
        "open('/tmp/known', 'w').write('abc')",
        "os.close(os.open('/tmp/known', os.O_WRONLY | os.O_TRUNC))",
        "os.stat('/tmp/known').st_size == 0 or None",
    ),
    "a hole": (
        "open('/tmp/known', 'w').write('abc')",
        "libc.fallocate(os.open('/tmp/known', os.O_RDWR), 3, long(0), long(3))",
        "open('/tmp/known', 'rb').read() != b'abc' or None",
    ),
    "a time of reading": (
        "open('/tmp/known', 'w').write('abc')\nos.utime('/tmp/known', (7, 7))",
        "open('/tmp/known').read()",
        "os.stat('/tmp/known').st_atime != 7 or None",
    ),
    "an owner": (
        "open('/tmp/known', 'w')\nsince = os.stat('/tmp/known').st_ctime_ns",
        "os.chown('/tmp/known', os.getuid(), os.getgid())",
        "os.stat('/tmp/known').st_ctime_ns != since or None",
    ),
    "a word about a file that is gone": (
        "open('/tmp/known', 'w')\nos.setxattr('/tmp/known', 'user.x', b'1'); had = ['user.x']",
        "os.removexattr('/tmp/known', 'user.x')",
        "os.listxattr('/tmp/known') != had or None",
    ),
    "a file's flag": (
        "open('/tmp/known', 'w')",
        "fcntl.ioctl(os.open('/tmp/known', 0), 0x40086602, bytes([64, 0, 0, 0, 0, 0, 0, 0]))",
        "fcntl.ioctl(os.open('/tmp/known', 0), 0x80086601, bytes(8))[0] & 64 or None",
    ),
    "a limit": (
        "",
        "resource.prlimit(1, resource.RLIMIT_MSGQUEUE, "
        "(77, resource.getrlimit(resource.RLIMIT_MSGQUEUE)[1]))",
        "resource.prlimit(1, resource.RLIMIT_MSGQUEUE)[0] == 77 or None",
    ),
    "a signal": (
        "signal.signal(signal.SIGUSR1, lambda *_: kept.append('here'))",
        "[ask(os.kill, n, signal.SIGUSR1) for n in range(2, 9) if n != os.getpid()]",
        "kept or None",
    ),
    "a signal when there is news": (
        "signal.signal(signal.SIGIO, lambda *_: kept.append('here'))",
        "[tell_news(n) for n in range(2, 9) if n != os.getpid()]",
        "kept or None",
    ),
    "a group of processes": (
        "",
        "os.setpgid(0, 0)",
        "[n for n in range(2, 9) if ask(os.getpgid, n) == n] or None",
    ),
    "a scheduler": (
        "",
        "os.sched_setscheduler(1, os.SCHED_BATCH, os.sched_param(0))",
        "os.sched_getscheduler(1) == os.SCHED_BATCH or None",
    ),
    "a priority on the disk": (
        "",
        "libc.syscall(NUMBER['ioprio_set'], 1, 1, 3 << 13)",
        "libc.syscall(NUMBER['ioprio_get'], 1, 1) == 3 << 13 or None",
    ),
}
"""What → a cell that makes it, how one process leaves a sign there, and how another sees that."""
HELP = """
import ctypes, errno, fcntl, mmap, os, platform, resource, signal, socket, struct
kept = []
libc, long = ctypes.CDLL(None), ctypes.c_long
NUMBER = {"ioprio_set": 251, "ioprio_get": 252, "io_setup": 206}
if platform.machine() == "aarch64":
    NUMBER = {"ioprio_set": 30, "ioprio_get": 31, "io_setup": 0}
def ask(call, *words):
    try:
        return call(*words)
    except OSError:
        return None
def tell_news(number):
    ours, theirs = os.pipe()
    ask(fcntl.fcntl, ours, fcntl.F_SETOWN, number)
    ask(fcntl.fcntl, ours, fcntl.F_SETFL, os.O_ASYNC)
    os.write(theirs, b"x")
def part_locked(name, mode, command):
    asks = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    try:
        return struct.unpack("hhqqi4x", fcntl.fcntl(os.open(name, mode), command, asks))[4] or None
    except BlockingIOError:
        return "locked"
def open_to_write(name):
    try:
        os.close(os.open(name, os.O_WRONLY | os.O_NONBLOCK))
    except BlockingIOError:
        return "leased"
def not_locked(name):
    with open(name) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return "locked"
def is_taken(name):
    try:
        socket.socket(socket.AF_UNIX).bind(name)
    except OSError as problem:
        return problem.errno == errno.EADDRINUSE or None
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in calls.MACHINES, reason="nothing is barred there")
@pytest.mark.parametrize("name", KEEPERS)
def test_two_conversations_at_once_share_no_more_than_a_database(
    name: str, sandbox: Sandbox
) -> None:
    """In the scene they are two machines: what a cell made is each one's own, or cannot be used."""
    makes, leaves, looks = KEEPERS[name]
    tries = "\n    try:\n        return {}\n    except (OSError, NameError, ValueError):\n"
    cells = [
        HELP,
        makes,
        "def leave():" + tries.format(f"[({leaves}), 0][1]".replace("; ", "), (")) + "        pass",
        "def look():" + tries.format(looks) + "        return None",
    ]

    async def scene(pieces: Pieces) -> Any:
        other = pieces.process()
        assert await other.call("look") is None
        await pieces.call("leave")
        return await other.call("look")

    with sandbox.submission(cells) as submission:
        assert Behind([submission], cells).on_clock(scene, name) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("does", "gives"),
    [
        ("with ThreadPoolExecutor(4) as pool: return list(pool.map(str, (1, 2)))", ["1", "2"]),
        ("return threading.stack_size(1 << 20), threading.stack_size()", (0, 1 << 20)),
        ("return len(resource.getrlimit(resource.RLIMIT_NOFILE))", 2),
        ("logging.basicConfig(level=10); logging.info('hello'); return 1", 1),
        ("return sqlite3.connect(':memory:').execute('SELECT 7').fetchall()", [(7,)]),
        ("return len(os.urandom(3)), random.SystemRandom().random() < 1", (3, True)),
        ("return inspect.getsource(json.dumps)[:9]", "def dumps"),
        ("return subprocess.run(['/bin/sh', '-c', 'echo 1'], capture_output=True).stdout", b"1\n"),
        ("return os.kill(os.fork() or threading.Event().wait(), 9)", None),
        ("return os.getpgrp() > 0, os.getsid(0) > 0", (True, True)),
        ("return len(list(zoneinfo.ZoneInfo('UTC').key))", 3),
    ],
)
def test_what_right_pieces_use_is_not_barred(does: str, gives: Any, sandbox: Sandbox) -> None:
    """Threads, limits of its own, logs, a database of its own, chance, files that are read."""
    uses = "import inspect, json, logging, os, random, resource, sqlite3, subprocess, threading\n"
    uses += "import zoneinfo\nfrom concurrent.futures import ThreadPoolExecutor\n"
    assert called(sandbox, uses + STARTS + does) == gives


@pytest.mark.slow
def test_memory_that_copies_share_counts_once(sandbox: Sandbox) -> None:
    """A cell that holds half a gigabyte leaves room for eight processes that only read it."""
    holds = "import os, signal\nx = bytearray(b'x') * (500 << 20)\n" + STARTS
    forks = (
        "children = [os.fork() for _ in range(3)]\n    if 0 in children:\n        signal.pause()\n"
        "    import select\n    select.select([], [], [], 0.5)\n    return len(x)"
    )
    assert called(sandbox, holds + forks) == 500 << 20


@in_ci
@pytest.mark.slow
def test_memory_of_all_processes_together_is_bounded(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty processes with 200 MB each do not get 4 GB: all of them are ended."""
    monkeypatch.setattr(talk, "PATIENCE_REAL", 90.0)  # a machine may be slow to give memory
    monkeypatch.setattr(bars, "TALK_SECONDS", 90.0)
    bomb = (
        "import os, signal\n" + STARTS + "for _ in range(20):\n        if os.fork() == 0:\n"
        "            x = bytearray(b'x') * (200 << 20)\n            signal.pause()\n"
        "    signal.pause()"
    )
    with pytest.raises(NotMet, match="Its process ended"):
        called(sandbox, bomb)


def test_who_came_of_the_first_process_is_watched(tmp_path: Path) -> None:
    """Whatever its number, for after the highest come the low ones; and nobody else."""
    most = bars_inside.MOST_RESIDENT // 1024

    def is_there(number: int, parent: int, kilobytes: int) -> None:
        (tmp_path / str(number)).mkdir(exist_ok=True)
        about = f"PPid:\t{parent}\nVmRSS:\t{kilobytes - 9} kB\nVmPTE:\t9 kB\n"
        (tmp_path / str(number) / "status").write_text(about)

    processes = os.open(tmp_path, os.O_RDONLY)
    try:
        is_there(300, parent=1, kilobytes=most)
        is_there(7, parent=1, kilobytes=most)
        assert not warm._takes_too_much(300, processes)
        is_there(32_000, parent=300, kilobytes=0)
        is_there(5, parent=32_000, kilobytes=1)
        assert warm._takes_too_much(300, processes)
        assert not warm._takes_too_much(7, processes)
    finally:
        os.close(processes)


@in_ci
@pytest.mark.slow
def test_tables_of_memory_count_as_memory(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page in each two megabytes of addresses takes a table of its own, and may hold nothing."""
    monkeypatch.setattr(talk, "PATIENCE_REAL", 60.0)
    monkeypatch.setattr(bars, "TALK_SECONDS", 60.0)
    bomb = (
        "import ctypes, os, signal\n" + STARTS + "libc = ctypes.CDLL(None)\n"
        "    libc.mmap.restype, word = ctypes.c_void_p, ctypes.c_size_t\n"
        "    for _ in range(14):\n        if os.fork() == 0:\n"
        "            for n in range(50_000):\n"
        "                at = libc.mmap(word((1 << 44) + (n << 21)), 4096, 1, 0x32, -1, word(0))\n"
        "                ctypes.string_at(at, 1)\n"
        "            signal.pause()\n"
        "    signal.pause()"
    )
    with pytest.raises(NotMet, match="Its process ended"):
        called(sandbox, bomb)


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in calls.MACHINES, reason="nothing is barred there")
@pytest.mark.parametrize("call", ["unshare", "clone", "clone3"])
def test_nobody_makes_namespaces_of_their_own(call: str, sandbox: Sandbox) -> None:
    """In one of users it would have every right, and networks take memory that nobody counts."""
    x86 = platform.machine() == "x86_64"
    number = {"unshare": 272 if x86 else 97, "clone": 56 if x86 else 220, "clone3": 435}[call]
    words = "ctypes.byref(flags), 88" if call == "clone3" else "flags[0] | 17 * (call == 'clone')"
    asks = (
        "import ctypes, os\n" + STARTS + f"call = {call!r}\n"
        "    libc = ctypes.CDLL(None, use_errno=True)\n"
        "    flags = (ctypes.c_ulong * 11)(0x50000000, 0, 0, 0, 17)\n"
        f"    made = libc.syscall({number}, {words}, 0, 0, 0, 0)\n"
        "    if made == 0 and call != 'unshare':\n        os._exit(0)\n"
        "    return made, ctypes.get_errno()"
    )
    refused = errno.ENOSYS if call == "clone3" else errno.EPERM
    assert called(sandbox, asks) == (-1, refused)


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in calls.MACHINES, reason="nothing is barred there")
@pytest.mark.parametrize("name", [*calls.BARRED, *calls.BARRED_IN_TALK])
def test_a_call_that_is_barred_is_refused(name: str, sandbox: Sandbox) -> None:
    """By its number, whatever it is given; one that is not barred is answered."""
    numbers = {**calls.BARRED, **calls.BARRED_IN_TALK}[name]
    if (number := numbers[list(calls.MACHINES).index(platform.machine())]) is None:
        pytest.skip("this machine has no such call")
    asks = (
        "import ctypes\n" + STARTS + "libc = ctypes.CDLL(None, use_errno=True)\n"
        f"    return libc.syscall({number}, 0, 0, 0, 0, 0), ctypes.get_errno()"
    )
    assert called(sandbox, asks) == (-1, errno.EPERM)


@pytest.mark.slow
def test_time_for_one_conversation_is_bounded(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for a process that says something again and again, each time before patience ends."""
    monkeypatch.setattr(bars, "TALK_SECONDS", -1.0)
    (verdict,) = judge([RIGHT], ASKED, "seed", sandbox)
    assert verdict.holds is False
    assert "-1 s are used up" in verdict.said


def test_what_is_for_staff_is_hidden_under_any_name_of_its_folder(tmp_path: Path) -> None:
    """A virtual environment may be known by a link to it."""
    here = tmp_path / "packages"
    here.symlink_to(bars.COURSE.parent)
    place = str(here / "course_lib/staff")
    assert bars._without_staff(str(here)) == ["--tmpfs", place, "--remount-ro", place]
    assert bars._without_staff("/usr/lib/locale") == []


@pytest.mark.slow
@pytest.mark.skipif(ROOT.is_relative_to("/tmp"), reason="nothing else is seen of that folder")
def test_what_is_for_staff_is_hidden_among_pythons_packages_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where it is installed from its wheel, it lies in a folder that Python needs."""
    there = [*bars._readable(), str(bars.COURSE)]
    monkeypatch.setattr(bars, "_readable", lambda: there)
    looks = (
        f"import os\n{STARTS}here = {str(bars.COURSE)!r}\n"
        "    return 'exercises' in os.listdir(here), os.listdir(here + '/staff')"
    )
    with Sandbox() as sandbox:
        assert called(sandbox, looks) == (True, [])


def test_words_that_came_already_are_within_that_time_too() -> None:
    """Each may be dear to answer, and thousands of them come at once."""
    ours, theirs = socket.socketpair()
    with theirs, Line(ours, 60.0) as line:
        theirs.sendall(b"{}\n{}\n")
        assert line.hear(1.0) == {}
        line.until = 0.0
        with pytest.raises(Silent, match="60 s are used up"):
            line.hear(1.0)


FORGED = "import json, os, sys\n" + STARTS + (
    "import gc\n"
    "    from course_lib.staff.inside.grader_line import GraderLine\n"
    "    gc.unfreeze()\n"
    "    lines = [one for one in gc.get_objects() if isinstance(one, GraderLine)]\n"
    "    line = max(lines, key=lambda line: line.end.fileno())\n"
    "    {}\n    return 'done'"
)  # fmt: skip


@in_ci
@pytest.mark.slow
@pytest.mark.parametrize(
    "does",
    [
        "line.say(end=[], value=1)",
        "line.say(end=1, value={'$': 'tuple'})",
        "line.say(idle='soon')\n    line.say(nonsense=1)",
        "line.say(call=1, of=99, words=[])",
        "line.say(call='x', of=1, words=0)",
        "line.say(gone={})",
        "line.say(struck=[])",
        "line.say(end=1, **{'raise': 7})",
        "raise type('it gives', (Exception,), {})",
        "[line.end.sendall(b' ' * 50_000) for _ in range(5)]",
        "line.end.sendall(b'[[[[[\\n')",
        "line.end.sendall(b'[' * 100_000 + b'\\n')",
        "line.end.sendall(b'9' * 9000 + b'\\n')",
        "line.end.sendall(b'\\n')",
        "[line.say(idle=0) for _ in range(10**9)]",
    ],
)
def test_a_message_without_its_form_ends_that_conversation_alone(
    does: str, sandbox: Sandbox
) -> None:
    """Never the grader: it is told as what it is."""
    with pytest.raises(NotMet) as told:
        if called(sandbox, FORGED.format(does)) != 1:
            raise NotMet("it was taken for an end")
    assert "max()" not in str(told.value)  # the line was found


@in_ci
@pytest.mark.slow
@pytest.mark.parametrize("threads", ["-5", "true", "9" * 4000])
def test_threads_that_are_made_up_leave_no_doubt(threads: str, sandbox: Sandbox) -> None:
    """They would make a mark that nobody has to look at wait for a person."""
    claims = f'import os\nos.write(3, b\'{{"ready": true, "threads": {threads}}}\\n\')'
    (verdict,) = judge([claims], ASKED, "seed", sandbox)
    assert verdict.holds is False and "without its form" in verdict.said


@pytest.mark.slow
def test_an_end_that_is_claimed_gives_no_point(sandbox: Sandbox) -> None:
    """Who says that all is done, and has done nothing, has nothing."""
    claims = FORGED.replace("def piece():", "async def consume_by_key(messages, work, limit):")
    (verdict,) = judge([claims.format("line.say(end=1, value=None)")], ASKED, "seed", sandbox)
    assert verdict.holds is False


@pytest.mark.slow
@pytest.mark.parametrize(
    "does",
    [
        "[line.say(call=99, of=1, words=['a', n]) for n in (2, 1)]",
        "line.say(end=1, **{'raise': ['ValueError', 'x']})\n    line.say(nonsense=1)",
    ],
)
def test_a_conversation_that_breaks_off_is_in_nobodys_log(
    does: str, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """A call that is made twice, or an end and then nonsense: the verdict tells enough."""
    claims = FORGED.replace("def piece():", "async def consume_by_key(messages, work, limit):")
    (verdict,) = judge([claims.format(does)], ASKED, "seed", sandbox)
    assert verdict.holds is False
    assert caplog.messages == []


def test_a_rehearsal_goes_to_its_end() -> None:
    """What is practised before any student's cells raises nothing, and uses all that is handed."""
    prompter = rehearsal._Prompter()
    with stand_ins({}):
        rehearsal._rehearse_once(prompter)
    assert prompter.end["value"] == [1, "a", None, {"$": "dict", "of": [["id", 7]]}]


def test_without_bubblewrap_exercises_are_told_to_need_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No verdict, the reason, and from the doctor the way out."""
    monkeypatch.setattr(bars.shutil, "which", lambda _: None)
    (verdict,) = judge([RIGHT], ASKED, "seed")
    assert verdict.holds is None
    assert verdict.said.startswith("needs a sandbox: bubblewrap is not installed")
    assert doctor.main([]) == 1
    said = capsys.readouterr().out
    assert "TROUBLE  the sandbox: bubblewrap is not installed" in said
    assert "apt install bubblewrap" in said
    assert "answers are graded all the same" in said
    assert "can be graded here." not in said


@pytest.mark.slow
def test_the_doctor_tries_every_bar(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each, and 0 where all hold; the last line says what that means."""
    assert doctor.main([]) == 0
    said = capsys.readouterr().out
    assert said.endswith("\n\nQuizzes and exercises can be graded here.\n")
    for name in PROBES:
        assert f"barred   {name}\n" in said


@pytest.mark.slow
def test_time_for_one_submission_is_bounded(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it is used up, the rest is told so, and nothing hangs."""
    monkeypatch.setattr(bars, "SECONDS", -1.0)
    (verdict,) = judge([RIGHT], ASKED, "seed", sandbox)
    assert verdict.holds is False
    assert "are used up" in verdict.said


@pytest.mark.slow
def test_without_fresh_namespaces_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bubblewrap that cannot start is no sandbox, with its own last words."""
    monkeypatch.setattr(bars, "_bars", lambda: ["--no-such-word"])
    with pytest.raises(NoSandbox, match="no-such-word"):
        Sandbox()
