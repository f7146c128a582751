"""JupyterLite: Jupyter as a web page, with Python for the browser behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from . import chunks
from .distribution import KERNEL

EXTENSIONS = (
    "@jupyterlite/pyodide-kernel-extension",
    "@jupyter-widgets/jupyterlab-manager",
    "anywidget",
)
"""Parts of JupyterLab that the site has beside its core; no other of this environment."""
SETTINGS = {
    # Cells that are off the screen are there too: a link to a heading, and a search, find them.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    # A lesson is not left alone because a widget moved.
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 20},
}
APPS = ("notebooks", "tree", "lab")
OLD_FONTS = (".eot", ".svg", ".ttf", ".woff")
"""Of fonts that are there for newer browsers, too."""


def build(work: Path, out: Path) -> None:
    """Build it from `work`/lite and `work`/contents."""
    site = work / "lite"
    site.mkdir()
    kernel = {
        "pyodideUrl": "./static/pyodide/python.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": list(KERNEL)},
    }
    config = {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Synchronous and asynchronous systems",
            "disabledExtensions": list(chunks.LEFT_OUT),
            "litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": kernel},
        },
    }
    (site / "jupyter-lite.json").write_text(json.dumps(config), encoding="utf-8")
    (site / "overrides.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    shared = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    lite = {
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(shared / name) for name in EXTENSIONS],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "apps": list(APPS),
        "contents": [str(work / "contents")],
        "output_dir": str(out),
    }
    settings = {"LiteBuildConfig": lite}
    (site / "jupyter_lite_config.json").write_text(json.dumps(settings), encoding="utf-8")
    # What it has done, it notes in the folder that it is started in: a fresh one has no such notes.
    words = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(site)]
    environment = os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"}
    done = subprocess.run(
        words, cwd=site, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise FileNotFoundError(f"{done.stdout}{done.stderr}\nJupyterLite was not built, see above")
    for path in (out / "build").glob("fa-*"):
        if path.suffix in OLD_FONTS:
            path.unlink()
    chunks.remove(out / "build")
