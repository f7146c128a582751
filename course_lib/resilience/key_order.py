"""Many messages at once, and those of one key one after another."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable
from typing import TypeVar

M = TypeVar("M")


async def in_key_order(
    messages: Iterable[M] | AsyncIterator[M],
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

    It orders what arrives, by arrival. Messages that overtook each other on their way need a
    number from their producer, and a consumer that ignores the older one.
    """
    if not 1 <= limit <= ahead:
        raise ValueError(f"limit {limit}, ahead {ahead}: give 1 or more, and ahead not below limit")
    lines: dict[Hashable, deque[M]] = {}
    slots, room = asyncio.Semaphore(limit), asyncio.Semaphore(ahead)

    async def work_off(name: Hashable) -> None:
        line = lines[name]
        while line:
            async with slots:
                await handle(line[0])
            line.popleft()
            room.release()
        del lines[name]

    async with asyncio.TaskGroup() as group:
        async for message in _each(messages):
            await room.acquire()
            name = key(message)
            if name in lines:
                lines[name].append(message)
            else:
                lines[name] = deque([message])
                group.create_task(work_off(name), name=f"key {name}")


async def _each(messages: Iterable[M] | AsyncIterator[M]) -> AsyncIterator[M]:
    if isinstance(messages, AsyncIterator):
        async for message in messages:
            yield message
    else:
        for message in messages:
            yield message
