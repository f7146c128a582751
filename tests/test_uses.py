"""What a piece uses is read in the cells: names are seen through, and only what it calls counts."""

from __future__ import annotations

import pytest

from course_lib.exercises.reading import uses

SAME = "hmac.compare_digest"
DEEP = "if 0: pass\n" + 1500 * "elif 0: pass\n"
"""As many branches as every Python parses, and more than it calls within one another."""
HMAC, SAFE, UNSAFE = "import hmac", "return hmac.compare_digest(a, a)", "return a == a"


@pytest.mark.parametrize(
    "cells",
    [
        [HMAC, f"def f(a): {SAFE}"],
        ["import hmac as h", "async def f(a): return h.compare_digest(a, a)"],
        ["from hmac import compare_digest as c", "f = lambda a: c(a, a)"],
        ["def f(a):\n    from hmac import compare_digest\n    return compare_digest(a, a)"],
        [f"{HMAC}\nc = hmac.compare_digest", "def g(a): return c(a, a)", "def f(a): return g(a)"],
        [f"{HMAC}\nc: object = hmac.compare_digest", "def f(a): return c(a, a)"],
        [f"{HMAC}\nn, c = hmac.new, hmac.compare_digest", "def f(a): return c(a, a)"],
        [HMAC, f"class G:\n    def on(self, a): {SAFE}", "f = G().on"],
        [HMAC, f"{DEEP}else:\n    def f(a): {SAFE}"],
        [HMAC, f"try:\n    def f(a): {SAFE}\nexcept ValueError:\n    pass"],
        ["%time 1 +", f"{HMAC}\ndef f(a): {UNSAFE}", f"def f(a): {SAFE}"],
    ],
)
def test_whatever_the_way_to_it(cells: list[str]) -> None:
    """An import under another name, a helper, a class, a block; what is no Python is left out."""
    assert SAME in uses(cells, "f")


@pytest.mark.parametrize(
    "cells",
    [
        [HMAC, "hmac.compare_digest('a', 'b')", f"def f(a): {UNSAFE}"],
        [HMAC, f"def g(a): {SAFE}", f"def f(a): {UNSAFE}"],
        [HMAC, f"def f(a): {SAFE}", f"def f(a): {UNSAFE}"],
        [HMAC, "good = hmac.compare_digest('', '')", "def f(a):\n    good = a\n    return good"],
        ["class hmac:\n    compare_digest = print", f"def f(a): {SAFE}"],
        [HMAC, f"def f(a, hmac): {SAFE}"],
        [HMAC, "class G: pass", "G.c = hmac.compare_digest", "def f(a): return G() == a"],
        [HMAC],
        ["(" * 5_000 + ")" * 5_000, "x = " + "-" * 50_000 + "1", "\0", HMAC],
    ],
)
def test_what_it_does_not_call_is_not_its_own(cells: list[str]) -> None:
    """Another cell, another function, an earlier definition, a namesake; or there is no piece."""
    assert SAME not in uses(cells, "f")
