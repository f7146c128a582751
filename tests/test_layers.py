"""Imports point one way: notebooks, widgets, drawing, scenarios, flow, clock, trace."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "course_lib"

# From the ground up. A file may import its own layer and those before it.
LAYERS = (
    ("trace",),
    ("recorder", "waits", "threads", "scheduler", "clock", "stand_ins"),
    ("flow",),
    ("scenarios", "resilience", "storm"),
    ("timeline", "charts", "labels", "layout", "painter", "display"),
    ("widgets", "quiz", "question"),
    ("__init__",),
    ("staff",),
)
# Beside the layers: all that these may import of ours. Scenarios and above may import them.
APART: dict[str, set[str]] = {
    "answers": set(),
    "load": {"demand", "lockstep"},
    "demand": {"lockstep"},
    "lockstep": set(),
    "theory": set(),
    "scaling": set(),
    "advice": set(),
    "line_order": set(),
    "inline_html": set(),
    "decision_record": {"theory"},
    "drill": set(),
    "environment": set(),
    "broker": {"trace", "flow"},
    "promises": set(),
    "brokers": {"trace"},
}
STANDARD_LIBRARY_ONLY = {name for layer in LAYERS[:3] for name in layer} | {"answers"}
NUMPY_ONLY = {"load", "demand", "lockstep", "theory", "scaling"}

RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}


def sources() -> Iterator[tuple[str, Path]]:
    """Each Python file of the package with the name of its layer's file or folder."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).with_suffix("").parts[0], path


def modules_imported(source: str, package: tuple[str, ...]) -> set[str]:
    """Full names of what is imported anywhere in `source`, save for types alone."""
    found: set[str] = set()
    todo: list[ast.AST] = [ast.parse(source)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            todo.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join((*base, *(node.module or "").split("."))).strip(".")
            found.update(f"{start}.{alias.name}" for alias in node.names)
        todo.extend(ast.iter_child_nodes(node))
    return found


def faults(name: str, source: str, package: tuple[str, ...] = ("course_lib",)) -> list[str]:
    """Sentences about each import of `source`, a file of layer `name`, that points elsewhere."""
    found = []
    for module in sorted(modules_imported(source, package)):
        top, _, rest = module.partition(".")
        if top == "course_lib":
            other = rest.split(".")[0]
            other = other if other in RANK or other in APART else "__init__"
            if other != name and not may_import(name, other):
                found.append(f"{name} imports {other}, which is not below it")
        elif top not in sys.stdlib_module_names and not may_use(name, top):
            found.append(f"{name} imports {top}, which it must do without")
    return found


def may_import(name: str, other: str) -> bool:
    if name in APART:
        return other in APART[name]
    if other in APART:
        return RANK[name] >= RANK["scenarios"]
    return RANK[other] <= RANK[name] and other != "staff"


def may_use(name: str, library: str) -> bool:
    """Whether a library that is not of the standard library's may be imported there."""
    if name in NUMPY_ONLY:
        return library == "numpy"
    return name not in STANDARD_LIBRARY_ONLY


def test_every_file_has_a_layer() -> None:
    """A new file of course_lib is put into LAYERS or APART by the person who adds it."""
    names = {name for name, _ in sources()}
    assert sorted(names - RANK.keys() - APART.keys()) == []


def test_no_import_points_upwards() -> None:
    """Every import in course_lib goes down, or stays where it is."""
    found = []
    for name, path in sources():
        if name in RANK or name in APART:
            package = path.relative_to(ROOT).parent.parts
            found += [
                f"{path.relative_to(ROOT)}: {fault}"
                for fault in faults(name, path.read_text(encoding="utf-8"), package)
            ]
    assert found == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("trace", "from .clock import now"),
        ("clock", "def late():\n    from . import flow"),
        ("flow", "import course_lib.timeline"),
        ("flow", "import numpy"),
        ("scenarios", "from course_lib.timeline import draw"),
        ("timeline", "from . import run"),
        ("widgets", "from ..staff import record"),
        ("load", "from .trace import Span"),
        ("theory", "import scipy"),
        ("broker", "from .timeline import draw"),
        ("clock", "from .load import simulate"),
    ],
)
def test_a_wrong_import_is_seen(name: str, source: str) -> None:
    """The walk finds each kind of import that the map forbids, also inside a function."""
    inside = ("course_lib", name) if name in ("scenarios", "widgets") else ("course_lib",)
    assert len(faults(name, source, inside)) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("flow", "from .clock import now\nimport asyncio"),
        ("flow", "if TYPE_CHECKING:\n    from .timeline import View"),
        ("scenarios", "from ..flow import run\nfrom ..load import simulate"),
        ("load", "import numpy as np"),
        ("staff", "import nbformat\nfrom course_lib.widgets import explorer"),
    ],
)
def test_a_right_import_is_let_through(name: str, source: str) -> None:
    """Down, to the side, for types only, or numpy where it is allowed: nothing to say."""
    inside = ("course_lib", name) if name == "scenarios" else ("course_lib",)
    assert faults(name, source, inside) == []


def test_no_notebook_imports_staff() -> None:
    """What only instructors need is in no lesson."""
    found = []
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        if "course_lib.staff" in code or "course_lib import staff" in code:
            found.append(path.name)
    assert found == []


@pytest.mark.skipif(not (PACKAGE / "flow.py").exists(), reason="there is no flow.py yet")
def test_a_run_needs_the_standard_library_only() -> None:
    """course_lib.flow can be imported and run where neither numpy nor matplotlib exist."""
    program = (
        "import sys, asyncio\n"
        "sys.modules['numpy'] = sys.modules['matplotlib'] = None\n"
        "from course_lib.flow import run\n"
        "print(run(asyncio.sleep(3)).duration)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("3.0", "")
