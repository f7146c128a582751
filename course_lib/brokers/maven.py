"""A Java program from Maven Central, fetched once and kept in the user's cache.

program = "org.apache.kafka:kafka_2.13:4.4.0"
folder = once("kafka-4.4.0", lambda made: fetch(made, [program], progress.tick))
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>course</groupId><artifactId>course</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>{}</dependencies>
</project>
"""
DEPENDENCY = (
    "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"
)


class FetchError(RuntimeError):
    """Maven could not get it; says what Maven said."""


def cache() -> Path:
    """The folder in which this user's programs keep what can be fetched again."""
    if sys.platform == "win32":
        place = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        place = Path.home() / "Library" / "Caches"
    else:
        place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return place / "sync-async-course"


def once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder in the cache, which is there as a whole or not at all.

    Two that want it at once both make it, and the first one's stays.
    """
    folder = cache() / name
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder.parent))
    try:
        make(made)
        made.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def fetch(folder: Path, programs: Sequence[str], tick: Callable[[], None]) -> None:
    """Put the jars of these (group:name:version), with all that they need, into folder/jars.

    `tick` is called while Maven works. Raises FetchError.
    """
    maven = shutil.which("mvn")
    if maven is None:
        raise FetchError("Maven is not here")
    pom = folder / "pom.xml"
    wanted = "".join(DEPENDENCY.format(*program.split(":")) for program in programs)
    pom.write_text(POM.format(wanted), encoding="utf-8")
    words = [maven, "-q", "-B", "-f", str(pom), COPY, "-DincludeScope=runtime"]
    words.append(f"-DoutputDirectory={folder / 'jars'}")
    with tempfile.TemporaryFile("w+") as said:
        done = watched(words, said.fileno(), tick)
        said.seek(0)
        if done:
            raise FetchError(f"Maven said: {' '.join(said.read().split())[:600]}")


def watched(words: Sequence[str], output: int, tick: Callable[[], None]) -> int:
    """Run a command to its end, and give its code; whatever ends us ends it."""
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output) as process:
        try:
            while process.poll() is None:
                tick()
        finally:
            process.kill()
        return process.wait()


@functools.cache
def java(least: int) -> str | None:
    """The program that runs Java of this version or a later one; None if there is none."""
    home = os.environ.get("JAVA_HOME")
    beside = shutil.which("java", path=Path(home) / "bin") if home else None
    program = beside or shutil.which("java")
    if program is None:
        return None
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(\d+)', said.stderr)
    return program if version and int(version[1]) >= least else None
