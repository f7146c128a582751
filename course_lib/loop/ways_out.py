"""Errors of asyncio's own, or of `async` words, that name no way out, with the way out.

They are changed where they leave a run, or are logged in it; what asyncio says of them stays.
"""

from __future__ import annotations

_INSIDE = "a run goes on already, so await the coroutine instead"
_EARLIER = "it was made in an earlier run, or outside any, so make it inside this one"
_THREAD = "a thread has none; asyncio.run_coroutine_threadsafe takes that of the run"
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
    "a coroutine was expected, got": "give a call of a function that begins with `async def`",
    "can't be used in 'await' expression": "leave the `await` away, or await a coroutine, a task "
    "or a future: asyncio.sleep and not time.sleep",
}


def show_way_out(error: BaseException | None) -> None:
    """Add the way out to an error, or to each of a group, where asyncio names none."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            show_way_out(inner)
    if error is None or type(error) not in (RuntimeError, TypeError, ValueError):
        return
    if len(error.args) != 1:
        return
    text = str(error).rstrip(".")
    for words, way_out in _WAYS_OUT.items():
        if words in text and way_out not in text:
            error.args = (f"{text}: {way_out}",)
            return
