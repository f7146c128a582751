"""Texts on a timeline that fit: measured in pixels, shortened, numbered, or left out.

Everything here is computed before anything is drawn. Boxes are in pixels from the upper left
corner of the axes (time 0, top of the first lane), y downward.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg

FONT = "DejaVu Sans"  # ships with matplotlib: the same pixels on every machine
SMALL, NORMAL, LARGE = 8.5, 9.5, 11.5  # points
MISSING = "□"  # stands for a character that the font does not have
FEWEST = 4  # a text shortened to fewer letters than this says nothing
KEYS, LONGEST_KEY = 9, 40  # most labels that get a number, and the most letters of one
NUMBERED = 150  # bars: more numbers than that are noise


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        """Whether the two have a point inside both."""
        return (
            self.left < other.left + other.width
            and other.left < self.left + self.width
            and self.top < other.top + other.height
            and other.top < self.top + self.height
        )


@dataclass(frozen=True, slots=True)
class Label:
    """A text and the box it keeps for itself; `kind` is a span's kind, "mark" or "message"."""

    text: str
    kind: str
    box: Box


class Ruler:
    """Measures text as the Agg renderer will draw it, at a resolution in pixels per inch."""

    def __init__(self, dpi: float) -> None:
        from matplotlib.backends.backend_agg import RendererAgg

        self.dpi = dpi
        self._renderer: RendererAgg = RendererAgg(1, 1, dpi)
        self.width = cache(self._width)

    def height(self, points: float = SMALL) -> float:
        """Pixels of a line of text, from the top of its tallest letter to the lowest."""
        return 1.2 * points * self.dpi / 72

    def _width(self, text: str, points: float = SMALL) -> float:
        """Pixels from the left to the right end of a text in one line."""
        return float(self._renderer.get_text_width_height_descent(text, font(points), False)[0])

    def shorten(self, text: str, room: float, fewest: float) -> str:
        """The text if it fits the room, else at least the fewest letters and "…", else nothing."""
        if self.width(text) <= room:
            return text
        few, many = 0, len(text)  # the first `few` letters fit, the first `many` do not
        while many - few > 1:
            middle = (few + many) // 2
            fits = self.width(text[:middle].rstrip() + "…") <= room
            few, many = (middle, many) if fits else (few, middle)
        return text[:few].rstrip() + "…" if few >= max(FEWEST, fewest) else ""

    def wrap(self, text: str, room: float, points: float = NORMAL) -> str:
        """The whole text in lines no wider than the room; long words are broken."""
        lines = [""]
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}".strip()
            if self.width(longer, points) <= room:
                lines[-1] = longer
                continue
            lines.append("")
            for letter in word:
                if self.width(lines[-1] + letter, points) > room:
                    lines.append("")
                lines[-1] += letter
        return "\n".join(line for line in lines if line)


def font(points: float) -> Any:
    """The course's font in a size; named outright, so that a reader's settings change nothing."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=FONT, style="normal", weight="normal", size=points)


@cache
def plain(text: str) -> str:
    """A text in one line that the font can draw without a warning about missing characters."""
    from matplotlib.font_manager import findfont, get_font

    face = get_font(findfont(font(NORMAL)))
    shown = ""
    for letter in " ".join(text.split()):
        known = face.get_char_index(ord(letter))
        category = unicodedata.category(letter)
        if category[0] != "C" and (known or category[0] != "M"):  # joiners, marks without a letter
            shown += letter if known else MISSING
    return shown


def label_bars(
    bars: Iterable[tuple[Sequence[str], str, Box]], ruler: Ruler
) -> tuple[list[Label], list[str], int]:
    """Labels inside bars, the labels that got a number (1, 2, …), and how many were left out.

    A bar is given as its texts from the fullest to the shortest, its kind and its box.
    """
    high_enough = [bar for bar in bars if bar[2].height >= ruler.height()]
    fitting: list[Label] = []
    tight: list[tuple[str, str, Box]] = []
    for texts, kind, box in high_enough:
        text = _fullest([plain(text) for text in texts], box.width - ruler.height(), ruler)
        if text:
            fitting.append(_centred(text, kind, box, ruler))
        elif texts[-1]:
            tight.append((plain(texts[-1]), kind, box))
    numbered = [text for text, _, box in tight if box.width > ruler.width("9") + 4]
    keys = list(dict.fromkeys(text for text in numbered if len(text) <= LONGEST_KEY))
    if len(keys) > KEYS or len(numbered) > NUMBERED:
        keys = []
    for text, kind, box in tight:
        number = str(keys.index(text) + 1) if text in keys else ""
        short = number or ruler.shorten(text, box.width - ruler.height(), FEWEST)
        if short and box.width > ruler.width(short) + 4:
            fitting.append(_centred(short, kind, box, ruler))
    return fitting, keys, sum(bool(texts[-1]) for texts, _, _ in high_enough) - len(fitting)


def _fullest(texts: Sequence[str], room: float, ruler: Ruler) -> str:
    """The first text that fits, or most of the last one."""
    whole = (text for text in texts if ruler.width(text) <= room)
    return next(whole, "") or ruler.shorten(texts[-1], room, 0.6 * len(texts[-1]))


def _centred(text: str, kind: str, box: Box, ruler: Ruler) -> Label:
    width, height = ruler.width(text), ruler.height()
    left = box.left + (box.width - width) / 2
    return Label(text, kind, Box(left, box.top + (box.height - height) / 2, width, height))


def label_points(
    points: Sequence[tuple[float, str]], top: float, width: float, ruler: Ruler
) -> tuple[list[Label], int]:
    """Labels beside markers in one strip of the axes, and how many were left out.

    A point is given as its x and its text, in order of x; `top` is the strip's, `width` the axes'.
    """
    labels: list[Label] = []
    free_from, left_out = 0.0, 0
    space = 0.6 * ruler.height()  # half a marker, and some air
    for number, (x, text) in enumerate(points):
        later = [other for other, _ in points[number + 1 :] if other - x > 1]
        right_end = (later[0] - 1.5 * space) if later else width
        text = plain(text)
        before, after = x - space - free_from, right_end - x - space
        if ruler.width(text) <= after or before < ruler.width(text):
            shown, left = ruler.shorten(text, after, FEWEST), x + space
        else:
            shown, left = text, x - space - ruler.width(text)
        if not shown or left < free_from:
            left_out += bool(text)
            free_from = max(free_from, x + space)
            continue
        box = Box(left, top, ruler.width(shown), ruler.height())
        labels.append(Label(shown, "mark", box))
        free_from = max(x + space, left + box.width + space)
    return labels, left_out


def label_arrows(
    arrows: Sequence[tuple[str, Sequence[tuple[float, float]], tuple[float, ...]]],
    taken: Sequence[Box],
    width: float,
    ruler: Ruler,
) -> tuple[list[Label], int]:
    """Labels beside arrows, none over another text or another arrow, and how many were left out.

    An arrow is given as its text, the points on it where a text may stand beside it, and its ends
    (x, y, x, y).
    """
    labels: list[Label] = []
    taken = list(taken)
    left_out = 0
    for text, points, own in arrows:
        text = plain(text)
        others = [ends for _, _, ends in arrows if ends != own]
        box = _free_box(text, points, own, taken, others, width, ruler)
        if box is None:
            left_out += bool(text)
            continue
        labels.append(Label(text, "message", box))
        taken.append(box)
    return labels, left_out


def _free_box(
    text: str,
    points: Sequence[tuple[float, float]],
    own: tuple[float, ...],
    taken: Sequence[Box],
    others: Sequence[tuple[float, ...]],
    width: float,
    ruler: Ruler,
) -> Box | None:
    wide, high = ruler.width(text), ruler.height()
    for x, y in points:
        # The text keeps clear of its own arrow all along its height, however slanted.
        lean = abs(own[2] - own[0]) / max(1.0, abs(own[3] - own[1])) * high / 2
        for left in (x + lean + 0.4 * high, x - lean - 0.4 * high - wide):
            box = Box(left, y - high / 2, wide, high)
            if not text or left < 0 or left + wide > width:
                continue
            if not any(map(box.meets, taken)) and not any(_crosses(box, o) for o in others):
                return box
    return None


def _crosses(box: Box, ends: tuple[float, ...]) -> bool:
    """Whether the line from end to end passes through the box (Liang and Barsky, 1984)."""
    x, y, to_x, to_y = ends
    first, last = 0.0, 1.0
    for delta, low, high in (
        (to_x - x, box.left - x, box.left + box.width - x),
        (to_y - y, box.top - y, box.top + box.height - y),
    ):
        if delta == 0:
            if low > 0 or high < 0:
                return False
            continue
        near, far = sorted((low / delta, high / delta))
        first, last = max(first, near), min(last, far)
    return first <= last
