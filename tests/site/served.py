"""A folder of files as a common web host serves it, on this computer alone."""

from __future__ import annotations

import gzip
import http.server
import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

PREFIX = "/course/"  # a site is seldom at the top of its host
PACKED = {".css", ".html", ".ipynb", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm"}
KINDS = {".mjs": "text/javascript", ".wasm": "application/wasm", ".ipynb": "application/json"}


class Traffic:
    """What was asked for, and how much was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int]] = []
        self.missing: list[str] = []

    def megabytes(self) -> float:
        """All that went over the wire, packed as it was."""
        return sum(size for _, size in self.sent) / 1e6


class Handler(http.server.BaseHTTPRequestHandler):
    """Packs text and wasm, and lets a browser keep what it has for ten minutes, as hosts do."""

    protocol_version = "HTTP/1.1"
    packed: ClassVar[dict[Path, bytes]] = {}

    def __init__(self, folder: Path, traffic: Traffic, *args: Any) -> None:
        self.folder = folder
        self.traffic = traffic
        super().__init__(*args)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Send the file."""
        path = unquote(urlsplit(self.path).path)
        file = self.folder / path.removeprefix(PREFIX)
        file = file / "index.html" if file.is_dir() else file
        if not path.startswith(PREFIX) or not file.is_file():
            if not path.endswith("favicon.ico"):
                self.traffic.missing.append(path)
            self.send_error(404)
            return
        packs = file.suffix in PACKED and "gzip" in self.headers.get("Accept-Encoding", "")
        body = self._body(file, packs)
        self.send_response(200)
        kind = KINDS.get(file.suffix) or mimetypes.guess_type(file.name)[0]
        self.send_header("Content-Type", kind or "application/octet-stream")
        if packs:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("Access-Control-Allow-Origin", "*")  # so that another site may load it
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):  # the page was closed
            return
        self.traffic.sent.append((path.removeprefix(PREFIX), len(body)))

    def _body(self, file: Path, packs: bool) -> bytes:
        if not packs:
            return file.read_bytes()
        if file not in self.packed:
            body = _exposed(file) if file.name == "jupyter-lite.json" else file.read_bytes()
            self.packed[file] = gzip.compress(body, 6)
        return self.packed[file]


def _exposed(file: Path) -> bytes:
    """The configuration, with which the application shows itself to a test."""
    config = json.loads(file.read_bytes())
    config.setdefault("jupyter-config-data", {})["exposeAppInBrowser"] = True
    return json.dumps(config).encode()


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, Traffic]]:
    """The address of the folder, and what goes over the wire."""
    traffic = Traffic()
    handler = partial(Handler, folder, traffic)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{PREFIX}", traffic
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
