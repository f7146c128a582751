"""Files of a student's that have the name of a module: a numpy.py hides numpy from a notebook.

Where start.py has opened the course, the folder one works in comes last, and nothing is hidden.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path

WAY_OUT = "Give it another name, then choose Kernel > Restart Kernel."


def hiding() -> list[str]:
    """A sentence for each file in the working folder that Python takes in a module's place."""
    here = Path.cwd()
    elsewhere = [
        place
        for place in sys.path
        if Path(place or ".").resolve() != here and not _is_checkout(Path(place or "."))
    ]
    return [
        f"Your file {path.name} hides the module {path.stem}."
        for path in sorted(here.glob("*.py"))
        if PathFinder.find_spec(path.stem, elsewhere) and _is_first(path)
    ]


def _is_checkout(place: Path) -> bool:
    """Whether it is the course's folder or a second one like it: its own files, such as start.py
    and nbgrader_config.py, are nobody's modules.
    """
    return (place / "start.py").is_file() and (place / "course_lib").is_dir()


def _is_first(path: Path) -> bool:
    found = PathFinder.find_spec(path.stem, sys.path)
    return found is not None and found.origin is not None and path.samefile(found.origin)
