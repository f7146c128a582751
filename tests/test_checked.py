"""One check of a caller's value: what is given back, and the sentence for what is not."""

from __future__ import annotations

import asyncio
import inspect
import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from course_lib.checked import (
    PlainFunctionError,
    awaitable,
    fraction,
    function,
    held,
    number,
    plain,
    plural,
    whole,
    within,
    yes_or_no,
)

HUGE = 10**400  # more than a float holds
NAN, ENDLESS = math.nan, math.inf
DURATIONS = [np.timedelta64(1, unit) for unit in ("s", "ns", "D")]
NO_NUMBERS = [None, "3", b"3", True, False, 1j, [1], Decimal(1), np.True_, np.array([1.0, 2.0])]
NO_NUMBERS += DURATIONS  # of which Python says that they are Integral


def refused(error: type[Exception], sentence: str) -> Any:
    """The error whose message is exactly this sentence."""
    return pytest.raises(error, match=f"^{re.escape(sentence)}$")


def rate(value: Any) -> float:
    return number("rate", value, "requests per second", above=True)


def servers(value: Any) -> int:
    return whole("number of servers", value)


def mails(value: Any) -> None:
    within("the number of mails", value, 1, 6)


@pytest.mark.parametrize("check", [rate, servers, lambda value: fraction("share", value)])
@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_a_type_error(check: Callable[[Any], Any], value: Any) -> None:
    """Texts, truth values and many numbers at once; the message shows what was given."""
    with pytest.raises(TypeError, match=f" is {re.escape(repr(value))}; give a "):
        check(value)


def test_what_is_no_number_is_told_what_is_meant() -> None:
    """The unit if there is one, and an example where a number can mean two things."""
    with refused(TypeError, "the rate is '3'; give a number of requests per second"):
        rate("3")
    with refused(TypeError, "the answer is None; give a number"):
        number("answer", None)
    with refused(TypeError, "the number of servers is 2.0; give a whole number"):
        servers(2.0)
    with refused(TypeError, "the share is True; give a share from 0 to 1, like 0.05"):
        fraction("share", True)


# Numbers


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (3, 3.0),
        (0.5, 0.5),
        (Fraction(1, 4), 0.25),
        (np.float32(0.5), 0.5),
        (np.float64(0.1), 0.1),
        (np.int64(7), 7.0),
        (5e-324, 5e-324),
        (1.7976931348623157e308, 1.7976931348623157e308),
    ],
    ids=repr,
)
def test_a_number_is_given_back_as_a_float(value: Any, found: float) -> None:
    """Whatever kind of number it was, also numpy's, down to the smallest and up to the largest."""
    given = rate(value)
    assert (type(given), given) == (float, found)


def test_a_number_begins_at_its_limit() -> None:
    """From 0 on unless told; `above` leaves the limit itself out, and `most` is within."""
    assert number("pause", 0) == 0
    assert number("pause", -1, least=-1) == -1
    assert number("pause", 1.5, least=1, above=True) == 1.5
    with refused(ValueError, "the pause is -0.001 seconds; give a number from 0"):
        number("pause", -0.001, "seconds")
    with refused(ValueError, "the pause is 0.99; give a number from 1"):
        number("pause", 0.99, least=1)
    with refused(ValueError, "the rate is 0 requests per second; give a number above 0"):
        rate(0)
    with refused(ValueError, "the pause is 0.25; give a number above 0.25"):
        number("pause", 0.25, least=0.25, above=True)
    assert number("lost", 1_000_000, most=1_000_000) == 1_000_000
    with refused(ValueError, "the lost is 1000000.5; give a number from 0 to 1,000,000"):
        number("lost", 1_000_000.5, most=1_000_000)
    with refused(ValueError, "the pause is 3; give a number above 0 to 2.5"):
        number("pause", 3, above=True, most=2.5)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (NAN, "nan"),
        (-ENDLESS, "-inf"),
        (-HUGE, "-1e400 or so"),
        (-(10**40), "-1e40 or so"),
        (1 - 10**40, f"-{'9' * 40}"),
        (Fraction(-1, 3), "-1/3"),
        (np.float64(-0.5), "-0.5"),
        (np.float32(-0.5), "-0.5"),
        (np.int64(-2), "-2"),
    ],
    ids=str,
)
def test_a_number_out_of_bounds_is_said_as_a_person_would(value: Any, said: str) -> None:
    """Not by its thousands of digits, nor by the name of its type; NaN and infinities are none."""
    with refused(ValueError, f"the rate is {said}; give a number from 0"):
        number("rate", value)


@pytest.mark.parametrize(("value", "said"), [(ENDLESS, "inf"), (HUGE, "1e400 or so")])
def test_a_number_without_end_is_told_where_numbers_end(value: Any, said: str) -> None:
    """It is above every limit that is named below it."""
    with refused(ValueError, f"the rate is {said}; give a number above 0 to 1e308"):
        number("rate", value, above=True)


def test_a_number_of_five_thousand_digits_is_refused_in_a_sentence() -> None:
    """Python itself refuses to write it out."""
    with refused(ValueError, "the rate is 1e5000 or so; give a number from 0 to 1e308"):
        number("rate", 10**5000)
    with refused(ValueError, "the limit is -1e5000 or so; give 1 or more"):
        whole("limit", -(10**5000))
    with refused(ValueError, "the share is 1e5000 or so; give a share from 0 to 1"):
        fraction("share", 10**5000)
    with refused(ValueError, "the seed is 1e5000 or so; give a whole number from 0 to 9,999"):
        within("the seed", 10**5000, 0, 9999)


# Whole numbers


@pytest.mark.parametrize("value", [1, 2, HUGE, np.int8(3), np.uint64(2**63)], ids=str)
def test_a_whole_number_is_given_back_as_an_int(value: Any) -> None:
    """From 1 on unless told, with no end unless told, and from numpy as from Python."""
    given = servers(value)
    assert (type(given), given) == (int, int(value))


def test_a_whole_number_keeps_to_its_limits() -> None:
    """Both limits belong to what is allowed, and the message names them."""
    assert [whole("seed", n, least=0, most=9999) for n in (0, 9999)] == [0, 9999]
    with refused(ValueError, "the number of servers is 0; give 1 or more"):
        servers(0)
    with refused(ValueError, "the seed is -1; give 0 or more"):
        whole("seed", np.int64(-1), least=0)
    with refused(ValueError, "the seed is 10000; give 0 to 9,999"):
        whole("seed", 10_000, least=0, most=9999)
    with refused(ValueError, "the seed is 999; give 1,000 to 9,999"):
        whole("seed", 999, least=1000, most=9999)
    with refused(ValueError, f"the seed is {10**39}; give 0 to 9,999"):
        whole("seed", 10**39, least=0, most=9999)


@pytest.mark.parametrize("value", [2.0, np.float64(2), NAN, ENDLESS, Fraction(4, 2)], ids=repr)
def test_a_number_that_happens_to_be_whole_is_not_enough(value: Any) -> None:
    """2.0 servers are a slip of the caller's."""
    with pytest.raises(TypeError, match=r"give a whole number$"):
        servers(value)


# Shares


@pytest.mark.parametrize("value", [0, 1, 0.05, Fraction(1, 2), np.float32(0.25), np.int64(1)])
def test_a_share_is_given_back_as_a_float(value: Any) -> None:
    """From nothing to all."""
    given = fraction("share", value)
    assert (type(given), given) == (float, float(value))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-0.1, "-0.1; give a share from 0 to 1"),
        (5, "5; give a share from 0 to 1; 5 % is 0.05"),
        (100, "100; give a share from 0 to 1; 100 % is 1"),
        (1.5, "1.5; give a share from 0 to 1; 1.5 % is 0.015"),
        (100.5, "100.5; give a share from 0 to 1"),
        (NAN, "nan; give a share from 0 to 1"),
        (-ENDLESS, "-inf; give a share from 0 to 1"),
        (-HUGE, "-1e400 or so; give a share from 0 to 1"),
        (np.float64(5), "5.0; give a share from 0 to 1; 5 % is 0.05"),
    ],
    ids=str,
)
def test_who_means_per_cent_is_told(value: Any, said: str) -> None:
    """From above 1 to 100 it may be meant so, and the share is said."""
    with refused(ValueError, f"the share is {said}"):
        fraction("share", value)


# Within limits


def test_both_limits_are_within() -> None:
    """Nothing comes back: the value itself may go on."""
    for value in (1, 6, np.int64(3)):
        mails(value)
    for number_of_seconds in (0.2, 10, 10.0, np.float32(5)):
        within("the time", number_of_seconds, 0.2, 10.0, "seconds")
    within("the time", 2.5, 0, 5.0)
    within("the time", 2.5, 0.0, 5)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (7, "7"),
        (2.0, "2.0"),
        (True, "True"),
        ("3", "'3'"),
        (None, "None"),
        (np.int64(7), "7"),
        (HUGE, "1e400 or so"),
    ],
    ids=str,
)
def test_outside_whole_limits(value: Any, said: str) -> None:
    """Limits that are whole ask for a whole number; all that is wrong has one sentence."""
    with refused(ValueError, f"the number of mails is {said}; give a whole number from 1 to 6"):
        mails(value)


@pytest.mark.parametrize(
    ("value", "said"), [(0.19, "0.19"), (10.5, "10.5"), (NAN, "nan"), (False, "False")], ids=str
)
def test_outside_limits_with_a_unit(value: Any, said: str) -> None:
    """The unit stands behind the limits."""
    sentence = f"task is {said}; give a number from 0.2 to 10 (seconds)"
    with refused(ValueError, sentence):
        within("task", value, 0.2, 10.0, "seconds")


def test_limits_are_said_in_full() -> None:
    """A million is 1,000,000, of whole numbers, and not 1e+06."""
    with refused(ValueError, "the seed is -1; give a whole number from 0 to 1,000,000"):
        within("the seed", -1, 0, 1_000_000)


# Yes or no, results, and how many


@pytest.mark.parametrize("value", [1, 0, None, "yes", np.True_], ids=repr)
def test_yes_or_no_is_true_or_false(value: Any) -> None:
    """Nothing that Python would take for one of them."""
    for answer in (True, False):
        yes_or_no("random", answer)
    with refused(ValueError, f"random is {value!r}; take True or False"):
        yes_or_no("random", value)


@pytest.mark.parametrize("found", [ENDLESS, -ENDLESS, NAN])
def test_a_result_beyond_a_float_is_no_result(found: float) -> None:
    """The limit is named, and the way out: another unit."""
    assert held("mean", 1.7e308) == 1.7e308
    with refused(
        ValueError,
        "the mean is beyond 1.8e+308, the most that a float holds; "
        "give smaller numbers, or all of them in a larger unit",
    ):
        held("mean", found)


async def send() -> None:
    """Nobody waits for what is only called."""


def test_a_function_is_what_can_be_called() -> None:
    """A coroutine is the result of a call that was already made, and is ended without a warning."""
    assert function("effect", send) is send
    with refused(TypeError, "the effect is 3; give a function"):
        function("effect", 3)
    made = send()
    with pytest.raises(
        TypeError,
        match=r"the effect is <coroutine .*>; give a function, without the brackets of a call$",
    ):
        function("effect", made)
    assert inspect.getcoroutinestate(made) == inspect.CORO_CLOSED


def test_a_task_given_for_a_function_is_cancelled() -> None:
    """Whoever started it meant it to run later, or not at all."""

    async def main() -> bool:
        task = asyncio.ensure_future(asyncio.sleep(3600))
        with pytest.raises(TypeError, match="give a function, without the brackets"):
            function("effect", task)
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(main())


def test_what_a_plain_function_gave_is_no_coroutine() -> None:
    """Nobody would await it: it is ended, and refused."""
    assert plain("effect", None) is None
    made = send()
    with refused(
        TypeError, "the effect is a coroutine function; give a plain one: nobody awaits it"
    ):
        plain("effect", made)
    assert inspect.getcoroutinestate(made) == inspect.CORO_CLOSED


def test_what_a_coroutine_function_gave_can_be_awaited() -> None:
    """A plain function has done its work in the call: it is told how to let others run."""
    made = send()
    assert awaitable("operation", made) is made
    made.close()
    sentence = (
        "the operation gave 3 and nothing to await; give a coroutine function, or for one that "
        "takes its time without an await: lambda: asyncio.to_thread(…)"
    )
    with refused(PlainFunctionError, sentence):
        awaitable("operation", 3)  # type: ignore[arg-type]
    assert issubclass(PlainFunctionError, TypeError)


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 lanes"), (1, "1 lane"), (2, "2 lanes"), (2000, "2,000 lanes")]
)
def test_how_many_of_what(count: int, said: str) -> None:
    """One is the only singular."""
    assert plural(count, "lane") == said
