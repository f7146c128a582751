"""Run a widget's JavaScript without a browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from course_lib.widgets.live import source
from tests.conftest import missing


def in_node(module: str, names: str, expression: str, given: Any, folder: Path) -> Any:
    """What an expression gives, with these names of a module and `given`; all JSON.

    A module of several files is given as their names with spaces between them. The names may be
    any that the module has at its top, exported or not.
    """
    node = shutil.which("node")
    if node is None:
        missing("No node on the PATH to run a widget's JavaScript.")
    text = re.sub(r"^export ?\{.*\};?$", "", source(*module.split()), flags=re.MULTILINE)
    (folder / "module.mjs").write_text(f"{text}\nexport {{ {names} }};\n", encoding="utf-8")
    (folder / "given.json").write_text(json.dumps(given), encoding="utf-8")
    program = (
        f'import {{ {names} }} from "./module.mjs";\nimport {{ readFileSync }} from "node:fs";\n'
        'const given = JSON.parse(readFileSync("given.json", "utf-8"));\n'
        f"console.log(JSON.stringify({expression}));\n"
    )
    (folder / "program.mjs").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [node, "program.mjs"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
