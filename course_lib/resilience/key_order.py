"""Many messages at once, and those of one key one after another."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Hashable, Iterable
from contextlib import aclosing
from typing import TypeVar

from ..checked import awaitable, function, plain, whole

M = TypeVar("M")


async def in_key_order(
    messages: Iterable[M] | AsyncIterable[M],
    handle: Callable[[M], Awaitable[object]],
    *,
    key: Callable[[M], Hashable],
    limit: int,
    ahead: int = 1_000,
) -> None:
    """Handle messages, up to `limit` at a time, each key's in the order in which they came.

    A slow key holds up no other, as long as fewer than `limit` keys are slow and fewer than
    `ahead` messages are read and not yet done; then reading pauses. The first error of `handle`
    cancels the rest and comes out, in an ExceptionGroup; `attend` inside `handle` keeps it in.

    Source: the rule of a log's partitions, as in Apache Kafka, with a partition for each key.
    Limits: it orders what arrives, by arrival, in one process. Messages that overtook each other
    on their way need a number from their producer, and a consumer that ignores the older one.
    """
    whole("limit", limit)
    whole("number of messages read ahead", ahead, least=limit)
    function("handle", handle)
    function("key", key)
    if not isinstance(messages, Iterable | AsyncIterable):
        hint = "call it: messages()" if callable(messages) else "give a list, or an `async for`'s"
        raise TypeError(f"the messages are {messages!r}, which are not several; {hint}")
    lines: dict[Hashable, deque[M]] = {}
    slots, room = asyncio.Semaphore(limit), asyncio.Semaphore(ahead)

    async def work_off(name: Hashable) -> None:
        line = lines[name]
        while line:
            async with slots:
                await awaitable("handle", handle(line[0]))
            line.popleft()
            room.release()
        del lines[name]

    async with asyncio.TaskGroup() as group, aclosing(_each(messages)) as stream:
        async for message in stream:
            await room.acquire()
            name = _hashable(plain("key", key(message)))
            if name in lines:
                lines[name].append(message)
            else:
                lines[name] = deque([message])
                group.create_task(work_off(name), name=f"key {name}")


def _hashable(key: Hashable) -> Hashable:
    try:
        hash(key)
    except TypeError:
        raise TypeError(
            f"the key of a message is {key!r}, which has no line of its own; give a text, a number "
            "or a tuple of them"
        ) from None
    return key


async def _each(messages: Iterable[M] | AsyncIterable[M]) -> AsyncGenerator[M, None]:
    if isinstance(messages, AsyncIterable):
        async for message in messages:
            yield message
    else:
        for message in messages:
            yield message
