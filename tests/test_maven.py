"""What is fetched once: there as a whole or not at all, whoever else wants it at the same time."""

from __future__ import annotations

import shutil
import sys
import threading
from pathlib import Path

import pytest

from course_lib.brokers import maven


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, below which each test looks."""
    monkeypatch.setattr(maven, "cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def make(folder: Path) -> None:
    (folder / "jar").write_text("a program")


def test_it_is_made_once(place: Path) -> None:
    """The second time it is there, and nothing is made."""
    assert maven.once("kafka", make) == place / "kafka"
    assert maven.once("kafka", lambda _: pytest.fail("made again")) == place / "kafka"
    assert (place / "kafka" / "jar").read_text() == "a program"


def test_what_fails_leaves_nothing(place: Path) -> None:
    """Half of it would be taken for the whole, the next time."""

    def fails(folder: Path) -> None:
        make(folder)
        raise maven.FetchError("no network")

    with pytest.raises(maven.FetchError, match="no network"):
        maven.once("kafka", fails)
    assert list(place.iterdir()) == []


def test_a_full_disk_is_told(place: Path) -> None:
    """It is not taken for another one that was faster."""

    def fails(folder: Path) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        maven.once("kafka", fails)


def test_two_at_once_both_have_it(place: Path) -> None:
    """Each makes it, the first one's stays, and nothing else does."""
    both = threading.Barrier(2, timeout=30)
    found = []

    def meets(folder: Path) -> None:
        both.wait()
        make(folder)

    threads = [
        threading.Thread(target=lambda: found.append(maven.once("kafka", meets))) for _ in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [place / "kafka"] * 2
    assert [path.name for path in place.iterdir()] == ["kafka"]


def test_maven_that_is_not_here_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not an error about a file."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(maven.FetchError, match="Maven is not here"):
        maven.fetch(tmp_path, ["a:b:1"], lambda: None)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
def test_what_maven_complains_of_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own words; and what was wanted stands in its file."""
    monkeypatch.setenv("PATH", str(program(tmp_path, "mvn", "echo cannot resolve; exit 1")))
    with pytest.raises(maven.FetchError, match="Maven said: cannot resolve"):
        maven.fetch(tmp_path, ["org.apache.kafka:kafka_2.13:4.4.0"], lambda: None)
    assert "<artifactId>kafka_2.13</artifactId>" in (tmp_path / "pom.xml").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
@pytest.mark.parametrize(
    "said, enough",
    [('openjdk version "17.0.15"', True), ('java version "1.8.0_401"', False), ("no", False)],
)
def test_an_old_java_is_none(
    said: str, enough: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for its version."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(program(tmp_path, "java", f"echo '{said}' >&2")))
    maven.java.cache_clear()
    assert (maven.java(17) is not None) is enough
    maven.java.cache_clear()


def program(folder: Path, name: str, script: str) -> Path:
    """A folder with a program of this name."""
    (folder / "bin").mkdir()
    (folder / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bin" / name).chmod(0o755)
    return folder / "bin"
