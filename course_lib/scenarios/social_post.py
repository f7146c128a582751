"""A post on a social network: saved at once, then written into every follower's timeline.

`line` is the fan-out of a whole afternoon, in which one celebrity posts; `publish` follows one
post of one author; lanes: `author`, `server`, `worker 1`, `worker 2`, `images`. Times in seconds.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from ..checked import fraction, number, whole, yes_or_no
from ..flow import mark, span

# Twitter in 2012. Source: M. Kleppmann, Designing Data-Intensive Applications, 2017, chapter 1.
POSTS = 4_600  # posts per second
FOLLOWERS = 75  # of an author, on average
BIGGEST = 30_000_000  # followers of the largest accounts
CAPACITY = POSTS * FOLLOWERS  # timeline writes per second: as much as comes on average

CHUNK = 10_000  # followers in a chunk of a big fan-out: assumption
SAVE = 0.020  # seconds to save a post: assumption
IMAGES = 2.0  # seconds to resize the pictures of a post: assumption
BATCHES = 5  # into which the followers of the author in `publish` are divided: assumption
BATCH = 1.0  # seconds to write one batch: assumption
ACK_TIMEOUT = 10.0  # seconds until the broker gives a dead worker's job to another: assumption


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds from posting until the last follower has it."""

    normal: list[float]  # of one normal post each second
    celebrity: float


Job = tuple[int, int]  # which post, how many timelines are still to write
Queue = asyncio.Queue[Job]


async def line(
    *, chunk: int = BIGGEST, all_at_once: bool = False, celebrity_share: float = 0.0
) -> Delays:
    """A celebrity posts at 0 s, then one normal author each second until the celebrity is done.

    The worker writes `chunk` timelines of a job, then puts the rest of it back at the end of the
    line; `all_at_once` puts all the chunks into the line at the start instead. A `celebrity_share`
    is the share of the capacity that a worker for the celebrity alone gets. Nobody else posts.
    """
    whole("chunk", chunk, most=BIGGEST)
    yes_or_no("all_at_once", all_at_once)
    if fraction("celebrity's share", celebrity_share) == 1:
        raise ValueError("the celebrity's share is 1, and nothing is left; give less than 1")
    posted, delivered = {0: 0.0}, {0: 0.0}
    normal: Queue = asyncio.Queue()
    big: Queue = asyncio.Queue() if celebrity_share else normal
    lines = {normal: 1 - celebrity_share, big: celebrity_share or 1.0}
    workers = [
        asyncio.create_task(_write(queue, CAPACITY * share, chunk, delivered))
        for queue, share in lines.items()
    ]
    piece = chunk if all_at_once else BIGGEST
    for done in range(0, BIGGEST, piece):
        big.put_nowait((0, min(piece, BIGGEST - done)))  # the last one is what is left
    for post in range(1, BIGGEST // CAPACITY + 1):
        await asyncio.sleep(1.0)
        posted[post] = _now()
        normal.put_nowait((post, FOLLOWERS))
    for queue in lines:
        await queue.join()
    for worker in workers:
        worker.cancel()
    celebrity, *others = (delivered[post] - posted[post] for post in posted)
    return Delays(others, celebrity)


async def _write(queue: Queue, capacity: float, chunk: int, delivered: dict[int, float]) -> None:
    while True:
        post, left = await queue.get()
        await asyncio.sleep(min(left, chunk) / capacity)
        if left > chunk:
            queue.put_nowait((post, left - chunk))
        delivered[post] = _now()
        queue.task_done()


@dataclass(frozen=True, slots=True)
class Seen:
    """What people see when all is over, and what the author saw at once."""

    author_at_once: int  # times that the author saw the post right after posting
    followers: dict[int, int]  # times that they see it → how many batches of followers do
    last: float  # second at which the last batch of followers got it

    def __str__(self) -> str:
        times = {0: "not at all", 1: "once", 2: "twice"}
        seen = (
            f"{count} of {BATCHES} batches see it {times[n]}"
            for n, count in sorted(self.followers.items())
        )
        return ", ".join(seen)


async def publish(
    *,
    outage: str | None = None,
    as_set: bool = True,
    own_posts: bool = True,
    delete_at: float | None = None,
    tombstone: str | None = "reader",
) -> Seen:
    """One post: saved, answered with an id, then fanned out in batches while pictures are resized.

    `outage="fan-out"`: the worker dies after 3 of 5 batches, and another gets the whole job.
    `as_set`: a timeline takes the same post once only. `own_posts`: who reads also gets their own
    posts, straight from where they are saved. `delete_at`: the author deletes the post then, and
    leaves a `tombstone`, a note that it is deleted. Nobody heeds it (None), or the "writer", who
    looks before each batch, or the "reader" too, whenever a timeline is read.
    """
    if outage not in (None, "fan-out"):
        raise ValueError(f'there is no outage {outage!r}; take outage="fan-out"')
    if tombstone not in (None, "writer", "reader"):
        raise ValueError(f'tombstone is {tombstone!r}; take None, "writer" or "reader"')
    yes_or_no("as_set", as_set)
    yes_or_no("own_posts", own_posts)
    when = None if delete_at is None else number("time of deletion", delete_at, "seconds")
    fan_out = _FanOut(as_set, looks=tombstone is not None)
    with span("post", lane="author"), span("save", lane="server"):
        await asyncio.sleep(SAVE)
    saw = int(own_posts) + len(fan_out.timelines[0])
    mark(f"sees {saw}", lane="author")
    jobs = [asyncio.create_task(_resize(), name="images")]
    jobs += fan_out.workers(dies=bool(outage))
    if when is not None:
        await asyncio.sleep(when - _now())
        fan_out.delete()
    await asyncio.gather(*jobs)
    hidden = tombstone == "reader" and fan_out.deleted
    counts = Counter(0 if hidden else len(timeline) for timeline in fan_out.timelines)
    return Seen(saw, dict(counts), fan_out.last)


class _FanOut:
    """One timeline for each batch of followers: all of a batch see the same."""

    def __init__(self, as_set: bool, looks: bool) -> None:
        self.timelines: list[list[str]] = [[] for _ in range(BATCHES)]
        self.as_set, self.looks = as_set, looks
        self.deleted, self.last = False, 0.0

    def workers(self, dies: bool) -> list[asyncio.Task[None]]:
        """One worker; or one that dies, and one that gets its job at the ack timeout."""
        jobs: asyncio.Queue[int] = asyncio.Queue()
        jobs.put_nowait(BATCHES * 3 // 5 if dies else BATCHES)
        if dies:
            asyncio.get_running_loop().call_later(ACK_TIMEOUT, jobs.put_nowait, BATCHES)
        names = ["worker 1", "worker 2"] if dies else ["worker 1"]
        return [asyncio.create_task(self.work(jobs), name=name) for name in names]

    async def work(self, jobs: asyncio.Queue[int]) -> None:
        batches = await jobs.get()
        await self.write(self.timelines[:batches])
        if batches < BATCHES:
            mark("dies")

    async def write(self, timelines: list[list[str]]) -> None:
        for batch, timeline in enumerate(timelines, start=1):
            if self.looks and self.deleted:
                return
            with span(f"batch {batch}"):
                await asyncio.sleep(BATCH)
            if not (self.as_set and timeline):
                timeline.append("post")
                self.last = _now()

    def delete(self) -> None:
        self.deleted = True
        for timeline in self.timelines:
            timeline.clear()
        mark("deletes", lane="author")


async def _resize() -> None:
    with span("resize"):
        await asyncio.sleep(IMAGES)


def _now() -> float:
    return asyncio.get_running_loop().time()
