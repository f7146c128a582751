"""Under which licence each part of the site is, in a file beside it.

The whole texts are where their makers put them: in each wheel below its `.dist-info`, and for what
JupyterLite is built from in `live/build/third-party-licenses.json`.
"""

from __future__ import annotations

import zipfile
from email.parser import HeaderParser
from pathlib import Path

NOT_IN_WHEELS = (
    ("Pyodide", "Mozilla Public License 2.0; its source: github.com/pyodide/pyodide"),
    ("Python", "Python Software Foundation License; its source: github.com/python/cpython"),
    ("JupyterLite and JupyterLab", "BSD 3-Clause; see live/build/third-party-licenses.json"),
    ("DejaVu fonts, inside matplotlib", "Bitstream Vera"),
    ("Computer Modern fonts, inside matplotlib", "BaKoMa"),
    ("The book's theme and its icons", "BSD 3-Clause; Font Awesome Free: CC BY 4.0, OFL 1.1, MIT"),
    ("The course", "code: BSD 3-Clause; text and pictures: CC BY 4.0"),
)
SAID = ("License-Expression", "License")
LONGEST = 60  # characters: some put the whole text there


def write(out: Path) -> None:
    """The file `licences.txt` of a built site."""
    found = [_of_wheel(wheel) for wheel in sorted((out / "live").rglob("*.whl"))]
    lines = [f"{name}: {licence}" for name, licence in (*NOT_IN_WHEELS, *found)]
    (out / "licences.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _of_wheel(wheel: Path) -> tuple[str, str]:
    """Its name and version, and its licence in the maker's own words."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        about = HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    kinds = [kind for kind in about.get_all("Classifier", []) if kind.startswith("License")]
    told = [about[key] for key in SAID if about[key] and len(about[key]) < LONGEST]
    told += [kind.rpartition(" :: ")[2] for kind in kinds]
    return f"{about['Name']} {about['Version']}", (told or ["see the wheel"])[0]
