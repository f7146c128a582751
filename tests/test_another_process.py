"""A function in a process of its own: it is waited for, and it never outlives us."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course_lib.brokers import another_process

PATIENCE = 30.0  # seconds
ROOT = Path(__file__).resolve().parent.parent


def works_for_a_while(how_long: str) -> None:
    import os
    import time

    print("begun", flush=True)  # noqa: T201
    time.sleep(float(how_long))
    print("done", flush=True)  # noqa: T201
    os._exit(9)


def fails() -> None:
    raise LookupError("no such queue")


def test_its_end_is_waited_for() -> None:
    """However long it works after somebody waits for it; what it said before is not said again."""
    process = another_process(works_for_a_while, "0.5")
    assert process.line() == "begun"
    ended = process.end()
    assert (ended.said, ended.code) == ("done", 9)


def test_its_error_is_told() -> None:
    """By the last line of what Python says."""
    with pytest.raises(RuntimeError, match="fails: LookupError: no such queue"):
        another_process(fails).end()


def waits_for_ever() -> None:
    import os
    import time

    print(os.getpid(), flush=True)  # noqa: T201
    time.sleep(3600)


@pytest.mark.skipif(sys.platform == "win32", reason="asks for a process as Unix does")
def test_it_does_not_outlive_us() -> None:
    """Its input closes when we are gone, however we went."""
    program = (
        "import os\n"
        "from tests.test_another_process import another_process, waits_for_ever\n"
        "print(another_process(waits_for_ever).line(), flush=True)\n"
        "os._exit(9)\n"
    )
    words = [sys.executable, "-c", program]
    found = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=found, capture_output=True, text=True, check=False)
    until = time.monotonic() + PATIENCE
    while there(int(done.stdout)):
        assert time.monotonic() < until
        time.sleep(0.05)


def there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
