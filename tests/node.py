"""Run a widget's JavaScript without a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, missing

WIDGETS = ROOT / "course_lib" / "widgets"
MODULES = ROOT / "tests" / "node_modules"


def node(*words: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """What node says, called with these words in a folder."""
    found = shutil.which("node")
    if found is None:
        missing("No node on the PATH to run a widget's JavaScript.")
    command = [found, *map(str, words)]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=180
    )


def npm_tool(name: str) -> Path:
    """A tool of tests/package.json."""
    path = MODULES / name
    if not path.exists():
        missing(f"No {name.partition('/')[0]}; get it by: npm ci --prefix tests")
    return path


def in_node(module: str, names: str, expression: str, given: Any, folder: Path) -> Any:
    """What an expression gives, with these names that a widget's file exports and `given`; JSON."""
    for path in WIDGETS.glob("*.js"):
        shutil.copy(path, folder)
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (folder / "given.json").write_text(json.dumps(given), encoding="utf-8")
    program = (
        f'import {{ {names} }} from "./{module}";\nimport {{ readFileSync }} from "node:fs";\n'
        'const given = JSON.parse(readFileSync("given.json", "utf-8"));\n'
        f"console.log(JSON.stringify({expression}));\n"
    )
    (folder / "program.mjs").write_text(program, encoding="utf-8")
    done = node("program.mjs", folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
