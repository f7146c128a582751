"""The runner of mutants: what it changes, and that it tells the killed from those that survive."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import in_ci
from tests.mutate.__main__ import ROOT, main, sample
from tests.mutate.mutants import mutants

TOY = '''"""A module for the runner."""
from __future__ import annotations


def larger(a: int = 3, b: int = 4) -> int:
    """The larger one."""
    return a if a > b else b
'''
CHANGES = [
    "larger: 3 → 4",
    "larger: 3 → 2",
    "larger: 4 → 5",
    "larger: 4 → 3",
    "larger: return a if a > b else b → return None",
    "larger: a > b → a >= b",
    "larger: a > b → not a > b",
]


def names(tmp_path: Path, source: str) -> list[str]:
    """Those of the mutants of a source, after the place."""
    path = tmp_path / "toy.py"
    path.write_text(source, encoding="utf-8")
    return [mutant.name.partition(": ")[2] for mutant in mutants(path)]


def test_each_mutant_has_a_name_and_a_line(tmp_path: Path) -> None:
    """In the order of the source; docstrings, annotations and imports stay as they are."""
    path = tmp_path / "toy.py"
    path.write_text(TOY, encoding="utf-8")
    assert [mutant.name for mutant in mutants(path)] == CHANGES
    assert [mutant.line for mutant in mutants(path)] == [5, 5, 5, 5, 7, 7, 7]


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a = b + 1", ["b + 1 → b - 1", "1 → 2", "1 → 0"]),
        ("a = b < c <= d", ["b < c <= d → b <= c <= d", "b < c <= d → b < c < d"]),
        ("a = b and not c", ["b and (not c) → b or not c", "not c → c"]),
        ("if a is None: b()", ["a is None → a is not None", "b() → pass"]),
        ("a = [b for b in c if b]", ["b → not b"]),
        ("a = b[c:]", ["b[c:] → b[c + 1:]"]),
        ("a = b[:2]", ["2 → 3", "2 → 1"]),
        ("a = min(b)", ["min → max"]),
        ("a += b", ["a += b → a -= b", "a += b → pass"]),
        ("a.b = c", ["a.b = c → pass"]),
        ("raise a", ["raise a → pass"]),
        ("a = True", ["True → False"]),
        ("a = 'b'", ["'b' → ''"]),
        ("a = f'{b + c:.3f} d'", ["b + c → b - c"]),
        ("while a:\n    break", ["a → not a", "break → continue"]),
        ("a(1, 1)", ["a(1, 1) → pass", "1 → 2", "1 → 0", "1 → 2 (2)", "1 → 0 (2)"]),
        ("if TYPE_CHECKING:\n    a = 1", []),
        ("@a(1)\nclass B:\n    c: list[1]", []),
        ("def a():\n    return None", []),
    ],
)
def test_what_is_changed(tmp_path: Path, source: str, changes: list[str]) -> None:
    """One small change each, and none that no test could notice."""
    assert names(tmp_path, source) == changes


def test_a_sample_is_the_same_for_a_seed(tmp_path: Path) -> None:
    """In the order of the source; what somebody has written about is always in it."""
    path = tmp_path / "toy.py"
    path.write_text(TOY, encoding="utf-8")
    everyone = mutants(path)
    assert sample(everyone, {}, 3, 1) == sample(everyone, {}, 3, 1)
    assert len(sample(everyone, {}, 3, 1)) == 3
    assert sample(everyone, {CHANGES[5]: "why"}, 0, 1) == [everyone[5]]
    assert sample(everyone, {}, None, 1) == sample(everyone, {}, 7, 1) == everyone


def test_a_module_that_is_not_there_gets_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """So does one without tests."""
    assert main(["nosuch"]) == 2
    assert capsys.readouterr().out == "nosuch: there is no course_lib/nosuch.py\n"


TRY = """
from pathlib import Path
from tests.mutate.mutants import mutants
from tests.mutate.trial import Trial

path = Path("toy.py").resolve()
trial = Trial("toy", path, ["test_toy.py"])
made = mutants(path)
dead = trial.killed(made)
print(trial.known.passed, *[m.name for m in made if m.name not in dead], sep="\\n")
"""


@in_ci
@pytest.mark.slow
def test_who_survives_is_told(tmp_path: Path) -> None:
    """The boundary does not matter here, and the defaults are not tested; all else is killed."""
    (tmp_path / "toy.py").write_text(TOY, encoding="utf-8")
    (tmp_path / "test_toy.py").write_text(
        "from toy import larger\n\n\ndef test_larger() -> None:\n"
        "    assert larger(1, 2) == larger(2, 1) == 2\n",
        encoding="utf-8",
    )
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    done = subprocess.run(
        [sys.executable, "-c", TRY],
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["True", *CHANGES[:4], CHANGES[5]]
