"""A run inside a live Jupyter kernel, whose own loop has work of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parent.parent

START = """
import asyncio, time
from course_lib import run, span

ticks = []
async def tick():
    while True:
        await asyncio.sleep(0.01)
        ticks.append(time.perf_counter())
ticking = asyncio.create_task(tick())

async def cook():
    with span("cook"):
        await asyncio.sleep(3600)
    time.sleep(60)
    return time.monotonic()
"""


class Kernel:
    """A kernel that answers cell by cell."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(ROOT), env={**os.environ, "PYTHONPATH": str(ROOT)})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str, *, interrupt_after: float | None = None) -> dict[str, str]:
        """What a cell shows: its `result`, its `stdout`, its `stderr` and its `error`."""
        shown: dict[str, str] = {}
        request = self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "busy" and interrupt_after:
                time.sleep(interrupt_after)  # the kernel is in the middle of an endless run
                self.manager.interrupt_kernel()
            if kind == "status" and content["execution_state"] == "idle":
                self.client.get_shell_msg(timeout=60)
                return shown
            if kind == "stream":
                shown[content["name"]] = shown.get(content["name"], "") + content["text"]
            if kind == "execute_result":
                shown["result"] = content["data"]["text/plain"]
            if kind == "error":
                shown["error"] = f"{content['ename']}: {content['evalue']}"

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Any]:
    kernel = Kernel()
    assert kernel.run(START) == {}
    yield kernel
    kernel.stop()


pytestmark = pytest.mark.slow


def test_twice_in_a_row(kernel: Kernel) -> None:
    """A run in a cell works, the second gives an equal trace, and nothing is on stderr."""
    assert kernel.run("first = run(cook); first.result") == {"result": "3660.0"}
    assert kernel.run("run(cook) == first") == {"result": "True"}


def test_in_a_cell_that_awaits(kernel: Kernel) -> None:
    """A cell of top-level `await` is a task of the kernel's loop: a run in it works too."""
    cell = "await asyncio.sleep(0); found = run(cook).result; await asyncio.sleep(0); found"
    assert kernel.run(cell) == {"result": "3660.0"}


def test_the_kernels_own_tasks_rest_and_go_on(kernel: Kernel) -> None:
    """A background task of the kernel stands still during a live run, and ticks on after it."""
    kernel.run("live = run(asyncio.sleep(0.1), clock='live'); before = len(ticks)")
    assert kernel.run("await asyncio.sleep(0.1); len(ticks) > before, ticking.done()") == {
        "result": "(True, False)"
    }
    assert kernel.run("max(b - a for a, b in zip(ticks, ticks[1:])) >= 0.1") == {"result": "True"}


def test_an_error_in_a_cell(kernel: Kernel) -> None:
    """A nested run tells what to do, as the last line of the cell's error."""
    kernel.run("async def nested(): run(cook)")
    error = "RuntimeError: run() was called inside another run: await the coroutine instead"
    assert kernel.run("run(nested)") == {"error": error}


@pytest.mark.parametrize("clock", ["virtual", "live"])
def test_after_an_interrupt(kernel: Kernel, clock: str) -> None:
    """An endless loop ends by the stop button, and the kernel, its tasks and `run` go on."""
    kernel.run("async def endless():\n    while True:\n        await asyncio.sleep(1)")
    shown = kernel.run(f"run(endless, clock={clock!r})", interrupt_after=0.2)
    assert shown == {"error": "KeyboardInterrupt: "}
    assert kernel.run("run(cook) == first, ticking.done()") == {"result": "(True, False)"}
    cell = "before = len(ticks); await asyncio.sleep(0.1); len(ticks) > before"
    assert kernel.run(cell) == {"result": "True"}


@pytest.mark.parametrize("writes", ["print('', flush=True)", "display(1)", "logging.warning('')"])
def test_what_is_written_takes_no_time(kernel: Kernel, writes: str) -> None:
    """The kernel's streams wait for a thread that knows no run: 10 s, if they kept its clock."""
    kernel.run(f"import logging\nasync def writer():\n    for _ in range(20):\n        {writes}")
    assert kernel.run("trace = run(writer); trace.duration, trace.spans")["result"] == "(0.0, ())"
