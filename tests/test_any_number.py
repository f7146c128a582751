"""Whatever number a closed form is given, it gives a number, or a sentence with the way out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import scaling, theory

EDGES = [10**400, -(10**400), 10**16, 1e308, 5e-324, 1e-308, 0, 1, 2, 0.5, 99.99999999999999]
ANYTHING = st.one_of(st.floats(), st.integers(), st.sampled_from([*EDGES, None, True, "1"]))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda q, **words: theory.mm1_percentile(q, **words), ["q", "rate", "mean_service"]),
        (lambda n, **words: theory.mm1_waiting_error(n, **words), ["n", "rate", "mean_service"]),
        (theory.mm1, ["rate", "mean_service"]),
        (theory.mmc, ["rate", "mean_service", "servers"]),
        (theory.mg1, ["rate", "mean_service", "mean_square"]),
        (theory.md1, ["rate", "service"]),
        (theory.mm1k, ["rate", "mean_service", "places"]),
        (theory.erlang_b, ["offered", "servers"]),
        (theory.erlang_c, ["offered", "servers"]),
        (theory.little, ["rate", "time"]),
        (lambda n, **words: scaling.amdahl(n, **words), ["n", "serial"]),
        (lambda n, **words: scaling.universal(n, **words), ["n", "contention", "coherence"]),
        (scaling.universal_peak, ["contention", "coherence"]),
        (lambda **words: scaling.all_up(*words.values()), ["first", "second"]),
        (scaling.any_slow, ["share", "parts"]),
        (scaling.hottest_share, ["keys", "exponent"]),
        (
            lambda seconds, **words: scaling.backlog_after(seconds, **words),
            ["seconds", "rate", "capacity", "share"],
        ),
    ],
)
@given(data=st.data())
@settings(deadline=None)
def test_any_number_gives_a_number_or_a_sentence(
    function: Callable[..., Any], words: list[str], data: st.DataObject
) -> None:
    """Never an OverflowError or NaN; infinite is only the peak of those who need not agree."""
    drawn = {word: data.draw(ANYTHING, label=word) for word in words}
    try:
        found = function(**drawn)
    except (ValueError, TypeError) as error:
        assert "; " in str(error)
    else:
        values = dataclasses.astuple(found) if dataclasses.is_dataclass(found) else (found,)
        endless = function is scaling.universal_peak and drawn["coherence"] == 0
        assert all(value >= 0 and (math.isfinite(value) or endless) for value in values)


def test_no_closed_form_is_left_out() -> None:
    """Each public function of the two files is in the list above."""
    mark = test_any_number_gives_a_number_or_a_sentence.pytestmark[0]
    named = {name for case in mark.args[1] for name in _names(case[0])}
    for module in (theory, scaling):
        public = {
            name
            for name, value in vars(module).items()
            if callable(value)
            and not isinstance(value, type)
            and getattr(value, "__module__", "") == module.__name__
            and not name.startswith("_")
        }
        assert public <= named


def _names(function: Callable[..., Any]) -> set[str]:
    """The function's own, and of a lambda, those that it calls."""
    return {function.__name__, *function.__code__.co_names}
