"""Whether this computer has what the course needs, and the way out where it has not.

    %run -m course_lib.environment          in a notebook
    python -m course_lib.environment        in a terminal

It needs no library, and nothing that came with a recent Python. On a hub two arrangements are
well, besides a folder with everything: course_lib is installed and the notebooks are copied; or
the notebooks lie in another copy of the course than course_lib does, and the two are the same.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from .namesakes import WAY_OUT, hiding

COURSE = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
OLDEST = {
    "jupyterlab": "4.4",
    "ipywidgets": "8.1",
    "matplotlib": "3.8",
    "nbgrader": "0.9.5",
    "nbval": "0.11",
    "numpy": "1.26",
}
"""The first version of each package that will do, as pyproject.toml has it."""
NOT_IN_A_BROWSER = () if sys.platform != "emscripten" else ("jupyterlab", "nbgrader", "nbval")
"""What a page brings along by itself, and what only instructors and tests need."""
COMPILED = ("matplotlib", "numpy")
"""Packages that can be there and still not load, where a library of the system is missing."""

START = "py start.py" if os.name == "nt" else "python3 start.py"
NEWER_PYTHON = f"Install a newer one (python.org has them), then open the course with: {START}"
OTHER_KERNEL = (
    "In the menu, choose Kernel > Change Kernel…, and there Python 3 (ipykernel). If that is what "
    f"you have, close this JupyterLab and open the course from its own folder with: {START}"
)
ON_A_HUB = (
    "On a hub you cannot change that by yourself: tell those who run it that the course they have "
    "installed and your notebooks are of different versions."
)
KERNEL_FIRST = "Choose the right kernel first, as said above, and run this cell again."
NEW_ENVIRONMENT = (
    "Press Ctrl-C twice in the terminal where JupyterLab runs, delete the folder .venv in the "
    f"folder of the course, and open the course again with: {START} "
    "(With conda, type instead: conda env update -f environment.yml)"
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; without trouble, all is well."""

    name: str
    trouble: str = ""
    way_out: str = ""


def examine() -> list[Finding]:
    """Everything that the course needs, one finding each."""
    kernel = kernel_trouble()
    needed = [name for name in OLDEST if name not in NOT_IN_A_BROWSER]
    way_out = KERNEL_FIRST if kernel else NEW_ENVIRONMENT
    other = ON_A_HUB if "JUPYTERHUB_USER" in os.environ else OTHER_KERNEL
    return [
        Finding("Python", python_trouble(), NEWER_PYTHON),
        Finding("kernel", kernel or " ".join(hiding()), other if kernel else WAY_OUT),
        *(Finding(name, package_trouble(name), way_out) for name in needed),
    ]


def python_trouble() -> str:
    """What is wrong with this Python; empty if nothing is."""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return ""
    return (
        f"This is Python {_text(sys.version_info[:3])}; it takes {_text(OLDEST_PYTHON)} or newer."
    )


def kernel_trouble() -> str:
    """What is wrong with the course that this notebook runs; empty if nothing is."""
    beside = copy_around(Path.cwd())
    names = [] if beside is None else differing(COURSE, beside)
    if not names:
        return ""
    more = f" and {len(names) - 1} more differ" if len(names) > 1 else " differs"
    where = f"It runs the course in {COURSE}, and this notebook's is in {beside}"
    return f"{where}: {names[0]}{more}."


def copy_around(folder: Path) -> Path | None:
    """The course_lib beside the folder of a notebook, or further up; None if there is none."""
    around = (place / "course_lib" for place in (folder, *folder.parents))
    return next((copy for copy in around if (copy / "environment.py").is_file()), None)


def differing(one: Path, other: Path) -> list[str]:
    """The files of two copies that are in both and not the same."""
    if one.samefile(other):
        return []
    names = sorted(path.relative_to(one) for path in one.rglob("*.py") if "staff" not in path.parts)
    both = [name for name in names if (other / name).is_file()]
    return [str(name) for name in both if (one / name).read_bytes() != (other / name).read_bytes()]


def package_trouble(name: str) -> str:
    """What is wrong with a package: missing, too old, or broken; empty if nothing is."""
    from importlib import metadata  # slow to import, and lessons do without it

    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return "It is not installed here."
    if _numbers(version) < _numbers(OLDEST[name]):
        return f"Version {version} is installed; it takes {OLDEST[name]} or newer."
    if name in COMPILED:
        try:
            importlib.import_module(name)
        except ImportError as error:
            return f"It is installed but does not load: {(str(error).splitlines() or [name])[0]}"
    return ""


def report(findings: list[Finding]) -> str:
    """The findings as text, a line for each thing, and under it what to do where one is wrong."""
    lines = []
    for finding in findings:
        lines.append(f"{'TROUBLE' if finding.trouble else 'well':8} {finding.name}")
        if finding.trouble:
            lines += [f"         {finding.trouble}", f"         {finding.way_out}"]
    well = sum(not finding.trouble for finding in findings)
    verdict = "all well" if well == len(findings) else "not all is well"
    return "\n".join([*lines, "", f"{verdict}: {well} of {len(findings)}"])


def _numbers(version: str) -> tuple[int, ...]:
    """The first three numbers of a version: what comes after them never decides here."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _text(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)


if __name__ == "__main__":
    print(report(examine()))  # noqa: T201 - this is what it is run for
