"""Python for the browser: Pyodide with what the course needs, and no more.

Its list of packages names all that a lesson imports, the course too. So a package comes at its
first import, and nobody needs `%pip`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import wheels
from .fetched import CORE, LIST, Pyodide
from .wheels import canonical

COURSE = "sync-async-course"
KERNEL = ("micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython")
"""What the kernel would else install at each start, one after the other, by way of an index."""
FIRST = (*KERNEL, COURSE)
"""What is there before the first cell runs, but for what is left out."""
LEFT_OUT = {
    "fonttools",  # with which matplotlib writes PDF
    "jedi",  # IPython completes names without it, from what the cells have made
    "prompt-toolkit",  # IPython's, for a terminal
    "pytz",  # matplotlib has no need of it
    "wcwidth",  # of prompt-toolkit
}
NEEDS = {  # of packages that Pyodide's own list does not know, or knows with more than is needed
    COURSE: ["numpy", "matplotlib", "anywidget", "jinja2"],
    "anywidget": ["ipywidgets", "psygnal", "typing-extensions"],
    "comm": [],
    "ipykernel": [],
    "ipython": [  # a newer one, which needs nothing of what is left out
        *("asttokens", "decorator", "executing", "matplotlib-inline", "pure-eval"),
        *("pygments", "six", "stack-data", "traitlets"),
    ],
    "ipywidgets": ["comm", "jupyterlab-widgets", "widgetsnbextension", "ipython", "traitlets"],
    "jinja2": ["markupsafe"],
    "jupyterlab-widgets": [],
    "markupsafe": [],
    "piplite": ["micropip"],
    "psygnal": [],
    "pyodide-kernel": ["comm", "ipython"],
    "typing-extensions": [],
    "widgetsnbextension": [],
}
IMPORTS = {COURSE: "course_lib", "pyodide-kernel": "pyodide_kernel"}
LIBRARY = "python_stdlib.zip"
COMPILE = Path(__file__).with_name("compile_wheels.mjs")


def make(root: Path, pyodide: Pyodide, pure: Path, target: Path) -> None:
    """The distribution, in an empty folder; all of it, or only what its makers do not serve."""
    target.mkdir(parents=True)
    own = target.parent / "own"
    wheels.of_the_course(root, own)
    known = pyodide.lock["packages"]
    packages = _needed(known)
    for name, entry in packages.items():
        if pyodide.address and name in known and name not in NEEDS:
            entry["file_name"] = pyodide.address + entry["file_name"]
            continue
        theirs = pyodide.folder / entry.get("file_name", "-")
        places = [own, _of_the_kernel(), pure, pyodide.folder]
        wheel = theirs if theirs.is_file() and name not in NEEDS else wheels.find(places, name)
        wheels.slim(wheel, target / wheel.name)
        entry |= {"file_name": wheel.name, "version": wheel.name.split("-")[1]}
    shutil.rmtree(own)
    if pyodide.address:  # ahead_parts/python.mjs looks for it beside itself
        (target / "pyodide.mjs").write_text(f'export * from "{pyodide.address}pyodide.mjs";\n')
    else:
        for name in CORE:
            shutil.copy(pyodide.folder / name, target / name)
        wheels.slim(pyodide.folder / LIBRARY, target / LIBRARY, wheels.OF_THE_LIBRARY)
    compile_all(pyodide.folder, target)
    for entry in packages.values():
        if "://" not in entry["file_name"]:
            content = (target / entry["file_name"]).read_bytes()
            entry["sha256"] = hashlib.sha256(content).hexdigest()
    lock = pyodide.lock | {"packages": dict(sorted(packages.items()))}
    (target / LIST).write_text(json.dumps(lock), encoding="utf-8")


def _needed(known: dict[str, Any]) -> dict[str, Any]:
    """The entry of each package that comes first, and of what these need, and so on."""
    found: dict[str, Any] = {}
    wanted = [canonical(name) for name in FIRST]
    while wanted:
        name = wanted.pop()
        if name in found or name in LEFT_OUT:
            continue
        entry: dict[str, Any] = {
            "install_dir": "site",
            "package_type": "package",
            "unvendored_tests": False,
        }
        entry |= {"name": name, "imports": [IMPORTS.get(name, name.replace("-", "_"))]}
        entry |= known.get(name, {})
        needs = [canonical(other) for other in NEEDS.get(name, entry.get("depends", []))]
        entry["depends"] = [other for other in needs if other not in LEFT_OUT]
        found[name] = entry
        wanted += entry["depends"]
    return found


def compile_all(pyodide: Path, target: Path) -> None:
    """Compile all Python in the wheels once, in the Python that will import it.

    A browser would else do so at each visit, and an import takes three times as long.
    """
    if shutil.which("node") is None:
        raise FileNotFoundError("There is no node on the PATH, which compiles the site's Python")
    subprocess.run(["node", str(COMPILE), str(pyodide), str(target)], check=True)


def _of_the_kernel() -> Path:
    """Where JupyterLite's kernel has its own wheels."""
    extension = "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension"
    return Path(sys.prefix) / extension / "static" / "pypi"
