"""A film in words: a sentence or two for each step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..trace import Unit, unit_for
from .film import NOBODY, Film, Kind, Step, Thing, Wait
from .lines import NO_LINES
from .moments import Moment, moments

MOST_NAMES = 6  # in a sentence
WAITS = {  # for things; each takes the name that the program has for it
    "queue get": "for an item in {}",
    "queue put": "for a free place in {}",
    "queue join": "until all of {} is worked off",
    "semaphore": "for the semaphore {}: no place is free",
}


class Words:
    """The words of one film."""

    def __init__(self, film: Film) -> None:
        self.film = film
        self.unit: Unit = unit_for(film.trace.duration_ns)
        self.time = self.unit.text

    def names(self, actors: Iterable[int]) -> str:
        """Names in a row: "a, b and c", or the first few "and 95 others"."""
        cast = [self.film.cast[actor] for actor in actors]
        names = [actor.name if actor.is_task else f"“{actor.name}”" for actor in cast]
        if len(names) > MOST_NAMES:
            names[MOST_NAMES - 1 :] = [f"{len(names) - MOST_NAMES + 1} others"]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

    def line(self, step: Step) -> str:
        """Which line, and of what where there is more than one file or cell."""
        of = f" of {self.film.sources[step.source].name}" if len(self.film.sources) > 1 else ""
        return f"line {step.line}{of}"

    def base(self, wait: Wait) -> str:
        """What a task waits for, without those whom it waits for, or how it ended."""
        if wait.is_end:
            return f"{wait.reason}: {wait.error}" if wait.error else wait.reason
        if wait.reason == "sleep":
            return "for ever" if wait.until_ns < 0 else f"until {self.time(wait.until_ns)}"
        if wait.reason == "broker":
            return f"for a message on its way, until {self.time(wait.until_ns)}"
        if wait.thing != NOBODY:
            name = self.film.things[wait.thing].name
            return WAITS.get(wait.reason, f"for the {wait.reason} {{}}").format(name)
        return f"for {_article(wait.reason)}{wait.reason}"

    def wait(self, moment: Moment, task: int) -> str:
        """What a task waits for at a moment: for whom still, and who holds the lock."""
        wait = moment.waits[task]
        if others := moment.others(task):
            return f"for {self.names(others)}"
        state = moment.step.states[wait.thing] if wait.thing != NOBODY else ()
        is_held = wait.reason == "lock" and state and state[0] != NOBODY
        holder = f", which {self.film.cast[state[0]].name} holds" if is_held else ""
        return self.base(wait) + holder

    def state(self, thing: Thing, state: tuple[object, ...]) -> str:
        """How a lock or the like stands; of a queue how much lies in it."""
        if thing.kind.endswith("Queue"):
            return f"{state[1]} of {state[0]} places taken" if state[0] else f"{state[1]} in it"
        if thing.kind == "Lock":
            by = int(str(state[0])) if state else NOBODY
            held = f"held by {self.film.cast[by].name}" if by != NOBODY else "held"
            return held if state else "free"
        if thing.kind.endswith("Semaphore"):
            return f"{state[0]} free"
        return ("not set", "set")[int(str(state[0]))] if state else ""


def _article(noun: str) -> str:
    return "" if noun.endswith("s") else "an " if noun[0] in "aeiou" else "a "


def sentences(film: Film) -> Iterator[str]:
    """What happened in each step."""
    words = Words(film)
    before = Step(Kind.LOOP, 0, 0, 0)
    for moment in moments(film):
        yield " ".join(_told(words, moment, before))
        before = moment.step


def _told(words: Words, moment: Moment, before: Step) -> Iterator[str]:
    step = moment.step
    if step.kind is Kind.JUMP:
        yield "Nobody is ready, so the loop sleeps."
        one = "" if len(step.ready) == 1 else "s"
        at, rings = words.time(step.end_ns), "ring" if one else "rings"
        yield f"At {at} the timer{one} of {words.names(step.ready)} {rings}."
        return
    yield _begin(words, step, before)
    if step.raised:
        yield f"{step.raised} is raised there."
    yield from _blocked(words, step, before)
    yield from _handled(words, step, before)
    yield from _woken(words, step, before)
    yield from _end(words, moment)


def _begin(words: Words, step: Step, before: Step) -> str:
    name = words.film.cast[step.actor].name
    if words.film.cast[step.actor].kind == "thread":
        return f"{name} goes on: what a thread does has no lines here."
    if step.kind is Kind.LOOP:
        return f"The event loop itself: “{name}”."
    if step.kind is Kind.LINE and step.turn != before.turn:
        return f"{name} has its first turn, and runs {words.line(step)}."
    if step.kind is Kind.LINE:
        return f"{name} runs {words.line(step)}."
    if step.line:
        return f"{name} has a turn again, and goes on in {words.line(step)} where it waited."
    if NO_LINES in words.film.notes:
        return f"{name} has a turn."
    return f"{name} has a turn, in code of a library, of which no lines are shown."


def _blocked(words: Words, step: Step, before: Step) -> Iterator[str]:
    if step.end_ns > step.start_ns:
        long = words.time(step.end_ns - step.start_ns)
        rung = [who for due, who in before.timers if due <= step.end_ns and who in step.ready]
        late = ""
        if rung:
            has = "has" if len(rung) == 1 else "have"
            late = f", though the timer{'s' * (len(rung) > 1)} of {words.names(rung)} {has} rung"
        yield f"It blocks: for {long} nobody else can run{late}."


def _woken(words: Words, step: Step, before: Step) -> Iterator[str]:
    """Timers of the loop's that were set, tasks that were made, and who can go on now."""
    for due, who in step.timers:
        if (due, who) not in before.timers and not words.film.cast[who].is_task:
            yield f"A timer is set: “{words.film.cast[who].name}” at {words.time(due)}."
    if step.made:
        running = "ready, but not running yet"
        yield f"It makes {words.names(step.made)}: {running}."
    known = {*before.ready, *step.made, step.actor}
    woken = [who for who in step.ready if who not in known]
    if woken and step.end_ns == step.start_ns:
        yield f"Now {words.names(woken)} {'is' if len(woken) == 1 else 'are'} ready."


def _end(words: Words, moment: Moment) -> Iterator[str]:
    """How the turn ends, if it does in this step."""
    step = moment.step
    wait = step.waits.get(step.actor)
    if wait is None:
        return
    text = words.wait(moment, step.actor)
    if wait.is_end:
        yield f"{words.film.cast[step.actor].name} is {text}."
    elif step.actor in step.ready:
        yield "There it gives its turn back to the loop, and is ready again at once."
    else:
        yield f"There it waits {text}, and gives its turn back to the loop."


def _handled(words: Words, step: Step, before: Step) -> Iterator[str]:
    """What the step did to queues, locks and the like."""
    pairs = zip(words.film.things, step.states, before.states, strict=False)
    for thing, state, old in pairs:
        if state == old:
            continue
        name, kind = thing.name, thing.kind
        if kind.endswith("Queue"):
            yield _moved(name, state, old)
        elif kind == "Lock":
            yield f"It {'takes' if state else 'gives back'} the lock {name}."
        elif kind.endswith("Semaphore"):
            yield f"It {'takes' if state < old else 'gives back'} a place of {name}."
        elif kind == "Event":
            yield f"It {'sets' if state[0] else 'clears'} the event {name}."


def _moved(name: str, state: tuple[object, ...], old: tuple[object, ...]) -> str:
    (_, count, *items), (_, before, *were) = state, old
    new = [item for item in items if item not in were]
    gone = [item for item in were if item not in items]
    if int(str(count)) > int(str(before)):
        return f"It puts {(new or items)[-1]} into {name}."
    return f"It takes {(gone or were)[0]} out of {name}."
