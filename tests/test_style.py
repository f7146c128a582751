"""What a machine can say about style, it says here and not in a review."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.node import node, npm_tool

ROOT = Path(__file__).resolve().parent.parent
TESTS = [path for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts]


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)],
    ids=["ruff check", "ruff format --check", "mypy"],
)
def test_nothing_to_complain_about(words: tuple[str, ...]) -> None:
    """The linter, the formatter and the type checker have nothing to say."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"python -m {' '.join(words)} says:\n{done.stdout}{done.stderr}"


@pytest.mark.slow
def test_eslint_has_nothing_to_say() -> None:
    """Nor about the course's JavaScript, in which no function has more than forty lines."""
    tool = npm_tool("eslint/bin/eslint.js")
    done = node(
        tool, "--config", "tests/eslint.config.mjs", "course_lib", "tests/eslint.config.mjs"
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_typescript_has_nothing_to_say() -> None:
    """Each type that a comment in JavaScript names is what the code makes of it, and each parameter
    has one.
    """
    done = node(npm_tool("typescript/bin/tsc"), "--project", "tests/tsconfig.json")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_no_assertion_is_suppressed(path: Path) -> None:
    """An `assert` in a `with suppress(…)` is never reached if what comes before it raises."""
    blocks = [n for n in ast.walk(ast.parse(path.read_bytes())) if isinstance(n, ast.With)]
    found = [
        node.lineno
        for block in blocks
        if any("suppress(" in ast.unparse(item) for item in block.items)
        for node in ast.walk(block)
        if isinstance(node, ast.Assert)
    ]
    assert found == []


def test_no_link_is_a_part_of_the_course() -> None:
    """It leads to somebody's own folders, and Windows makes a file of it."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout of git")
    done = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    links = [line for line in done.stdout.splitlines() if line.startswith("120000")]
    assert done.stdout and links == []
