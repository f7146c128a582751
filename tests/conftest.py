"""What several tests share: a browser, and a JupyterLab that knows nothing of this machine."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

import start

PATIENCE = 180  # seconds: a browser or a server may be slow, and is only then waited for
ROOT = Path(__file__).resolve().parent.parent
TAKES_LONG = "it takes long: a person's run has some like it, CI has all"
in_ci = pytest.mark.skipif(not os.environ.get("CI"), reason=TAKES_LONG)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = f"No browser on the PATH, looked for {', '.join(BROWSERS)}."
BROWSER_WORDS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
)


# The same examples on every machine, and no test fails because a machine is busy.
settings.register_profile(
    "course",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("course")


@pytest.fixture(autouse=True)
def nobody_takes_the_main_module() -> Iterator[None]:
    """IPython's shell puts a main module of its own in the place of ours, and once it is reset no
    process can be spawned any more: tests far from the one that did it would fail.
    """
    before = sys.modules["__main__"]
    yield
    after = sys.modules["__main__"]
    sys.modules["__main__"] = before
    assert after is before, "this test leaves another main module"


def missing(what: str) -> NoReturn:
    """A person's machine may lack a component and the test is skipped; CI may not, ever."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} In CI nothing may be missing: .ci/run installs it.")
    pytest.skip(what)


@contextmanager
def sandbox_here() -> Iterator[Any]:
    """The bars around a student's code, if this machine has them."""
    from course_lib.staff.conversation.sandbox import NoSandbox, Sandbox

    try:
        made = Sandbox()
    except NoSandbox as why:
        missing(str(why))
    with made:
        yield made


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    """The same for a whole file."""
    with sandbox_here() as made:
        yield made


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of this machine's Chromium or Chrome."""
    return browser_here() or missing(NO_BROWSER)


def browser_here() -> str | None:
    """Where this machine has a Chromium or Chrome, if it has one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """A headless browser of Playwright's.

    For one file and not for all: while it lives, asyncio takes its loop for a running one,
    and every `asyncio.run` of the tests after it would fail.
    """
    from playwright.sync_api import sync_playwright

    try:
        playwright = sync_playwright().start()
    except Exception as problem:  # noqa: BLE001  Playwright raises nothing narrower here
        missing(f"Playwright's driver does not start ({problem}); is libatomic1 installed?")
    window = playwright.chromium.launch(executable_path=chromium, args=list(BROWSER_WORDS))
    yield window
    window.close()
    playwright.stop()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh page in a fresh profile of the browser, patient with a busy machine."""
    page = browser.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    yield page
    page.close()


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    """With the port, without a slash at its end."""
    token: str
    root: Path
    """The folder it shows: a copy, so a test may write into it."""

    def address(self, notebook: str) -> str:
        """Where the browser finds a notebook, given its path below `root`, in a fresh workspace."""
        return (
            f"{self.url}/lab/workspaces/{secrets.token_hex(4)}/tree/{notebook}?token={self.token}"
        )


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab of this environment, with the course in a temporary folder of its own.

    It asks for `chromium` only so as not to start where no browser can look at it.
    """
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """A JupyterLab that works in the folder `home`, and knows nothing of this machine's user."""
    root = home / "course"
    root.mkdir()
    left = ("__pycache__", ".ipynb_checkpoints", "release", "exchange", "gradebook.db")
    for folder in ("notebooks", "course_lib", "quizzes"):  # a lesson may point at a file there
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns(*left))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    port = free_port()
    lab = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), root)
    with (home / "lab.log").open("wb") as log:
        server = subprocess.Popen(
            lab_command(lab, port),
            cwd=root,
            env=lab_surroundings(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lab, server, home / "lab.log")
        yield lab
    finally:
        end(server)


def lab_command(lab: Lab, port: int) -> list[str]:
    """JupyterLab as start.py opens it, for the test alone, with its commands in `jupyterapp`."""
    words = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    own = [f"--IdentityProvider.token={lab.token}", "--ServerApp.port_retries=0"]
    settings = lab.root.parent / "settings"
    start.settle(settings)
    course = [f"--ServerApp.root_dir={lab.root}", f"--LabApp.app_settings_dir={settings}"]
    course += ["--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True"]
    course += ["--JupyterNotebookApp.expose_app_in_browser=True"]
    return [sys.executable, "-m", "jupyterlab", *course, *words, *own]


def lab_surroundings(home: Path) -> dict[str, str]:
    """The environment's variables with a home of its own; ours need the course on the path."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON"))}
    folders = {
        "HOME": "home",
        "USERPROFILE": "home",
        "APPDATA": "home",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
    }
    for folder in folders.values():
        (home / folder).mkdir(exist_ok=True)
    own = {name: str(home / folder) for name, folder in folders.items()}
    own |= {"PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1", "PYTHONNOUSERSITE": "1"}
    # As start.py does: nbgrader looks there for a command, alembic.
    own["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return {**kept, **own}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers; fail with its own words if it ends or stays silent."""
    until = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{lab.url}/api?token={lab.token}", timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)  # not a test's sleep: a server of its own has to come up
    words = log.read_text(encoding="utf-8", errors="replace")[-3000:]
    pytest.fail(f"JupyterLab did not answer within {PATIENCE} s. It said:\n{words}")


def end(server: subprocess.Popen[bytes]) -> None:
    """End the server we started, and with it its kernels; by its own id and nothing else."""
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
