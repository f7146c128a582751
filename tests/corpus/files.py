"""Files that are not what they should be, and folders."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from .hand_in import QUIZ, HandIn, Notebook, write

NAME = f"{QUIZ}.ipynb"


def _as(
    make: Callable[[Notebook], str | bytes], name: str = ""
) -> Callable[[Path, Notebook], None]:
    return lambda folder, nb: write(folder, QUIZ, make(nb), name)


def _nothing(folder: Path, nb: Notebook) -> None:
    folder.mkdir(parents=True)


def _second_download(folder: Path, nb: Notebook) -> None:
    write(folder, QUIZ, nb, f"{QUIZ} (1).ipynb")


def _two(folder: Path, nb: Notebook) -> None:
    write(folder, QUIZ, nb)
    write(folder, QUIZ, nb, "another.ipynb")


def _two_others(folder: Path, nb: Notebook) -> None:
    write(folder, QUIZ, nb, "first.ipynb")
    write(folder, QUIZ, nb, "second.ipynb")


def _link(folder: Path, nb: Notebook) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).symlink_to("/etc/passwd")


def _link_to_right(folder: Path, nb: Notebook) -> None:
    write(folder, QUIZ, nb, "real.txt")
    (folder / NAME).symlink_to("real.txt")


def _linked_folder(folder: Path, nb: Notebook) -> None:
    write(folder.parent / "elsewhere", QUIZ, nb)
    folder.symlink_to(folder.parent / "elsewhere")


def _pipe(folder: Path, nb: Notebook) -> None:
    folder.mkdir(parents=True)
    os.mkfifo(folder / NAME)


def _folder(folder: Path, nb: Notebook) -> None:
    (folder / NAME).mkdir(parents=True)


def _large(folder: Path, nb: Notebook) -> None:
    folder.mkdir(parents=True)
    with (folder / NAME).open("wb") as file:
        file.truncate(120_000_000)


def _large_text(folder: Path, nb: Notebook) -> None:
    nb = json.loads(json.dumps(nb))
    nb["cells"][0]["source"] = "x" * 11_000_000
    write(folder, QUIZ, nb)


def _bad_time(folder: Path, nb: Notebook) -> None:
    write(folder, QUIZ, nb)
    (folder / "timestamp.txt").write_text("yesterday, about five")


def _time_of_a_long_zone(folder: Path, nb: Notebook) -> None:
    write(folder, QUIZ, nb)
    (folder / "timestamp.txt").write_text(f"2030-03-01 12:00:00 {'A' * 900}")


def _time_pipe(folder: Path, nb: Notebook) -> None:
    write(folder, QUIZ, nb)
    os.mkfifo(folder / "timestamp.txt")


def _twin_of_macos(folder: Path, nb: Notebook) -> None:
    write(folder, QUIZ, nb)
    write(folder, QUIZ, b"\0\5\x16\7" + bytes(90), f"._{NAME}")


def _in_capitals(folder: Path, nb: Notebook) -> None:
    write(folder, QUIZ, nb, NAME.upper())


def _kernel_file(folder: Path, nb: Notebook) -> None:
    write(folder, QUIZ, nb)
    for module in ("ipykernel_launcher", "json", "course_lib", "nbformat", "sitecustomize"):
        (folder / f"{module}.py").write_text("open('taken', 'w').close()")


UNREADABLE: dict[str, tuple[Callable[[Path, Notebook], None], str]] = {
    "no file": (_nothing, "there is no"),
    "an empty file": (_as(lambda nb: ""), "is empty"),
    "only spaces": (_as(lambda nb: " \n "), "is empty"),
    "half a file": (_as(lambda nb: json.dumps(nb)[:5000]), "is no notebook"),
    "no JSON": (_as(lambda nb: "answer_1 = 'B'"), "is no notebook"),
    "JSON of a list": (_as(lambda nb: "[]"), "no cells"),
    "JSON of null": (_as(lambda nb: "null"), "no cells"),
    "JSON without cells": (_as(lambda nb: "{}"), "no cells"),
    "cells that are a text": (_as(lambda nb: '{"cells": "all"}'), "no cells"),
    "deep nesting": (_as(lambda nb: "[" * 200_000), "is no notebook"),
    "deep and closed": (_as(lambda nb: '{"a":' * 50_000 + "1" + "}" * 50_000), "is no notebook"),
    "bytes that are no text": (_as(lambda nb: b"\xff\xfe\x00\x01" * 100), "is no notebook"),
    "a page of HTML": (_as(lambda nb: "<html><body>log in</body></html>"), "is no notebook"),
    "a ZIP file": (_as(lambda nb: b"PK\x03\x04" + bytes(200)), "is no notebook"),
    "a number with a million digits": (_as(lambda nb: "9" * 1_000_000), "is no notebook"),
    "a link to a file of the system": (_link, "is a link"),
    "a link to a right one": (_link_to_right, "is a link"),
    "a folder that is a link": (_linked_folder, "is a link"),
    "a pipe": (_pipe, "is no file"),
    "a folder of its name": (_folder, "is no file"),
    "120 MB": (_large, "at most"),
    "11 MB of text": (_large_text, "at most"),
    "two under other names": (_two_others, "which counts"),
}
"""Nothing can be read: no points yet, a reason, and a person looks."""

READ: dict[str, tuple[Callable[[Path, Notebook], None], str]] = {
    "a second download": (_second_download, "read from"),
    "two notebooks": (_two, "only"),
    "a name in capitals": (_in_capitals, "read from"),
}
"""Read all the same: 5 points, and a person may look."""

FINE: dict[str, Callable[[Path, Notebook], None]] = {
    "a mark of byte order": _as(lambda nb: b"\xef\xbb\xbf" + json.dumps(nb).encode()),
    "two bytes a letter": _as(lambda nb: json.dumps(nb).encode("utf-16")),
    "a twin of macOS": _twin_of_macos,
    "a time that is none": _bad_time,
    "a time in a zone without end": _time_of_a_long_zone,
    "a time that is a pipe": _time_pipe,
    "modules beside it": _kernel_file,
}

HAND_INS = (
    *(HandIn(name, QUIZ, 0, put, told, person=True) for name, (put, told) in UNREADABLE.items()),
    *(HandIn(name, QUIZ, 5, put, told, person=True) for name, (put, told) in READ.items()),
    *(HandIn(name, QUIZ, 5, put) for name, put in FINE.items()),
)
