"""start.py makes the environment, or says in a sentence why it cannot; nothing is downloaded."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import start
from course_lib.staff import __main__ as staff
from course_lib.staff import lock

ROOT = Path(__file__).resolve().parent.parent

COURSE = ROOT / "course_lib"
PYTEST = "python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder"
needs_scripts = pytest.mark.skipif(
    os.name == "nt", reason="the stand-ins for uv and python are scripts with a first line #!"
)

# Where Python lies may have a space in it, which no first line of a script can have.
DOOR = """\
#!/bin/sh
exec '{python}' '{stand_in}' "${{0##*/}}" "$@"
"""

STAND_IN = """\
import json, os, pathlib, signal, sys
name, *words = sys.argv[1:]
with open(os.environ["LOG"], "a") as log:
    kept = {k: os.environ.get(k) for k in ("PYTHONPATH", "JUPYTER_PREFER_ENV_PATH")}
    print(json.dumps([name, *words, os.getcwd(), kept]), file=log)
if name == "uv" and words[0] == "venv":
    inside = pathlib.Path(words[-1], "bin")
    inside.mkdir(parents=True)
    python = "python%d.%d" % sys.version_info[:2]
    (inside.parent / "lib" / python / "site-packages").mkdir(parents=True)
    inside.joinpath("python").symlink_to(os.environ["DOOR"])
if name == "uv" and words[0] == "pip" and "PRESS_CTRL_C" in os.environ:
    os.kill(os.getppid(), signal.SIGINT)
    signal.pause()
sys.exit(int(os.environ.get("UV_ENDS" if name == "uv" else "PYTHON_ENDS", "0")))
"""


@dataclass
class Checkout:
    """A copy of the course's beginnings in which uv, and the Python it makes, only take notes."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def stamp(self) -> Path:
        return self.folder / ".venv" / "made-by-start.txt"

    def start(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """start.py, called from somewhere else; `more` are variables of the environment."""
        return subprocess.run(
            [sys.executable, str(self.folder / "start.py"), *words],
            cwd=self.folder.parent,
            env={**self.variables, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    def notes(self) -> list[list]:
        """What was called since the last look: a name and its words, the folder, variables."""
        log = Path(self.variables["LOG"])
        notes = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        log.unlink(missing_ok=True)
        return notes

    def calls(self) -> list[str]:
        return [" ".join(note[:-2]).replace(f"{self.folder}/", "") for note in self.notes()]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "cöurse on a désk"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "notebooks" / "00_start_here.ipynb").touch()
    (folder / "requirements.lock").write_text("# nothing\n")
    shutil.copy(ROOT / "start.py", folder)
    tools = tmp_path / "tools"
    tools.mkdir()
    stand_in, door = tools / "stand_in.py", tools / "uv"
    stand_in.write_text(STAND_IN)
    door.write_text(DOOR.format(python=sys.executable, stand_in=stand_in))
    door.chmod(0o755)
    notes = {"PATH": str(tools), "DOOR": str(door), "LOG": str(tmp_path / "log")}
    kept = {k: v for k, v in os.environ.items() if k in ("HOME", "SYSTEMROOT", "TMPDIR", "LANG")}
    return Checkout(folder, {**kept, **notes})


@needs_scripts
def test_the_first_start_installs_and_then_tests(checkout: Checkout) -> None:
    """An environment, the lock with its hashes checked, then pytest with the words passed on."""
    done = checkout.start("test", "-x", "tests/test_setup.py")
    made, installed, tested = checkout.calls()
    assert done.returncode == 0
    assert made.startswith("uv venv") and made.endswith(".venv")
    assert installed.startswith("uv pip install --python .venv/bin/python --require-hashes")
    assert installed.endswith("--only-binary :all: -r requirements.lock")
    assert tested == f"{PYTEST} -x tests/test_setup.py"
    assert "less than a minute" in done.stdout


@needs_scripts
def test_the_second_start_installs_nothing(checkout: Checkout) -> None:
    """Without a change there is nothing to install, so it needs no network."""
    checkout.start("test")
    checkout.notes()
    checkout.start("test")
    assert checkout.calls() == [PYTEST]


@needs_scripts
def test_a_changed_lock_makes_a_new_environment(checkout: Checkout) -> None:
    """Other versions in the lock: everything anew, nothing left of the old environment."""
    checkout.start("test")
    checkout.notes()
    (checkout.folder / ".venv" / "old").touch()
    (checkout.folder / "requirements.lock").write_text("# something else\n")
    checkout.start("test")
    assert len(checkout.calls()) == 3
    assert not (checkout.folder / ".venv" / "old").exists()


@needs_scripts
def test_a_moved_folder_gets_a_new_environment(checkout: Checkout) -> None:
    """Programs in .venv know where they lie, so they cannot move with it."""
    checkout.start("test")
    checkout.notes()
    checkout.folder = checkout.folder.rename(checkout.folder.parent / "moved")
    checkout.start("test")
    assert len(checkout.calls()) == 3


@needs_scripts
def test_a_failed_install_leaves_nothing_behind(checkout: Checkout) -> None:
    """A sentence and code 1, no half-made .venv, and the next start works."""
    done = checkout.start("test", UV_ENDS="2")
    assert done.returncode == 1
    assert "did not finish (uv ended with code 2, see above)" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout.folder / ".venv").exists()
    assert checkout.start("test").returncode == 0


@needs_scripts
def test_ctrl_c_during_the_install_leaves_nothing_behind(checkout: Checkout) -> None:
    """The same after an interrupt: a sentence, code 1 and no traceback of ours."""
    done = checkout.start("test", PRESS_CTRL_C="1")
    assert done.returncode == 1
    assert "did not finish (interrupted)" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout.folder / ".venv").exists()


@needs_scripts
def test_an_unfinished_environment_is_made_anew(checkout: Checkout) -> None:
    """After a power cut the folder is there, but its stamp says unfinished."""
    checkout.stamp.parent.mkdir()
    checkout.stamp.write_text("unfinished")
    (checkout.folder / ".venv" / "half").touch()
    assert checkout.start("test").returncode == 0
    assert not (checkout.folder / ".venv" / "half").exists()


@needs_scripts
def test_somebody_elses_environment_is_left_alone(checkout: Checkout) -> None:
    """A .venv that start.py did not make is not deleted; the sentence says what to do."""
    theirs = checkout.folder / ".venv" / "pyvenv.cfg"
    theirs.parent.mkdir()
    theirs.touch()
    done = checkout.start("test")
    assert (done.returncode, theirs.exists(), checkout.calls()) == (1, True, [])
    assert "was not made by start.py. Move or delete it" in done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no root")
@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_root_is_let_in_and_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], user: int, allowed: bool
) -> None:
    """In a container there is often only root, whom JupyterLab would turn away."""
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert ("--allow-root" in start.command_for([])) is allowed
    assert ("You are root" in capsys.readouterr().out) is allowed


@needs_scripts
@pytest.mark.parametrize(
    ("words", "opened"),
    [
        ((), "00_start_here"),
        (("--no-browser", "--port", "8899"), "00_start_here"),
        (("notebooks/01_restaurant.ipynb", "--no-browser"), "01_restaurant"),
    ],
)
def test_words_go_on_to_jupyterlab(checkout: Checkout, words: tuple[str, ...], opened: str) -> None:
    """Without a command JupyterLab opens the first notebook or the one named, with all words."""
    (checkout.folder / "notebooks" / "01_restaurant.ipynb").touch()
    checkout.start(*words)
    *_, (name, *given, folder, variables) = checkout.notes()
    assert [name, *given[:2], folder] == ["python", "-m", "jupyterlab", str(checkout.folder)]
    assert f"--LabApp.default_url=/lab/tree/notebooks/{opened}.ipynb" in given
    passed_on = [word for word in words if not word.startswith("notebooks")]
    assert given[len(given) - len(passed_on) :] == passed_on
    assert variables["JUPYTER_PREFER_ENV_PATH"] == "1"


@needs_scripts
def test_bench_and_return_code(checkout: Checkout) -> None:
    """`bench` runs tests.bench with its words, and its return code is ours."""
    done = checkout.start("bench", "timers", PYTHON_ENDS="7")
    assert checkout.calls()[-1] == "python -m tests.bench timers"
    assert done.returncode == 7


@needs_scripts
def test_packages_from_elsewhere_stay_out(checkout: Checkout) -> None:
    """A PYTHONPATH of the machine does not reach the course."""
    checkout.start("test", PYTHONPATH="/opt/other/packages")
    assert [note[-1]["PYTHONPATH"] for note in checkout.notes()] == [None, None, None]


def test_a_wrong_word_is_named(checkout: Checkout) -> None:
    """A misspelt command is not handed to JupyterLab, and nothing is installed for it."""
    done = checkout.start("tets")
    assert (done.returncode, checkout.calls()) == (1, [])
    assert "There is no tets in" in done.stderr


@pytest.mark.slow
def test_pip_does_it_where_there_is_no_uv(checkout: Checkout) -> None:
    """Python's own venv and pip, here with an empty lock; the course is then on the path."""
    (checkout.folder / "pytest.py").write_text("import sys; print('tested', sys.argv[1:])\n")
    (checkout.folder / "course_lib.py").write_text("print('found')\n")
    done = checkout.start("test", "-q", PATH="", PIP_NO_INDEX="1")
    assert "Making .venv with pip" in done.stdout
    assert done.stdout.endswith(", '-q']\n"), done.stderr
    python = next((checkout.folder / ".venv").glob("[bS][ic][nr]*/python*"))
    found = subprocess.run(
        [python, "-I", "-c", "import course_lib"], capture_output=True, text=True
    )
    assert found.stdout == "found\n"


def pretend(checkout: Checkout, change: str) -> subprocess.CompletedProcess[str]:
    """start.py in a Python in which `change` was carried out first, without uv."""
    run = (
        f"import runpy; runpy.run_path({str(checkout.folder / 'start.py')!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", f"import sys; {change}; {run}"],
        env={**checkout.variables, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_told_so(checkout: Checkout) -> None:
    """Before 3.11 there is one sentence, and the file can be read by Python 3.8 to say it."""
    done = pretend(checkout, "sys.version_info = (3, 8, 19); sys.version = '3.8.19 (old)'")
    assert done.returncode == 1
    assert done.stderr == "The course needs Python 3.11 or newer; this is 3.8.19.\n"
    ast.parse((ROOT / "start.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_a_python_without_venv_is_told_the_way_out(checkout: Checkout) -> None:
    """Debian ships Python without ensurepip: the sentence names the package, or uv."""
    done = pretend(checkout, "import importlib.util as u; u.find_spec = lambda name: None")
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert "uv" in done.stderr
    assert not (checkout.folder / ".venv").exists()


def test_help_says_all_commands(checkout: Checkout) -> None:
    """--help names every command and installs nothing."""
    done = checkout.start("--help")
    for command in ("start.py [words", "start.py test", "start.py bench", "start.py --help"):
        assert command in done.stdout
    assert checkout.calls() == []


def test_the_readme_is_a_map_of_what_exists() -> None:
    """Its links and paths lead somewhere, and it names each file of course_lib and each lesson."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = "\n".join(re.findall(r"^\|.*\|$", readme.split("## What to read")[1], re.M))
    named = set(re.findall(r"`([\w/.]+(?:/|\.\w+))`", rows))
    named |= set(re.findall(r"\]\(([\w/.]+)\)", readme))
    lost = {name for name in named if not any((f / name).exists() for f in (ROOT, COURSE))}
    assert lost == set()
    files = {path.name + "/" * path.is_dir() for path in COURSE.iterdir()}
    ours = {name for name in files if name.endswith((".py", "/")) and not name.startswith("__")}
    lessons = {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert (ours | lessons) - named == set()


def test_the_three_files_agree() -> None:
    """pyproject.toml, requirements.lock and environment.yml name the same versions."""
    assert lock.problems(ROOT) == []


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """A copy of the three files, to be broken."""
    for name in ("pyproject.toml", "requirements.lock", "environment.yml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def replace(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("pyproject.toml", replace("numpy>=1.26", "numpy>=99"), "asks for numpy>=99; the lock has"),
        ("pyproject.toml", replace('"numpy', '"scipy",\n"numpy'), "scipy; the lock has nothing"),
        ("pyproject.toml", replace(">=3.11", ">=3.12"), "lacks `- python >=3.12"),
        ("requirements.lock", replace("ipywidgets==", "ipywidgets==9."), "lacks `- ipywidgets==9."),
        (
            "requirements.lock",
            replace("\nsimpy==", "\nsimple=="),
            "simpy>=4.1; the lock has nothing",
        ),
        ("requirements.lock", lambda text: text + "six==1.0\n", "six==1.0 has no hash"),
        ("requirements.lock", lambda text: "-i https://a.example\n" + text, "holds an address"),
        ("environment.yml", replace("- ipywidgets==", "- ipywidgets==1."), "has `- ipywidgets==1."),
        ("environment.yml", replace("      - -e .\n", ""), "lacks `- -e .`"),
        ("environment.yml", replace("python >=3.11", "python >=3.10"), "has `- python >=3.10"),
    ],
)
def test_a_disagreement_is_named(
    versions: Path, name: str, change: Callable[[str], str], said: str
) -> None:
    """Break one of the three, and the check says what differs and which command mends it."""
    file = versions / name
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    found = lock.problems(versions)
    assert any(said in problem for problem in found), found
    assert all(problem.endswith("python -m course_lib.staff lock") for problem in found)


def test_the_check_needs_no_network_and_returns_0(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m course_lib.staff lock --check` says that all agree."""
    assert staff.main(["lock", "--check"]) == 0
    assert "agree" in capsys.readouterr().out
