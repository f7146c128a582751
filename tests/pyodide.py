"""Fetch what the numbers need to be tested in the Python of the browser: python -m tests.pyodide

Pyodide itself comes by `npm ci --prefix tests`. numpy for it is in no registry but inside the wheel
of another project (it is used for tests alone); a Hypothesis without compiled parts is on PyPI.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "tests" / "node_modules"
PURE = MODULES / ".pyodide"
NUMPY = PURE / "numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
NUMPY_SHA256 = "0cad9c1b91f0082e4f959bc0e0bf5835a2efbba6ab3b1e9d1fe6e7e564cca98e"
HYPOTHESIS, HOLDS_NUMPY = "hypothesis==6.140.3", "open-webui==0.12.4"


def is_missing() -> str:
    """What is missing and how to get it; nothing, if all is there."""
    if shutil.which("node") is None:
        return "No node on the PATH to run Pyodide."
    if not (MODULES / "pyodide").is_dir():
        return "No Pyodide; get it by: npm ci --prefix tests"
    if not NUMPY.is_file():
        return "No numpy for Pyodide; get it by: python -m tests.pyodide"
    return ""


def fetch() -> None:
    """Put numpy and Hypothesis beside Pyodide."""
    with tempfile.TemporaryDirectory() as folder:
        _install(HYPOTHESIS, folder)
        _install(HOLDS_NUMPY, folder)
        wheel = Path(folder, "open_webui", "frontend", "pyodide", NUMPY.name)
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != NUMPY_SHA256:
            raise SystemExit(f"{wheel.name} has the fingerprint {found}; expected {NUMPY_SHA256}")
        PURE.mkdir(parents=True, exist_ok=True)
        for path in Path(folder).glob("*hypothesis*"):
            shutil.move(path, PURE / path.name)
        shutil.move(wheel, NUMPY)  # last, since it says that all is there


def _install(requirement: str, folder: str) -> None:
    pip = ["uv", "pip"] if shutil.which("uv") else [sys.executable, "-m", "pip"]
    words = [
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--python-version",
        "3.12",
    ]
    subprocess.run([*pip, *words, "--target", folder, requirement], check=True)


if __name__ == "__main__":
    fetch()
