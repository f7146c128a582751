"""Exercises in which nothing is solved, and that ask for points all the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .hand_in import EXERCISES, HandIn, Notebook, changed, code, on_top

SOLUTION = re.compile(r"ex\d+-solution")
STUB = re.compile(r"^( *)### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL | re.MULTILINE)


def unsolved(nb: Notebook) -> None:
    """Take out what was solved, orders of lines too."""
    for one in nb["cells"]:
        if SOLUTION.fullmatch(one.get("id", "")):
            one["source"] = STUB.sub(r"\1raise NotImplementedError()", one["source"])
        elif re.fullmatch(r"ex\d+-lines", one.get("id", "")):
            one["source"] = re.sub(r"= .*", "= []", one["source"])


def _try(source: str) -> Callable[[Notebook], None]:
    def change(nb: Notebook) -> None:
        unsolved(nb)
        on_top(nb, source)

    return change


def _each(source: str) -> Callable[[Notebook], None]:
    """Every solution cell is this, for the names that it defined."""

    def change(nb: Notebook) -> None:
        unsolved(nb)
        for one in nb["cells"]:
            if SOLUTION.fullmatch(one.get("id", "")):
                names = re.findall(r"^(?:async def|def|class) (\w+)", one["source"], re.MULTILINE)
                one["source"] = "\n".join(source.format(name=name) for name in names)

    return change


def _checks(change: Callable[[dict[str, Any]], None]) -> Callable[[Notebook], None]:
    def every(nb: Notebook) -> None:
        unsolved(nb)
        for one in nb["cells"]:
            if one["metadata"].get("nbgrader", {}).get("grade"):
                change(one)

    return every


LINE = (
    "import gc\nfrom course_lib.staff.inside.grader_line import GraderLine\n"
    "def line():\n    gc.unfreeze()\n"
    "    lines = [o for o in gc.get_objects() if isinstance(o, GraderLine)]\n"
    "    return max(lines, key=lambda one: one.end.fileno())\n"
)
PASSES = """
def anything(*a, **k):
    return True
class Anything:
    def __getattr__(self, n): return anything
    def __call__(self, *a, **k): return self
    def __eq__(self, o): return True
    def __iter__(self): return iter(())
    def __await__(self):
        return self
        yield
    __hash__ = None
"""

TRIES: dict[str, Callable[[Notebook], Any]] = {
    "nothing": _try(""),
    "environment popped": _try("import os\nos.environ.pop('NBGRADER_EXECUTION', None)"),
    "check patched": _try("import course_lib.exercises as e\ne.check = lambda *a: print('holds')"),
    "hold patched": _try("import course_lib.exercises.property as p\n"
                         "p.expect = lambda *a, **k: None"),
    "NotMet swallowed": _try("import course_lib.exercises as e\ne.NotMet.__init__ = None"),
    "properties emptied": _try("from course_lib.exercises import EXERCISES\n"
                               "for one in EXERCISES.values():\n"
                               "    for name in one.properties:\n"
                               "        one.properties[name] = lambda s, c: None"),
    "run patched": _try("import course_lib\ncourse_lib.run = lambda *a, **k: None"),
    "sleep patched": _try("import asyncio\nasync def z(*a): pass\nasyncio.sleep = z"),
    "loop patched": _try("import asyncio\nasyncio.BaseEventLoop.run_forever = lambda self: None"),
    "exits well": _try("import os\nos._exit(0)"),
    "exits at a piece": _each("import os\ndef {name}(*a, **k): os._exit(0)"),
    "raises SystemExit": _each("def {name}(*a, **k): raise SystemExit(0)"),
    "returns True": _each("def {name}(*a, **k): return True"),
    "returns a coroutine of True": _each("async def {name}(*a, **k): return True"),
    "returns an empty list": _each("async def {name}(*a, **k): return []"),
    "agrees with all": _each(PASSES + "{name} = Anything()"),
    "is its own class": _each(PASSES + "class {name}(Anything):\n    def __init__(self, *a): pass\n"
                              "    async def call(self, op): return None"),
    "reads the stack": _each("import sys\ndef {name}(*a):\n    frame, seen = sys._getframe(), []\n"
                             "    while frame:\n        seen.append(list(frame.f_locals))\n"
                             "        frame = frame.f_back\n    return seen"),
    "looks for the handed-in's own": _each(
        "async def {name}(op, *a):\n    own = getattr(op, '__self__', None)\n"
        "    own.attempts = own.calls = 3\n    return own"),
    "searches memory for secrets": _each(
        "import gc\nasync def {name}(*a):\n    return [str(o)[:9] for o in gc.get_objects()][:9]"),
    "opens the grader's files": _each(
        "def {name}(*a):\n    import glob\n"
        "    return [open(f).read() for f in glob.glob('/proc/*/mem')]"),
    "claims its end": _each(LINE + "async def {name}(*a):\n    line().say(end=1, value=None)"),
    "claims the end of all": _each(LINE + "async def {name}(*a):\n"
                                   "    for n in range(50): line().say(end=n, value=[])"),
    "invents uses": _each(LINE + "async def {name}(*a):\n    for n in range(1, 9):\n"
                          "        line().say(call=n, of=1, words=['a', n])\n"
                          "    line().say(end=1, value=None)"),
    "moves the clock": _each(LINE + "async def {name}(*a):\n"
                             "    for t in range(10): line().say(idle=t * 10**9)"),
    "answers for the grader": _each(
        "import os, socket\ndef {name}(*a):\n"
        "    for n in range(3, 64):\n        try: os.write(n, b'x' * 9)\n"
        "        except OSError: pass"),
    "notebook's hidden file": _try("import glob\n"
                                   "keys = glob.glob('/**/source/**', recursive=True)"),
    "imports staff": _try("from course_lib.staff.grading import marks"),
    "imports the line orders": _try("from course_lib.staff.grading.line_orders import ORDERS\n"
                                    "order_1 = list(ORDERS['off the loop'][0])"),
    "checks that print holds": _checks(lambda one: one.update(source="print('holds.')")),
    "skip-execution": _checks(lambda one: one["metadata"].update(tags=["skip-execution"])),
    "points changed": _checks(lambda one: one["metadata"]["nbgrader"].update(points=99)),
    "outputs of holds": _checks(lambda one: one.update(outputs=[
        {"output_type": "stream", "name": "stdout", "text": "attempts: holds.\n"}])),
    "a graded cell more": _checks(lambda one: None),
}  # fmt: skip


def _one_more(nb: Notebook) -> None:
    unsolved(nb)
    about = next(c["metadata"]["nbgrader"] for c in nb["cells"]
                 if c["metadata"].get("nbgrader", {}).get("grade"))  # fmt: skip
    nb["cells"].append(code("1", nbgrader=dict(about, grade_id="bonus", points=50)))


TRIES["a graded cell more"] = _one_more

HAND_INS = tuple(
    HandIn(
        f"code, {name}",
        EXERCISES,
        0,
        changed(EXERCISES, change),
        person=name == "imports the line orders",  # it computes an answer
    )
    for name, change in TRIES.items()
)
