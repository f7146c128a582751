"""What nbgrader_config.py says of a course, and a sentence where it says nothing that can be used.

nbgrader itself leaves such a file out with a warning; then marks would go to another gradebook.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.coursedir import CourseDirectory  # type: ignore[import-untyped]
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from .asked import COURSE

NOT_IN_A_NAME = "?%*[]"


class SettingsError(Exception):
    """Settings that cannot be used; says which file, why, and the way out."""


def course_directory(root: Path) -> tuple[Config, CourseDirectory]:
    """The settings of a course, none if it has no such file, and what they make of its folders."""
    config, file = Config(), root / COURSE
    if found := [sign for sign in str(root.resolve()) if sign in NOT_IN_A_NAME]:
        raise SettingsError(
            f"There is a {found[0]} in {root.resolve()}, which means something else to nbgrader "
            "and to a database: call the folder otherwise."
        )
    with usable(file):
        if file.exists():
            config = PyFileConfigLoader(COURSE, str(root)).load_config()
        return config, CourseDirectory(config=config, root=str(root.resolve()))


@contextmanager
def usable(file: Path) -> Iterator[None]:
    """Turn whatever goes wrong in the settings of an instructor into a SettingsError."""
    try:
        yield
    except Exception as problem:  # noqa: BLE001  an instructor's file may raise anything
        why = " ".join(str(problem).split())
        raise SettingsError(
            f"{file} cannot be used: {type(problem).__name__}: {why}. Mend it there, and try again."
        ) from None
