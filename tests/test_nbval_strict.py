"""nbval under this project's settings lets nothing through: one constant changed, and it fails.

Each case is a folder with one notebook and, where a number of the course's own is changed, with
its own course_lib, which a kernel that works in that folder takes first. One pytest runs them all.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_lib.staff.forms.notebook_file import all_notebooks
from tests.conftest import in_ci

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = all_notebooks()
SCENARIOS = ROOT / "course_lib" / "scenarios"
SMALL = {
    "small": {},
    "a_constant": {"source": "tables = 7"},
    "a_number_in_text": {"text": "67\n"},
    "a_number_in_html": {"html": "<b>67</b>"},
    "a_line_on_stderr": {"source": "import sys\ntables = 6\nprint('x', file=sys.stderr)"},
}
SETTINGS = ["-c", str(ROOT / "pyproject.toml"), "-p", "nbval.plugin", "-p", "conftest"]
QUICK = ["-p", "no:cacheprovider", "-p", "tests.one_failure_each", "-q", "-rfp", "--color=no"]

LIMIT = re.compile(r"\b(MOST|LEAST)_")

pytestmark = [pytest.mark.slow, in_ci]


def small(
    path: Path, source: str = "tables = 6", text: str = "66\n", html: str = "<b>66</b>"
) -> None:
    """A notebook of two cells, with the outputs that a right run stores."""
    again = "from IPython.display import HTML\nprint(tables * 11)\nHTML(f'<b>{tables * 11}</b>')"
    data = {"text/html": html, "text/plain": "<IPython.core.display.HTML object>"}
    outputs = [new_output("stream", text=text), new_output("display_data", data=data)]
    cells = [
        new_code_cell(source, execution_count=1),
        new_code_cell(again, execution_count=2, outputs=outputs),
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


# ---- the numbers that scenarios name ------------------------------------------------------------
def constants(scenario: Path) -> Iterator[tuple[str, ast.Constant]]:
    """Each number that a file gives a name, and where it stands.

    Limits of what one may ask for (MOST_MAILS) are in no output, but in the scenario's own tests.
    """
    for node in ast.parse(scenario.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and not LIMIT.search(ast.unparse(node.targets[0])):
            numbers = [n for n in ast.walk(node.value) if isinstance(n, ast.Constant)]
            for number in numbers:
                if isinstance(number.value, int | float):
                    yield f"{ast.unparse(node.targets[0])} = {number.value}", number


def users(scenario: Path) -> list[Path]:
    """The notebooks that import a scenario."""
    imports = re.compile(rf"scenarios(?:\.| import .*?\b){scenario.stem}\b")
    return [path for path in NOTEBOOKS if imports.search(path.read_text(encoding="utf-8"))]


def named_numbers() -> dict[str, tuple[Path, ast.Constant]]:
    """Of the scenarios that some notebook uses."""
    used = [path for path in sorted(SCENARIOS.glob("[!_]*.py")) if users(path)]
    return {
        f"{path.stem}: {name}": (path, number) for path in used for name, number in constants(path)
    }


def copy_course(
    folder: Path, scenario: Path | None = None, number: ast.Constant | None = None
) -> None:
    """course_lib and the notebooks that use a scenario of it, one number of it greater.

    It is greater by one, or twice as large where one more would be lost in rounding.
    """
    for notebook in users(scenario) if scenario else NOTEBOOKS[1:2]:
        shutil.copy(notebook, folder / f"{notebook.parent.name}_{notebook.name}")
    no_cache = shutil.ignore_patterns("__pycache__", "staff")
    shutil.copytree(ROOT / "course_lib", folder / "course_lib", ignore=no_cache)
    if scenario and number:
        lines = scenario.read_text(encoding="utf-8").splitlines(keepends=True)
        line = lines[number.lineno - 1].encode()
        before, after = line[: number.col_offset], line[number.end_col_offset :]
        greater = number.value + (1 if number.value < 100 else number.value)
        lines[number.lineno - 1] = (before + repr(greater).encode() + after).decode()
        (folder / scenario.relative_to(ROOT)).write_text("".join(lines), encoding="utf-8")


NUMBERS = named_numbers()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of all the cases, with a line for each cell that passed or failed."""
    home = tmp_path_factory.mktemp("strict")
    names = [*SMALL, "unchanged", *(f"number_{i}" for i, _ in enumerate(NUMBERS))]
    folders = {name: home / name for name in names}
    for folder in folders.values():
        folder.mkdir()
    for name, changes in SMALL.items():
        small(folders[name] / "small.ipynb", **changes)
    copy_course(folders["unchanged"])
    for i, found in enumerate(NUMBERS.values()):
        copy_course(folders[f"number_{i}"], *found)
    words = [*SETTINGS, *QUICK, "--rootdir", str(home), str(home)]
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=ROOT,
        # Other plugins, which take seconds to import, see no notebook; ours lie in this folder.
        env=variables | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, f"pytest could not run:\n{done.stdout}{done.stderr}"
    return done.stdout


def cells(report: str, verdict: str, case: str) -> int:
    """How many cells of a case have this verdict."""
    return len(re.findall(rf"^{verdict} \S*\b{case}/\S*::Cell \d+", report, re.MULTILINE))


@pytest.mark.parametrize("case", ["small", "unchanged"])
def test_what_is_true_passes(report: str, case: str) -> None:
    """What fails below fails for its one change, and not for being a copy."""
    counts = {verdict: cells(report, verdict, case) for verdict in ("PASSED", "FAILED")}
    assert counts["FAILED"] == 0
    assert counts["PASSED"] > 1


@pytest.mark.parametrize("case", [name for name in SMALL if name != "small"])
def test_one_change_in_a_notebook_fails(report: str, case: str) -> None:
    """A constant, a stored number in text or in HTML, and a new line on stderr are noticed."""
    failures = cells(report, "FAILED", case)
    assert failures == 1


@pytest.mark.parametrize("case", range(len(NUMBERS)), ids=list(NUMBERS))
def test_every_number_of_a_scenario_is_held(report: str, case: int) -> None:
    """Change any number that a scenario names, and a notebook that uses it fails."""
    noticed = cells(report, "FAILED", f"number_{case}")
    assert noticed, "change it, and every notebook that imports the scenario still passes"
