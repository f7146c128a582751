"""Solved exercises with a cell more that takes, breaks or reaches for what it should not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .hand_in import EXERCISES, MARKS, HandIn, Notebook, at_the_end, changed, on_top

CANARY = "left-by-the-corpus"
"""What a cell tries to leave on disk, in a process or at a port; the test looks for it."""


def _top(source: str) -> Callable[[Notebook], Any]:
    return lambda nb: on_top(nb, source)


def _end(source: str) -> Callable[[Notebook], Any]:
    return lambda nb: at_the_end(nb, source)


def _above_each_solution(source: str) -> Callable[[Notebook], Any]:
    def change(nb: Notebook) -> None:
        for one in nb["cells"]:
            if one.get("id", "").endswith("-solution"):
                one["source"] = f"{source}\n{one['source']}"

    return change


HARMLESS: dict[str, Callable[[Notebook], Any]] = {
    "solved": lambda nb: None,
    "an error on top": _top("1 / 0"),
    "no Python on top": _top("for ever:"),
    "an exit on top": _top("exit()"),
    "SystemExit on top": _top("raise SystemExit"),
    "KeyboardInterrupt on top": _top("raise KeyboardInterrupt"),
    "asks for input": _top("name = input('Your name? ')"),
    "an endless loop": _top("while True:\n    pass"),
    "a long sleep": _top("import time\ntime.sleep(1000)"),
    "endless recursion": _top("def f(n): return f(n + 1)\nf(0)"),
    "prints without end": _top("while True:\n    print('x' * 1000)"),
    "ten gigabytes": _top("x = bytearray(10 << 30)"),
    "a list without end": _top("x = [0]\nwhile True:\n    x += x"),
    "writes to the system": _top(f"open('/usr/{CANARY}', 'w').write('x')"),
    "writes beside itself": _top(f"open('{CANARY}', 'w').write('x')"),
    "writes home": _top(f"import os\nopen(os.path.expanduser('~/{CANARY}'), 'w').write('x')"),
    "fills the disk": _top("for n in range(1000):\n"
                           "    open(f'/tmp/{n}', 'wb').write(bytes(1 << 20))"),
    "deletes what it can": _top("import shutil\nshutil.rmtree('/', ignore_errors=True)"),
    "connects outside": _top("import socket\n"
                             "socket.create_connection(('192.0.2.1', 80), timeout=2)"),
    "fetches a page": _top("import urllib.request\n"
                           "urllib.request.urlopen('http://127.0.0.1:8888', timeout=2)"),
    "listens": _top("import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 45454))\ns.listen()"),
    "starts a process": _top("import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', "
                             f"'import signal; signal.pause()', "
                             f"'{CANARY}'], start_new_session=True)"),
    "a shell magic": _top(f"!touch /tmp/{CANARY}"),
    "a cell of bash": _top(f"%%bash\ntouch /tmp/{CANARY}"),
    "installs a package": _top("%pip install attrs"),
    "measures a line": _top("%timeit 1 + 1"),
    "forks without end": _top("import os\ntry:\n    while True:\n"
                              "        os.fork()\nexcept OSError:\n"
                              "    import time\n    time.sleep(1)"),
    "kills its parents": _top("import os, signal\nfor pid in range(2, 400):\n"
                              "    try: os.kill(pid, 9)\n"
                              "    except OSError: pass"),
    "stops its group": _top("import os, signal\nos.kill(0, signal.SIGSTOP)"),
    "kills its group": _top("import os, signal\nos.kill(0, signal.SIGKILL)"),
    "a name with accents without end": _top(f"a{MARKS} = 1"),
    "becomes root": _top("import os\nos.setuid(0)"),
    "mounts": _top("import ctypes\nctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None)"),
    "names of the kernel": _above_each_solution("display(1)\nprint(len(In), Out, _, __, _i)"),
    "a warning": _top("import warnings\nwarnings.warn('old')"),
    "a top-level await": _top("import asyncio\nawait asyncio.sleep(1000)"),
    "changes the folder": _top("import os\nos.chdir('/')"),
    "closes all files": _end("import os\nx = [os.close(n) for n in range(3) if n]"),
    "a picture": _end("import matplotlib\nmatplotlib.use('agg')\n"
                      "from matplotlib import pyplot as plt\n"
                      "plt.plot([1, 2])"),
    "formulas as comments": _end("# =cmd|' /C calc'!A0"),
    "changes the recursion limit": _top("import sys\nsys.setrecursionlimit(10**9)"),
    "deletes names": _end("del course"),
}  # fmt: skip
"""All is solved, and no cell takes anything from it: full points."""

ENDS: dict[str, Callable[[Notebook], Any]] = {
    "ends its process": _end("import os\nos._exit(1)"),
    "kills itself": _end("import os\nos.kill(os.getpid(), 9)\nos.abort()"),
    "a loop that cannot be stopped": _end(
        "def spin():\n    while True: len([])\n"
        "def again():\n    while True:\n        try: spin()\n        except BaseException: pass\n"
        # Where a second signal comes at once, as on a busy computer, it ends a loop of one try.
        "while True:\n    try: again()\n    except BaseException: pass"
    ),
}
"""The cells cannot be run to their end: nothing of the code can be judged, and that is told."""

HAND_INS = (
    *(
        HandIn(f"resource, {name}", EXERCISES, "all", changed(EXERCISES, change))
        for name, change in HARMLESS.items()
    ),
    *(
        HandIn(f"resource, {name}", EXERCISES, "lines", changed(EXERCISES, change), "to their end")
        for name, change in ENDS.items()
    ),
)
