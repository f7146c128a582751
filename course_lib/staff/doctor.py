"""Whether this computer can grade safely: what works here, and how to get the rest.

Answers of quizzes are read and never run, so they are graded anywhere. Exercises are run behind
bubblewrap's bars; the bars are tried out here, one attempt after the other.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import shutil
from collections.abc import Iterator

from .conversation.probe import probe
from .conversation.sandbox import NoSandbox, Sandbox

NOT_LINUX = (
    "Bubblewrap is for Linux. Grade exercises on a Linux computer, in a virtual machine, or in a "
    "container that may make namespaces"
)
WAYS_OUT = (
    "Install it: sudo apt install bubblewrap (on Fedora: sudo dnf install bubblewrap)",
    "Ubuntu 24.04 and newer forbid namespaces to programs they do not know. To allow them: "
    "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    "In a container start it with: --security-opt seccomp=unconfined --security-opt "
    "systempaths=unconfined",
    "Without it: answers are graded all the same, and exercises are marked “needs a sandbox”",
)


def main(words: list[str]) -> int:
    """Print a line for each thing that was looked at; 1 if exercises cannot be graded here."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.staff doctor", description=__doc__)
    parser.parse_args(words)
    print("well     answers are read, and need nothing")
    troubles = list(_sandbox())
    for module, what in (
        ("psycopg", "a gradebook in PostgreSQL"),
        ("distributed", "a Dask cluster"),
    ):
        has = importlib.util.find_spec(module) is not None
        way = "" if has else f", if you want one: pip install {module}"
        print(f"{'well' if has else 'absent':9}{what}{way}")
    if troubles:
        print("\nExercises cannot be graded here.")
        print("\n".join(f"- {line}." for line in _ways_out()))
    else:
        print("\nQuizzes and exercises can be graded here.")
    return 1 if troubles else 0


def _sandbox() -> Iterator[str]:
    """Print how the bars hold, and give a word for each trouble."""
    try:
        with Sandbox() as sandbox:
            found = probe(sandbox)
    except NoSandbox as why:
        print(f"TROUBLE  the sandbox: {why}")
        yield str(why)
        return
    print("well     the sandbox starts")
    for name, seen in found.items():
        print(f"{'TROUBLE' if seen else 'barred':9}{name}{f': {seen}' if seen else ''}")
        if seen:
            yield name


def _ways_out() -> Iterator[str]:
    if platform.system() != "Linux":
        yield NOT_LINUX
        yield WAYS_OUT[-1]
    else:
        yield from WAYS_OUT[bool(shutil.which("bwrap")) :]
