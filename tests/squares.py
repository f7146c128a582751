"""A ruler whose letters are squares, so that what is drawn can be worked out by hand."""

from __future__ import annotations

from course_lib.drawing.labels import Ruler


class Squares(Ruler):
    """Every letter is ten pixels wide and high, in any size of the font."""

    def height(self, points: float = 0) -> float:
        return 10.0

    def _width(self, text: str, points: float = 0) -> float:
        return 10.0 * len(text)
