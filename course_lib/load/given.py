"""Arrays of seconds that a caller gives: checked and made whole nanoseconds, a chunk at a time.

So they are read from memory once, and looked at again in the cache.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .times import FOREVER, SECOND, Seconds, Times, fits, settle, slices


def seconds(name: str, values: ArrayLike) -> Seconds:
    """The array as float: one dimension, numbers, not empty. What they are is yet to be checked."""
    array = as_array(name, values)
    if not array.ndim:
        raise ValueError(f"{name} is {values!r}; give a list or an array, one number a request")
    if array.ndim != 1:
        raise ValueError(
            f"{name} has the shape {array.shape}; give one number a request: ({name}[0], …)"
        )
    if not array.size:
        raise ValueError(f"{name} is empty; give at least one")
    if array.dtype.kind in "mM":  # as floats they would be in the unit that they happen to be in
        since = name if array.dtype.kind == "m" else f"({name} - {name}[0])"
        raise TypeError(
            f"{name} holds {array.dtype}; give numbers of seconds: {since} / np.timedelta64(1, 's')"
        )
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} holds {array.dtype}; give numbers: np.array({name}, float)")
    return array.astype(np.float64, copy=False)


def as_array(name: str, values: ArrayLike) -> NDArray[Any]:
    """The values as an array, if all are there and in even rows."""
    if np.ma.is_masked(values):
        raise ValueError(
            f"{name} has entries that are masked, and nobody knows their number; give the others "
            f"alone: {name}.compressed()"
        )
    try:
        return np.asarray(values)
    except ValueError:  # numpy's own words speak of inhomogeneous shapes
        raise ValueError(
            f"{name} holds lists of different lengths; give numbers in one row: [0, 0.5, …]"
        ) from None


def check(name: str, given: Seconds) -> None:
    """All are from 0 and below infinity, or the first that is not is told."""
    good = (given >= 0) & (given < math.inf)  # NaN is neither
    if not good.all():
        wrong = int(np.argmin(good))
        raise ValueError(f"{name}[{wrong}] is {given[wrong]}; give numbers from 0, without NaN")


def arrivals(given: Seconds, _: Any, times: Times) -> None:
    """Fill in the times, the same in each row."""
    for here in slices(given.size):
        begin = max(here.start - 1, 0)  # with the last one of the chunk before
        in_order = (given[begin + 1 : here.stop] >= given[begin : here.stop - 1]).all()
        last = float(given[here.stop - 1]) * SECOND
        if not (in_order and given[0] >= 0 and last < FOREVER):  # NaN is none of these
            _tell_about_arrivals(given)
        _fill(times[0, here], given[here], last)
    times[1:] = times[0]


def services(given: Seconds, _: Any, times: Times) -> None:
    """Fill in the times, the same in each row; all of them together must fit."""
    checked = False
    for here in slices(given.size):
        longest = _longest(given[here]) * SECOND
        if not (checked or longest * given.size < FOREVER):
            check("services", given)
            with np.errstate(over="ignore"):
                fits(float(given.sum()) * SECOND)
            checked = True
        _fill(times[0, here], given[here], longest)
    times[1:] = times[0]


def _fill(times: Times, given: Seconds, longest_ns: float) -> None:
    np.multiply(given, SECOND, out=times.view(np.float64))
    settle(times, longest_ns)


def _longest(given: Seconds) -> float:
    """The longest in seconds, in one pass; infinity if one is negative or NaN.

    The bits of floats from 0 on are in the order of the floats; of negative ones and NaN, above.
    """
    infinity = np.float64(math.inf).view(np.uint64)
    return float(min(given.view(np.uint64).max(), infinity).view(np.float64))


def _tell_about_arrivals(given: Seconds) -> None:
    check("arrivals", given)
    late = np.flatnonzero(given[1:] < given[:-1])
    if late.size:
        first = late[0]
        raise ValueError(
            f"arrivals[{first + 1}] is {given[first + 1]} s, before the one in front of it "
            f"({given[first]} s); give them in order: arrivals[order], services[order] with "
            'order = np.argsort(arrivals, kind="stable")'
        )
    fits(float(given[-1]) * SECOND)
