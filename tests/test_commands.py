"""The commands of `python -m course_lib.staff`, as a reader meets them."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest

from course_lib import staff
from course_lib.staff import doctor
from course_lib.staff.__main__ import COMMANDS, main
from course_lib.staff.place import quoted
from tests.conftest import ROOT


@pytest.mark.slow  # each imports its own tools
@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_says_what_it_does(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`COMMAND --help` answers with how it is called and what for, and does nothing."""
    with pytest.raises(SystemExit, match=r"^0$"):
        main([command, "--help"])
    told = capsys.readouterr().out
    assert told.startswith(f"usage: python -m course_lib.staff {command} ")
    assert len(told.splitlines()) > 5


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With what each does."""
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--help"])
    told = capsys.readouterr().out
    assert [line for line in COMMANDS if line not in told] == []
    assert [does for does in COMMANDS.values() if does not in told] == []


def test_every_command_is_listed() -> None:
    """A file with a `main` in the folder of the commands is one of them."""
    [folder] = map(Path, staff.__path__)
    files = [path for path in folder.glob("[!_]*.py") if "\ndef main(" in path.read_text("utf-8")]
    assert sorted(path.stem for path in files) == sorted(COMMANDS)


def test_no_command_is_a_question(capsys: pytest.CaptureFixture[str]) -> None:
    """Which there are."""
    with pytest.raises(SystemExit, match=r"^0$"):
        main([])
    assert "doctor" in capsys.readouterr().out


def test_another_python_is_told_which_to_take() -> None:
    """One that has no packages: its name, what it lacks, and the way to the course's own."""
    alone = [sys.executable, "-I", "-S", "-c"]
    program = f"import sys; sys.path.append({str(ROOT)!r}); "
    program += "from course_lib.staff.__main__ import main; sys.exit(main({!r}))"
    for words in (["demo"], ["grade", "module_0_quiz", "--course", str(ROOT / "quizzes")]):
        command = [*alone, program.format(words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert re.match(rf"{re.escape(sys.executable)} has no \w+: ", done.stderr), done.stderr
        assert "source .venv/bin/activate" in done.stderr


def test_an_unknown_command_gets_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """The known ones are named."""
    with pytest.raises(SystemExit, match=r"^2$"):
        main(["sing"])
    assert "invalid choice: 'sing' (choose from " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a.csv"), "a.csv (No space left on"),
        (PermissionError(errno.EACCES, "Permission denied", "a.csv"), "look at its rights"),
        (FileExistsError(errno.EEXIST, "File exists", "a.csv"), "look whether its path is right"),
        (KeyboardInterrupt(), "Interrupted. Type the same again"),
    ],
)
def test_what_ends_a_command_is_a_sentence(
    problem: BaseException,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full disk, a file without rights, Ctrl-C: what it is about, the way out, and 1."""

    def end(_: object) -> int:
        raise problem

    monkeypatch.setattr(doctor, "main", end)
    assert main(["doctor"]) == 1
    told = capsys.readouterr().err.strip()
    assert said in told and "\n" not in told


@pytest.mark.skipif(os.name == "nt", reason="its pipes end in another way")
def test_a_reader_that_ends_is_no_traceback(tmp_path: Path) -> None:
    """`build | head -0` stops with a sentence, and is no success."""
    shutil.copy(ROOT / "quizzes" / "questions.toml", tmp_path)
    reads, writes = os.pipe()
    os.close(reads)
    words = [sys.executable, "-m", "course_lib.staff", "build", "--course", str(tmp_path)]
    done = subprocess.run(
        words, stdout=writes, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False
    )
    os.close(writes)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "whoever read its words has ended" in done.stderr


def test_a_terminal_without_these_letters_ends_no_command(tmp_path: Path) -> None:
    """A name that cannot be printed has question marks, as the work is done."""
    shutil.copy(ROOT / "quizzes" / "questions.toml", tmp_path)
    course = tmp_path.rename(tmp_path.with_name("Übung"))
    words = [sys.executable, "-m", "course_lib.staff", "build", "--course", str(course)]
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "?bung" in done.stdout


def test_a_folder_with_a_gap_in_its_name_is_typed_in_quotes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever types what a command says gets there; other folders are said as they are."""
    course = tmp_path / "my course"
    shutil.copytree(ROOT / "quizzes" / "source", course / "source")
    shutil.copy(ROOT / "quizzes" / "questions.toml", course)
    for words in (["bundle", "--out", str(tmp_path / "x.zip")], ["report"]):
        assert main([*words, "--course", str(course)]) == 1
        assert f'cd "{course}"' in capsys.readouterr().err
    assert quoted(tmp_path) == str(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="no sh there")
@pytest.mark.parametrize(
    ("name", "bare"),
    [("R&D", False), ("course(2)", False), ("it's", False), ("my course", False), ("a;b", False),
     ("pay $HOME", False), ("a`b`", False), ('say "x"', False), ("#1", False), ("x*", False),
     ("Übung_2.0-b", True)],
)  # fmt: skip
def test_a_folder_that_a_shell_would_read_otherwise_is_typed_in_quotes(
    name: str, bare: bool, tmp_path: Path
) -> None:
    """What is said is tried in a shell; of a name that is harmless nothing is changed."""
    folder = tmp_path / name
    folder.mkdir()
    typed = quoted(folder)
    done = subprocess.run(
        ["sh", "-c", f"cd {typed} && pwd"], capture_output=True, text=True, check=False
    )
    assert (done.stdout.removesuffix("\n"), typed == str(folder)) == (str(folder), bare)


def test_a_folder_of_windows_is_typed_as_it_is() -> None:
    """Also a short name; with a gap it is in the quotes that all its terminals know."""
    assert quoted(PureWindowsPath(r"C:\Users\ADMINI~1\course")) == r"C:\Users\ADMINI~1\course"
    assert quoted(PureWindowsPath(r"C:\R&D\course (2)")) == r'"C:\R&D\course (2)"'
