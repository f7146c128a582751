"""`python3 start.py bench [names]`: flow, clocks, load, film, browser, grading, site; or all."""

from __future__ import annotations

import importlib
import sys

BENCHES = ("flow", "clocks", "load", "film", "browser", "grading", "site")
"""Each is a module beside this one, with `main()`.

None is imported before its turn: processes that a bench starts import this file again.
"""


def main(names: list[str]) -> int:
    """Run them in order; an unknown name is an error."""
    for name in names:
        if name not in BENCHES:
            print(f"there is no benchmark {name!r}; there are: {', '.join(BENCHES)}")
            return 2
    for name in names or BENCHES:
        importlib.import_module(f"tests.bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
