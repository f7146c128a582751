"""Programs to be filmed, each with a `main`, and beside it the turns that it must make."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("[!_]*.py") if path.stem != "generated")


def program(name: str) -> Callable[[], Coroutine[Any, Any, Any]]:
    """The `main` of the program of this name."""
    main: Callable[[], Coroutine[Any, Any, Any]]
    main = importlib.import_module(f"{__name__}.{name}").main
    return main


def turns_expected(name: str) -> list[list[str]]:
    """When, who, on which line, and what then: a row a turn, in columns of a text file."""
    lines = (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines]
