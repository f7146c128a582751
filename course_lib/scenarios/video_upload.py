"""A video: uploaded in parts, encoded in chunks, looked at by moderation, and then shown.

`upload` tells seconds (lane: `user`). `process` tells minutes; its lanes are `split and join`,
`chunk 1`, `chunk 2` …, `SD` for the small first version, and `moderation`.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass

from ..checked import whole, yes_or_no
from ..flow import mark, span

MINUTE = 60.0  # seconds
SIZE = 8e9  # bits of the file: 1 GB
SPEED = 20e6  # bits per second of the user's line: assumption
CUT = 310.0  # seconds until the line breaks, in an outage of it: assumption

WORK = 240.0  # minutes to encode the film on one machine: "up to 4 hours", see the notebook
SERIAL = 0.05  # share of it that cannot be divided, splitting and joining: assumption
SD = 8.0  # minutes until a first version, small and quick, can be watched: assumption
MODERATE = 10.0  # minutes until moderation has decided: assumption
DOWN = 60.0  # minutes that moderation is down in its outage: assumption


async def upload(*, parts: int = 1, outage: str | None = None) -> float:
    """Seconds until the whole file is there; only then is there an id to give.

    A part is sent again from its beginning when `outage="line"` breaks the connection.
    """
    if outage not in (None, "line"):
        raise ValueError(f'there is no outage {outage!r}; take outage="line"')
    whole("number of parts", parts)
    seconds = SIZE / SPEED / parts
    breaks = CUT if outage else math.inf
    for number in range(1, parts + 1):
        if _now() + seconds > breaks:
            await _send(number, breaks - _now())
            mark("line breaks", lane="user")
            breaks = math.inf
        await _send(number, seconds)
    return _now()


async def _send(number: int, seconds: float) -> None:
    with span(f"part {number}", lane="user"):
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Video:
    """Minutes after the upload at which …"""

    watchable: float  # … a first version is ready
    best: float  # … the full quality is ready
    decided: float  # … moderation has decided
    public: float  # … anybody can see it

    @property
    def unchecked(self) -> float:
        """Minutes in which the public sees what nobody has looked at."""
        return max(0.0, self.decided - self.public)


async def process(*, chunks: int = 16, gate: bool = True, outage: str | None = None) -> Video:
    """Everything after "we have your video": all of it at the same time.

    With a `gate` the video is public once it is watchable and moderation has said yes; without,
    once it is watchable. `outage="moderation"`: moderation starts late.
    """
    if outage not in (None, "moderation"):
        raise ValueError(f'there is no outage {outage!r}; take outage="moderation"')
    whole("number of chunks", chunks)
    yes_or_no("gate", gate)
    async with asyncio.TaskGroup() as jobs:
        best = jobs.create_task(_encode(chunks), name="split and join")
        watchable = jobs.create_task(_work("encode small", SD), name="SD")
        late = DOWN if outage else 0.0
        decided = jobs.create_task(_moderate(late), name="moderation")
    first, full, checked = watchable.result(), best.result(), decided.result()
    return Video(first, full, checked, max(first, checked) if gate else first)


async def _encode(chunks: int) -> float:
    await _work("split", WORK * SERIAL / 2)
    each = WORK * (1 - SERIAL) / chunks
    names = [f"chunk {number}" for number in range(1, chunks + 1)]
    await asyncio.gather(*(asyncio.create_task(_work("encode", each), name=n) for n in names))
    return await _work("join", WORK * SERIAL / 2)


async def _moderate(late: float) -> float:
    await asyncio.sleep(late * MINUTE)
    return await _work("look at it", MODERATE)


async def _work(label: str, minutes: float) -> float:
    """The minute at which this work is done."""
    with span(label):
        await asyncio.sleep(minutes * MINUTE)
    return _now() / MINUTE


def _now() -> float:
    return asyncio.get_running_loop().time()
