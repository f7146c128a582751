"""The restaurant: closed forms for one waiter, and what one more of anything changes."""

from __future__ import annotations

import asyncio
import time
from statistics import mean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import run
from course_lib.scenarios.restaurant import COOK, ORDER, TABLES, dinner

MINUTE = 60


def served(**how: Any) -> list[float]:
    """Minutes at which each table is served."""
    return [seconds / MINUTE for seconds in run(dinner(**how)).result]


@pytest.mark.parametrize(
    ("how", "minutes", "average"),
    [
        ({"stays": True}, [11, 22, 33, 44, 55, 66], 38.5),
        ({"stays": True, "cooks": 1}, [11, 22, 33, 44, 55, 66], 38.5),
        ({"cooks": 6}, [11, 12, 13, 14, 15, 16], 13.5),
        ({"cooks": 1}, [11, 21, 31, 41, 51, 61], 36),
    ],
    ids=["waiter who stays", "and one cook", "free waiter, six cooks", "free waiter, one cook"],
)
def test_three_restaurants(how: dict[str, Any], minutes: list[float], average: float) -> None:
    """Six tables, one minute to order, ten to cook: 66, 16 and 61 minutes; means 38.5, 13.5, 36."""
    assert (TABLES, ORDER, COOK) == (6, 1 * MINUTE, 10 * MINUTE)
    assert served(**how) == minutes
    assert mean(minutes) == average


@pytest.mark.parametrize("tables", [1, 2, 6, 20])
def test_closed_forms_of_one_waiter(tables: int) -> None:
    """n(o + s) if the waiter stays, no + s with a cook for each table, o + ns with one cook."""
    n, o, s = tables, ORDER / MINUTE, COOK / MINUTE
    assert served(tables=n, stays=True)[-1] == n * (o + s)
    assert served(tables=n, cooks=n)[-1] == n * o + s
    assert served(tables=n, cooks=1)[-1] == o + n * s


@pytest.mark.parametrize(
    ("cooks", "last", "average"),
    [(1, 61, 36), (2, 32, 21.5), (3, 23, 17), (4, 22, 15.5), (5, 21, 43 / 3), (6, 16, 13.5)],
)
def test_each_further_cook_helps_less(cooks: int, last: float, average: float) -> None:
    """The second cook saves 14.5 minutes of the mean wait, the sixth less than one."""
    minutes = served(cooks=cooks)
    assert minutes[-1] == last
    assert mean(minutes) == pytest.approx(average)


def test_waiters_cannot_cook() -> None:
    """With one cook, six waiters save nothing against one who does not stay in the kitchen."""
    assert max(served(waiters=6, cooks=1, stays=True)) == 61
    assert max(served(waiters=6, cooks=1)) == 61
    assert max(served(waiters=1, cooks=1)) == 61


def test_six_waiters_who_stay_beat_one_who_does_not() -> None:
    """Taking orders is work too: one waiter, however free, can do only one at a time."""
    assert max(served(waiters=6, stays=True)) == 11
    assert [max(served(waiters=n, stays=True)) for n in range(1, 6)] == [66, 33, 22, 22, 22]
    assert max(served(waiters=1)) == 16


@given(
    tables=st.integers(1, 12),
    waiters=st.integers(1, 6),
    cooks=st.integers(1, 6),
    stays=st.booleans(),
)
def test_a_further_cook_or_waiter_never_makes_anybody_wait_longer(
    tables: int, waiters: int, cooks: int, stays: bool
) -> None:
    """And nobody is served before an order can be taken and cooked."""
    now = served(tables=tables, waiters=waiters, cooks=cooks, stays=stays)
    more_cooks = served(tables=tables, waiters=waiters, cooks=cooks + 1, stays=stays)
    more_waiters = served(tables=tables, waiters=waiters + 1, cooks=cooks, stays=stays)
    assert all(later <= sooner for later, sooner in zip(more_cooks, now, strict=True))
    assert all(later <= sooner for later, sooner in zip(more_waiters, now, strict=True))
    assert min(now) == (ORDER + COOK) / MINUTE


@pytest.mark.parametrize("stays", [True, False])
def test_the_event_loop_is_a_waiter(stays: bool) -> None:
    """`time.sleep` holds the loop as long as `stays` holds the one waiter: same times."""

    async def serve() -> float:
        time.sleep(ORDER)
        if stays:
            time.sleep(COOK)
        else:
            await asyncio.sleep(COOK)
        return time.monotonic() / MINUTE

    async def evening() -> list[float]:
        return await asyncio.gather(*(serve() for _ in range(TABLES)))

    assert run(evening).result == served(stays=stays)


@pytest.mark.parametrize("how", [{}, {"stays": True}, {"cooks": 1}, {"waiters": 2, "cooks": 3}])
def test_twice_the_same(how: dict[str, Any]) -> None:
    """A scenario run twice gives one trace."""
    assert run(dinner(**how)) == run(dinner(**how))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"waiters": 0}, "the number of waiters is 0; give 1 or more"),
        ({"cooks": -1}, "the number of cooks is -1; give 1 or more"),
        ({"tables": "8"}, "the number of tables is '8'; give a whole number"),
        ({"stays": "no"}, "stays is 'no'; take True or False"),
    ],
)
def test_a_team_that_cannot_be_is_told(how: dict[str, Any], words: str) -> None:
    """And not that every guest waits for ever."""
    with pytest.raises((TypeError, ValueError), match=words):
        run(dinner(**how))
