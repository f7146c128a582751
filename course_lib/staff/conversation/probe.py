"""What the bars hold back, tried out by cells that attempt it.

    found = probe(sandbox)          # name → what was seen, empty where the bars hold

Each probe is a function of a student's that tries something and gives a text about it: empty if it
got nowhere. `python -m course_lib.staff doctor` shows them, and the tests demand them.
"""

from __future__ import annotations

import socket
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from course_lib.exercises.property import NotMet
from course_lib.exercises.student import Pieces

from .judge import Behind
from .sandbox import COURSE, Sandbox

BARRED = "OSError, MemoryError, ImportError, RuntimeError, KeyError"
PROBES = {
    "network": """
        import socket
        socket.create_connection(("127.0.0.1", {port}), timeout=1)
        return "it reaches a port of this machine"
    """,
    "this machine's files": """
        for folder in ({course!r}, {home!r}, "/etc", "/var", "/root", "/run"):
            there = os.listdir(folder) if os.path.isdir(folder) else []
            if any(not name.startswith((".pyenv", ".venv")) for name in there):
                return "it sees " + folder
    """,
    "keys and properties' secrets": """
        import course_lib.staff.grading.marks
        return "it sees what is for staff"
    """,
    "a system to write to": """
        for folder in ("/", "/usr", "/dev", "/course", "/course/course_lib", "/home"):
            with contextlib.suppress(OSError):
                open(folder + "/left", "w").close()
                return "it writes to " + folder
    """,
    "environment": """
        known = {{"PATH", "PWD", "HOME", "LANG", "LC_CTYPE", "MPLCONFIGDIR", "OLDPWD", "PYTHONPATH",
                 "PYTHONDONTWRITEBYTECODE", "SHLVL", "_"}}
        return ", ".join(sorted(set(os.environ) - known))
    """,
    "rights": """
        if os.getuid() == 0:
            return "it is root"
        os.setuid(0)
        return "it becomes root"
    """,
    "memory of one process": """
        len(bytearray(3 << 30))
        return "it has 3 GB"
    """,
    "processes": """
        import signal
        children = []
        try:
            for _ in range(1000):
                child = os.fork()
                if child == 0:
                    signal.pause()
                children.append(child)
            return "it has a thousand processes"
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
    """,
    "memory of no process": """
        import ctypes
        if ctypes.CDLL(None).shmget(0, ctypes.c_size_t(4096), 0o1600) >= 0:
            return "it has memory that is shared by number"
        os.memfd_create("large")
        return "it has a file without a name"
    """,
    "size of a file": """
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with open("/tmp/large", "wb") as file:
            for _ in range(200):
                file.write(bytes(1 << 20))
        return "it writes 200 MB"
    """,
    "other processes": """
        if os.readlink("/proc/self") != str(os.getpid()):
            return "its /proc is that of others"
        seen = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open("/proc/" + name + "/cmdline", "rb") as file:
                seen.append(file.read())
        return ", ".join(str(one) for one in seen if one and b"inside.warm" not in one)
    """,
}
"""Name of what is barred → what is tried; {port}, {course} and {home} are filled in."""


def probe(sandbox: Sandbox) -> dict[str, str]:
    """What each probe saw; empty where it got nowhere."""
    with _listening() as port:
        words = {"port": port, "course": str(COURSE.parent), "home": str(Path.home())}
        cells = ["import contextlib, os", *(_cell(n, words) for n in range(len(PROBES)))]
        with sandbox.submission(cells) as submission:
            student = Behind([submission], cells)
            return {name: _seen(student, f"probe_{number}") for number, name in enumerate(PROBES)}


def _cell(number: int, words: dict[str, Any]) -> str:
    body = textwrap.indent(textwrap.dedent(list(PROBES.values())[number].format(**words)), " " * 8)
    head = f"def probe_{number}():\n    try:\n"
    return f"{head}{body}\n    except ({BARRED}):\n        pass\n    return ''"


def _seen(student: Behind, name: str) -> str:
    async def scene(pieces: Pieces) -> Any:
        return await pieces.call(name)

    try:
        return str(student.on_clock(scene, name) or "")
    except NotMet as words:
        return str(words)


@contextmanager
def _listening() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]
