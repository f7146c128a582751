"""The reference pieces keep what they promise; students' own versions are held to the same."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest

from course_lib import resilience
from course_lib.flow import run
from course_lib.resilience import (
    Bulkhead,
    BulkheadFull,
    CircuitBreaker,
    CircuitOpen,
    DeadLetter,
    RetryBudget,
    attend,
    create_inbox,
    create_outbox,
    full_jitter,
    handle_once,
    in_key_order,
    place_order,
    relay,
    retry,
)


def result(main):
    return run(main).result


def test_every_piece_says_what_it_does() -> None:
    """All public names are in the table of the module and have a docstring."""
    for name in resilience.__all__:
        assert getattr(resilience, name).__doc__
    left_out = {"CircuitOpen", "BulkheadFull", "create_inbox", "create_outbox"}
    for name in set(resilience.__all__) - left_out:
        assert f"`{name}`" in resilience.__doc__


PIECES = sorted(
    set(resilience.__all__)
    - {"CircuitOpen", "BulkheadFull", "DeadLetter", "create_inbox", "create_outbox"}
)


@pytest.mark.parametrize("name", PIECES)
def test_every_piece_names_its_source_and_its_limits(name) -> None:
    """In a few lines of its docstring: where it is from, and what it cannot do."""
    source, limits = getattr(resilience, name).__doc__.partition("Source: ")[2].split("Limits: ")
    assert len(source.strip().splitlines()) <= 2
    assert 2 <= len(limits.strip().splitlines()) <= 4


QUICK = {"max_attempts": 3, "base": 0.1, "cap": 1.0, "rng": random.Random(1)}


async def refusal(work) -> str:
    """What a piece says when it refuses a caller's function."""
    with pytest.raises((TypeError, ExceptionGroup)) as caught:
        await work
    error = caught.value
    while isinstance(error, ExceptionGroup):
        (error,) = error.exceptions
    return str(error)


def kept(**how):
    """An `attend` with one thing changed."""
    return attend("m", **{"handle": Flaky(), "max_attempts": 1, "bury": print} | how)


def ordered(**how):
    """An `in_key_order` with one thing changed."""
    return in_key_order([1], **{"handle": Flaky(), "key": str, "limit": 3} | how)


SENTENCES = [
    (lambda: retry(Flaky(), **QUICK | {"max_attempts": 0}), "the number of attempts is 0; give 1"),
    (lambda: retry(Flaky(), **QUICK | {"base": -1}), "the base is -1 seconds; give"),
    (lambda: retry(Flaky(), **QUICK | {"cap": -1}), "the cap is -1 seconds; give"),
    (lambda: retry(Flaky(), **QUICK, retry_on=3), "retry_on has 3 in it"),
    (lambda: retry(3, **QUICK), "the op is 3; give a function"),
    (lambda: full_jitter(0, base=1, cap=1, rng=random), "the attempt is 0; give 1 or more"),
    (lambda: RetryBudget(-1), "the share of retries is -1; give"),
    (lambda: RetryBudget(most=0), "the most that is saved is 0 retries; give a number from 1"),
    (lambda: CircuitBreaker(threshold=0, reset_after=1, clock=Clock()), "the threshold is 0"),
    (lambda: CircuitBreaker(threshold=1, reset_after=0, clock=Clock()), "probe is 0 seconds"),
    (lambda: CircuitBreaker(threshold=1, reset_after=1, clock=3), "the clock is 3; give a func"),
    (
        lambda: CircuitBreaker(threshold=1, reset_after=1, clock=Clock(), failure=3),
        "failure has 3 in it",
    ),
    (lambda: CircuitBreaker(threshold=1, reset_after=1, clock=Clock()).call(3), "the op is 3;"),
    (lambda: kept(handle=3), "the handle is 3; give a function"),
    (lambda: kept(bury=3), "the bury is 3; give a function"),
    (lambda: kept(permanent=3), "permanent has 3 in it"),
    (lambda: kept(max_attempts=0), "the number of attempts is 0; give 1 or more"),
    (lambda: ordered(handle=3), "the handle is 3; give a function"),
    (lambda: ordered(key=3), "the key is 3; give a function"),
    (lambda: ordered(limit=0), "the limit is 0; give 1 or more"),
    (lambda: ordered(ahead=2), "the number of messages read ahead is 2; give 3 or more"),
    (lambda: handle_once(None, "m1", 3), "the effect is 3; give a function"),
    (lambda: relay(None, 3), "the publish is 3; give a function"),
    (lambda: relay(None, Flaky(), patience=-1), "the patience is -1 seconds; give"),
    (lambda: relay(None, Flaky()), "the db is None; give an open connection"),
    (lambda: handle_once("shop.db", "m1", charge), "the db is 'shop.db'; give an open connection"),
    (lambda: place_order(None, "1", "cake"), "the db is None; give"),
    (lambda: place_order(None, None, "cake"), "the id is None; give a text, such as 'order-7'"),
    (lambda: handle_once(None, "\ud800", charge), r"the id is '\\ud800'; give a text, the same"),
    (lambda: retry(Flaky(), **QUICK | {"rng": 42}), "the rng is 42; give a generator of chance"),
    (lambda: retry(Flaky(), **QUICK | {"rng": random.Random}), "the rng is <class"),
    (lambda: retry(Flaky(), **QUICK | {"sleep": 0.5}), "the sleep is 0.5; give a function"),
    (lambda: full_jitter(1, base=1, cap=1, rng=None), "the rng is None; give a generator"),
    (lambda: retry(Flaky(), **QUICK, budget=0.1), r"the budget is 0.1; .* RetryBudget\(0.1\)"),
    (lambda: in_key_order(5, Flaky(), key=str, limit=3), "the messages are 5, .* give a list"),
    (lambda: in_key_order(charge, Flaky(), key=str, limit=3), r"call it: messages\(\)"),
]


@pytest.mark.parametrize(("wrong", "says"), SENTENCES)
def test_what_cannot_be_is_told_with_its_name_and_the_way_out(wrong, says) -> None:
    """Before anything is called."""

    async def main():
        made = wrong()
        if made is not None:
            await made

    with pytest.raises((TypeError, ValueError), match=says):
        asyncio.run(main())


# ---- retry --------------------------------------------------------------------------------------
class Flaky:
    """Fails with each of the errors in turn, then gives 42."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors, self.calls = list(errors), 0

    async def __call__(self) -> int:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return 42


async def tried(op, max_attempts=4, **how):
    """What came of it, and the pauses."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    settings = {"base": 0.1, "cap": 10.0, "rng": random.Random(0), "sleep": sleep} | how
    try:
        return await retry(op, max_attempts=max_attempts, **settings), pauses
    except BaseException as error:  # noqa: BLE001
        return error, pauses


@pytest.mark.parametrize("failures", [0, 1, 3])
def test_it_is_tried_until_it_works(failures: int) -> None:
    """One call more than failures, and a pause before each retry."""
    op = Flaky(*[TimeoutError()] * failures)
    found, pauses = result(tried(op))
    assert (found, op.calls, len(pauses)) == (42, failures + 1, failures)


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_attempts_are_exact_and_nobody_sleeps_after_the_last(attempts: int) -> None:
    """The last error comes out after max_attempts calls and one pause fewer."""
    errors = [TimeoutError(str(number)) for number in range(9)]
    op = Flaky(*errors)
    found, pauses = result(tried(op, attempts))
    assert found is errors[attempts - 1]
    assert (op.calls, len(pauses)) == (attempts, attempts - 1)


@pytest.mark.parametrize(
    "error", [ValueError("no such cake"), asyncio.CancelledError(), KeyboardInterrupt()]
)
def test_what_is_not_to_be_retried_comes_out_at_once(error: BaseException) -> None:
    """An error of our own making, and a cancellation: one call, no pause."""
    op = Flaky(error)
    found, pauses = result(tried(op, retry_on=TimeoutError))
    assert (found, op.calls, pauses) == (error, 1, [])


def test_pauses_are_full_jitter_under_a_doubling_ceiling() -> None:
    """Never above min(cap, base · 2^k); the mean is half of it, and some are close to nothing."""

    async def many():
        op = [Flaky(*[TimeoutError()] * 9) for _ in range(2000)]
        return [
            (await tried(op[seed], 10, rng=random.Random(seed), cap=5.0))[1] for seed in range(2000)
        ]

    seen = result(many)
    for k, pauses in enumerate(zip(*seen, strict=True)):
        ceiling = min(5.0, 0.1 * 2**k)
        assert 0 <= min(pauses) < 0.05 * ceiling
        assert 0.95 * ceiling < max(pauses) <= ceiling
        assert sum(pauses) / len(pauses) == pytest.approx(ceiling / 2, rel=0.05)


def test_a_pause_never_overflows() -> None:
    """The thousandth-and-some attempt still waits the cap at most."""
    assert full_jitter(5000, base=0.1, cap=10, rng=random.Random(1)) <= 10


@pytest.mark.parametrize("how", [{"attempt": 0}, {"base": -1}, {"cap": float("nan")}])
def test_a_pause_that_cannot_be_is_told(how) -> None:
    """Attempts count from 1, and no pause is negative."""
    with pytest.raises(ValueError, match="give"):
        full_jitter(**{"attempt": 1, "base": 0.1, "cap": 10, "rng": random.Random(1)} | how)


def test_a_budget_allows_a_share_of_the_calls() -> None:
    """When everything fails, 1,000 calls make 100 retries and the 10 that were saved."""
    budget = RetryBudget(0.1, most=10)

    async def many():
        calls = 0
        for _ in range(1000):
            op = Flaky(*[TimeoutError()] * 3)
            await tried(op, 3, budget=budget)
            calls += op.calls
        return calls

    assert result(many) == pytest.approx(1000 + 100 + 10, abs=2)


def test_a_budget_that_is_not_used_up_changes_nothing() -> None:
    """It is for the bad moments."""
    op = Flaky(TimeoutError())
    assert result(tried(op, budget=RetryBudget(0.1)))[0] == 42


@pytest.mark.parametrize(
    ("share", "deposits"), [(0.1, 10), (0.2, 5), (0.3, 10), (0.05, 20), (1 / 3, 3), (1e-3, 1000)]
)
def test_a_share_is_counted_exactly(share: float, deposits: int) -> None:
    """Ten deposits of 0.1 are one retry, and no more; ten of 0.3 are three."""
    budget = RetryBudget(share, most=10)
    while budget.withdraw():
        pass
    for _ in range(deposits):
        budget.deposit()
    retries = round(share * deposits, 3)
    assert [budget.withdraw() for _ in range(int(retries) + 1)] == [True] * int(retries) + [False]


def test_unless_told_a_budget_is_a_tenth_and_saves_ten() -> None:
    """As its signature says; and the smallest share is not nothing."""
    budget, tiny = RetryBudget(), RetryBudget(1e-15, most=1)
    assert (budget.share, budget.most, budget.saved) == (0.1, 10, 10)
    assert tiny.withdraw()
    tiny.deposit()
    assert tiny.saved == 1e-15


@pytest.mark.parametrize("most", [1, 3, 10])
def test_a_budget_saves_no_more_than_its_most(most: int) -> None:
    """However long all was well: the bad moment gets so many retries and not one more."""
    budget = RetryBudget(0.5, most=most)
    for _ in range(1000):
        budget.deposit()
    assert budget.saved == most
    assert [budget.withdraw() for _ in range(most + 1)] == [True] * most + [False]


@pytest.mark.parametrize("how", [{"share": -1}, {"most": 0}, {"share": float("nan")}])
def test_a_senseless_budget_is_refused(how) -> None:
    """With a sentence."""
    with pytest.raises(ValueError, match="give"):
        RetryBudget(**how)


def test_what_cannot_be_awaited_is_refused_and_not_tried_again() -> None:
    """A plain function, a plain sleep, the coroutine of a call: a sentence each, after one call."""
    calls = []
    again = {"retry_on": Exception}
    said = result(refusal(retry(lambda: calls.append(1), **QUICK, **again)))
    assert "the op gave None and nothing to await; give a coroutine function" in said
    assert calls == [1]
    op, plain_sleep = Flaky(TimeoutError()), {"sleep": lambda seconds: None}
    assert "the sleep gave None" in result(refusal(retry(op, **QUICK, **plain_sleep)))
    assert "without the brackets of a call" in result(refusal(retry(Flaky()(), **QUICK)))


@pytest.mark.parametrize("kind", [BaseException, asyncio.CancelledError, "TimeoutError"])
def test_no_piece_takes_a_cancellation_for_an_error(kind) -> None:
    """Kinds of Exception only: a cancellation must come through, in retry, breaker and attend."""
    for wrong in (
        lambda: asyncio.run(retry(Flaky(), **QUICK, retry_on=kind)),
        lambda: CircuitBreaker(threshold=1, reset_after=1, clock=Clock(), failure=(OSError, kind)),
        lambda: asyncio.run(attend(1, Flaky(), max_attempts=1, bury=print, permanent=(kind,))),
    ):
        with pytest.raises(TypeError, match="give kinds of Exception"):
            wrong()


@pytest.mark.parametrize("how", [{"base": -1}, {"cap": float("nan")}, {"base": float("inf")}])
def test_a_senseless_pause_is_refused(how) -> None:
    """With a sentence, before anything is called."""
    op = Flaky()
    with pytest.raises(ValueError, match="give a number from 0"):
        asyncio.run(retry(op, **QUICK | how))
    assert op.calls == 0


def test_a_group_is_tried_again_if_all_in_it_are() -> None:
    """A TaskGroup inside `op` tells of its timeouts in a group."""
    late = ExceptionGroup("two", [TimeoutError(), ExceptionGroup("one", [ConnectionError()])])
    op = Flaky(late)
    assert asyncio.run(retry(op, **QUICK | {"base": 0})) == 42 and op.calls == 2
    mixed = Flaky(ExceptionGroup("two", [TimeoutError(), KeyError()]))
    with pytest.raises(ExceptionGroup):
        asyncio.run(retry(mixed, **QUICK))
    assert mixed.calls == 1


def test_no_attempt_is_refused() -> None:
    """Zero attempts would give neither a result nor an error."""
    found, _ = result(tried(Flaky(), 0))
    assert isinstance(found, ValueError)


# ---- breaker ------------------------------------------------------------------------------------
class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def broken(threshold: int = 3) -> tuple[CircuitBreaker, Clock]:
    """A breaker that has just opened, and its clock."""
    clock = Clock()
    breaker = CircuitBreaker(threshold=threshold, reset_after=10.0, clock=clock)
    for _ in range(threshold):
        with pytest.raises(TimeoutError):
            asyncio.run(breaker.call(Flaky(TimeoutError())))
    return breaker, clock


async def outcome(breaker, op):
    try:
        return await breaker.call(op)
    except Exception as error:  # noqa: BLE001
        return type(error)


def test_it_opens_at_its_threshold_and_stops_calling() -> None:
    """Three failures in a row, and the fourth call is not made."""
    breaker, _ = broken()
    op = Flaky()
    with pytest.raises(CircuitOpen, match="do without, or answer with an error at once"):
        asyncio.run(breaker.call(op))
    assert (op.calls, breaker.state) == (0, "open")


def test_a_success_begins_the_count_anew() -> None:
    """Two failures, a success, two failures: still closed."""
    breaker = CircuitBreaker(threshold=3, reset_after=10, clock=Clock())
    op = Flaky(TimeoutError(), TimeoutError())
    for _ in range(3):
        asyncio.run(outcome(breaker, op))
    op.errors = [TimeoutError(), TimeoutError()]
    for _ in range(2):
        asyncio.run(outcome(breaker, op))
    assert breaker.state == "closed"


def test_it_asks_again_after_its_time_and_not_before() -> None:
    """9.9 s: no. 10.0 s: one probe, which closes it."""
    breaker, clock = broken()
    clock.now = 9.9
    assert asyncio.run(outcome(breaker, Flaky())) is CircuitOpen
    clock.now = 10.0
    assert breaker.state == "half-open"
    assert asyncio.run(outcome(breaker, Flaky())) == 42
    assert breaker.state == "closed"


def test_a_failed_probe_starts_the_time_again() -> None:
    """One failure is enough: open until 10 s after the probe."""
    breaker, clock = broken()
    clock.now = 10.0
    assert asyncio.run(outcome(breaker, Flaky(TimeoutError()))) is TimeoutError
    clock.now = 19.9
    assert asyncio.run(outcome(breaker, Flaky())) is CircuitOpen
    clock.now = 20.0
    assert asyncio.run(outcome(breaker, Flaky())) == 42


def test_of_five_at_once_exactly_one_is_the_probe() -> None:
    """The other four are refused while it is under way."""
    breaker, clock = broken()
    clock.now = 10.0
    calls = 0

    async def slow():
        nonlocal calls
        calls += 1
        await asyncio.sleep(0)
        return 42

    async def five():
        return await asyncio.gather(*(outcome(breaker, slow) for _ in range(5)))

    assert asyncio.run(five()) == [42] + [CircuitOpen] * 4
    assert calls == 1


def test_a_cancelled_probe_does_not_wedge_it() -> None:
    """It decided nothing, so the next call is the probe."""
    breaker, clock = broken()
    clock.now = 10.0

    async def cancelled():
        probe = asyncio.create_task(breaker.call(lambda: asyncio.sleep(60)))
        await asyncio.sleep(0)
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        return await outcome(breaker, Flaky())

    assert asyncio.run(cancelled()) == 42
    assert breaker.state == "closed"


def test_a_late_answer_from_before_does_not_close_it() -> None:
    """Only the probe speaks for the state of things now."""
    breaker = CircuitBreaker(threshold=1, reset_after=10, clock=Clock())
    early = breaker.admit()
    breaker.settle(breaker.admit(), worked=False)
    breaker.settle(early, worked=True)
    assert breaker.state == "open"


def recovered() -> tuple[CircuitBreaker, Clock, list[int]]:
    """A breaker after an outage, and the periods of two calls that began before it."""
    clock = Clock()
    breaker = CircuitBreaker(threshold=1, reset_after=10, clock=clock)
    early = [breaker.admit() for _ in range(3)]
    breaker.settle(early.pop(), worked=False)
    clock.now = 10.0
    breaker.settle(breaker.admit(), worked=True)
    return breaker, clock, early


@pytest.mark.parametrize("worked", [True, False])
def test_a_call_from_before_the_outage_says_nothing_after_it(worked) -> None:
    """It fails when all is well again: the breaker stays closed, and its count as it was."""
    breaker, _, early = recovered()
    for period in early:
        breaker.settle(period, worked=worked)
    assert breaker.state == "closed"
    breaker.settle(breaker.admit(), worked=False)
    assert breaker.state == "open"


def test_a_call_from_before_the_outage_does_not_decide_for_the_probe() -> None:
    """Neither way: while the probe is under way, and after it was cancelled."""
    clock = Clock()
    breaker = CircuitBreaker(threshold=1, reset_after=10, clock=clock)
    early = [breaker.admit() for _ in range(3)]
    breaker.settle(early.pop(), worked=False)
    clock.now = 10.0
    probe = breaker.admit()
    breaker.settle(early.pop(), worked=True)
    breaker.settle(early.pop(), worked=False)
    assert breaker.state == "half-open"
    breaker.settle(probe, worked=None)
    breaker.settle(probe, worked=True)
    assert breaker.state == "half-open"
    breaker.settle(breaker.admit(), worked=True)
    assert breaker.state == "closed"


@pytest.mark.parametrize(
    "mistake",
    [TypeError, AttributeError, NameError, KeyError, ValueError, ZeroDivisionError, AssertionError],
)
def test_a_mistake_of_our_own_does_not_open_it(mistake) -> None:
    """It says nothing about the other side; nor does it close a breaker as its probe."""
    breaker, clock = broken(threshold=1)
    clock.now = 10.0
    assert asyncio.run(outcome(breaker, Flaky(mistake()))) is mistake
    assert breaker.state == "half-open"
    assert asyncio.run(outcome(breaker, Flaky())) == 42
    assert asyncio.run(outcome(breaker, Flaky(mistake()))) is mistake
    assert breaker.state == "closed"


@pytest.mark.parametrize("failure", [TimeoutError, ConnectionResetError, OSError, RuntimeError])
def test_what_the_other_side_does_opens_it(failure) -> None:
    """Unless told, every other kind counts: a library's own errors, too."""
    breaker = CircuitBreaker(threshold=1, reset_after=10, clock=Clock())
    asyncio.run(outcome(breaker, Flaky(failure())))
    assert breaker.state == "open"


@pytest.mark.parametrize(
    ("failure", "errors", "state"),
    [
        (Exception, [KeyError(), TypeError()], "closed"),
        (Exception, [BulkheadFull()], "closed"),
        (Exception, [KeyError(), TimeoutError()], "open"),
        (TimeoutError, [TimeoutError()], "open"),
        (TimeoutError, [KeyError(), TimeoutError()], "open"),
        (TimeoutError, [KeyError()], "closed"),
    ],
)
def test_a_group_says_what_is_in_it(failure, errors, state) -> None:
    """What a TaskGroup inside `op` tells is neither a failure nor an answer for being a group."""
    breaker = CircuitBreaker(threshold=1, reset_after=10.0, clock=Clock(), failure=failure)
    group = ExceptionGroup("outer", [ExceptionGroup("inner", errors)])
    assert asyncio.run(outcome(breaker, Flaky(group))) is ExceptionGroup
    assert breaker.state == state


@pytest.mark.parametrize("moment", [None, "noon", float("nan")])
def test_a_clock_that_tells_no_time_is_told(moment) -> None:
    """A breaker whose clock gives None would never open."""
    breaker = CircuitBreaker(threshold=1, reset_after=10.0, clock=lambda: moment)
    with pytest.raises((TypeError, ValueError), match=r"the time of the clock is .*; give"):
        asyncio.run(breaker.call(Flaky()))


def test_a_mistake_that_is_named_counts() -> None:
    """Who says that a KeyError is a failure of the other side is believed."""
    how = {"threshold": 1, "reset_after": 10, "clock": Clock()}
    breaker = CircuitBreaker(**how, failure=(Exception, KeyError))
    asyncio.run(outcome(breaker, Flaky(KeyError())))
    assert breaker.state == "open"


def test_a_probe_that_is_answered_no_closes_it_all_the_same() -> None:
    """With failure=TimeoutError, who says "bad request" is up."""
    clock = Clock()
    breaker = CircuitBreaker(threshold=1, reset_after=10, clock=clock, failure=TimeoutError)
    asyncio.run(outcome(breaker, Flaky(TimeoutError())))
    clock.now = 10.0
    assert asyncio.run(outcome(breaker, Flaky(ValueError()))) is ValueError
    assert breaker.state == "closed"


def test_what_was_refused_on_our_side_decides_nothing() -> None:
    """A bulkhead that is full, inside: neither a failure nor the answer that a probe needs."""
    breaker, clock = broken(threshold=1)
    clock.now = 10.0
    for op in (Flaky(BulkheadFull()), Flaky(CircuitOpen())):
        asyncio.run(outcome(breaker, op))
        assert breaker.state == "half-open"


def test_functions_that_a_breaker_cannot_use_are_refused() -> None:
    """A plain op, and a clock that is a coroutine function, which would never be awaited."""

    async def clock():
        return 0.0

    breaker = CircuitBreaker(threshold=1, reset_after=1, clock=clock)
    assert "the clock is a coroutine function" in result(refusal(breaker.call(Flaky())))
    breaker = CircuitBreaker(threshold=1, reset_after=1, clock=Clock())
    assert "the op gave 42 and nothing" in result(refusal(breaker.call(lambda: 42)))
    assert breaker.state == "closed"


def test_an_answer_we_do_not_like_is_an_answer() -> None:
    """With failure=TimeoutError a bad request neither opens it nor keeps it open."""
    clock = Clock()
    breaker = CircuitBreaker(threshold=1, reset_after=10, clock=clock, failure=TimeoutError)
    assert asyncio.run(outcome(breaker, Flaky(ValueError()))) is ValueError
    assert breaker.state == "closed"


@pytest.mark.parametrize("how", [{"threshold": 0}, {"reset_after": 0}])
def test_a_senseless_breaker_is_refused(how) -> None:
    """With a sentence."""
    with pytest.raises(ValueError, match="give"):
        CircuitBreaker(**({"threshold": 1, "reset_after": 1, "clock": Clock()} | how))


# ---- bulkhead -----------------------------------------------------------------------------------
def test_what_is_too_much_is_refused_at_once_and_the_rest_undisturbed() -> None:
    """Five ask for two slots: three are refused at 0 s; later there is room again."""
    bulkhead = Bulkhead(2)
    refused: list[float] = []

    async def ask():
        try:
            async with bulkhead:
                await asyncio.sleep(1)
        except BulkheadFull:
            refused.append(asyncio.get_running_loop().time())

    async def main():
        await asyncio.gather(*(ask() for _ in range(5)))
        await ask()

    assert run(main).duration == 2
    assert refused == [0, 0, 0]


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
def test_a_slot_comes_back_however_it_was_left(error) -> None:
    """Also after an error and a cancellation."""
    bulkhead = Bulkhead(1)

    async def main():
        with contextlib.suppress(error):
            async with bulkhead:
                raise error
        return bulkhead.taken

    assert asyncio.run(main()) == 0
    with pytest.raises(ValueError, match="number of slots is 0"):
        Bulkhead(0)


# ---- inbox --------------------------------------------------------------------------------------
def charge(db: sqlite3.Connection) -> None:
    db.execute("UPDATE account SET balance = balance - 10")


def balance(path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT balance FROM account").fetchone()[0]


@pytest.fixture
def account(tmp_path):
    """The path of a database with 100 on the account and an inbox."""
    path = tmp_path / "bank.db"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE account (balance INTEGER)")
        db.execute("INSERT INTO account VALUES (100)")
        create_inbox(db)
    return path


def test_a_message_that_comes_again_has_no_effect(account) -> None:
    """One id once; the same content with a new id is a new message."""
    with contextlib.closing(sqlite3.connect(account)) as db:
        assert [handle_once(db, id, charge) for id in ("m1", "m1", "m2", "m1")] == [
            True,
            False,
            True,
            False,
        ]
    assert balance(account) == 80


def test_ten_copies_at_once_have_one_effect(account) -> None:
    """Ten consumers, each with a connection of its own."""

    def consumer(_):
        with contextlib.closing(sqlite3.connect(account, timeout=30)) as db:
            return handle_once(db, "m1", charge)

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(consumer, range(10))) == 1
    assert balance(account) == 90


@pytest.mark.parametrize("mode", ["", None])
def test_a_crash_after_the_effect_takes_the_id_with_it(account, mode) -> None:
    """So the message that is delivered again has its effect, once."""

    def crash(db):
        charge(db)
        raise ConnectionError("the power went")

    with contextlib.closing(sqlite3.connect(account, isolation_level=mode)) as db:
        with pytest.raises(ConnectionError):
            handle_once(db, "m1", crash)
        assert balance(account) == 100
        assert handle_once(db, "m1", charge)
    assert balance(account) == 90


# ---- outbox -------------------------------------------------------------------------------------
@pytest.fixture
def shop():
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        create_outbox(db)
        yield db


class Wire:
    """A broker that gets events, and may crash the relay before or after it has one."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.fails: Exception | None = None
        self.loses_confirm = False

    async def publish(self, id: str, body: str) -> None:
        if self.fails:
            raise self.fails
        self.got.append((id, body))
        if self.loses_confirm:
            raise TimeoutError("no confirm")


def test_each_order_sends_its_event_in_order_and_confirmed_ones_not_again(shop) -> None:
    """Three orders, three events; the next round has nothing to do."""
    wire = Wire()
    for number in range(3):
        place_order(shop, f"{number}", "a cake")
    assert asyncio.run(relay(shop, wire.publish)) == 3
    assert asyncio.run(relay(shop, wire.publish)) == 0
    assert wire.got == [(f"placed-{number}", "a cake") for number in range(3)]


def test_what_its_owner_makes_of_rows_is_left_alone(shop) -> None:
    """Rows as dicts: the event's id and body are published, not the names of their columns."""

    def as_dict(cursor, row):
        return {name: value for (name, *_), value in zip(cursor.description, row, strict=True)}

    shop.row_factory = as_dict
    shop.execute("PRAGMA busy_timeout = 7000")
    wire = Wire()
    place_order(shop, "1", "a cake")
    assert [asyncio.run(relay(shop, wire.publish)) for _ in range(2)] == [1, 0]
    assert wire.got == [("placed-1", "a cake")]
    assert shop.row_factory is as_dict
    assert shop.execute("PRAGMA busy_timeout").fetchone() == {"timeout": 7000}


def test_an_order_that_fails_leaves_no_event(shop) -> None:
    """Neither one that was refused, nor one that was placed before."""
    with pytest.raises(sqlite3.IntegrityError):
        place_order(shop, "1", None)
    place_order(shop, "2", "a cake")
    with pytest.raises(sqlite3.IntegrityError):
        place_order(shop, "2", "another cake")
    wire = Wire()
    assert asyncio.run(relay(shop, wire.publish)) == 1
    assert wire.got == [("placed-2", "a cake")]


def test_an_event_without_a_confirm_is_sent_again_with_the_same_id(shop) -> None:
    """It was published, and then the relay crashed: twice the same, and in order."""
    wire = Wire()
    for number in range(2):
        place_order(shop, f"{number}", f"cake {number}")
    wire.loses_confirm = True
    with pytest.raises(TimeoutError):
        asyncio.run(relay(shop, wire.publish))
    wire.loses_confirm = False
    asyncio.run(relay(shop, wire.publish))
    assert wire.got == [("placed-0", "cake 0"), ("placed-0", "cake 0"), ("placed-1", "cake 1")]


def test_one_that_cannot_be_sent_keeps_its_place(shop) -> None:
    """Nothing overtakes it."""
    wire = Wire()
    place_order(shop, "1", "a cake")
    wire.fails = ConnectionError("no broker")
    with pytest.raises(ConnectionError):
        asyncio.run(relay(shop, wire.publish))
    place_order(shop, "2", "a cake")
    wire.fails = None
    asyncio.run(relay(shop, wire.publish))
    assert [id for id, _ in wire.got] == ["placed-1", "placed-2"]


# ---- dead letters -------------------------------------------------------------------------------
@pytest.mark.parametrize("attempts", [1, 3])
def test_after_its_last_attempt_a_message_is_in_its_envelope(attempts: int) -> None:
    """Exactly so many attempts, and the message, their number and the last error in it."""
    errors = [TimeoutError(str(number)) for number in range(9)]
    op = Flaky(*errors)
    dead: list[DeadLetter[str]] = []
    done = attend("a cake", lambda _: op(), max_attempts=attempts, bury=dead.append)
    assert result(done) is False
    assert op.calls == attempts
    assert dead == [DeadLetter("a cake", attempts, errors[attempts - 1])]
    tried = "1 attempt" if attempts == 1 else f"{attempts} attempts"
    assert str(dead[0]) == f"a cake after {tried}: TimeoutError: {attempts - 1}"


def test_what_will_never_work_is_tried_once() -> None:
    """A permanent error needs no second attempt."""
    op, dead = Flaky(*[ValueError()] * 5), []
    how = {"max_attempts": 5, "bury": dead.append, "permanent": ValueError}
    assert result(attend("a cake", lambda _: op(), **how)) is False
    assert (op.calls, dead[0].attempts) == (1, 1)


def test_what_will_never_work_is_tried_once_in_a_group_too() -> None:
    """A TaskGroup inside `handle` tells of it in a group."""
    dead, handle = [], Flaky(*[ExceptionGroup("g", [TimeoutError(), KeyError("amount")])] * 3)

    async def main():
        await attend("m", lambda _: handle(), max_attempts=3, bury=dead.append, permanent=KeyError)

    asyncio.run(main())
    assert handle.calls == 1 and dead[0].attempts == 1


def test_the_others_are_not_held_up() -> None:
    """One poison message among five: four are handled."""
    dead, done = [], []

    async def handle(message):
        if message == 2:
            raise ValueError("poison")
        done.append(message)

    async def main():
        return [await attend(m, handle, max_attempts=3, bury=dead.append) for m in range(5)]

    assert result(main) == [True, True, False, True, True]
    assert (done, [letter.message for letter in dead]) == ([0, 1, 3, 4], [2])


def test_a_burial_may_take_its_time() -> None:
    """A coroutine function that buries is awaited, and its error comes out."""
    dead = []

    async def bury(letter):
        await asyncio.sleep(1)
        dead.append(letter.message)

    async def full(letter):
        raise ConnectionError("no room for letters")

    trace = run(attend("a cake", lambda _: Flaky(KeyError())(), max_attempts=1, bury=bury))
    assert (trace.result, trace.duration, dead) == (False, 1, ["a cake"])
    with pytest.raises(ConnectionError, match="no room"):
        run(attend("a cake", lambda _: Flaky(KeyError())(), max_attempts=1, bury=full))


def test_a_burial_with_a_yield_is_refused() -> None:
    """A generator function would not run, and the letter would vanish."""

    def bury(letter):
        yield letter

    with pytest.raises(TypeError, match="the bury has a `yield`, so it has not run"):
        run(attend("a cake", lambda _: Flaky(KeyError())(), max_attempts=1, bury=bury))


def test_a_plain_handler_is_no_dead_letter() -> None:
    """It is refused in a sentence after one call, and not tried three times and buried."""
    done, dead = [], []
    said = result(refusal(attend("a cake", done.append, max_attempts=3, bury=dead.append)))
    assert "the handle gave None and nothing to await" in said
    assert (done, dead) == (["a cake"], [])


def test_a_cancellation_is_no_dead_letter() -> None:
    """It passes through, once, and zero attempts are refused."""
    op, dead = Flaky(asyncio.CancelledError()), []

    async def main():
        with contextlib.suppress(asyncio.CancelledError):
            await attend("a cake", lambda _: op(), max_attempts=3, bury=dead.append)
        with pytest.raises(ValueError, match="number of attempts is 0"):
            await attend("a cake", lambda _: op(), max_attempts=0, bury=dead.append)

    asyncio.run(main())
    assert (op.calls, dead) == (1, [])


# ---- order per key ------------------------------------------------------------------------------
class Watch:
    """Handles (key, number) in some time, and looks at who is at work together."""

    def __init__(self, slow: str = "") -> None:
        self.slow = slow
        self.order: defaultdict[str, list[int]] = defaultdict(list)
        self.ends: dict[str, float] = {}
        self.now: list[str] = []
        self.most = 0
        self.twice = False

    async def handle(self, message: tuple[str, int]) -> None:
        key, number = message
        self.twice |= key in self.now
        self.now.append(key)
        self.most = max(self.most, len(self.now))
        await asyncio.sleep(5 if key == self.slow else 0.1 + number % 3)
        self.now.remove(key)
        self.order[key].append(number)
        self.ends[key] = asyncio.get_running_loop().time()


def mixed(keys: str, each: int) -> list[tuple[str, int]]:
    return [(key, number) for number in range(each) for key in keys]


@pytest.mark.parametrize("limit", [2, 3, 8])
def test_each_key_is_in_order_and_many_go_on_at_once(limit: int) -> None:
    """Never two of one key; at least two at once, and at most the limit."""
    watch = Watch()
    run(in_key_order(mixed("abcde", 9), watch.handle, key=lambda m: m[0], limit=limit))
    assert watch.order == {key: [*range(9)] for key in "abcde"}
    assert not watch.twice
    assert watch.most == min(limit, 5)


def test_a_slow_key_holds_up_no_other() -> None:
    """The others are done long before it, as if it were not there."""
    alone, beside = Watch(), Watch(slow="a")
    how = {"key": lambda message: message[0], "limit": 3}
    run(in_key_order(mixed("bc", 5), alone.handle, **how))
    run(in_key_order(mixed("abc", 5), beside.handle, **how))
    assert beside.ends["a"] == 25
    assert {key: beside.ends[key] for key in "bc"} == alone.ends


def test_it_reads_ahead_only_so_far() -> None:
    """With a bound of 4, no more than 4 are read and not yet done; a stream will do, too."""
    watch, read = Watch(), 0

    async def stream():
        nonlocal read
        for message in mixed("ab", 6):
            read += 1
            assert read - sum(map(len, watch.order.values())) <= 5  # the fifth waits at the door
            yield message

    run(in_key_order(stream(), watch.handle, key=lambda m: m[0], limit=2, ahead=4))
    assert watch.order == {key: [*range(6)] for key in "ab"}


def test_one_at_a_time_is_a_limit_like_others() -> None:
    """With a limit of 1 nothing overlaps, and all is done, each key in order."""
    watch = Watch()
    run(in_key_order(mixed("abc", 3), watch.handle, key=lambda m: m[0], limit=1))
    assert watch.most == 1
    assert watch.order == {key: [0, 1, 2] for key in "abc"}


def test_functions_that_cannot_be_used_are_refused() -> None:
    """A key that must be awaited would be another one each time, and order nothing."""

    async def key(message):
        return "a"

    async def handle(message):
        pass

    by_coroutine = in_key_order([1, 2], handle, key=key, limit=2)
    assert "the key is a coroutine function" in result(refusal(by_coroutine))
    by_list = in_key_order([1, 2], handle, key=lambda m: [m], limit=2)
    assert "the key of a message is [1], which has no line of its own" in result(refusal(by_list))
    plain_handle = in_key_order([1], lambda m: m, key=str, limit=1)
    assert "the handle gave 1 and nothing to await" in result(refusal(plain_handle))


def test_a_key_that_comes_again_later_is_handled_again() -> None:
    """Its line was empty and gone meanwhile."""

    async def stream():
        for number in range(3):
            yield ("a", number)
            await asyncio.sleep(10)

    watch = Watch()
    run(in_key_order(stream(), watch.handle, key=lambda m: m[0], limit=2))
    assert watch.order == {"a": [0, 1, 2]}


def test_unless_told_it_reads_a_thousand_ahead() -> None:
    """And waits with the next one in its hand."""
    read = []

    def stream():
        for number in range(5_000):
            read.append(number)
            yield number

    async def main():
        forever = in_key_order(stream(), lambda m: asyncio.Event().wait(), key=str, limit=1)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(forever, 1)

    run(main)
    assert len(read) == 1_001


def test_any_asynchronous_iterable_is_read() -> None:
    """Also one that is no iterator itself."""

    class Stream:
        async def __aiter__(self):
            for message in mixed("ab", 2):
                yield message

    watch = Watch()
    run(in_key_order(Stream(), watch.handle, key=lambda m: m[0], limit=2))
    assert watch.order == {"a": [0, 1], "b": [0, 1]}


def test_an_error_comes_out_and_leaves_nothing_behind() -> None:
    """It hangs nowhere."""

    async def handle(message):
        await asyncio.sleep(1)
        raise ValueError("poison")

    with pytest.raises(ExceptionGroup) as caught:
        run(in_key_order([1, 2, 3], handle, key=lambda m: m, limit=2))
    assert caught.value.subgroup(ValueError)
    with pytest.raises(ValueError, match="the limit is 0"):
        run(in_key_order([1], handle, key=lambda m: m, limit=0))
