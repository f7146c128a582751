"""The commands of `python -m course_lib.staff`, as a reader meets them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib import staff
from course_lib.staff.__main__ import COMMANDS, main
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
