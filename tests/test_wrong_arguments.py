"""What notebooks call with a wrong argument: a sentence about it, that names no other function."""

from __future__ import annotations

import asyncio
import inspect
import re
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import course_lib
from course_lib import advice, broker, charts, incidents, load, resilience, scaling, theory
from course_lib.candidates import choose
from course_lib.flow import mark, run, send, span
from course_lib.promises import promises
from course_lib.scenarios import (
    bookshop,
    checkout,
    email,
    lease,
    mail_service,
    restaurant,
    ride,
    social_post,
    video_upload,
)
from course_lib.storm import simulate_storm
from course_lib.widgets import EmailScene, Explorer, Incident, film, measures, practice, schedule


async def work() -> None:
    """A program that is right, where one is wanted."""
    await asyncio.sleep(1)


MAILS = mail_service.Mailing()
MADE = schedule.schedule(schedule.Setting(), schedule.draw_chance(1))
STORY = incidents.story("monday")

# Each function that a notebook calls, with arguments that are right.
CALLS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (run, {"main": work, "clock": "virtual"}),
    (film, {"main": work}),
    (span, {"label": "cook", "lane": "kitchen"}),
    (mark, {"label": "done", "lane": "kitchen"}),
    (send, {"source": "a", "target": "b", "label": "mail", "takes": 1}),
    (course_lib.compare, {"one": run(work), "other": run(work)}),
    (advice.advise, {"operation": advice.Operation("login", needs_outcome=True)}),
    (advice.Operation, {"name": "login", "needs_outcome": True, "p99": 1.0, "order_per": ""}),
    (broker.Broker, {"hop": 0.1, "patience": 1.0, "loses": None}),
    (broker.dlq, {"queue": "orders"}),
    (charts.curves, {"x": [1, 2], "lines": {"a": [1, 2]}, "axes": ("x", "y")}),
    (charts.depth, {"one": load.simulate(rate=1, mean_service=0.1, requests=9)}),
    (charts.percentiles, {"one": load.simulate(rate=1, mean_service=0.1, requests=9)}),
    (load.simulate, {"rate": 1, "mean_service": 0.1, "servers": 1, "requests": 9, "seed": 1}),
    (load.simulate_many, {"seeds": [1, 2], "rate": 1, "mean_service": 0.1, "requests": 9}),
    (incidents.story, {"name": "monday"}),
    (incidents.play, {"story": STORY, "moves": "", "seed": 1}),
    (incidents.judge, {"day": incidents.play(STORY)}),
    (resilience.Bulkhead, {"slots": 2}),
    (scaling.amdahl, {"workers": 2, "serial": 0.1}),
    (scaling.any_slow, {"share": 0.1, "parts": 3}),
    (scaling.hottest_share, {"keys": 3, "exponent": 1.0}),
    (scaling.universal, {"workers": 2, "contention": 0.1, "coherence": 0.1}),
    (scaling.universal_peak, {"contention": 0.1, "coherence": 0.1}),
    (theory.little, {"rate": 1, "time": 1}),
    (theory.md1, {"rate": 1, "service": 0.1}),
    (theory.mm1, {"rate": 1, "mean_service": 0.1}),
    (theory.mmc, {"rate": 1, "mean_service": 0.1, "servers": 2}),
    (theory.mg1, {"rate": 1, "mean_service": 0.1, "mean_square": 0.1}),
    (theory.mm1k, {"rate": 1, "mean_service": 0.1, "places": 2}),
    (theory.mm1_waiting_error, {"requests": 9, "rate": 1, "mean_service": 0.1}),
    (simulate_storm, {"rate": 80.0, "max_attempts": 1, "backoff": "none", "budget": None}),
    (bookshop.once, {"point": "between"}),
    (bookshop.by_chance, {"probability": 0.1, "seed": 1, "point": "between"}),
    (bookshop.day, {"consume": lambda broker, crash: work(), "crash": print, "orders": "A"}),
    (bookshop.together, {"seconds": 1, "shop": None}),
    (checkout.synchronous, {"outage": None, "seed": 1}),
    (checkout.mixed, {"outage": None, "outbox": False, "seed": 1}),
    (email.synchronous, {"mails": 1, "workers": 1, "task": 3.0, "every": 1.0}),
    (email.asynchronous, {"mails": 1, "workers": 1, "task": 3.0, "accept": 0.1, "every": 1.0}),
    (email.clocks, {"trace": run(email.synchronous)}),
    (lease.Leases, {"seconds": 1}),
    (lease.Store, {"fenced": True}),
    (mail_service.Mailing, {"mails": 1, "every": 1.0, "crash": False, "ack": "after"}),
    (mail_service.asynchronous, {"setting": MAILS}),
    (mail_service.synchronous, {"setting": MAILS}),
    (mail_service.fates, {"trace": run(mail_service.asynchronous(MAILS))}),
    (restaurant.dinner, {"tables": 2, "waiters": 1, "cooks": 1, "stays": False}),
    (ride.greedy, {"minutes": [[1, 2], [2, 1]]}),
    (ride.batch, {"minutes": [[1, 2], [2, 1]]}),
    (ride.total, {"minutes": [[1, 2], [2, 1]], "chosen": [0, 1]}),
    (ride.request, {"accepts_at": 2, "outage": None}),
    (social_post.line, {"chunk": 30_000_000, "all_at_once": False, "celebrity_share": 0.0}),
    (social_post.publish, {"outage": None, "as_set": True, "own_posts": True, "delete_at": None}),
    (video_upload.upload, {"parts": 1, "outage": None}),
    (video_upload.process, {"chunks": 16, "gate": True, "outage": None}),
    (EmailScene, {"mails": 1, "task": 3.0}),
    (Explorer, {"rate": 0.3, "mode": "async unbounded"}),
    (Incident, {"name": "monday", "seed": 1, "moves": ""}),
    (practice, {"name": "good-night"}),
    (measures.percentile, {"q": 99, "made": MADE, "clock": "complete"}),
    (schedule.Setting, {"rate": 0.3, "workers": 1}),
    (schedule.draw_chance, {"seed": 1, "requests": 20}),
    (schedule.schedule, {"setting": schedule.Setting(), "draws": schedule.draw_chance(1)}),
]
WORK = work()
WORK.close()  # a coroutine object, of which nobody shall say that nobody awaits it
WRONG = [3, None, "x", [1], work]
ITS_OWN = re.compile(r"work\(\) takes|cannot reuse already awaited")  # what `work` itself has done
OTHERS = re.compile(r"\b(run|record|film|play|simulate)\b(?=\(\)| needs| the function)")


def called(function: Callable[..., Any], given: dict[str, Any]) -> None:
    """Call it, and let what it gives run, if that is a coroutine."""
    positional = [p.kind for p in inspect.signature(function).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in positional:
        made = function(*given.values())
    else:
        made = function(**given)
    if inspect.iscoroutine(made):
        run(made)


def spoiled() -> Iterator[Any]:
    """Each call with each of its arguments replaced by each wrong value, and by a coroutine."""
    calls = [*CALLS, (choose, {"wish": "read again"}), (promises, {"pattern": "log"})]
    for function, right in [*calls, (scaling.all_up, {"availability": 0.9})]:
        for name in right:
            id = f"{function.__module__.split('.', 1)[-1]}.{function.__name__}-{name}"
            yield pytest.param(function, right, name, id=id)


@pytest.mark.parametrize(("function", "right", "name"), [*spoiled()])
def test_a_wrong_argument_is_told_in_a_sentence(
    function: Callable[..., Any], right: dict[str, Any], name: str
) -> None:
    """TypeError or ValueError, raised on purpose; and no function is named but the one called."""
    fits = isinstance(right[name], int | float)  # a number in the place of one is right
    for value in [*WRONG[fits:], WORK]:
        given = {**right, name: value}
        if "shop" in given and name != "shop":
            given["shop"] = WORK
        try:
            called(function, given)
        except (TypeError, ValueError, RuntimeError) as error:
            if ITS_OWN.match(str(error)):
                continue
            last = traceback.extract_tb(error.__traceback__)[-1]
            assert "course_lib" in last.filename, f"{value!r}: {error}"
            assert (last.line or "").startswith("raise "), f"{value!r}: {error}"
            named = {found[0] for found in OTHERS.finditer(str(error))}
            assert named <= {function.__name__}, f"{value!r}: {error}"


@pytest.mark.parametrize("value", [3, None, [1]])
def test_a_name_that_is_no_text_is_refused(value: Any) -> None:
    """Else a crash never came, and a queue was called after a number."""
    for function in (broker.dlq, bookshop.once, practice):
        with pytest.raises(ValueError, match=r"3|None|1"):
            function(value)


def test_film_names_itself() -> None:
    """And not `run`, which the reader has not called."""
    with pytest.raises(TypeError, match=r"^film needs a function that begins with `async def`"):
        film(3)  # type: ignore[arg-type]

    async def inside() -> None:
        film(work)

    with pytest.raises(RuntimeError, match=r"^film\(\) was called inside another run"):
        run(inside)
