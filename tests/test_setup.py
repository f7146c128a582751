"""start.py makes the environment, or says in a sentence why it cannot; nothing is downloaded."""

from __future__ import annotations

import ast
import errno
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import start
from tests.conftest import in_ci

pytestmark = pytest.mark.slow  # most call start.py, and that more than once
ROOT = Path(__file__).resolve().parent.parent

COURSE = ROOT / "course_lib"
PYTEST = "python -m pytest --numprocesses=auto"
YOUNG = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Await, ast.Nonlocal)
IMPORT = "python -c import jupyterlab, course_lib"
PYTHON = "{}.{}".format(*sys.version_info)
needs_scripts = pytest.mark.skipif(
    os.name == "nt", reason="the stand-ins for uv and python are scripts with a first line #!"
)

# Where Python lies may have a space in it, which no first line of a script can have.
DOOR = """\
#!/bin/sh
exec '{python}' '{stand_in}' "${{0##*/}}" "$@"
"""

STAND_IN = """\
import json, os, pathlib, signal, sys, time
name, *words = sys.argv[1:]
kind = words[0] if name == "uv" else {"-c": "import"}.get(words[0], "run")
with open(os.environ["LOG"], "a") as log:
    kept = ("PYTHONPATH", "PYTHONSAFEPATH", "JUPYTER_PREFER_ENV_PATH", "HOME")
    kept += ("PYTHONWARNINGS", "PYTHONOPTIMIZE")
    print(json.dumps([name, *words, os.getcwd(), {k: os.environ.get(k) for k in kept}]), file=log)
if kind == "venv":
    inside = pathlib.Path(words[-1], "bin")
    inside.mkdir(parents=True)
    python = "python%d.%d" % sys.version_info[:2]
    (inside.parent / "lib" / python / "site-packages").mkdir(parents=True)
    inside.joinpath("python").symlink_to(os.environ["DOOR"])
    inside.parent.joinpath("pyvenv.cfg").write_text("home = " + os.environ["HOME_OF_PYTHON"])
if kind == "pip":
    place = pathlib.Path(words[words.index("--python") + 1]).parent.parent
    packages = next(place.glob("lib/*/site-packages"))
    if "ELSEWHERE" not in os.environ:
        (packages / "jupyterlab").mkdir(exist_ok=True)
        (packages / "jupyterlab" / "__init__.py").touch()
    for _ in os.environ.get("PRESS_CTRL_C", ""):
        os.kill(os.getppid(), signal.SIGINT)
    if "PRESS_CTRL_C" in os.environ:
        signal.pause()
    if "KILL" in os.environ:
        os.kill(os.getppid(), signal.SIGKILL)
    while "HOLD" in os.environ and not os.path.exists(os.environ["HOLD"]):
        time.sleep(0.01)  # till the test lets it go on
    if "SAYS" in os.environ and os.environ.get("UV_SYSTEM_CERTS") != os.environ.get("MENDS"):
        sys.exit(os.environ["SAYS"])
sys.exit(int(os.environ.get(kind.upper() + "_ENDS", "0")))
"""


@dataclass
class Checkout:
    """A copy of the course's beginnings in which uv, and the Python it makes, only take notes."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> Path:
        return self.folder / ".venv"

    @property
    def stamp(self) -> Path:
        return self.env / "made-by-start.txt"

    @property
    def packages(self) -> Path:
        return self.env / "lib" / f"python{PYTHON}" / "site-packages"

    def start(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """start.py, called from somewhere else; `more` are variables of the environment."""
        with self.begin(*words, **more) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def begin(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """The same, and do not wait for its end."""
        return subprocess.Popen(
            [sys.executable, str(self.folder / "start.py"), *words],
            cwd=self.folder.parent,
            env={**self.variables, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def notes(self) -> list[list[Any]]:
        """What was called since the last look: a name and its words, the folder, variables."""
        log = Path(self.variables["LOG"])
        notes = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        log.unlink(missing_ok=True)
        return notes

    def calls(self) -> list[str]:
        return [" ".join(note[:-2]).replace(f"{self.folder}/", "") for note in self.notes()]

    def works(self) -> bool:
        """Whether the next start does what it should, and the one after it has nothing to make."""
        self.notes()
        done = self.start("--no-browser")
        assert (done.returncode, done.stderr) == (0, "")
        made = self.calls()[-1].startswith("python -m jupyterlab")
        self.start("--no-browser")
        return made and len(self.calls()) == 1


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "cöurse on a désk"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "notebooks" / "00_start_here.ipynb").touch()
    for lock_name in ("requirements.lock", "requirements-test.lock"):
        (folder / lock_name).write_text("# nothing\n")
    shutil.copy(ROOT / "start.py", folder)
    tools = tmp_path / "tools"
    tools.mkdir()
    stand_in, door = tools / "stand_in.py", tools / "uv"
    stand_in.write_text(STAND_IN)
    door.write_text(DOOR.format(python=sys.executable, stand_in=stand_in))
    door.chmod(0o755)
    notes = {"PATH": str(tools), "DOOR": str(door), "LOG": str(tmp_path / "log")}
    notes |= {"HOME": str(tmp_path), "HOME_OF_PYTHON": str(tools), "PYTHONUTF8": "1"}
    kept = {k: v for k, v in os.environ.items() if k in ("SYSTEMROOT", "TMPDIR", "LANG")}
    return Checkout(folder, {**kept, **notes})


@needs_scripts
def test_the_first_start_installs_what_a_student_needs(checkout: Checkout) -> None:
    """An environment, the lock with its hashes checked, one import, then JupyterLab."""
    done = checkout.start("--no-browser")
    made, installed, imported, opened = checkout.calls()
    assert done.returncode == 0
    assert made.startswith("uv venv") and made.endswith(".venv")
    assert installed.startswith("uv pip install --python .venv/bin/python --require-hashes")
    assert installed.endswith("--only-binary :all: -r requirements.lock")
    assert imported == IMPORT
    assert opened.startswith("python -m jupyterlab")
    assert "less than a minute" in done.stdout


@needs_scripts
def test_the_first_test_adds_the_tools_of_the_tests(checkout: Checkout) -> None:
    """Into the same environment, by the lock that goes on where the student's ends."""
    checkout.start("--no-browser")
    checkout.notes()
    checkout.start("test", "-x", "tests/")
    installed, imported, tested = checkout.calls()
    assert installed.endswith("-r requirements.lock -r requirements-test.lock")
    assert imported == IMPORT + ", xdist"
    assert tested == f"{PYTEST} -x tests/"


@needs_scripts
@pytest.mark.parametrize("word", ["test", "bench", "--no-browser"])
def test_the_second_start_installs_nothing(checkout: Checkout, word: str) -> None:
    """Without a change there is nothing to install, so it needs no network."""
    checkout.start("test")
    checkout.notes()
    checkout.start(word)
    assert len(checkout.calls()) == 1


@needs_scripts
def test_a_changed_lock_makes_a_new_environment(checkout: Checkout) -> None:
    """Other versions in the lock: everything anew, nothing left of the old environment."""
    checkout.start("test")
    checkout.notes()
    (checkout.env / "old").touch()
    (checkout.folder / "requirements.lock").write_text("# something else\n")
    checkout.start("test")
    assert len(checkout.calls()) == 4
    assert not (checkout.env / "old").exists()


@needs_scripts
def test_a_changed_lock_of_the_tests_changes_the_environment(checkout: Checkout) -> None:
    """Their tools are brought up to date; what the student needs stays where it is."""
    checkout.start("test")
    checkout.notes()
    (checkout.folder / "requirements-test.lock").write_text("# something else\n")
    checkout.start("test")
    assert [call.split()[1] for call in checkout.calls()] == ["pip", "-c", "-m"]


@needs_scripts
def test_a_moved_folder_gets_a_new_environment(checkout: Checkout) -> None:
    """Programs in .venv know where they lie, so they cannot move with it."""
    checkout.start("test")
    checkout.notes()
    checkout.folder = checkout.folder.rename(checkout.folder.parent / "moved")
    checkout.start("test")
    assert len(checkout.calls()) == 4


@needs_scripts
@pytest.mark.parametrize("ends", ["VENV_ENDS", "PIP_ENDS", "IMPORT_ENDS"])
def test_whatever_fails_is_mended_by_the_next_start(checkout: Checkout, ends: str) -> None:
    """A sentence and code 1; the stamp comes last, so the next start begins anew."""
    more = {"SAYS": "no", "MENDS": "never"} if ends == "PIP_ENDS" else {ends: "2"}
    done = checkout.start("test", **more)
    assert done.returncode == 1
    assert "The set-up did not finish: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "files" not in checkout.stamp.read_text()
    assert checkout.works()


@needs_scripts
@pytest.mark.parametrize("times", ["once", "twice and more"])
def test_ctrl_c_is_mended_by_the_next_start(checkout: Checkout, times: str) -> None:
    """However often it is pressed: a sentence, code 1, no traceback, and uv ends before us."""
    done = checkout.start("test", PRESS_CTRL_C=times[4:] or "1")
    assert done.returncode == 1
    assert done.stderr == "\nInterrupted. The next start mends whatever is unfinished.\n"
    assert checkout.works()


@needs_scripts
def test_two_starts_at_once_make_one_environment(checkout: Checkout, tmp_path: Path) -> None:
    """The second says that it waits, and then finds all done."""
    door = tmp_path / "door"
    with checkout.begin("test", HOLD=str(door)) as first:
        assert first.stdout is not None and "Making" in first.stdout.readline()
        with checkout.begin("test") as second:
            assert second.stdout is not None and "Another start" in second.stdout.readline()
            door.touch()
            assert (first.wait(), second.wait()) == (0, 0)
    words = [call.split()[1] for call in checkout.calls()]
    assert words == ["venv", "pip", "-c", "-m", "-m"]


@needs_scripts
def test_a_killed_start_is_mended_when_its_uv_has_ended(checkout: Checkout, tmp_path: Path) -> None:
    """kill -9: the uv left behind still holds the turn, so that nobody writes beside it."""
    door = tmp_path / "door"
    killed = checkout.start("test", KILL="1", HOLD=str(door), SAYS="too late")
    assert killed.returncode == -signal.SIGKILL
    with checkout.begin("test") as second:
        assert second.stdout is not None and "Another start" in second.stdout.readline()
        door.touch()
        assert second.wait() == 0
    assert checkout.works()


@needs_scripts
@pytest.mark.parametrize(
    "lost",
    ["bin", "bin/python", "pyvenv.cfg", "lib", "lib/*/*/jupyterlab", "lib/*/*/course_here.pth"],
)
def test_a_half_deleted_environment_is_made_anew(checkout: Checkout, lost: str) -> None:
    """Every file that was there is counted, so that none is missed later."""
    checkout.start("--no-browser")
    [path] = checkout.env.glob(lost)
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    assert checkout.works()


@needs_scripts
def test_without_its_stamp_it_is_left_alone(checkout: Checkout) -> None:
    """Then nobody can say that it is ours: another one is made beside it."""
    checkout.start("--no-browser")
    checkout.stamp.unlink()
    assert checkout.works()
    assert (checkout.folder / f".venv-{PYTHON}" / "made-by-start.txt").exists()


@needs_scripts
@pytest.mark.parametrize("content", ["", "unfinished", "[]", "{}", '{"python": "3.11"}'])
def test_an_unfinished_environment_is_made_anew(checkout: Checkout, content: str) -> None:
    """After a power cut the folder is there, but its stamp says unfinished, or nothing."""
    checkout.env.mkdir()
    checkout.stamp.write_text(content)
    (checkout.env / "half").touch()
    assert checkout.works()
    assert not (checkout.env / "half").exists()


@needs_scripts
def test_a_folder_that_is_only_a_link_is_not_emptied(checkout: Checkout, tmp_path: Path) -> None:
    """A .venv that points at another course's: the link goes, what it points at stays."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "made-by-start.txt").write_text('{"python": ""}')
    checkout.env.symlink_to(theirs)
    assert checkout.works()
    assert (theirs / "made-by-start.txt").exists() and not checkout.env.is_symlink()


@needs_scripts
def test_a_file_of_that_name_is_left_alone(checkout: Checkout) -> None:
    """Some tools keep in it where their environment is."""
    checkout.env.write_text("elsewhere")
    for _ in range(2):
        done = checkout.start()
        assert (done.returncode, checkout.env.read_text()) == (1, "elsewhere")
        assert f"{checkout.env} was not made by start.py; move or delete it" in done.stderr


@needs_scripts
def test_somebody_elses_environment_is_left_alone(checkout: Checkout) -> None:
    """A .venv that start.py did not make stays as it is; the course gets one beside it."""
    theirs = checkout.env / "pyvenv.cfg"
    theirs.parent.mkdir()
    theirs.touch()
    assert checkout.works()
    assert [*checkout.env.iterdir()] == [theirs]


@needs_scripts
def test_pythons_side_by_side_keep_their_environments(checkout: Checkout) -> None:
    """Where .venv belongs to another Python that is still there, ours is called by its number."""
    checkout.start("test")
    checkout.stamp.write_text(checkout.stamp.read_text().replace(f'"{PYTHON}"', '"3.99"'))
    before = sorted(checkout.env.rglob("*"))
    assert checkout.works()
    assert sorted(checkout.env.rglob("*")) == before
    assert (checkout.folder / f".venv-{PYTHON}" / "made-by-start.txt").exists()


@needs_scripts
def test_an_environment_whose_python_is_gone_is_made_anew(checkout: Checkout) -> None:
    """After an upgrade of the system the old one can do nothing any more."""
    checkout.start("test")
    checkout.stamp.write_text(checkout.stamp.read_text().replace(f'"{PYTHON}"', '"3.99"'))
    (checkout.env / "pyvenv.cfg").write_text("home = /nowhere\n")
    assert checkout.works()
    assert not (checkout.folder / f".venv-{PYTHON}").exists()


@needs_scripts
@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("invalid peer certificate: UnknownIssuer", "set the variables SSL_CERT_FILE and PIP_CERT"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "the certificate as a .pem file"),
        ("failed to write: No space left on device (os error 28)", "the disk is full"),
        ("Permission denied (os error 13)", "copy the course to a folder of your own"),
        ("Hash mismatch for numpy==2.4.6", "not what the lock names"),
        ("ERROR: No matching distribution found for x", f"for this system with Python {PYTHON}"),
        ("Refusing to create a venv in /a:b because it contains the PATH separator :.", "rename"),
        (
            "WARNING: Retrying: Failed to establish a new connection: [Errno -3]\n"
            "ERROR: No matching distribution found for x",  # which pip says of a missing network
            "whether the network is there",
        ),
        ("dns error: failed to lookup address information", "whether the network is there"),
        ("ProxyError('Cannot connect to proxy.')", "HTTPS_PROXY"),
        ("something new", "whether the network is there, and space on the disk"),
    ],
)
def test_each_cause_has_its_way_out(checkout: Checkout, says: str, told: str) -> None:
    """What uv or pip said is shown, and then in a sentence what it means."""
    done = checkout.start("test", SAYS=says, MENDS="never")
    assert says in done.stderr
    assert told in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("at", ["stamp_of", "lives", "digest", "take_turn", "count_files"])
@pytest.mark.parametrize(
    ("number", "told"), [(errno.EACCES, "a folder of your own"), (errno.ENOSPC, "the disk is full")]
)
def test_what_the_system_refuses_is_a_sentence(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, at: str, number: int, told: str
) -> None:
    """As where somebody else made .venv, whose files are nobody else's to read."""

    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number), str(checkout.stamp))

    if at != "take_turn":
        checkout.start()  # so that there is something to look at
    monkeypatch.setattr(start, "ROOT", checkout.folder)
    monkeypatch.setattr(start, at, refused)
    with pytest.raises(SystemExit) as ended:
        start.environment([start.STUDENT])
    assert str(ended.value).startswith("\nThe set-up did not finish: [Errno")
    assert told in str(ended.value)


@needs_scripts
def test_the_certificates_of_the_computer_are_tried(checkout: Checkout) -> None:
    """A network that looks into TLS has put its own there; the second try finds it."""
    done = checkout.start("test", SAYS="invalid peer certificate: UnknownIssuer", MENDS="1")
    assert "trying those of this computer" in done.stdout
    assert done.returncode == 0


@needs_scripts
def test_packages_that_land_elsewhere_are_noticed(checkout: Checkout) -> None:
    """A `target` in uv's settings: no stamp, and the sentence says what to take out."""
    done = checkout.start("test", ELSEWHERE="1")
    assert "a `target` or `prefix` in the settings of uv or pip" in done.stderr
    assert checkout.works()


@needs_scripts
@pytest.mark.parametrize("name", ["json", "queue", "signal", "random", "email", "pathlib", "types"])
def test_a_students_file_is_not_taken_for_pythons(checkout: Checkout, name: str) -> None:
    """queue.py or json.py in the course's folder: start.py works, and so does what it starts."""
    (checkout.folder / f"{name}.py").write_text("raise SystemExit('a student wrote this')\n")
    assert checkout.works()
    checkout.start("test")
    assert {note[-1]["PYTHONSAFEPATH"] for note in checkout.notes()} == {"1"}


@needs_scripts
def test_a_home_that_cannot_be_written_to_is_replaced(checkout: Checkout) -> None:
    """Jupyter and uv keep things at home; what they need goes into the environment."""
    checkout.start("--no-browser", HOME="/proc/nobody")
    assert {note[-1]["HOME"] for note in checkout.notes()} == {str(checkout.env / "home")}
    checkout.start("--no-browser")
    assert checkout.notes()[0][-1]["HOME"] == checkout.variables["HOME"]


@needs_scripts
def test_a_system_that_knows_ascii_only(checkout: Checkout) -> None:
    """LANG=C and a folder with an umlaut: everything works, and the sentences can be written."""
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert checkout.start("test", **plain).returncode == 0
    done = checkout.start("tets", **plain)
    assert "There is no tets in" in done.stderr and "Traceback" not in done.stderr


def test_a_missing_test_is_named(checkout: Checkout) -> None:
    """And nothing is installed for it."""
    done = checkout.start("test", "-x", "tests/test_nosuch.py::test_this")
    assert (done.returncode, checkout.calls()) == (1, [])
    assert "There is no tests/test_nosuch.py in" in done.stderr


@pytest.mark.parametrize("words", [["test"], ["test", "--site"], ["site"], ["bench"]])
def test_what_a_student_s_folder_has_not_got_is_named(checkout: Checkout, words: list[str]) -> None:
    """The bundle holds no lock of it: a sentence says so, and nothing is made."""
    for name in (start.TESTS, start.SITE):
        (checkout.folder / name).unlink(missing_ok=True)
    done = checkout.start(*words)
    assert (done.returncode, checkout.calls(), checkout.env.exists()) == (1, [], False)
    assert f"in {checkout.folder}: this part comes with the whole course" in done.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--quick"], [*start.QUICK, "tests"]),
        (["--quick", "-x"], [*start.QUICK, "tests", "-x"]),
        (["-x", "--quick", "tests/test_setup.py"], [*start.QUICK, "-x", "tests/test_setup.py"]),
        (["notebooks", "--quick"], [*start.QUICK, "notebooks"]),
        (["tests/test_setup.py::test_one"], ["tests/test_setup.py::test_one"]),
    ],
)
def test_quick_leaves_out_what_takes_long(words: list[str], expected: list[str]) -> None:
    """No browser, nothing marked slow, and the notebooks only if named."""
    assert start.command_for(["test", *words])[3:] == expected


@pytest.mark.parametrize(
    ("words", "folder", "locks", "last"),
    [
        ([], ".venv", [start.STUDENT], "readonly"),
        (["test"], ".venv", [start.STUDENT, start.TESTS], "--numprocesses=auto"),
        (["bench", "load"], ".venv", [start.STUDENT, start.TESTS], "load"),
        (["test", "--libraries", "-x"], ".venv-libraries", [start.LIBRARIES], "-x"),
        (["test", "--labs", "-x"], ".venv-labs", [start.LABS], "-x"),
        (["test", "--hub", "-x"], ".venv-hub", [start.HUB], "-x"),
        (["labs", "--no-browser"], ".venv-labs", [start.LABS], "--no-browser"),
        (["test", "--site", "-x"], ".venv-site", [start.SITE], "-x"),
        (["site", "--out", "x"], ".venv-site", [start.SITE], "x"),
    ],
)
def test_each_command_has_its_environment(
    words: list[str], folder: str, locks: list[str], last: str
) -> None:
    """Made of its own lock, so that none holds back another's versions."""
    assert start.locks_for(words) == locks
    assert start.choose(locks).name in (folder, f"{folder}-{start.PYTHON}")
    assert start.command_for(words)[-1].endswith(last)


def test_the_labs_open_with_the_first_of_them() -> None:
    """In JupyterLab."""
    command = start.command_for(["labs"])
    assert command[:2] == ["-m", "jupyterlab"]
    assert f"--LabApp.default_url=/lab/tree/{start.FIRST_LAB}" in command


def test_how_far_pip_is_comes_from_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages fetched of those in the locks, then packages unpacked, and its last word."""
    monkeypatch.setattr(start, "ROOT", tmp_path)
    (tmp_path / "requirements.lock").write_text("one==1 \\\n  --hash=sha256:0\ntwo==2\nsix==3\n")
    work = start.SetUp(tmp_path, ["requirements.lock"], 0)
    work.log.write_text("Collecting one==1\n  Downloading one.whl\nCollecting two==2\n")
    assert work.progress() == "2 of about 3 packages fetched. Collecting two==2"
    (start.place(tmp_path, "purelib") / "one-1.dist-info").mkdir(parents=True)
    work.log.write_text(work.log.read_text() + "Installing collected packages: one, two\n")
    assert work.progress().startswith("1 of about 3 packages unpacked. Installing")
    work.log.write_text(work.log.read_text() + "  Successfully uninstalled one-0\n")
    assert work.progress().startswith("1 of about 3 packages unpacked. Successfully uninstalled")
    work.log.write_text(work.log.read_text() + "Collecting six==3\n")  # the tools of the tests
    assert work.progress() == "3 of about 3 packages fetched. Collecting six==3"


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


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("notebooks/Week 2 #1.ipynb", "notebooks/Week%202%20%231.ipynb"),
        ("notebooks/100% mine.ipynb", "notebooks/100%25%20mine.ipynb"),
        ("01_restaurant.ipynb", "notebooks/01_restaurant.ipynb"),
        ("../notebooks/01_restaurant.ipynb", "notebooks/01_restaurant.ipynb"),
        ("{whole}/notebooks/01_restaurant.ipynb", "notebooks/01_restaurant.ipynb"),
        ("{link}/notebooks/01_restaurant.ipynb", "notebooks/01_restaurant.ipynb"),
        (".", "."),
    ],
)
def test_a_notebook_of_any_name_is_opened_from_anywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, asked: str
) -> None:
    """Its address says each sign so that it stays one, and leads below the course's folder."""
    course, link = tmp_path.resolve() / "course", tmp_path.resolve() / "link"
    (course / "notebooks").mkdir(parents=True)
    for name in ("01_restaurant", "Week 2 #1", "100% mine"):
        (course / "notebooks" / f"{name}.ipynb").touch()
    link.symlink_to(course)
    monkeypatch.setattr(start, "ROOT", course)
    monkeypatch.chdir(course / "notebooks")
    command = start.command_for([words.format(whole=course, link=link)])
    assert f"--LabApp.default_url=/lab/tree/{asked}" in command


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        ("mine.ipynb", "course/link"),
        ("./mine.ipynb", "course/link"),
        ("../link/mine.ipynb", "course/link"),
        ("link/mine.ipynb", "course"),
        ("course/link/mine.ipynb", ""),
        ("../course/link/mine.ipynb", "course"),
        ("course/link/mine.ipynb", "door"),
    ],
)
def test_a_notebook_behind_a_link_of_the_course_is_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, stands: str
) -> None:
    """Also by who stands there, as the shell says it: for Python that is where the link leads."""
    home = tmp_path.resolve()
    (home / "elsewhere").mkdir()
    (home / "elsewhere" / "mine.ipynb").touch()
    (home / "course").mkdir()
    (home / "course" / "link").symlink_to(home / "elsewhere")
    (home / "door").symlink_to(home)
    monkeypatch.setattr(start, "ROOT", home / "course")
    monkeypatch.chdir(home / stands)
    monkeypatch.setenv("PWD", str(home / stands))
    assert "--LabApp.default_url=/lab/tree/link/mine.ipynb" in start.command_for([words])


@pytest.mark.parametrize("said", ["course/link", "course/gone", None])
def test_where_the_shell_stood_before_counts_for_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str | None
) -> None:
    """Whoever is begun in another folder may still have the old one in PWD, or none."""
    for folder in ("elsewhere", "course/link"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "course" / "link" / "mine.ipynb").touch()
    monkeypatch.setattr(start, "ROOT", tmp_path.resolve() / "course")
    monkeypatch.chdir(tmp_path / "elsewhere")
    if said is None:
        monkeypatch.delenv("PWD", raising=False)
    else:
        monkeypatch.setenv("PWD", str(tmp_path / said))
    with pytest.raises(SystemExit, match=r"There is no .*mine\.ipynb in .*course"):
        start.command_for(["mine.ipynb"])


@pytest.mark.parametrize("words", ["../elsewhere.ipynb", "{}/elsewhere.ipynb", ".."])
def test_a_notebook_outside_the_course_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str
) -> None:
    """JupyterLab, which sees the course's folder alone, would open an empty one."""
    (tmp_path / "course").mkdir()
    (tmp_path / "elsewhere.ipynb").touch()
    monkeypatch.setattr(start, "ROOT", tmp_path.resolve() / "course")
    monkeypatch.chdir(tmp_path / "course")
    with pytest.raises(SystemExit, match=r"There is no .* in .*course\. See: python3 start.py"):
        start.command_for([words.format(tmp_path)])


@needs_scripts
def test_bench_and_return_code(checkout: Checkout) -> None:
    """`bench` runs tests.bench with its words, and its return code is ours."""
    done = checkout.start("bench", "timers", RUN_ENDS="7")
    assert checkout.calls()[-1] == "python -m tests.bench timers"
    assert done.returncode == 7


@needs_scripts
@pytest.mark.parametrize(
    ("name", "value"),
    [("PYTHONPATH", "/opt/other"), ("PYTHONWARNINGS", "error"), ("PYTHONOPTIMIZE", "2")],
)
def test_what_is_for_other_programs_stays_out(checkout: Checkout, name: str, value: str) -> None:
    """Packages of the machine do not reach the course, nor what pip or JupyterLab would end at."""
    checkout.start("test", **{name: value})
    assert {note[-1][name] for note in checkout.notes()} == {None}


def test_a_wrong_word_is_named(checkout: Checkout) -> None:
    """A misspelt command is not handed to JupyterLab, and nothing is installed for it."""
    done = checkout.start("tets")
    assert (done.returncode, checkout.calls()) == (1, [])
    assert "There is no tets in" in done.stderr


@pytest.mark.parametrize("words", ["--hlep", "-help", "--labs", "test --quik", "test -x --lab"])
def test_a_wrong_option_is_named(checkout: Checkout, words: str) -> None:
    """One of ours that is misspelt, or stands without its command: nothing is installed for it."""
    done = checkout.start(*words.split())
    word = words.split()[-1]
    assert (done.returncode, checkout.calls()) == (1, [])
    assert done.stderr.strip() == (
        f"{word} is no word that is known here. See: python3 start.py --help"
    )


def wheel(folder: Path, name: str) -> str:
    """A package with one empty file, as pip installs it; its line for a lock."""
    path = folder / f"{name}-1-py3-none-any.whl"
    about = f"{name}-1.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return f"{name}==1 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@in_ci
@pytest.mark.parametrize("setting", ["target", "prefix", "user"])
@pytest.mark.slow
def test_pip_does_it_where_there_is_no_uv(checkout: Checkout, tmp_path: Path, setting: str) -> None:
    """Python's own venv and pip, here with small packages, whatever pip's settings say."""
    (checkout.folder / "requirements.lock").write_text(wheel(tmp_path, "jupyterlab"))
    (checkout.folder / "requirements-test.lock").write_text(wheel(tmp_path, "xdist"))
    (checkout.folder / "pytest.py").write_text("import sys; print('tested', sys.argv[1:])\n")
    (checkout.folder / "course_lib.py").write_text("print('found')\n")
    value = "true" if setting == "user" else tmp_path / "elsewhere"
    (tmp_path / "pip.conf").write_text(f"[install]\n{setting} = {value}\n")
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    done = checkout.start("test", "-q", PATH="", PIP_CONFIG_FILE=str(tmp_path / "pip.conf"), **pip)
    assert "Making .venv with pip" in done.stdout
    assert done.stdout.endswith(", '-q']\n"), done.stderr
    python = next(checkout.env.glob("[bS][ic][nr]*/python*"))
    words = [python, "-I", "-c", "import course_lib, jupyterlab"]
    found = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
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
    """Before 3.11 there is one sentence."""
    done = pretend(checkout, "sys.version_info = (3, 8, 19); sys.version = '3.8.19 (old)'")
    assert done.returncode == 1
    assert done.stderr.startswith("The course needs Python 3.11 or newer; this is 3.8.19. ")
    assert len(done.stderr.splitlines()) == 1


def test_every_python_can_read_it_to_its_end() -> None:
    """Only then can it say its sentence: nothing in it is younger than Python 2.7."""
    text = (ROOT / "start.py").read_bytes().decode("ascii")
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, YOUNG), f"line {node.lineno} is not Python 2.7"
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.args, node.args.vararg, node.args.kwarg]
            assert not any(a and a.annotation for a in arguments) and not node.returns
            assert not node.args.kwonlyargs and not node.args.posonlyargs
        if isinstance(node, (ast.Tuple, ast.List, ast.Dict, ast.Set)):
            assert not any(isinstance(part, ast.Starred) for part in ast.iter_child_nodes(node))
        if isinstance(node, ast.Dict):
            assert None not in node.keys
        if isinstance(node, ast.Raise):
            assert node.cause is None


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.7", "3.8", "3.9", "3.10"])
def test_an_old_python_that_is_here_says_its_sentence(version: str) -> None:
    """On the PATH, or where pyenv keeps them."""
    pyenv = Path.home() / ".pyenv" / "versions"
    found = [shutil.which(f"python{version}"), *pyenv.glob(f"{version}.*/bin/python")]
    works = [python for python in found if python and not subprocess.call([python, "-c", ""])]
    if not works:
        pytest.skip(f"there is no Python {version} on this computer")
    done = subprocess.run([works[0], ROOT / "start.py"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert f"this is {version}" in done.stderr


def test_a_python_without_venv_is_told_the_way_out(checkout: Checkout) -> None:
    """Debian ships Python without ensurepip: the sentence names the package, or uv."""
    done = pretend(checkout, "import importlib.util as u; u.find_spec = lambda name: None")
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert "uv" in done.stderr
    assert "files" not in checkout.stamp.read_text()


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
