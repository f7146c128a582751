"""A picture as notebooks show it: a figure of the course's width, and its rich display."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from . import painter

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 9.0  # inches; a notebook shows 100 pixels for each
DPI = 144  # pixels of the file for each inch: sharp on fine screens too
MADE_WITH = ("matplotlib", "jinja2", "markupsafe")
EDGE = 0.16  # inches between the border of the card and what is on it


def blank(height: float) -> Figure:
    """A new figure of this height in inches: a card with nothing on it yet."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="none")
    figure.set_layout_engine("none")
    FigureCanvasAgg(figure)
    painter.card(figure)
    return figure


def rich_display(figure: Callable[[], Figure], page: Callable[[bytes], str]) -> dict[str, str]:
    """The rich display; where what makes it is missing there is none, and the text has to do."""
    try:
        return {"text/html": page(_png(figure()))}
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in MADE_WITH:
            raise
        return {}


def _png(figure: Figure) -> bytes:
    file = BytesIO()
    # Not savefig, which obeys a reader's settings; and matplotlib's version is no part of it.
    figure.canvas.print_png(file, metadata={"Software": None})  # type: ignore[attr-defined]
    return file.getvalue()
