"""What these tests share: a library, if it is installed here, and a program that is run twice."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

import pytest

from course_lib import Trace, run


def library(name: str) -> Any:
    """The module; without it the tests of a file are skipped, but fail where all are installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if os.environ.get("COURSE_LIBRARIES"):
            raise
    pytest.skip(
        f"{name} is not installed here: python3 start.py test --libraries",
        allow_module_level=True,
    )


def twice(main: Callable[[], Any]) -> Trace:
    """The trace of a program on the virtual clock, which is the same the second time."""
    first, second = run(main), run(main)
    assert first == second
    assert first.result == second.result
    return first
