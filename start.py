#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# ///
"""Open, test or measure the course, with nothing but Python 3.11 or newer.

  python3 start.py [words for JupyterLab]    open the course, for example with --no-browser
                                             or --port 8899, or notebooks/01_restaurant.ipynb
  python3 start.py test [words for pytest]   run the tests: all, or -x, or tests/test_setup.py
  python3 start.py test --quick [words]      leave out what needs a browser, the notebooks, the slow
  python3 start.py test --libraries          run the course's clock with libraries of other makers
  python3 start.py test --cpython [names]    let CPython's own tests of asyncio judge it
  python3 start.py test --labs [words]       run the ten messaging systems, and the labs on them
  python3 start.py test --hub [words]        run a JupyterHub with a class of three
  python3 start.py test --site [words]       build the course as a web site, and drive it
  python3 start.py labs [words]              open the labs: ten messaging systems on this computer
  python3 start.py site [words]              build the course as a web site, which runs in browsers
  python3 start.py bench [words]             measure the simulator and the widgets
  python3 start.py --help                    say this

The first start makes the folder .venv here from requirements.lock: exact versions, each checked
by its hash. It installs with uv if you have it and with pip if not, and needs the network; the
first test adds the tools of requirements-test.lock. Later starts take seconds and need no network.
Another Python makes another folder, such as .venv-3.12, and so do the labs, the libraries and the
site. To start over, delete them.
"""

import os
import sys

# A Python that is too old reads this file to its end only to say so: hence types in comments,
# and no word that is younger than Python 2.7.
if sys.version_info < (3, 11):
    sys.exit(
        "The course needs Python 3.11 or newer; this is {}. Install a newer one (python.org has "
        "them), or uv, which brings its own, and type: uv run start.py".format(
            sys.version.split()[0]
        )
    )
if __name__ == "__main__":
    # A student's json.py or queue.py in this folder is not to be taken for Python's own.
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [folder for folder in sys.path if os.path.realpath(folder) != here]
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is begun: Ctrl-C just ends it

import difflib
import hashlib
import importlib.util
import json
import re
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Any  # noqa: F401 - the comments need it
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent
PYTHON = "{}.{}".format(*sys.version_info)
STUDENT, TESTS = "requirements.lock", "requirements-test.lock"
LIBRARIES, LABS, HUB, SITE = "libraries.lock", "labs.lock", "hub.lock", "site.lock"
FOLDERS = {  # of locks with one of their own
    LIBRARIES: ".venv-libraries",
    LABS: ".venv-labs",
    HUB: ".venv-hub",
    SITE: ".venv-site",
}
NOT_HERE = (
    "There is no {} in {}: this part comes with the whole course. "
    "Whether all is well here, the first lesson says: python3 start.py"
)
FIRST_NOTEBOOK = "notebooks/00_start_here.ipynb"
FIRST_LAB = "notebooks/labs/message_queues.ipynb"
LAB_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    # Cells that are off the screen are there too: a link to a heading, and a search, find them.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
APART = ("labs", "libraries", "hub", "cpython", "site")  # parts of the tests with a command each
# Our own, which others do not know; what is only like one of them is handed to nobody.
OPTIONS = ["--help", "--quick"] + ["--" + part for part in APART]
QUICK = ["-m", "not browser and not slow"]
TELL_EVERY = 5.0  # seconds, where the output is no terminal and a line cannot be written anew
SYSTEM_CERTIFICATES = {
    "UV_SYSTEM_CERTS": "1",
    "UV_NATIVE_TLS": "1",  # what older uvs call it
    "PIP_USE_FEATURE": "truststore",
}
# What uv and pip say, and what it means with the way out; the first that fits.
CAUSES = (
    (
        "UnknownIssuer|CERTIFICATE_VERIFY_FAILED|invalid peer certificate|self[- ]signed",
        "this network shows a certificate that this computer does not know; often a company, a "
        "school or a virus scanner looks into encrypted connections. Ask who runs it for the "
        "certificate as a .pem file, and set the variables SSL_CERT_FILE and PIP_CERT to its path",
    ),
    (
        "No space left|Disk quota|os error (28|112|122)",
        "the disk is full, and the course needs 1 GB of it",
    ),
    (
        "Permission denied|Read-only file system|os error (13|30)",
        "a file may not be written; copy the course to a folder of your own",
    ),
    (
        "contains the PATH separator",
        "a folder on the way to the course has a {} in its name (the Finder shows it as /); rename "
        "that folder".format(os.pathsep),
    ),
    (
        "Hash mismatch|DO NOT MATCH THE HASHES",
        "what arrived is not what the lock names, so the download was cut off or changed on its "
        "way; try again, or in another network",
    ),
    (  # before the next, which pip says, too, where it reaches nothing
        "dns error|name resolution|getaddrinfo|nodename|fetch|sending request|unreachable|"
        "timed out|Failed to establish|refused|ProxyError|Tunnel|Connection (reset|aborted)",
        "the packages cannot be fetched; look whether the network is there, and behind a proxy, "
        "set the variable HTTPS_PROXY",
    ),
    (
        "No matching distribution|no wheels? with a matching|no usable wheels|doesn't have a wheel",
        "a package is not there for this system with Python {}; a Python from 3.11 to 3.13 on "
        "Linux with glibc, a Mac or Windows has all of them".format(PYTHON),
    ),
)
CERTIFICATE = CAUSES[0][1]


class SetUpError(Exception):
    """Why there is no environment, as the middle of a sentence."""


def main(words):
    # type: (list[str]) -> int
    if words[:1] in (["--help"], ["-h"]):
        say(str(__doc__).strip())
        return 0
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        command, locks = command_for(words), locks_for(words)
        for name in locks:
            if not (ROOT / name).exists():
                sys.exit(NOT_HERE.format(name, ROOT))
        return run(environment(locks), command)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.exit("\nInterrupted. The next start mends whatever is unfinished.")


def locks_for(words):
    # type: (list[str]) -> list[str]
    """What has to be installed for it."""
    if words[:1] == ["labs"] or (words[:1] == ["test"] and "--labs" in words):
        return [LABS]
    if words[:1] == ["site"] or (words[:1] == ["test"] and "--site" in words):
        return [SITE]
    if words[:1] == ["test"] and "--libraries" in words:
        return [LIBRARIES]
    if words[:1] == ["test"] and "--hub" in words:
        return [HUB]
    return [STUDENT, TESTS] if words[:1] in (["test"], ["bench"]) else [STUDENT]


def command_for(words):
    # type: (list[str]) -> list[str]
    """What the environment's Python is asked to do."""
    if words[:1] == ["site"]:
        return ["-m", "course_lib.staff", "site"] + words[1:]
    for part in APART:
        if words[:1] == ["test"] and "--" + part in words:
            return ["-m", "tests." + part] + [w for w in words[1:] if w != "--" + part]
    if words[:1] == ["test"]:
        return ["-m", "pytest", "--numprocesses=auto"] + tests_of(words[1:])
    if words[:1] == ["bench"]:
        return ["-m", "tests.bench"] + words[1:]
    notebook = FIRST_NOTEBOOK
    if words[:1] == ["labs"]:
        notebook, words = FIRST_LAB, words[1:]
    if words and not words[0].startswith("-"):
        notebook, words = words[0], words[1:]
    url = "/lab/tree/" + address(notebook)
    refuse_misspelt(words[:1], [])
    say("Opening JupyterLab. To end it, press Ctrl-C twice here.")
    lab = ["--ServerApp.root_dir={}".format(ROOT), "--LabApp.default_url=" + url]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container there is often nobody else, and JupyterLab turns root away unless told.
        say("You are root: what runs in the notebooks may do anything here.")
        lab.append("--allow-root")
    return ["-m", "jupyterlab"] + lab + ["--LabApp.extension_manager=readonly"] + words


def address(notebook):
    # type: (str) -> str
    """A notebook's path below the course, as an address has it: a # would end it there.

    It may be named from the course's folder, from the folder one stands in, or as a whole path.
    """
    places = [os.path.normpath(str(ROOT / notebook)), os.path.realpath(notebook)]
    places += [os.path.abspath(notebook), os.path.normpath(os.path.join(stands(), notebook))]
    for place in places:
        if os.path.exists(place) and ROOT in [Path(place)] + list(Path(place).parents):
            return quote(Path(place).relative_to(ROOT).as_posix())
    sys.exit("There is no {} in {}. See: python3 start.py --help".format(notebook, ROOT))


def stands():
    # type: () -> str
    """The folder one stands in as the shell says it: through a link, not where that leads."""
    said = os.environ.get("PWD", "")
    there = os.path.isabs(said) and os.path.isdir(said) and os.path.samefile(said, os.curdir)
    return said if there else os.getcwd()


def refuse_misspelt(words, known):
    # type: (list[str], list[str]) -> None
    """End with a sentence before anything is installed for a word that JupyterLab or pytest would
    refuse only then.
    """
    for word in words:
        if word not in known and difflib.get_close_matches(word, OPTIONS, 1, 0.8):
            sys.exit("{} is no word that is known here. See: python3 start.py --help".format(word))


def tests_of(words):
    # type: (list[str]) -> list[str]
    """Words for pytest, whose own word for a missing file is lost where it works on all cores."""
    refuse_misspelt(words, OPTIONS)
    paths = [word for word in words if word.partition("::")[0].endswith((".py", ".ipynb"))]
    for path in paths:
        if not (ROOT / path.partition("::")[0]).exists():
            sys.exit("There is no {} in {}.".format(path.partition("::")[0], ROOT))
    if "--quick" not in words:
        return words
    folders = [] if paths or any((ROOT / word).exists() for word in words) else ["tests"]
    return QUICK + folders + [word for word in words if word != "--quick"]


def environment(locks):
    # type: (list[str]) -> Path
    """The folder of an environment that holds these locks; made or mended first if need be."""
    try:
        env = choose(locks)
        if ready(env, locks):
            return env
        turn = take_turn()
        try:
            env = choose(locks)  # whoever had the turn before may have made it
            if not ready(env, locks):
                SetUp(env, locks, turn).work()
        finally:
            os.close(turn)
    except (OSError, SetUpError) as problem:
        told = [str(problem).rstrip(".")]
        if isinstance(problem, OSError):
            told += [sentence for words, sentence in CAUSES if re.search(words, told[0])][:1]
        sys.exit(
            "\nThe set-up did not finish: {}. The next start begins anew.".format(": ".join(told))
        )
    return env


def choose(locks):
    # type: (list[str]) -> Path
    """.venv, or one beside it where .venv is another Python's or not ours."""
    usual = ROOT / FOLDERS.get(locks[0], ".venv")
    beside = usual.with_name(usual.name + "-" + PYTHON)
    if usual.is_dir() and not stamp_of(usual) and any(usual.iterdir()):
        return beside
    other = "files" in stamp_of(usual) and stamp_of(usual)["python"] != PYTHON and lives(usual)
    return beside if other else usual


def ready(env, locks):
    # type: (Path, list[str]) -> bool
    """Whether all that start.py put there for these locks is still there."""
    made = stamp_of(env)
    return (
        "files" in made
        and made["python"] == PYTHON
        and made["folder"] == str(ROOT)
        and all(made["locks"].get(name) == digest(name) for name in locks)
        and lives(env)
        and count_files(env) >= made["files"]
    )


def stamp_of(env):
    # type: (Path) -> dict[str, Any]
    """What start.py wrote about an environment: nothing if it is not ours."""
    path = env / "made-by-start.txt"
    if not path.is_file():
        return {}
    try:
        return dict({"python": ""}, **json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {"python": ""}


def stamp(env, **made):
    # type: (Path, Any) -> None
    """Say whose it is; with `files`, that all is there. Renamed into place, so never half there."""
    new = env / "made-by-start.new"
    new.write_text(json.dumps(dict(made, python=PYTHON)), encoding="utf-8")
    os.replace(str(new), str(env / "made-by-start.txt"))


def digest(lock):
    # type: (str) -> str
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def lives(env):
    # type: (Path) -> bool
    """Whether its Python is there, and the Python behind it."""
    if not place(env, "python").exists() or not (env / "pyvenv.cfg").is_file():
        return False
    text = (env / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    homes = [line.partition("=")[2].strip() for line in text.splitlines() if line[:4] == "home"]
    return all(Path(home).is_dir() for home in homes)


def count_files(env):
    # type: (Path) -> int
    """How many files it has, but for those that Python writes as it goes."""
    number = 0
    for _, folders, files in os.walk(str(env)):
        folders[:] = [folder for folder in folders if folder != "__pycache__"]
        number += len(files)
    return number


def take_turn():
    # type: () -> int
    """Wait until no other start makes an environment here; the turn ends with os.close."""
    turn = os.open(str(ROOT / ".venv.lock"), os.O_RDWR | os.O_CREAT)
    if not is_mine(turn):
        say("Another start is making the environment; this one waits for it.")
        while not is_mine(turn):
            time.sleep(0.2)
    return turn


def is_mine(turn):
    # type: (int) -> bool
    """The system gives the turn to one, and takes it back when the last who holds it has ended."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(turn, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        pass  # a file system without locks: then it is up to the student to start it once
    return True


class SetUp:
    """One making, or mending, of one environment."""

    def __init__(self, env, locks, turn):
        # type: (Path, list[str], int) -> None
        self.env = env
        self.locks = locks
        self.turn = turn
        self.log = env / "set-up.log"
        self.uv = shutil.which("uv")
        self.python = str(place(env, "python"))

    def work(self):
        # type: () -> None
        """The stamp comes last, so whatever goes wrong before is mended by the next start."""
        if TESTS in self.locks and ready(self.env, [STUDENT]):
            say("Adding what the tests need to {}, once.".format(self.env.name))
        else:
            clear(self.env)
            self.env.mkdir()
            stamp(self.env)
            self.make()
            if LIBRARIES not in self.locks and HUB not in self.locks:
                settle(self.env / "share" / "jupyter" / "lab" / "settings")
        self.install()
        if HUB in self.locks:
            # All users share it: what they find there is what the wheel holds, and not this folder.
            self.check(["jupyterhub", "jupyterlab"])
        else:
            connect(self.env)
            main = "pytest" if LIBRARIES in self.locks else "jupyterlab"
            needed = [main, "course_lib"]
            if TESTS in self.locks:
                needed.append("xdist")
            self.check(needed)
        digests = {name: digest(name) for name in self.locks}
        stamp(self.env, folder=str(ROOT), locks=digests, files=count_files(self.env))
        say("The environment is ready.\n")

    def make(self):
        # type: () -> None
        """An environment without packages, of the Python behind this one."""
        python = getattr(sys, "_base_executable", None) or sys.executable
        if self.uv:
            say("Making {} with uv, once: less than a minute.".format(self.env.name))
            self.call(self.uv, "venv", "--allow-existing", "--python", python, str(self.env))
            return
        if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
            raise SetUpError(
                "this Python has no venv: `apt install python3-venv` on Debian, or get uv"
            )
        say("Making {} with pip, once: one to three minutes.".format(self.env.name))
        self.call(python, "-m", "venv", str(self.env))

    def install(self):
        # type: () -> None
        """What the locks name; with pip, into this environment whatever its settings say."""
        words = ["--require-hashes", "--only-binary", ":all:"]
        words += [word for name in self.locks for word in ("-r", str(ROOT / name))]
        if self.uv:
            self.call(self.uv, "pip", "install", "--python", self.python, *words)
            return
        pip = [self.python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        self.call(*(pip + ["--target=", "--prefix=" + str(self.env), "--no-user"] + words))

    def check(self, names):
        # type: (list[str]) -> None
        """Import them once: what cannot be imported now would fail at every later start."""
        packages = place(self.env, "purelib")
        if not (packages / names[0]).is_dir():
            raise SetUpError(
                "the packages did not arrive in {}; a `target` or `prefix` in the settings of uv "
                "or pip sends them elsewhere: take it out".format(packages)
            )
        said = self.attempt((self.python, "-c", "import " + ", ".join(names)), {})
        if said:
            raise SetUpError("what was installed does not load: " + said.splitlines()[-1])

    def call(self, *words):
        # type: (str) -> None
        """Run uv, venv or pip; where a certificate is unknown, again with those of this system."""
        said = self.attempt(words, {})
        if said and explain(said) is CERTIFICATE:
            say("The network shows a certificate of its own; trying those of this computer.")
            said = self.attempt(words, SYSTEM_CERTIFICATES)
        if said:
            sys.stderr.write("\n".join(said.splitlines()[-12:]) + "\n")
            name = Path(words[0]).name
            raise SetUpError("{} failed, see above: {}".format(name, explain(said)))

    def attempt(self, words, more):
        # type: (tuple[str, ...], dict[str, str]) -> str
        """What it said if it failed, else nothing. It holds the turn, too, and ends before us."""
        before = self.log.stat().st_size if self.log.exists() else 0
        kept = {} if os.name == "nt" else {"pass_fds": (self.turn,)}  # type: dict[str, Any]
        with self.log.open("ab") as out:
            kept.update(stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
            kept.update(cwd=str(ROOT), env=dict(surroundings(self.env), **more))
            child = subprocess.Popen(words, **kept)
            try:
                self.watch(child)
            finally:
                if child.poll() is None:
                    signal.signal(signal.SIGINT, signal.SIG_IGN)
                    child.terminate()
                    child.wait()
        said = self.log.read_bytes()[before:].decode("utf-8", "replace")
        return (said or "nothing") if child.returncode else ""

    def watch(self, child):
        # type: (subprocess.Popen[bytes]) -> None
        """Until it ends, say how far it is: in one line of a terminal, else now and then in one."""
        began = told = time.monotonic()
        while True:
            try:
                child.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                now = time.monotonic()
                line = "{:5.0f} s: {}".format(now - began, self.progress())
                if sys.stdout.isatty():
                    say("\r" + line.ljust(79)[:79], end="")
                elif now - told >= TELL_EVERY:
                    told = now
                    say(line)
            else:
                break
        if sys.stdout.isatty():
            say("\r" + " " * 79, end="\r")

    def progress(self):
        # type: () -> str
        """How many packages pip has fetched, or how many are unpacked, and the last word said."""
        text = self.log.read_bytes().decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()] or [""]
        steps = [line[:10] for line in lines if line.startswith(("Collecting ", "Installing c"))]
        number, what = steps.count("Collecting"), "fetched"
        if steps[-1:] != ["Collecting"]:
            number, what = len(list(place(self.env, "purelib").glob("*.dist-info"))), "unpacked"
        texts = [(ROOT / name).read_text(encoding="utf-8") for name in self.locks]
        total = sum(len(re.findall(r"^[a-zA-Z0-9]", text, re.M)) for text in texts)
        return "{} of about {} packages {}. {}".format(number, total, what, lines[-1])


def clear(env):
    # type: (Path) -> None
    """Remove an environment of ours: out of the way at once, then file by file."""
    old = env.with_name(env.name + ".old")
    if env.exists() and not stamp_of(env) and (not env.is_dir() or any(env.iterdir())):
        raise SetUpError("{} was not made by start.py; move or delete it".format(env))
    try:
        if old.exists():
            shutil.rmtree(str(old))
        if env.is_symlink():
            env.unlink()
        elif env.exists():
            env.rename(old)
            shutil.rmtree(str(old))
    except OSError as problem:
        raise SetUpError(
            "{} cannot be removed ({}); close JupyterLab first, if it is open".format(env, problem)
        )


def connect(env):
    # type: (Path) -> None
    """Put at the end of the path the folder that one works in, and this checkout.

    There a student's helpers.py can be imported, and a numpy.py hides nothing. The path to the
    checkout is relative: no letter of it is encoded.
    """
    packages = place(env, "purelib")
    lines = ["import sys; sys.path.append('')", os.path.relpath(str(ROOT), str(packages))]
    (packages / "course_here.pth").write_text("\n".join(lines) + "\n", encoding="ascii")


def settle(settings):
    # type: (Path) -> None
    """JupyterLab then asks nobody about news, and a link to a heading leads to it at once."""
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "overrides.json").write_text(json.dumps(LAB_SETTINGS), encoding="utf-8")


def explain(said):
    # type: (str) -> str
    """What uv or pip means by what it said, and the way out."""
    for words, sentence in CAUSES:
        if re.search(words, said):
            return sentence
    return "look whether the network is there, and space on the disk"


def run(env, command):
    # type: (Path, list[str]) -> int
    """The child's return code. Ctrl-C reaches the child by itself; we only wait for its end."""
    words = [str(place(env, "python"))] + command
    variables = surroundings(env)
    if command[1].startswith("tests."):
        del variables["PYTHONSAFEPATH"]  # a benchmark's package has a folder of that name, too
    with subprocess.Popen(words, cwd=str(ROOT), env=variables) as child:
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        code = child.wait()
    return code if code >= 0 else 128 - code


def surroundings(env):
    # type: (Path) -> dict[str, str]
    """The caller's variables, less what would bring in packages, or modules, from elsewhere.

    Less, too, what makes an error of each warning or takes away docstrings: for the caller's own
    programs that is well, and pip ends at the one, JupyterLab at the other.
    """
    away = ["PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"]
    away += ["PYTHONWARNINGS", "PYTHONOPTIMIZE"]
    kept = {k: v for k, v in os.environ.items() if k not in away}
    path = str(place(env, "scripts")) + os.pathsep + kept.get("PATH", os.defpath)
    kept.update(PATH=path, VIRTUAL_ENV=str(env), PYTHONNOUSERSITE="1", PIP_USER="0")
    # Without it, the folder that one works in would come before Python's own modules.
    kept.update(PYTHONSAFEPATH="1", JUPYTER_PREFER_ENV_PATH="1")
    if not is_writable(os.path.expanduser("~")):
        home = str(env / "home") if is_writable(str(env)) else tempfile.mkdtemp("-course")
        os.makedirs(home, exist_ok=True)
        kept.update(HOME=home, USERPROFILE=home)
    return kept


def is_writable(folder):
    # type: (str) -> bool
    """Whether a file can be made there. A right alone says little: the disk may be read-only."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def place(env, name):
    # type: (Path, str) -> Path
    """Where an environment keeps its `scripts`, its `purelib` (packages) or its `python`."""
    if name == "python":
        return place(env, "scripts") / ("python.exe" if os.name == "nt" else "python")
    return Path(sysconfig.get_path(name, "venv", {"base": str(env), "platbase": str(env)}))


def say(text, end="\n"):
    # type: (str, str) -> None
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))
