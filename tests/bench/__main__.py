"""`python3 start.py bench [names]`: flow, clocks, load, film, browser, grading, site; or all."""

from __future__ import annotations

import sys

from . import browser, clocks, film, flow, grading, load, site

BENCHES = {
    "flow": flow.main,
    "clocks": clocks.main,
    "load": load.main,
    "film": film.main,
    "browser": browser.main,
    "grading": grading.main,
    "site": site.main,
}


def main(names: list[str]) -> int:
    """Run them in order; an unknown name is an error."""
    for name in names:
        if name not in BENCHES:
            print(f"there is no benchmark {name!r}; there are: {', '.join(BENCHES)}")
            return 2
    for name in names or BENCHES:
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
