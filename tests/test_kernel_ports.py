"""A kernel whose port was taken meanwhile is no fault of a notebook's."""

from __future__ import annotations

from typing import Any

import pytest

import conftest

DIED = RuntimeError("Kernel died before replying to kernel_info")


def starter(*ends: Any) -> Any:
    """Starts as nbval does; each call ends in the next way."""
    left = list(ends)

    def start(**words: Any) -> Any:
        end = left.pop(0)
        if isinstance(end, Exception):
            raise end
        return end, words

    return start


def test_another_kernel_starts_where_one_died() -> None:
    """With the same words."""
    assert conftest.twice(starter(DIED, "a kernel"))(cwd="here") == ("a kernel", {"cwd": "here"})


def test_what_never_starts_is_told() -> None:
    """After the second time."""
    with pytest.raises(RuntimeError, match="died"):
        conftest.twice(starter(DIED, DIED, "too late"))(cwd="here")
