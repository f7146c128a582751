#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# ///
"""Open, test or measure the course, with nothing but Python 3.11 or newer.

  python3 start.py [words for JupyterLab]    open the course, for example with --no-browser
                                             or --port 8899, or notebooks/01_restaurant.ipynb
  python3 start.py test [words for pytest]   run the tests: all, or -x, or tests/test_setup.py
  python3 start.py bench [words]             measure the simulator and the widgets
  python3 start.py --help                    say this

The first start makes the folder .venv here from requirements.lock: exact versions, each checked
by its hash. It installs with uv if you have it and with pip if not, and needs the network.
Later starts take seconds and need no network. To start over, delete .venv.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENV = ROOT / ".venv"
STAMP = ENV / "made-by-start.txt"  # says whose folder it is; the fingerprint comes in last
FIRST_NOTEBOOK = "notebooks/00_start_here.ipynb"
LAB_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    # Cells that are off the screen are there too: a link to a heading, and a search, find them.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


def main(words: list[str]) -> int:
    if sys.version_info < (3, 11):
        sys.exit(f"The course needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if words[:1] in (["--help"], ["-h"]):
        print(__doc__.strip())
        return 0
    command = command_for(words)
    if not STAMP.is_file() or STAMP.read_text(encoding="utf-8") != fingerprint():
        set_up()
    return run(command)


def command_for(words: list[str]) -> list[str]:
    """What the environment's Python is asked to do."""
    if words[:1] == ["test"]:
        # On all cores; a notebook's cells, like the tests of a file, stay in one process. In order
        # of their names the long ones in a browser come first.
        cores = ["--numprocesses=auto", "--dist=loadfile", "--no-loadscope-reorder"]
        return ["-m", "pytest", *cores, *words[1:]]
    if words[:1] == ["bench"]:
        return ["-m", "tests.bench", *words[1:]]
    notebook = FIRST_NOTEBOOK
    if words and not words[0].startswith("-"):
        notebook, *words = words
    if not (ROOT / notebook).exists():
        sys.exit(f"There is no {notebook} in {ROOT}. See: python3 start.py --help")
    print("Opening JupyterLab. To end it, press Ctrl-C twice here.", flush=True)
    url = "/lab/tree/" + Path(notebook).as_posix()
    lab = [f"--ServerApp.root_dir={ROOT}", f"--LabApp.default_url={url}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container there is often nobody else, and JupyterLab turns root away unless told.
        print("You are root: what runs in the notebooks may do anything here.", flush=True)
        lab.append("--allow-root")
    return ["-m", "jupyterlab", *lab, "--LabApp.extension_manager=readonly", *words]


def fingerprint() -> str:
    """Changes when the environment has to be made anew: other versions, Python or folder."""
    lock = (ROOT / "requirements.lock").read_bytes()
    return hashlib.sha256(lock + f"{sys.version}\n{ROOT}".encode("utf-8", "replace")).hexdigest()


def set_up() -> None:
    """Make .venv from nothing; whatever goes wrong, the next start begins anew."""
    clear()
    try:
        ENV.mkdir(exist_ok=True)
        STAMP.write_text("unfinished", encoding="utf-8")
        install()
        connect()
        settle(ENV / "share" / "jupyter" / "lab" / "settings")
        STAMP.write_text(fingerprint(), encoding="utf-8")
    except (KeyboardInterrupt, OSError, subprocess.CalledProcessError) as problem:
        shutil.rmtree(ENV, ignore_errors=True)
        sys.exit(
            f"\nThe set-up did not finish ({explain(problem)}). Nothing half-made is kept. "
            "Is the network there, and space on the disk? Then run the same command again."
        )
    print("The environment is ready.\n", flush=True)


def clear() -> None:
    """Remove an environment of ours. One that somebody else made is not ours to delete."""
    if ENV.exists() and not STAMP.is_file() and any(ENV.iterdir()):
        sys.exit(f"{ENV} was not made by start.py. Move or delete it, then run this again.")
    try:
        if ENV.exists():
            shutil.rmtree(ENV)
    except OSError as problem:
        sys.exit(f"{ENV} cannot be removed ({problem}). Is JupyterLab still open? Close it first.")


def install() -> None:
    python = getattr(sys, "_base_executable", None) or sys.executable
    lock = ["--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / "requirements.lock")]
    uv = shutil.which("uv")
    if uv:
        print("Making .venv with uv, once. This takes less than a minute.", flush=True)
        call(uv, "venv", "--quiet", "--allow-existing", "--python", python, str(ENV))
        call(uv, "pip", "install", "--python", str(place("python")), *lock)
        return
    if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
        raise OSError("this Python has no venv: `apt install python3-venv` on Debian, or get uv")
    print("Making .venv with pip, once: one to three minutes, the last one quiet.", flush=True)
    call(python, "-m", "venv", str(ENV))
    pip = [str(place("python")), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    call(*pip, "install", *lock)


def connect() -> None:
    """Put this checkout on the path, by a path that is relative: no letter of it is encoded."""
    packages = place("purelib")
    here = os.path.relpath(ROOT, packages)
    (packages / "course_here.pth").write_text(here + "\n", encoding="ascii")


def settle(settings: Path) -> None:
    """JupyterLab then asks nobody about news, and a link to a heading leads to it at once."""
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "overrides.json").write_text(json.dumps(LAB_SETTINGS), encoding="utf-8")


def run(command: list[str]) -> int:
    """The child's return code. Ctrl-C reaches the child by itself; we only wait for its end."""
    with subprocess.Popen([str(place("python")), *command], cwd=ROOT, env=surroundings()) as child:
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        code = child.wait()
    return code if code >= 0 else 128 - code


def call(*words: str) -> None:
    subprocess.run(words, cwd=ROOT, env=surroundings(), check=True)


def surroundings() -> dict[str, str]:
    """The caller's variables, less what would bring in packages from elsewhere."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH")}
    path = str(place("scripts")) + os.pathsep + kept.get("PATH", os.defpath)
    ours = {"PATH": path, "VIRTUAL_ENV": str(ENV), "PYTHONNOUSERSITE": "1", "PIP_USER": "0"}
    return {**kept, **ours, "JUPYTER_PREFER_ENV_PATH": "1"}


def place(name: str) -> Path:
    """Where the environment keeps its `scripts`, its `purelib` (packages) or its `python`."""
    if name == "python":
        return place("scripts") / ("python.exe" if os.name == "nt" else "python")
    return Path(sysconfig.get_path(name, "venv", {"base": str(ENV), "platbase": str(ENV)}))


def explain(problem: BaseException) -> str:
    if isinstance(problem, subprocess.CalledProcessError):
        return f"{Path(problem.cmd[0]).name} ended with code {problem.returncode}, see above"
    return str(problem) or "interrupted"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
