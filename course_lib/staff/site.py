"""Build the course as a web site: the book to read, and each notebook alive in the browser.

What comes out is a folder of files for any web host. Nobody who reads it installs anything, and
nothing on it asks another address: Python itself, numpy, matplotlib and the course come from the
site. Left out are the labs, whose servers a browser cannot start, and grading, which is not for
students.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from .place import AROUND
from .web import ahead, book, contents, distribution, fetched, licences, lite, report

MADE = "made-by-start.txt"


def main(words: list[str]) -> int:
    """Build it and say how large its parts are; 1 where something is missing."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.staff site", description=__doc__)
    parser.add_argument("--out", type=Path, default=AROUND / "site", help="where to build it")
    parser.add_argument(
        "--pyodide",
        metavar="FOLDER|URL",
        help="Pyodide's full distribution, unpacked, which is then a part of the site; or where "
        "its makers serve it (https://…/full/), which readers' browsers then ask",
    )
    parser.add_argument("--no-book", action="store_true", help="leave out the book")
    asked = parser.parse_args(words)
    try:
        build(asked.out.resolve(), asked.pyodide, with_book=not asked.no_book)
    except (FileNotFoundError, fetched.FetchError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(report.sizes(asked.out))
    return 0


def build(out: Path, pyodide: str | None = None, *, with_book: bool = True) -> None:
    """The whole site, in a folder that is emptied first if it is one of ours."""
    print("Python for the browser …", flush=True)
    source = fetched.pyodide(pyodide)  # before a site that is there already goes
    clear(out)
    with tempfile.TemporaryDirectory() as spare:
        work = Path(spare)
        folder = work / "pyodide"
        distribution.make(AROUND, source, fetched.pure_wheels(), folder)
        print("the notebooks …", flush=True)
        contents.gather(AROUND, work / "contents")
        print("JupyterLite …", flush=True)
        lite.build(work, out / "live")
        shutil.copytree(folder, out / "live" / "static" / "pyodide")
        ahead.add(out / "live")
        if with_book:
            print("the book …", flush=True)
            book.build(AROUND, work / "book", out)
    licences.write(out)


def clear(out: Path) -> None:
    """Remove what was built there before; FileNotFoundError where the folder is somebody else's."""
    if out.exists() and any(out.iterdir()):
        if not (out / MADE).is_file():
            raise FileNotFoundError(
                f"{out} is not empty, and no site of ours: choose another --out"
            )
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MADE).write_text("Built by: python3 start.py site\n", encoding="utf-8")
