"""The reader's own program as a film: forwards, backwards, line by line.

    film(main)

Nothing moves before somebody asks. The browser gets the whole film once, and needs the kernel no
more.
"""

from __future__ import annotations

import traitlets

from ..camera import Film, record
from ..camera.lines import NO_LINES
from ..camera.turns import turn_rows
from ..drawing.words import Table, with_table
from ..flow import Main
from ..page import render
from ..trace import Trace
from .film_wire import pack
from .live import LiveWidget, source

ROWS = 60  # turns in the table of the still form


def film(main: Main) -> FilmScene:
    """Run a coroutine on the virtual clock, and show the run as a film to step through.

    `main` is what `run` takes. Each step is a line that ran, a turn of the loop's own, or a jump of
    the clock; beside the program stand the ready queue, the timers, who waits for what, queues and
    locks. A run that gets stuck, or fails, is shown up to there; one without end up to a limit.
    """
    return FilmScene(record(main, caller="film"))


class FilmScene(LiveWidget):
    """A film with its controls. `film` is what was recorded."""

    _esm = source("film_scene.js")
    _css = source("film_scene.css")
    data = traitlets.Dict().tag(sync=True)
    """The film as the browser gets it."""

    def __init__(self, film: Film) -> None:
        self.film = film
        super().__init__(data=pack(film))

    @property
    def trace(self) -> Trace:
        """What `run` would have given."""
        return self.film.trace

    def still(self) -> str:
        """The timeline, a table of turns, and what went wrong."""
        picture = self.trace._repr_mimebundle_().get("text/html", "")
        page = with_table(picture, Table(f"Turns of the event loop{self._more()}", self._rows()))
        return render("film.html", page=page, problem=self.film.problem, notes=self._notes())

    def words(self) -> str:
        """The turns as text, and what went wrong."""
        rows = self._rows()
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = ["  ".join([*map(str.ljust, row[:3], widths), row[3]]).rstrip() for row in rows]
        return "\n".join([*lines, *filter(None, [self.film.problem]), *self._notes()])

    def _rows(self) -> list[list[str]]:
        return turn_rows(self.film, ROWS)

    def _more(self) -> str:
        turns = self.film.steps[-1].turn if self.film.steps else 0
        return f" (the first {ROWS} of {turns:,})" if turns > ROWS else ""

    def _notes(self) -> list[str]:
        """What the turns leave out; that lines are missing is no matter for them."""
        return [f"Note: {note}." for note in self.film.notes if note != NO_LINES]
