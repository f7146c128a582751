"""A plugin of pytest's: once a cell has failed, others of its folder's notebooks are skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

failed: set[Path] = set()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        failed.add(folder(report.nodeid))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if folder(item.nodeid) in failed:
        pytest.skip("an earlier cell failed")


def folder(cell: str) -> Path:
    return Path(cell.split("::", 1)[0]).parent
