"""Libraries that try again, and wait in between, do so on the virtual clock."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from .here import library, twice

tenacity = library("tenacity")
stamina = library("stamina")
backoff = library("backoff")

logging.getLogger("stamina").setLevel(logging.ERROR)


def tries_of(decorator: Callable[[Any], Any], *, coroutine: bool) -> list[float]:
    """When a call that always fails is tried, as a program: it is run twice."""

    async def main() -> list[float]:
        tries: list[float] = []

        async def fail() -> None:
            tries.append(time.monotonic())
            raise ConnectionError

        def fail_at_once() -> None:
            tries.append(time.monotonic())
            raise ConnectionError

        try:
            if coroutine:
                await decorator(fail)()
            else:
                decorator(fail_at_once)()
        except (ConnectionError, tenacity.RetryError):
            return tries
        raise AssertionError

    found: list[float] = twice(main).result
    return found


def test_tenacity_waits_as_long_as_it_says() -> None:
    """A fixed wait, for a coroutine and for a function that blocks the loop."""
    three = {"wait": tenacity.wait_fixed(2), "stop": tenacity.stop_after_attempt(3)}
    for coroutine in (True, False):
        assert tries_of(tenacity.retry(**three), coroutine=coroutine) == [0, 2, 4]


def test_tenacity_stops_when_its_time_is_over() -> None:
    """It asks the clock how long it has tried."""
    for coroutine in (True, False):
        five_seconds = {"wait": tenacity.wait_fixed(2), "stop": tenacity.stop_after_delay(5)}
        assert tries_of(tenacity.retry(**five_seconds), coroutine=coroutine) == [0, 2, 4, 6]


def test_stamina_backs_off() -> None:
    """Twice as long each time, without its jitter."""
    retry = stamina.retry(on=ConnectionError, attempts=4, wait_jitter=0)
    assert tries_of(retry, coroutine=True) == [0, 0.1, 0.3, 0.7]
    assert tries_of(retry, coroutine=False) == [0, 0.1, 0.3, 0.7]


def test_backoff_keeps_to_its_longest_time() -> None:
    """It asks `datetime.now()` how long it has tried, and does not wait beyond the limit."""
    for coroutine in (True, False):
        limited = {"max_time": 10, "jitter": None, "logger": None}
        retry = backoff.on_exception(backoff.expo, ConnectionError, **limited)
        assert tries_of(retry, coroutine=coroutine) == [0, 1, 3, 7, 10]
