"""`python -m tests.cpython [test_tasks …]`: which of CPython's own tests of asyncio pass.

It needs an interpreter with its `test` package (Debian's is in libpython3-testsuite), and nothing
else. Every loop is the virtual one. The exit code is 1 for a failure that `left_out.toml` does not
list and for a listed test that passes; 2 where there is no `test` package to judge by.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from .left_out import KINDS, LIST, MOST_CHANGED, entries

ROOT = Path(__file__).resolve().parents[2]
ASYNCIO = """
base_events buffered_proto context eager_task_factory events futures futures2 locks pep492 protocols
queues runners staggered streams taskgroups tasks threads timeouts transports waitfor
"""
MODULES = [f"test.test_asyncio.test_{name}" for name in ASYNCIO.split()]
MODULES += ["test.test_asyncgen", "test.test_coroutines", "test.test_contextlib_async"]
MODULES += ["unittest.test.test_async_case", "test.test_unittest.test_async_case"]  # 3.11; later


def main(names: list[str]) -> int:
    """Run the modules named, or all."""
    if find_spec("test") is None or find_spec("test.test_asyncio") is None:
        print("This Python comes without its `test` package: on Debian, libpython3-testsuite.")
        return 2
    modules = [m for m in MODULES if is_here(m) and (not names or m.rpartition(".")[2] in names)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        passed = {t: ok for found in pool.map(judged, modules) for t, ok in found.items()}
    wrong = verdict(passed)
    python, well = platform.python_version(), sum(passed.values())
    print(f"Python {python}: {well:,} of {len(passed):,} of its own tests pass")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def is_here(module: str) -> bool:
    """Whether this Python has the module: each has its own."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def judged(module: str) -> dict[str, bool]:
    """Whether each test of a module passes; what they said is shown if some do not."""
    words = [sys.executable, "-m", "tests.cpython.judge", module]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr[-5000:])
        return {f"{module} as a whole": False}
    passed: dict[str, bool] = json.loads(done.stdout.splitlines()[-1])
    if failures(passed):
        print(done.stderr)
    return passed


def failures(passed: dict[str, bool]) -> list[str]:
    """Tests that fail and are not on the list."""
    left_out = entries()
    return [t for t, ok in passed.items() if not ok and not any(e.holds(t) for e in left_out)]


def verdict(passed: dict[str, bool]) -> list[str]:
    """What is wrong with the tests or with the list, a line each."""
    left_out = entries()
    told = [f"fails, and {LIST.name} does not list it: {t}" for t in failures(passed)]
    well = [t for t, ok in passed.items() if ok and any(e.holds(t) for e in left_out)]
    told += [f"passes, so take it out of {LIST.name}: {t}" for t in well]
    changed = [t for e in left_out if e.kind == KINDS[-1] for t in e.tests]
    if len(changed) > MOST_CHANGED:
        told.append(f"{len(changed)} tests are {KINDS[-1]!r}; at most {MOST_CHANGED} may be")
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
