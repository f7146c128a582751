"""Notebooks with their outputs, written so that the same notebook is always the same bytes.

  python -m course_lib.staff record              run every lesson and store its outputs
  python -m course_lib.staff record --check      run again, write nothing, demand the same bytes
  python -m course_lib.staff record --form FILE  run nothing; take from a file that JupyterLab saved
                                                 what is an editor's and no lesson's
  python -m course_lib.staff record --form -     the same, from the standard input: a filter for git

Each notebook runs from top to bottom in a fresh kernel of this environment, in its own folder.
What it shows on stderr, or an error in a cell without the tag `raises-exception`, fails it, and
its file is left alone. Pictures are compared too, so --check belongs on the locked versions.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty
from subprocess import DEVNULL
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from .forms.notebook_file import (
    COLOUR,
    NotebookError,
    all_notebooks,
    difference,
    normal_form,
    read,
    text_of,
)

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 300  # seconds for one cell
LAST_WORDS = 0.4  # seconds to listen after the last cell; the kernel sends stderr every 0.2


def main(words: list[str]) -> int:
    """Record notebooks, compare them or form them; 1 if one fails, differs or is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m course_lib.staff record",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="all below notebooks/ unless told")
    parser.add_argument("--check", action="store_true", help="write nothing, compare every byte")
    parser.add_argument("--form", action="store_true", help="run nothing, write the normal form")
    asked = parser.parse_args(words)
    notebooks = asked.notebooks or all_notebooks()
    if not notebooks:
        print(f"There is no notebook in {ROOT / 'notebooks'}.")
        return 1
    work = form if asked.form else partial(record, check=asked.check)
    bad = sum(not work(path) for path in notebooks)  # each gets its turn
    return 1 if bad else 0


def form(path: Path) -> bool:
    """Write a notebook in its normal form, "-" from stdin to stdout; whether it is a notebook."""
    try:
        if path == Path("-"):  # as git asks for it
            sys.stdout.buffer.write(normal_form(sys.stdin.buffer.read()).encode())
        else:
            path.write_text(text_of(read(path)), encoding="utf-8", newline="\n")
    except NotebookError as failure:
        print(failure, file=sys.stderr)
        return False
    return True


def record(path: Path, *, check: bool = False) -> bool:
    """Run one notebook and store it, or compare it; say how that went, and whether it went well."""
    print(f"{_name(path)} … ", end="", flush=True)
    begin = time.perf_counter()
    try:
        notebook = read(path)
        stored = path.read_bytes()
        run(notebook, path.resolve().parent)
    except NotebookError as failure:
        print(f"failed\n{failure}")
        return False
    fresh = text_of(notebook).encode()
    took = f"{len(notebook.cells)} cells, {time.perf_counter() - begin:.1f} s"
    if fresh == stored:
        print(f"{took}, same")
    elif check:
        print(f"{took}, differs from the stored file (-), now (+):")
        print("\n".join(difference(stored.decode("utf-8", "replace"), fresh.decode())))
        return False
    else:
        path.write_bytes(fresh)
        print(f"{took}, written")
    return True


def _name(path: Path) -> str:
    """Of a notebook of the course where it is below its folder: lessons and answers share names."""
    home = ROOT / "notebooks"
    inside = path.resolve().is_relative_to(home)
    return path.resolve().relative_to(home).as_posix() if inside else path.name


def run(notebook: NotebookNode, folder: Path) -> None:
    """Run the cells in a fresh kernel that works in `folder`, and store in them what they show.

    Raises NotebookError at the first error that was not announced, and for anything on stderr.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory() as settings:
        asyncio.run(_run(notebook, folder, surroundings(Path(settings))))


def surroundings(settings: Path) -> dict[str, str]:
    """The environment of a kernel that knows nothing of its user's settings.

    Chance in the hashes stays: what is stored must not depend on it.
    """
    users = ("IPYTHON", "JUPYTER", "MATPLOTLIB", "MPLBACKEND", "PYTHON", "PYDEVD")
    terminals = ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR")
    kept = {k: v for k, v in os.environ.items() if not k.startswith((*users, *terminals))}
    ours = {"IPYTHONDIR": str(settings), "PYTHONPATH": str(ROOT), "PYTHONNOUSERSITE": "1"}
    return {**kept, **ours, **_plain_matplotlib()}


def _plain_matplotlib() -> dict[str, str]:
    """Its defaults instead of the user's matplotlibrc; its cache of fonts is kept."""
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        return {}
    return {"MATPLOTLIBRC": str(Path(found.origin).parent / "mpl-data" / "matplotlibrc")}


async def _run(notebook: NotebookNode, folder: Path, environment: dict[str, str]) -> None:
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(
            kernel_name="python3",
            # Without folders to look in, python3 is this environment's own and nobody else's.
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
        ),
        timeout=TIMEOUT,
        allow_errors=True,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    async with client.async_setup_kernel(cleanup_kc=True, env=environment, stderr=DEVNULL):
        with suppress(NotImplementedError):  # else Ctrl-C would end one kernel and not the command
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        await _run_cells(client)


async def _run_cells(client: NotebookClient) -> None:
    assert client.km is not None
    listener = client.km.client()
    listener.start_channels(shell=False, iopub=True, stdin=False, hb=False, control=False)
    try:
        for index, cell in enumerate(client.nb.cells):
            try:
                await client.async_execute_cell(cell, index)
            except CellTimeoutError:
                raise NotebookError(_where(index, cell, f"ran for more than {TIMEOUT} s")) from None
            except DeadKernelError:
                raise NotebookError(_where(index, cell, "ended the kernel")) from None
            if trouble := [*troubles(cell), *await _late_stderr(listener)]:
                raise NotebookError(_where(index, cell, trouble[0]))
        if trouble := await _late_stderr(listener, wait=LAST_WORDS):
            raise NotebookError(f"After the last cell, {trouble[0]}")
    finally:
        listener.stop_channels()


def troubles(cell: NotebookNode) -> list[str]:
    """What of a cell's outputs a lesson must not show: stderr, and errors that nobody announced."""
    found = []
    for output in cell.get("outputs", []):
        if output.get("name") == "stderr":
            found.append(f"wrote on stderr:\n{output.text.rstrip()}")
        if output.output_type == "error" and "raises-exception" not in cell.metadata.get(
            "tags", []
        ):
            found.append("raised an error:\n" + COLOUR.sub("", "\n".join(output.traceback)))
    return found


async def _late_stderr(listener: Any, *, wait: float = 0.0) -> list[str]:
    """What came on stderr beside the cells' outputs: from a task that an earlier cell left behind.

    The kernel files it under that earlier cell, whose outputs are already complete, so that
    neither nbclient nor nbval sees it; a student does.
    """
    found = []
    with suppress(Empty):
        while True:
            message = await listener.get_iopub_msg(timeout=wait)
            if message["content"].get("name") == "stderr":
                found.append(f"wrote on stderr:\n{message['content']['text'].rstrip()}")
    return found


def _where(index: int, cell: NotebookNode, what: str) -> str:
    source = "\n".join(f"    {line}" for line in cell.source.splitlines())
    return f"Cell {index + 1},\n{source}\n{what}"
