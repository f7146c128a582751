"""A running JupyterHub on loopback, with the configuration of quizzes/hub, and who is logged in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import PATIENCE, ROOT, end, free_port

from .people import Person

PROXY = ROOT / "tests" / "node_modules" / ".bin" / "configurable-http-proxy"
CONFIG = """
load_subconfig({ours!r})
c = get_config()
c.Authenticator.allowed_users = {names!r}
c.JupyterHub.bind_url = "{url}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.Spawner.http_timeout = c.Spawner.start_timeout = {patience}
"""


@dataclass(frozen=True)
class Seat:
    """Somebody's own server on the hub, with what their browser may do there."""

    person: Person
    url: str
    token: str

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        known = {"Authorization": f"token {self.token}"}
        return requests.request(
            method, f"{self.url}/{path}", headers=known, timeout=PATIENCE, **more
        )

    def does(self, method: str, path: str, **more: Any) -> Any:
        """The answer to what must be possible."""
        answer = self.ask(method, path, **more)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[-1000:]}"
        found = answer.json() if answer.text.startswith(("{", "[")) else answer.text
        assert not (isinstance(found, dict) and found.get("success") is False), found
        return found

    def surroundings(self) -> dict[str, str]:
        """The environment of their server, as a terminal in it has it."""
        for number in self.person.processes():
            words = Path(f"/proc/{number}/cmdline").read_bytes()
            if b"singleuser" in words:
                text = Path(f"/proc/{number}/environ").read_text()
                return dict(line.split("=", 1) for line in text.split("\0") if line)
        raise LookupError(f"{self.person.name} has no server")

    def types(self, *words: str, folder: str = "") -> str:
        """What a command says in a terminal of their JupyterLab."""
        return self.person.types(*words, folder=self.person.home / folder, **self.surroundings())


@dataclass(frozen=True)
class Hub:
    url: str

    def log_in(self, person: Person) -> Seat:
        """With name and password, as in the browser; then their server is started."""
        session = requests.Session()
        session.get(f"{self.url}/hub/login", timeout=PATIENCE)
        told = {"username": person.name, "password": person.password}
        told["_xsrf"] = str(session.cookies.get("_xsrf", path="/hub/"))
        done = session.post(
            f"{self.url}/hub/login", data=told, timeout=PATIENCE, allow_redirects=False
        )
        assert done.status_code == 302, done.text[-2000:]
        user = f"{self.url}/hub/api/users/{person.name}"
        known = {"X-XSRFToken": session.cookies.get("_xsrf", path="/hub/")}
        made = session.post(f"{user}/tokens", headers=known, json={}, timeout=PATIENCE)
        seat = Seat(person, f"{self.url}/user/{person.name}", made.json()["token"])
        with_token = {"Authorization": f"token {seat.token}"}
        requests.post(f"{user}/server", headers=with_token, timeout=PATIENCE).raise_for_status()
        wait_for(lambda: seat.ask("GET", "api/status").ok, f"the server of {person.name}")
        return seat


def wait_for(there: Any, what: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if there():
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)  # not a test's sleep: a server of its own has to come up
    pytest.fail(f"{what} did not answer within {PATIENCE} s")


@contextmanager
def running_hub(
    state: Path, exchange: Path, instructor: str, names: set[str], more: str = ""
) -> Iterator[Hub]:
    """It and its proxy end with the block, and all servers do; `more` is added to its settings."""
    state.mkdir(mode=0o700)
    url = f"http://127.0.0.1:{free_port()}"
    ours = str(ROOT / "quizzes" / "hub" / "jupyterhub_config.py")
    (state / "config.py").write_text(
        CONFIG.format(ours=ours, names=names, url=url, hub=free_port(), api=free_port(),
                      proxy=str(PROXY), patience=PATIENCE) + more
    )  # fmt: skip
    known = {"COURSE_EXCHANGE": str(exchange), "COURSE_INSTRUCTOR": instructor}
    with (state / "hub.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-P", "-m", "jupyterhub", "-f", str(state / "config.py")],
            cwd=state,
            env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **known},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: requests.get(f"{url}/hub/health", timeout=5).ok, "the hub")
        yield Hub(url)
    except BaseException:
        sys.stderr.write((state / "hub.log").read_text(errors="replace")[-8000:])
        raise
    finally:
        end(server)


@contextmanager
def served(repository: Path) -> Iterator[str]:
    """The address, on loopback, from which a repository of git can be pulled."""
    port = free_port()
    words = ["--reuseaddr", "--export-all", "--listen=127.0.0.1", f"--port={port}"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    exec_path = subprocess.check_output(["git", "--exec-path"], text=True).strip()
    daemon = subprocess.Popen(
        [f"{exec_path}/git-daemon", *words, f"--base-path={repository.parent}"],
        stderr=subprocess.DEVNULL,
        **quiet,
    )
    try:
        yield f"git://127.0.0.1:{port}/{repository.name}"
    finally:
        end(daemon)
