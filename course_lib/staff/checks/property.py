"""Run what a student wrote, see a property hold or not, and say so in words."""

from __future__ import annotations

import asyncio
import gc
import io
import warnings
from collections.abc import Awaitable, Callable
from contextlib import redirect_stderr
from typing import Any

from course_lib.flow import run
from course_lib.loop.stuck import Stuck
from course_lib.trace import Trace

from ..grading.marks import NoPoint

Property = Callable[..., None]
PATIENCE = 100_000.0  # virtual seconds after which a run is taken for endless
SHOWN = 300  # letters of what a student's code says


def hold(prop: Property, *pieces: object) -> None:
    """Let the property look at the pieces; nothing that they do ends in anything but NoPoint.

    What they leave on stderr or as a warning is dropped: nbgrader takes such a cell for failed.
    """
    with redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            prop(*pieces)
        except NoPoint as told:
            raise NoPoint(str(told)) from None
        except KeyboardInterrupt:
            raise
        except BaseException as problem:  # noqa: BLE001  whatever a student's code raises
            raise NoPoint(f"It raised {_told(problem)}.") from None
        finally:
            gc.collect()  # coroutines that nobody awaited complain here, where nobody hears it


def expect(holds: object, rule: str, case: str, seen: object) -> None:
    """Raise NoPoint unless it holds: the rule, the case, and what was seen there."""
    if not holds:
        raise NoPoint(f"{rule}\nSmallest case: {case}\nYours: {_short(seen)}")


def on_clock(main: Callable[[], Awaitable[Any]], case: str) -> Trace:
    """Run a test on the virtual clock; an error of the student's is told with its case."""

    async def bounded() -> Any:
        async with asyncio.timeout(PATIENCE):
            return await main()

    try:
        return run(bounded)
    except NoPoint:
        raise
    except Stuck as stuck:
        told = " ".join(str(stuck).split())
        raise NoPoint(f"It never ends.\nSmallest case: {case}\nYours: {_short(told)}") from None
    except TimeoutError:
        raise NoPoint(f"It never ends.\nSmallest case: {case}\nYours: it goes on and on") from None
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # noqa: BLE001  whatever a student's code raises
        told = _told(problem)
        raise NoPoint(f"It must not raise here.\nSmallest case: {case}\nYours: {told}") from None


def _told(problem: BaseException) -> str:
    if isinstance(problem, BaseExceptionGroup):
        return ", ".join(_told(one) for one in problem.exceptions)
    return f"{type(problem).__name__}: {_short(problem)}".removesuffix(": ")


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
