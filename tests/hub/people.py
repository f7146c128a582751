"""Users of this machine, for one test, each with a home that is closed to the others."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

LOOKS = 100
"""How often is looked whether a user's processes have ended, a twentieth of a second apart."""


@dataclass(frozen=True)
class Person:
    """A user of this machine."""

    name: str
    password: str = field(repr=False)

    @property
    def home(self) -> Path:
        return Path(pwd.getpwnam(self.name).pw_dir)

    def types(self, *words: str, folder: Path | None = None, **more: str) -> str:
        """All that a command of theirs says, in their home or in a folder of it.

        It knows nothing of this process's environment, and may fail.
        """
        home = str(self.home)
        known = {"HOME": home, "USER": self.name, "PATH": "/usr/bin:/bin", **more}
        done = subprocess.run(
            [str(shutil.which("runuser")), "-u", self.name, "--", *words],
            cwd=folder or home,
            env=known,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    def owns(self, path: Path) -> None:
        """A folder of their home, with all that is in it, becomes theirs."""
        subprocess.run(["chown", "-R", f"{self.name}:{self.name}", str(path)], check=True)

    def processes(self) -> list[int]:
        user, found = pwd.getpwnam(self.name).pw_uid, []
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if path.stat().st_uid == user:
                    found.append(int(path.name))
        return found


@contextmanager
def people(place: Path, *names: str) -> Iterator[list[Person]]:
    """New users, whose homes are below a folder; afterwards neither they nor theirs are there."""
    mark, made = secrets.token_hex(3), []
    try:
        for name in names:
            one = Person(f"{name}_{mark}", secrets.token_urlsafe(12))
            home = place / "home" / name
            home.parent.mkdir(exist_ok=True)
            words = ["useradd", "--create-home", "--home-dir", str(home), "--shell", "/bin/bash"]
            subprocess.run([*words, one.name], check=True)
            made.append(one)
            subprocess.run(["chpasswd"], input=f"{one.name}:{one.password}", text=True, check=True)
            home.chmod(0o700)
        yield made
    finally:
        for one in made:
            _remove(one)


def _remove(one: Person) -> None:
    """End what a user runs, by number, and take the user away."""
    home = one.home
    for _ in range(LOOKS):
        if not (left := one.processes()):
            break
        for number in left:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.05)  # not a test's sleep: the system takes them away when it comes to it
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run(["userdel", one.name], check=True, stderr=subprocess.DEVNULL)
