"""Film a run."""

from __future__ import annotations

from ..checked import plural
from ..flow import Main, run_on
from ..loop.stuck import Stuck
from ..trace import Trace, unit_for
from .camera import Camera
from .film import Film
from .lines import lines_told

MOST_STEPS = 5_000  # of a film; what a browser shows without delay, and a program without end stops
MOST_LETTERS = 10_000  # of the words of an error


def record(main: Main, *, most_steps: int = MOST_STEPS, caller: str = "record") -> Film:
    """Run a coroutine on the virtual clock, as `run` does, and film it.

    An error that `main` raises, Stuck among them, is the end of the film and is not raised. After
    `most_steps` steps the program is ended, and the film says so. What `run` would refuse to run
    is refused with the same error, which names the `caller`.
    """
    camera, problem = Camera(most_steps), ""
    with camera.printed.heard(), lines_told(camera) as note:
        try:
            trace = run_on(camera.make_loop, main, caller=caller)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            if not isinstance(ended := vars(error).get("trace"), Trace):
                raise
            trace = ended
            problem = "" if camera.is_full else _words(error)
    notes = (note, _limit(camera, trace), *trace.notes)
    return Film(
        camera.steps,
        camera.cast.named_by(camera.loop.recorder),
        camera.things.all,
        camera.sources.all(),
        trace,
        problem,
        tuple(words for words in notes if words),
    )


def _words(error: BaseException) -> str:
    """Its kind and its own words, if it has any that can be told."""
    kind = type(error).__name__
    try:
        words = str(error)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - of a __str__ of the student's
        return kind
    words = words if len(words) <= MOST_LETTERS else f"{words[:MOST_LETTERS]}…"
    return words if isinstance(error, Stuck) else f"{kind}: {words}" if words else kind


def _limit(camera: Camera, trace: Trace) -> str:
    if not camera.is_full:
        return ""
    at = unit_for(trace.duration_ns).text(camera.steps[-1].end_ns if camera.steps else 0)
    where = ", in a line that goes round and round" if camera.rounds else ""
    after = plural(len(camera.steps), "step")
    return f"the film ends after {after}, at {at}{where}, and so does the program"
