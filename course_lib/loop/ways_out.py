"""Errors of asyncio's own, or of `async` words, that name no way out, with the way out.

They are changed where they leave a run, or are logged in it; what asyncio says of them stays.
"""

from __future__ import annotations

from asyncio import InvalidStateError

from .waits import place_of_error

_KINDS = {RuntimeError, TypeError, ValueError, AttributeError, InvalidStateError}
_INSIDE = "a run goes on already, so await the coroutine instead"
_EARLIER = "it was made in an earlier run, or outside any, so make it inside this one"
_THREAD = "a thread has none; asyncio.run_coroutine_threadsafe takes that of the run"
_CALL = "give a call of a function that begins with `async def`, with its brackets"
_TASKS = "make a task of each by asyncio.create_task, and give a list of them"
_ONE_BY_ONE = "gather takes them one by one: gather(a, b), or with a star gather(*them)"
_SECONDS = "give a number of seconds, like 0.5"
_NUMBER = "give a whole number"
_TOGETHER = "await all that it holds together, asyncio.gather(*them)"
_NO_AWAIT = (
    "leave the `await` away, or await a coroutine, a task or a future: asyncio.sleep and not "
    "time.sleep"
)
_WAYS_OUT = {
    "cannot be called from a running event loop": _INSIDE,  # asyncio.run(), Runner.run()
    "This event loop is already running": _INSIDE,
    "Cannot run the event loop while another loop is running": _INSIDE,
    "Cannot close a running event loop": "the run closes it when it ends, so leave that away",
    "is bound to a different event loop": _EARLIER,  # a lock, an event, a queue …
    "attached to a different loop": _EARLIER,  # a future, a task
    "belongs to a different loop than the one": _EARLIER,
    "Event loop is closed": "it belongs to a run that is over, so make what you need in this one",
    "no running event loop": _THREAD,
    "There is no current event loop in thread": _THREAD,
    "cannot reuse already awaited coroutine": "a coroutine runs only once, so call its function "
    "again",
    "await wasn't used with future": "write `await` before the task or future, of this run",
    "object does not support the context manager protocol": "what waits to come in or out, as a "
    "lock of asyncio does, is entered by `async with`",
    "object does not support the asynchronous context manager protocol": "what does not wait is "
    "entered by `with`",
    "'async_generator' object is not iterable": "go through it by `async for`",
    "'async for' requires an object with __aiter__ method": "go through what is there by `for`",
    "a coroutine was expected, got": _CALL,
    "A coroutine object is required": _CALL,
    "a coroutine or an awaitable is required": f"{_CALL}; of several, {_ONE_BY_ONE}",
    "Task got bad yield": f"a task awaits coroutines, tasks and futures; {_ONE_BY_ONE}",
    "Passing coroutines is forbidden": _TASKS,
    "expect a list of futures, not": _TASKS,
    "Set of Tasks/Futures is empty": "give one at least",
    "as_completed() takes 1 positional argument": "give a list of them",
    "'coroutine' object is not callable": "it is what a call has given already, so leave the "
    "brackets of one call away",
    "'coroutine' object": "write `await` before the call that gave it, or make a task of it by "
    "asyncio.create_task",
    "Result is not set": "await the task or future first",
    "Exception is not set": "await the task or future first",
    "object function can't be used in 'await'": _CALL,
    "'function' object can't be awaited": _CALL,  # the same from Python 3.14 on
    "object list can't be used in 'await'": _TOGETHER,
    "'list' object can't be awaited": _TOGETHER,
    "can't be used in 'await' expression": _NO_AWAIT,
    "object can't be awaited": _NO_AWAIT,
}
_WAYS_OUT_AT = {  # words that any program may stumble with, and where asyncio does
    ("gather", "unhashable type"): _ONE_BY_ONE,
    ("_wait", "has no attribute 'add_done_callback'"): _TASKS,
    ("as_completed", "object is not iterable"): "give a list of coroutines or tasks",
    ("call_in_thread", "object is not callable"): "a thread is given the function and what to call "
    "it with, to_thread(f, 1), and not what a call has given, to_thread(f(1))",
    ("sleep", "not supported between instances of"): _SECONDS,
    ("wait_for", "not supported between instances of"): _SECONDS,  # its time limit
    ("timeout", "unsupported operand type(s) for"): _SECONDS,
    ("nanoseconds", "not supported between instances of"): _SECONDS,  # call_later, call_at
    ("__init__", "not supported between instances of"): _NUMBER,  # a semaphore, a barrier
    ("full", "not supported between instances of"): _NUMBER,  # a queue with so many places
}


def show_way_out(error: BaseException | None) -> None:
    """Add the way out to an error, or to each of a group, where asyncio names none."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            show_way_out(inner)
    if error is None or type(error) not in _KINDS or len(error.args) != 1:
        return
    text = str(error).rstrip(".")
    way_out = _way_out(text, place_of_error(error))
    if way_out and way_out not in text:
        error.args = (f"{text}: {way_out}",)


def _way_out(text: str, place: str) -> str:
    for words, way_out in _WAYS_OUT.items():
        if words in text:
            return way_out
    for (where, words), way_out in _WAYS_OUT_AT.items():
        if where == place and words in text:
            return way_out
    return ""
