"""One module of CPython's tests, in a process of its own: how each test of it ends, as JSON."""

from __future__ import annotations

import asyncio
import faulthandler
import importlib
import json
import sys
import unittest
from typing import Any

from course_lib.loop.stand_ins import stand_ins

from .loops import put_in_place

SAME_AGAIN = {"PollEventLoopTests", "EPollEventLoopTests"}  # SelectEventLoopTests, other selectors
LONGEST = 120  # seconds a test may take before all ends with a traceback


class Result(unittest.TextTestResult):
    """Remembers by name how each test ended: whether it passed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.passed: dict[str, bool] = {}

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        faulthandler.dump_traceback_later(LONGEST, exit=True)
        asyncio._set_running_loop(None)  # whatever the one before has left
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        faulthandler.cancel_dump_traceback_later()
        super().stopTest(test)

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().addSuccess(test)
        self.passed.setdefault(name_of(test), True)

    def addFailure(self, test: Any, error: Any) -> None:  # noqa: N802
        super().addFailure(test, error)
        self.passed[name_of(test)] = False

    def addError(self, test: Any, error: Any) -> None:  # noqa: N802
        super().addError(test, error)
        self.passed[name_of(test)] = False

    def addSubTest(self, test: Any, subtest: Any, error: Any) -> None:  # noqa: N802
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.passed[name_of(test)] = False


def name_of(test: Any) -> str:
    """Module, class and test."""
    return ".".join(test.id().split(".")[-3:])


def judge(name: str) -> dict[str, bool]:
    """Run the tests of a module; what they say goes to stderr."""
    put_in_place()
    module = importlib.import_module(name)
    for again in SAME_AGAIN & set(vars(module)):
        delattr(module, again)
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    with stand_ins({}):
        runner = unittest.TextTestRunner(resultclass=Result, verbosity=0)
        result: Any = runner.run(suite)
    return dict(result.passed)


if __name__ == "__main__":
    print(json.dumps(judge(sys.argv[1])))
