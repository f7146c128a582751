"""A plugin of pytest's: once a cell of a notebook has failed, the notebook's others are skipped."""

from __future__ import annotations

import pytest

failed: set[str] = set()


def notebook(cell: str) -> str:
    return cell.rsplit("::", 1)[0]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        failed.add(notebook(report.nodeid))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if notebook(item.nodeid) in failed:
        pytest.skip("an earlier cell failed")
