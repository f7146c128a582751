"""Arrays of seconds that a caller gives: checked and made whole nanoseconds, a chunk at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .times import FOREVER, SECOND, Seconds, Times, fits, scratch, slices, write


def seconds(name: str, values: ArrayLike) -> Seconds:
    """The array as float: one dimension, numbers, not empty. What they are is yet to be checked."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(
            f"{name} has the shape {array.shape}; give one number a request: ({name}[0], …)"
        )
    if not array.size:
        raise ValueError(f"{name} is empty; give at least one")
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} holds {array.dtype}; give numbers")
    return array.astype(np.float64, copy=False)


def check(name: str, given: Seconds) -> None:
    """All are from 0 and below infinity, or the first that is not is told."""
    good = (given >= 0) & (given < math.inf)  # NaN is neither
    if not good.all():
        wrong = int(np.argmin(good))
        raise ValueError(f"{name}[{wrong}] is {given[wrong]}; give numbers from 0, without NaN")


def arrivals(given: Seconds, _: Any, times: Times) -> Iterator[slice]:
    """Fill in the times, and give each slice that is done."""
    floats = scratch(times.size)
    for here in slices(times.size):
        begin = max(here.start - 1, 0)  # with the last one of the chunk before
        in_order = (given[begin + 1 : here.stop] >= given[begin : here.stop - 1]).all()
        last = float(given[here.stop - 1])
        if not (in_order and given[0] >= 0 and last * SECOND < FOREVER):  # NaN is none of these
            _tell_about_arrivals(given)
        part = floats[: here.stop - here.start]
        write(times, here, np.multiply(given[here], SECOND, out=part))
        yield here


def services(given: Seconds, _: Any, times: Times) -> Iterator[slice]:
    """Fill in the times, and give each slice that is done; all of them together must fit."""
    floats, total = scratch(times.size), 0.0
    for here in slices(times.size):
        with np.errstate(over="ignore", invalid="ignore"):
            total += float(given[here].sum())
        if not (given[here].min() >= 0 and total * SECOND < FOREVER):  # NaN is none of these
            check("services", given)
            fits(total * SECOND)
        part = floats[: here.stop - here.start]
        write(times, here, np.multiply(given[here], SECOND, out=part))
        yield here


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
