"""`python -m tests.mutate [MODULE …]`: mutants of these modules, or of all that have an entry.

    python -m tests.mutate theory drawing.labels
    python -m tests.mutate --most 100 --seed 1 staff.record

For each module: how many mutants its tests kill, and each that survives with its line. What stands
in `left.toml` with a reason is not told again; an entry that is killed, or of which there is no
such mutant, is. Its tests are those named there, or the test file of the same name.
The status is 1 if a survivor has no reason or an entry is stale.
"""

from __future__ import annotations

import argparse
import random
import sys
import tomllib
from pathlib import Path
from typing import Any

from .mutants import Mutant, mutants
from .trial import Trial

ROOT = Path(__file__).resolve().parent.parent.parent
LEFT = Path(__file__).parent / "left.toml"


def main(words: list[str]) -> int:
    """Try the modules one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as drawing.labels")
    parser.add_argument("--most", type=int, help="mutants of one module, a sample if it has more")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    asked = parser.parse_args(words)
    entries = tomllib.loads(LEFT.read_text(encoding="utf-8"))
    chosen = asked.modules or list(entries)
    return max([_try(name, entries.get(name, {}), asked.most, asked.seed) for name in chosen])


def _try(name: str, entry: dict[str, Any], most: int | None, seed: int) -> int:
    """One module: its figures on the terminal, and 1 if something is to be done."""
    path = ROOT / "course_lib" / f"{name.replace('.', '/')}.py"
    tests = [f"tests/{file}" for file in entry.get("tests", [f"test_{name.split('.')[-1]}.py"])]
    left: dict[str, str] = entry.get("left", {})
    for file in (path, *(ROOT / test for test in tests)):
        if not file.exists():
            print(f"{name}: there is no {file.relative_to(ROOT)}")
            return 2
    everyone = mutants(path)
    tried = sample(everyone, left, most, seed)
    trial = Trial(f"course_lib.{name}", path, tests)
    if not trial.known.passed:
        print(f"{name}: {' '.join(tests)} fail with nothing changed; mend that first")
        return 2
    dead = trial.killed(tried)
    new = [mutant for mutant in tried if mutant.name not in dead | left.keys()]
    stale = [entry_name for entry_name in left if entry_name in dead]
    gone = left.keys() - {mutant.name for mutant in everyone}
    share = 100 * len(dead) / max(1, len(tried))
    of = "" if len(tried) == len(everyone) else f", a sample of {len(everyone)}"
    why = f", {len(tried) - len(dead) - len(new)} left with a reason" if left else ""
    print(f"{name}: {len(dead)} of {len(tried)} killed ({share:.1f} %){why}{of}")
    for mutant in new:
        print(f"  survives  {path.relative_to(ROOT)}:{mutant.line}  {mutant.name}")
    for entry_name in stale:
        print(f"  is killed, so it can leave left.toml  {entry_name}")
    for entry_name in sorted(gone):
        print(f"  is no mutant any more, so it can leave left.toml  {entry_name}")
    return int(bool(new or stale or gone))


def sample(
    everyone: list[Mutant], left: dict[str, str], most: int | None, seed: int
) -> list[Mutant]:
    """At most so many, always the same for a seed, with those that `left.toml` speaks of."""
    if most is None or most >= len(everyone):
        return everyone
    chosen = set(random.Random(seed).sample(range(len(everyone)), most))
    return [m for number, m in enumerate(everyone) if number in chosen or m.name in left]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
