"""What asyncio refuses in a sentence of its own gets the way out as well."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from course_lib import run

CLOCKS = ("virtual", "live")


async def work() -> str:
    await asyncio.sleep(0.01)
    return "done"


def earlier(make: Callable[[], Any]) -> Any:
    """What was made in an earlier run, where somebody has waited for it."""

    async def main() -> Any:
        made = make()
        if not isinstance(made, asyncio.Future):
            wait = made.get if isinstance(made, asyncio.Queue) else getattr(made, "wait", None)
            try:
                async with asyncio.timeout(0.01):
                    await (wait or made.acquire)()
            except TimeoutError:
                pass
        return made

    return run(main).result


def run_in_a_run() -> None:
    coroutine = work()
    try:
        asyncio.run(coroutine)
    finally:
        coroutine.close()


def runner_in_a_run() -> None:
    runner, coroutine = asyncio.Runner(), work()
    try:
        runner.run(coroutine)
    finally:
        coroutine.close()
        runner.get_loop().close()  # its own end would need to run it


def complete_in_a_run() -> None:
    coroutine = work()
    try:
        asyncio.get_running_loop().run_until_complete(coroutine)
    finally:
        coroutine.close()


def loop_in_a_run() -> None:
    loop, coroutine = asyncio.new_event_loop(), work()
    try:
        loop.run_until_complete(coroutine)
    finally:
        coroutine.close()
        loop.close()


def task_of_nothing() -> None:
    asyncio.create_task(work)  # type: ignore[arg-type]  # noqa: RUF006


REFUSED = {
    run_in_a_run: "await the coroutine instead",
    runner_in_a_run: "await the coroutine instead",
    complete_in_a_run: "await the coroutine instead",
    loop_in_a_run: "await the coroutine instead",
    task_of_nothing: "give a call of a function that begins with `async def`",
    lambda: asyncio.get_running_loop().run_forever(): "await the coroutine instead",
    lambda: asyncio.get_running_loop().close(): "the run closes it when it ends",
}


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("call", REFUSED)
def test_a_loop_in_a_loop(call: Callable[[], None], clock: Any) -> None:
    """asyncio's own words come first, then what to do."""

    async def main() -> None:
        call()

    with pytest.raises((RuntimeError, TypeError), match=f".+: .*{REFUSED[call]}"):
        run(main, clock=clock)


@pytest.mark.parametrize(
    "make",
    [
        lambda: asyncio.Queue(),
        lambda: asyncio.Event(),
        lambda: asyncio.Semaphore(0),
        lambda: asyncio.BoundedSemaphore(0),
        lambda: asyncio.Barrier(2),
        lambda: asyncio.get_running_loop().create_future(),
    ],
    ids=["queue", "event", "semaphore", "bounded", "barrier", "future"],
)
@pytest.mark.parametrize("clock", CLOCKS)
def test_what_belongs_to_an_earlier_run(make: Callable[[], Any], clock: Any) -> None:
    """What waits belongs to the run in which it waited first."""
    made = earlier(make)

    async def main() -> None:
        if isinstance(made, asyncio.Future):
            await made
        elif isinstance(made, asyncio.Queue):
            await made.get()
        elif hasattr(made, "wait"):
            await made.wait()
        else:
            await made.acquire()

    with pytest.raises(RuntimeError, match=r"different .*loop: it was made in an earlier run"):
        run(main, clock=clock)


async def gather(*what: Any) -> Any:
    return await asyncio.gather(*what)


async def first_of(what: Any) -> None:
    for each in asyncio.as_completed(what):
        await each


async def within(seconds: Any) -> None:
    async with asyncio.timeout(seconds):
        await work()


async def in_a_thread(what: Any) -> Any:
    return await asyncio.to_thread(what)


async def await_it(what: Any) -> Any:
    return await what


async def made(call: Callable[..., Any], *what: Any) -> None:
    call(*what)


def later(delay: Any) -> None:
    asyncio.get_running_loop().call_later(delay, print)


CALLS: list[Any] = []  # nobody awaits some of them


def call() -> Any:
    CALLS.append(work())
    return CALLS[-1]


def forgotten() -> Any:
    return call().upper()


ONE_BY_ONE = r"gather\(a, b\), or with a star gather\(\*them\)"
SECONDS = "give a number of seconds"
MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "a list gathered": (lambda: gather([call(), call()]), f"unhashable.*: .*{ONE_BY_ONE}"),
    "a tuple gathered": (lambda: gather((call(), call())), f"required: .*{ONE_BY_ONE}"),
    "a generator gathered": (lambda: gather(call() for _ in "ab"), ONE_BY_ONE),
    "functions gathered": (lambda: gather(work, work), "required: give a call .* brackets"),
    "a function with a limit": (lambda: asyncio.wait_for(work, 1), "give a call of a function"),  # type: ignore[arg-type]
    "a limit in letters": (lambda: asyncio.wait_for(call(), "1"), SECONDS),  # type: ignore[arg-type]
    "a timeout in letters": (lambda: within("1"), SECONDS),
    "a sleep in letters": (lambda: asyncio.sleep("1"), SECONDS),  # type: ignore[call-overload]
    "a pause in letters": (lambda: made(time.sleep, "1"), SECONDS),
    "a timer in letters": (lambda: made(later, "1"), SECONDS),
    "a coroutine waited for": (lambda: asyncio.wait({call()}), "asyncio.create_task"),
    "one coroutine waited for": (lambda: asyncio.wait(call()), "give a list"),
    "a function waited for": (lambda: asyncio.wait([work]), "asyncio.create_task"),  # type: ignore[type-var]
    "nothing waited for": (lambda: asyncio.wait([]), "give one at least"),
    "the first of a function": (lambda: first_of(work), "give a list of coroutines or tasks"),
    "the first of functions": (lambda: first_of([work]), "give a call of a function"),
    "a list awaited": (lambda: await_it([call()]), r"asyncio.gather\(\*them\)"),
    "a function awaited": (lambda: await_it(work), "give a call of a function"),
    "a call in a thread": (lambda: in_a_thread(1), r"to_thread\(f, 1\), and not"),
    "a coroutine in a thread": (lambda: in_a_thread(call()), "brackets of one call"),
    "a result too early": (lambda: made(result_at_once), "await the task or future first"),
    "an await forgotten": (lambda: made(forgotten), "no attribute 'upper': write `await`"),
    "a semaphore in letters": (lambda: made(asyncio.Semaphore, "3"), "give a whole number"),
    "a barrier in letters": (lambda: made(asyncio.Barrier, "3"), "give a whole number"),
    "a queue in letters": (lambda: asyncio.Queue("3").put(1), "give a whole number"),  # type: ignore[arg-type]
}


def result_at_once() -> None:
    asyncio.create_task(work()).result()


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("name", MISTAKES)
def test_the_usual_mistakes(name: str, clock: Any) -> None:
    """What beginners hand to asyncio, and what Python says of it, ends with the way out."""
    make, way_out = MISTAKES[name]

    async def main() -> None:
        await make()

    with pytest.raises(Exception, match=way_out):
        run(main, clock=clock)
    while CALLS:
        CALLS.pop().close()


def test_the_same_words_elsewhere_are_left_alone() -> None:
    """The program's own mistake has nothing to do with asyncio, also where it is awaited there."""

    async def hash_a_list() -> None:
        {[]}  # type: ignore[misc]  # noqa: B018

    async def compare() -> None:
        "1" < 1  # type: ignore[operator]  # noqa: B015

    def call_a_number(number: Any = 1) -> None:
        number()

    in_thread = functools.partial(asyncio.to_thread, call_a_number)
    mistakes = (hash_a_list, compare, in_thread, lambda: gather(compare()))
    for mistake in mistakes:

        async def main(mistake: Any = mistake) -> None:
            await mistake()

        with pytest.raises(TypeError, match=r"^[^:]*(: '\w+'\)?)?$"):
            run(main)


def test_in_a_group_each_error_has_its_way_out() -> None:
    """A TaskGroup raises them together."""
    queue = earlier(asyncio.Queue)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(queue.get())

    with pytest.raises(ExceptionGroup) as caught:
        run(main)
    assert "make it inside this one" in str(caught.value.exceptions[0])


def test_a_logged_error_has_its_way_out(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody awaits the task, and the log says what to do."""
    queue = earlier(asyncio.Queue)

    async def main() -> None:
        asyncio.create_task(queue.get())  # noqa: RUF006
        await asyncio.sleep(1)

    with caplog.at_level(logging.ERROR, logger="asyncio"):
        run(main)
    assert "make it inside this one" in caplog.text


def test_errors_of_the_program_are_left_alone() -> None:
    """Words of one's own, several of them, and kinds of one's own."""

    class Own(RuntimeError):  # noqa: N818
        pass

    for error in (RuntimeError("no"), RuntimeError("no running event loop", 1), Own("is closed")):

        async def main(error: Exception = error) -> None:
            raise error

        before = error.args
        with pytest.raises(type(error)):
            run(main)
        assert error.args == before


def test_to_await_a_trace() -> None:
    """It is there at once; the sentence says which word is one too many."""

    async def main() -> None:
        await run(work)  # type: ignore[misc]

    with pytest.raises(TypeError, match="run gives a Trace at once: leave the `await` away"):
        asyncio.run(main())


def test_to_await_what_is_none() -> None:
    """A forgotten "async" before it, or one "await" too many."""

    async def main() -> None:
        await [].clear()  # type: ignore[func-returns-value]

    with pytest.raises(TypeError, match=r"leave the `await` away, or await .* asyncio.sleep"):
        run(main)


async def with_a_lock() -> None:
    with asyncio.Lock():  # type: ignore[attr-defined]
        pass


async def async_with_a_file() -> None:
    async with memoryview(b""):  # type: ignore[attr-defined]
        pass


async def numbers() -> AsyncIterator[int]:
    yield 1


async def for_numbers() -> None:
    for _ in numbers():  # type: ignore[attr-defined]
        pass


async def async_for_a_list() -> None:
    async for _ in [1]:  # type: ignore[attr-defined]
        pass


@pytest.mark.parametrize(
    ("main", "way_out"),
    [
        (with_a_lock, "entered by `async with`"),
        (async_with_a_file, "entered by `with`"),
        (for_numbers, "by `async for`"),
        (async_for_a_list, "by `for`"),
    ],
)
def test_one_async_too_few_or_too_many(main: Any, way_out: str) -> None:
    """Which word is to be taken stands at the end."""
    with pytest.raises(TypeError, match=f"(?i)async.*{way_out}$"):
        run(main)


@pytest.mark.parametrize("wrong", [5, None])
def test_as_completed_wants_several(wrong: Any) -> None:
    """As asyncio has it: one task alone is no list of them."""

    async def main(wrong: Any = None) -> None:
        for each in asyncio.as_completed(asyncio.create_task(work()) if wrong is None else wrong):
            await each

    with pytest.raises(TypeError):
        run(main(wrong))


def test_as_completed_says_what_it_wants() -> None:
    """And a task or a coroutine is named as what it is."""

    async def main(make: Callable[[], Any]) -> None:
        wrong = make()
        try:
            for each in asyncio.as_completed(wrong):
                await each
        finally:
            if asyncio.iscoroutine(wrong):
                wrong.close()

    for make, name in ((lambda: asyncio.create_task(work()), "Task"), (work, "coroutine")):
        with pytest.raises(TypeError, match=f"an iterable of .*, not {name}"):
            run(main(make))
