"""One conversation with a student's process, from the grader's side.

The scene is an ordinary coroutine on a virtual clock. What it hands in stays here, and each use of
it is a message; the student's process says "idle until t" where it would let time go by, and only
this clock moves. So points depend on messages alone, and whoever forges them has to do what was
asked for.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from course_lib.exercises.property import SHOWN, NotMet
from course_lib.exercises.student import UNWRITTEN, Crash, Made, Pieces, Raised
from course_lib.loop.lengths import FOREVER
from course_lib.loop.virtual import VirtualLoop
from course_lib.staff.inside.wire import Broken
from course_lib.trace import SECOND

from .book import Book
from .line import SOON_SECONDS, Line, Silent

T = TypeVar("T")
MOST_MESSAGES = 30_000
"""From the student's side, in one conversation."""
PATIENCE_REAL = 10.0
"""Real seconds without a word from a process that is not idle."""


class StandsStill(Exception):  # noqa: N818
    """A student's process goes round while its clock stands still; says who, in its own words."""


class TalkLoop(VirtualLoop):
    """A virtual loop whose clock stands still while a student's process is at work.

    Several work one after the other, in the order in which they were begun, until each is idle.
    """

    def __init__(
        self, begin: Callable[[], Line], rest: Callable[[Line], None] | None = None
    ) -> None:
        """`begin` a line to a process, which may be one that was let `rest` after its last talk."""
        super().__init__(record=False)
        self.has_others = True
        self.set_exception_handler(lambda *_: None)  # what a scene leaves is in its verdict
        self.begin, self.rest = begin, rest
        self.talks: list[Talk] = []

    def another(self) -> Talk:
        """Begin a talk with a process of its own."""
        self.talks.append(Talk(self, self.begin()))
        return self.talks[-1]

    def who_waits(self) -> list[str]:
        """Who waits for what in all processes, if they can say so."""
        return [line for talk in self.talks for line in talk.waiting()]

    def hang_up(self) -> None:
        """End all talks."""
        for talk in self.talks:
            talk.let_go()

    def _before_jump(self) -> bool:
        came = [talk.go_on() for talk in self.talks]  # from each, not from the first alone
        return any(came)

    def _could_be_woken(self) -> bool:
        return self._before_jump()


class Talk(Pieces):
    """What is said in one conversation, and who waits for an answer."""

    def __init__(self, loop: TalkLoop, line: Line) -> None:
        self.loop, self.line, self.book = loop, line, Book()
        self.is_idle = True  # its cells are run, and its loop is up
        self.is_due = False
        self.heard = self.calls = 0
        self.post: list[dict[str, Any]] = [{"several": True}] if loop.rest else []
        self.timer: asyncio.TimerHandle | None = None
        self.ends: dict[int, asyncio.Future[Any]] = {}
        self.callers: dict[int, asyncio.Task[Any] | None] = {}
        self.uses: dict[int, asyncio.Task[Any]] = {}
        self.is_over = False

    # Whose turn it is ---------------------------------------------------------------------------

    def go_on(self) -> bool:
        """Let the student's process work until it is idle; whether anything came of it."""
        heard = self.heard
        if self.is_over or (self.is_idle and not self.post and not self.is_due):
            return False
        try:
            if self.is_idle:
                self._wake()
            while not self.is_idle and not self.is_over:
                message = self._hear(PATIENCE_REAL)
                self._take(message)
                if "end" in message:  # whoever waits for that goes on first, as in one process
                    break
        except (Broken, Silent, StandsStill):
            self.hang_up()
            raise
        return self.heard > heard

    def _wake(self) -> None:
        """Tell it what time it is, and what came."""
        if self.timer is not None:
            self.timer.cancel()
        self.line.say(now=self.loop.now(), post=self.post)
        self.post, self.is_idle = [], False

    def _hear(self, seconds: float) -> dict[str, Any]:
        self.heard += 1
        if self.heard > MOST_MESSAGES:
            raise Silent("it goes on and on")
        return self.line.hear(seconds)

    def _take(self, message: dict[str, Any]) -> None:
        try:
            if "dropped" in message:
                self.book.drop(message["dropped"])
            if "call" in message:
                self._use(message)
            elif "idle" in message:
                self._rest(message["idle"])
            elif "end" in message:
                self._end(message)
            elif "gone" in message:
                self._gone(message["gone"])
            elif "struck" in message:
                self._struck(message["struck"])
            elif "stuck" in message:
                raise StandsStill(str(message["stuck"])[:SHOWN])
            else:
                raise Broken("a message of no known kind")
        except (TypeError, KeyError, RecursionError):
            raise Broken("a message without its form") from None

    def _rest(self, until: Any) -> None:
        """It is idle until then, or until something comes; now: until this moment is over here."""
        self.is_idle, self.timer = True, None
        self.is_due = type(until) is int and until <= self.loop.now()
        if type(until) is int and self.loop.now() < until < FOREVER:
            self.timer = self.loop.call_at(until / SECOND, self._wake_up)

    def _wake_up(self) -> None:
        if self.is_idle and not self.is_over:
            self._wake()

    def waiting(self) -> list[str]:
        """Who waits for what in the student's process, if it can say so: words, and no evidence."""
        while self.go_on():
            pass
        if self.is_over:
            return []
        self.line.say(why=True)
        said = self._hear(PATIENCE_REAL).get("waits")
        told = said[:9] if isinstance(said, list) else []
        return [one[:SHOWN] for one in told if isinstance(one, str)]

    # What the student's side does ---------------------------------------------------------------

    def _use(self, message: dict[str, Any]) -> None:
        """A thing that was handed in is used: at once, or by a task that takes its time."""
        call, words, named = message["call"], message.get("words"), message.get("named", {})
        number, method = message.get("of"), str(message.get("method", ""))
        if type(call) is not int or not isinstance(words, list) or not isinstance(named, dict):
            raise Broken("a call without its form")
        if call in self.uses:
            raise Broken("a call that it has made already")
        known = [self.book.value(word) for word in words]
        extra = {str(name): self.book.value(word) for name, word in named.items()}
        answer: dict[str, Any]
        try:
            result = self.book.use(number, method, known, extra)
        except Crash:
            self._crash()
            return
        except Broken:
            raise
        except Exception as problem:  # noqa: BLE001  what a thing raises, the piece gets
            result, answer = None, _raising(problem)
        else:
            answer = {}
        if inspect.iscoroutine(result):
            self.uses[call] = task = self.loop.create_task(result)
            task.add_done_callback(partial(self._used, call))
            return
        said = answer or {"value": self.book.said(result)}
        if self.book.takes_time(number, method):
            self.post.append({"answer": call, **said})
        else:
            self.line.say(**said)

    def _used(self, call: int, use: asyncio.Task[Any]) -> None:
        """A use has come to its end: whoever waits for it hears how, also if it was cancelled."""
        del self.uses[call]
        answer = _raising(asyncio.CancelledError())
        if not use.cancelled():
            problem = use.exception()
            if isinstance(problem, Crash):
                self._crash()
                return
            answer = _raising(problem) if problem else {"value": self.book.said(use.result())}
        self.post.append({"answer": call, **answer})

    def _gone(self, call: Any) -> None:
        """Whoever waits for this use was cancelled, and goes on waiting until it has cleaned up."""
        if use := self.uses.get(call):
            self.loop.call_soon(use.cancel)  # after it has begun, as it has there

    def _struck(self, number: Any) -> None:
        """A piece that is over has cancelled the task that called it."""
        if number not in self.ends and (caller := self.callers.get(number)):
            caller.cancel()

    def _end(self, message: dict[str, Any]) -> None:
        future = self.ends.pop(message["end"], None)
        if future is None or future.done():
            return
        self.book.fill(message.get("lists"))
        if "raise" in message:
            problem = _raised(message["raise"])
            unwritten = problem.name == "NotImplementedError"
            future.set_exception(NotMet(UNWRITTEN) if unwritten else problem)
        else:
            future.set_result(self.book.value(message.get("value")))

    def _crash(self) -> None:
        """The student's process is dead: it hears no more, and neither do we."""
        self.hang_up()
        for use in self.uses.values():
            use.cancel()
        for future in self.ends.values():
            if not future.done():
                future.set_exception(Crash())

    def let_go(self) -> None:
        """Its process ends, or rests if it may and if it is idle soon."""
        if not self.loop.rest or self.is_over:
            self.hang_up()
            return
        try:
            while not self.is_idle:
                self._take(self._hear(SOON_SECONDS))
        except (Broken, Silent, StandsStill):
            self.hang_up()
        else:
            self.is_over = True
            self.loop.rest(self.line)

    def hang_up(self) -> None:
        """Its process ends, and nothing more is heard of it."""
        self.is_over = True
        self.line.close()

    # What the scene asks for --------------------------------------------------------------------

    async def call(self, name: str, *words: Any) -> Any:
        """See Pieces."""
        return await self.started({"function": name}, words)

    async def make(self, name: str, *words: Any) -> Made:
        """See Pieces."""
        number = self.calls + 1
        await self.started({"function": name, "keep": True}, words)
        return MadeThere(self, number)

    def neighbour(self, tick: Callable[[], Awaitable[None]]) -> None:
        """See Pieces."""
        self.post.append({"neighbour": self.book.said(tick)})

    def process(self) -> Pieces:
        """See Pieces."""
        return self.loop.another()

    async def started(self, what: dict[str, Any], words: tuple[Any, ...]) -> Any:
        """Start a piece, and wait for its end; cancelled, it is cancelled there first."""
        self.calls += 1
        number = self.calls
        end = self.ends[number] = self.loop.create_future()
        self.callers[number] = asyncio.current_task()
        self.post.append({"start": number, **what, "words": [self.book.said(w) for w in words]})
        try:
            return await asyncio.shield(end)
        except asyncio.CancelledError:
            if not end.done():
                self.post.append({"cancel": number})
            try:
                return await end
            except Raised as problem:
                if problem.name != "CancelledError":
                    raise
            raise


class MadeThere:
    """An object in the student's process."""

    def __init__(self, talk: Talk, number: int) -> None:
        self.talk, self.number = talk, number

    async def call(self, method: str, *words: Any) -> Any:
        """See Made."""
        return await self.talk.started({"object": self.number, "method": method}, words)


def _raising(problem: BaseException) -> dict[str, Any]:
    more = {name: value for name, value in vars(problem).items() if name.startswith("sqlite_")}
    return {"raise": [type(problem).__name__, str(problem), more]}


def _raised(said: Any) -> Raised:
    try:
        name, text, members, above = said
        if not (isinstance(name, str) and isinstance(text, str) and name.isidentifier()):
            raise TypeError  # a class may be called anything, also "it gives"
        return Raised(name, text, tuple(map(_raised, members)), tuple(map(str, above)))
    except (TypeError, ValueError, RecursionError):
        raise Broken("an error without its form") from None
