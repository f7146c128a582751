"""One set of versions for everybody: the locks, and environment.yml made from the first.

pyproject.toml says what the course needs, requirements.lock says exactly which versions and hashes
that is on every system, and environment.yml says the same versions to conda, which cannot check
hashes while it also installs the course itself. requirements-test.lock has what the tests and the
benchmarks need besides: it is installed together with the first, whose versions it keeps. Each
other lock is for an environment of its own: labs.lock, hub.lock and site.lock have in them what a
student needs, in versions that the others there allow, and libraries.lock has nothing of that.
browser.lock is for no environment but for the site: what the Python of a browser has.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from subprocess import PIPE
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
WAY_OUT = "Run: python -m course_lib.staff lock"
STUDENT, TESTS = "requirements.lock", "requirements-test.lock"
LABS, HUB, SITE = "labs.lock", "hub.lock", "site.lock"
LOCKS: dict[str, tuple[str, ...]] = {STUDENT: (), TESTS: ("test", "bench")}
"""Each lock with its groups of pyproject.toml, beside what a student needs."""
OF_THEIR_OWN: dict[str, tuple[str, ...]] = {
    LABS: ("labs",),
    "libraries.lock": ("libraries",),
    HUB: ("hub",),
    SITE: ("site",),
    "browser.lock": ("browser",),
}
"""The same for environments of their own."""
WITH_THE_STUDENTS = (LABS, HUB, SITE)
CONDA_PYTHON = "3.13"  # one and no range: repo2docker, which builds hubs, understands only that
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
    parser.add_argument("own", nargs="*", metavar="LOCK", help="one of an environment of its own")
    told = parser.parse_args(words)
    for name in told.own:
        if name not in OF_THEIR_OWN:
            parser.error(
                f"there is no {name!r} to be made alone; there is: {', '.join(OF_THEIR_OWN)}"
            )
    if not told.check:
        resolve(ROOT, told.own)
        write_environment(ROOT)
    found = problems(ROOT)
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print("pyproject.toml, the locks and environment.yml agree.")
    return 1 if found else 0


def resolve(root: Path, own: Iterable[str] = ()) -> None:
    """Write the locks with uv, free of this machine's settings and of addresses.

    All of them, or only those of environments of their own that are named.
    """
    uv = shutil.which("uv")
    if uv is None:
        raise SystemExit("Only uv writes a lock for all systems: pip install uv, then try again.")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("UV_", "PIP_"))}
    how = "--no-config --universal --upgrade --only-binary :all: --generate-hashes"
    shape = "--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet"
    python = f"--python-version {oldest_python(root)}"
    command = [uv, *f"pip compile {how} {shape} {python}".split()]

    def compiled(*words: str) -> list[str]:
        run = subprocess.run(
            [*command, *words], cwd=root, env=kept, check=True, stdout=PIPE, encoding="utf-8"
        )
        return entries(run.stdout)

    if not own:
        student = compiled("pyproject.toml")
        write_lock(root / STUDENT, student)
        more = compiled("pyproject.toml", "--constraint", STUDENT, *named(LOCKS[TESTS]))
        # Whatever system it is for: on those that we know, the student's lock has it.
        has = {entry.partition("==")[0] for entry in student}
        write_lock(root / TESTS, [entry for entry in more if entry.partition("==")[0] not in has])
    for name in own or OF_THEIR_OWN:
        whole = ("pyproject.toml",) if name in WITH_THE_STUDENTS else ()
        write_lock(root / name, compiled(*whole, *named(OF_THEIR_OWN[name])))


def named(groups: Iterable[str]) -> list[str]:
    """The groups as uv's words."""
    return [word for group in groups for word in ("--group", group)]


def entries(text: str) -> list[str]:
    """The entries of a lock's text: a name with its version, and below it its hashes."""
    return re.findall(r"^[a-zA-Z0-9].*\n(?:[ \t].*\n)*", text, re.MULTILINE)


def write_lock(path: Path, found: list[str]) -> None:
    path.write_text("".join(found), encoding="utf-8", newline="\n")


def write_environment(root: Path) -> None:
    (root / "environment.yml").write_text(environment(root), encoding="utf-8", newline="\n")


def environment(root: Path) -> str:
    """What environment.yml has to say: Python and pip from conda, all else by pip, as locked."""
    pins = "".join(f"      - {pin.requirement}\n" for pin in read_lock(root, STUDENT))
    return f"""\
# Written by `python -m course_lib.staff lock` from requirements.lock; change it there.
# Use it with: conda env create -f environment.yml
name: {project(root)["name"]}
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python ={CONDA_PYTHON}
  - pip
  - pip:
{pins}      - -e .
"""


def problems(root: Path) -> list[str]:
    """Where the files disagree; sentences that name what and the way out."""
    found: list[str] = []
    pins: list[Pin] = []
    for name, groups in LOCKS.items():
        pins += read_lock(root, name)
        found += lock_problems(root, name)
        found += [each for wanted in wanted_by(root, groups) for each in unmet(wanted, pins)]
    for name, groups in OF_THEIR_OWN.items():
        alone = read_lock(root, name)
        found += lock_problems(root, name)
        found += [each for wanted in wanted_by(root, groups) for each in unmet(wanted, alone)]
    return found + environment_problems(root)


def lock_problems(root: Path, name: str) -> Iterator[str]:
    """What no lock may hold: an entry without a hash, an address."""
    for pin in read_lock(root, name):
        if not pin.hashes:
            yield f"{name}: {pin.requirement} has no hash. {WAY_OUT}"
    if "://" in (root / name).read_text(encoding="utf-8"):
        yield f"{name} holds an address; it must name versions only. {WAY_OUT}"


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


def read_lock(root: Path, name: str) -> list[Pin]:
    return [read_pin(entry, name) for entry in entries((root / name).read_text(encoding="utf-8"))]


def read_pin(entry: str, lock: str) -> Pin:
    words, *hashes = re.split(r"\s+--hash=", entry.replace("\\\n", " ").strip())
    requirement = Requirement(words)
    if [specifier.operator for specifier in requirement.specifier] != ["=="]:
        raise ValueError(f"{lock}: `{words}` is not one exact version. {WAY_OUT}")
    return Pin(requirement, len(hashes))


def wanted_by(root: Path, groups: Iterable[str]) -> list[Requirement]:
    """What pyproject.toml names itself: for students, or in these groups."""
    listed = [pyproject(root)["dependency-groups"][group] for group in groups]
    wanted = chain(*listed) if listed else project(root)["dependencies"]
    return [Requirement(words) for words in wanted]


def oldest_python(root: Path) -> str:
    return str(project(root)["requires-python"]).removeprefix(">=")


def project(root: Path) -> dict[str, Any]:
    return dict(pyproject(root)["project"])


def pyproject(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
