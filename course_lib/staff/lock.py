"""One set of versions for everybody: requirements.lock, and environment.yml made from it.

pyproject.toml says what the course needs, the lock says exactly which versions and hashes
that is on every system, and environment.yml says the same versions to conda, which cannot
check hashes while it also installs the course itself.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
WAY_OUT = "Run: python -m course_lib.staff lock"
CONDA_PYTHONS_BELOW = "3.14"
SYSTEMS = {
    "Linux": {"sys_platform": "linux", "os_name": "posix", "platform_machine": "x86_64"},
    "a Mac with Apple's processor": {
        "sys_platform": "darwin",
        "os_name": "posix",
        "platform_machine": "arm64",
    },
    "a Mac with Intel's processor": {
        "sys_platform": "darwin",
        "os_name": "posix",
        "platform_machine": "x86_64",
    },
    "Windows": {"sys_platform": "win32", "os_name": "nt", "platform_machine": "AMD64"},
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class Pin:
    """One entry of the lock."""

    requirement: Requirement
    """A name, exactly one version, and a marker where it does not hold everywhere."""
    hashes: int
    """How many files may be installed for it."""

    @property
    def version(self) -> str:
        return next(iter(self.requirement.specifier)).version


def main(words: list[str]) -> int:
    """Resolve anew, or with --check say what disagrees; the return code is 1 if something does."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.staff lock", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, say what disagrees")
    if not parser.parse_args(words).check:
        resolve(ROOT)
        write_environment(ROOT)
    found = problems(ROOT)
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print("pyproject.toml, requirements.lock and environment.yml agree.")
    return 1 if found else 0


def resolve(root: Path) -> None:
    """Write the lock with uv, free of this machine's settings and of addresses."""
    uv = shutil.which("uv")
    if uv is None:
        raise SystemExit("Only uv writes a lock for all systems: pip install uv, then try again.")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("UV_", "PIP_"))}
    how = "--no-config --universal --upgrade --only-binary :all: --generate-hashes"
    shape = "--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet"
    python = f"--python-version {oldest_python(root)}"
    what = "pyproject.toml --group test --group bench --output-file requirements.lock"
    command = f"pip compile {how} {shape} {python} {what}".split()
    subprocess.run([uv, *command], cwd=root, env=kept, check=True)


def write_environment(root: Path) -> None:
    (root / "environment.yml").write_text(environment(root), encoding="utf-8", newline="\n")


def environment(root: Path) -> str:
    """What environment.yml has to say: Python and pip from conda, all else by pip, as locked."""
    pins = "".join(f"      - {pin.requirement}\n" for pin in read_lock(root))
    return f"""\
# Written by `python -m course_lib.staff lock` from requirements.lock; change it there.
# Use it with: conda env create -f environment.yml
name: {project(root)["name"]}
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python >={oldest_python(root)},<{CONDA_PYTHONS_BELOW}
  - pip
  - pip:
{pins}      - -e .
"""


def problems(root: Path) -> list[str]:
    """Where the three files disagree; sentences that name what and the way out."""
    pins = read_lock(root)
    found = [
        f"requirements.lock: {pin.requirement} has no hash. {WAY_OUT}"
        for pin in pins
        if not pin.hashes
    ]
    if "://" in (root / "requirements.lock").read_text(encoding="utf-8"):
        found.append(f"requirements.lock holds an address; it must name versions only. {WAY_OUT}")
    for wanted in wanted_by(root):
        found.extend(unmet(wanted, pins))
    return found + environment_problems(root)


def unmet(wanted: Requirement, pins: list[Pin]) -> Iterator[str]:
    """The first system on which the lock does not give exactly what pyproject.toml asks for."""
    same = [pin for pin in pins if same_name(pin.requirement, wanted)]
    for (name, system), python in product(SYSTEMS.items(), PYTHONS):
        if not holds(wanted, system, python):
            continue
        found = [pin.version for pin in same if holds(pin.requirement, system, python)]
        if len(found) != 1 or not wanted.specifier.contains(found[0]):
            has = " and ".join(found) or "nothing"
            where = f"on {name} with Python {python}"
            yield f"pyproject.toml asks for {wanted}; the lock has {has} {where}. {WAY_OUT}"
            return


def environment_problems(root: Path) -> list[str]:
    """Lines that environment.yml lacks, and lines it should not have."""
    path = root / "environment.yml"
    has = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    want = environment(root).splitlines()
    lacks = [
        f"environment.yml lacks `{line.strip()}`. {WAY_OUT}" for line in want if line not in has
    ]
    extra = [
        f"environment.yml has `{line.strip()}`, which does not follow from the lock. {WAY_OUT}"
        for line in has
        if line not in want
    ]
    if not lacks and not extra and has != want:
        return [f"environment.yml has its lines in another order or twice. {WAY_OUT}"]
    return lacks + extra


def holds(requirement: Requirement, system: dict[str, str], python: str) -> bool:
    versions = {"python_version": python, "python_full_version": f"{python}.9"}
    return requirement.marker is None or requirement.marker.evaluate({**system, **versions})


def same_name(one: Requirement, other: Requirement) -> bool:
    return canonicalize_name(one.name) == canonicalize_name(other.name)


def read_lock(root: Path) -> list[Pin]:
    text = (root / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line.strip() and line[0] not in "#-"]
    return [read_pin(entry) for entry in entries]


def read_pin(entry: str) -> Pin:
    words, *hashes = re.split(r"\s+--hash=", entry.strip())
    requirement = Requirement(words)
    if [specifier.operator for specifier in requirement.specifier] != ["=="]:
        raise ValueError(f"requirements.lock: `{words}` is not one exact version. {WAY_OUT}")
    return Pin(requirement, len(hashes))


def wanted_by(root: Path) -> list[Requirement]:
    """What pyproject.toml names itself, for students and in every group."""
    groups = pyproject(root)["dependency-groups"].values()
    return [Requirement(words) for words in chain(project(root)["dependencies"], *groups)]


def oldest_python(root: Path) -> str:
    return str(project(root)["requires-python"]).removeprefix(">=")


def project(root: Path) -> dict[str, Any]:
    return dict(pyproject(root)["project"])


def pyproject(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
