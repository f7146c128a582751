"""A page of the book as Chromium prints it: a PDF file, read as far as these tests ask it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

POINTS_PER_MM = 72 / 25.4
A4_MM = (210, 297)
MARGIN_MM = 15
CSS_PIXELS_PER_MM = 96 / 25.4
WIDE = round((A4_MM[0] - 2 * MARGIN_MM) * CSS_PIXELS_PER_MM)
"""What is left between the margins, in pixels of CSS."""

OBJECT = re.compile(rb"^(\d+) 0 obj\n(.*?)\nendobj", re.M | re.S)
SIZE = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")
OUTLINED = re.compile(rb"/Dest \[(\d+) 0 R /XYZ [\d.]+ ([\d.]+) 0\]")


@dataclass(frozen=True)
class Paper:
    """What was printed."""

    sizes: list[tuple[int, int]]
    """Width and height of each sheet, in millimetres."""
    pictures: list[set[int]]
    """The pictures of each sheet, by their number in the file."""
    headings: list[float]
    """How far the top of each heading is above the lower edge of its sheet, in millimetres."""


def printed(page: Any) -> Paper:
    """The page, on the paper that it asks for."""
    data = page.pdf(prefer_css_page_size=True, outline=True, tagged=True)
    objects = {int(number): body for number, body in OBJECT.findall(data)}
    sheets = [body for body in objects.values() if b"/Type /Page\n" in body]
    return Paper(
        [_millimetres(body) for body in sheets],
        [_pictures(body, objects) for body in sheets],
        [float(above) / POINTS_PER_MM for _, above in OUTLINED.findall(data)],
    )


def _millimetres(sheet: bytes) -> tuple[int, int]:
    found = SIZE.search(sheet)
    assert found is not None, sheet
    return round(float(found[1]) / POINTS_PER_MM), round(float(found[2]) / POINTS_PER_MM)


def _pictures(sheet: bytes, objects: dict[int, bytes]) -> set[int]:
    """What of that which a sheet names is an image."""
    named = {int(number) for number in re.findall(rb"(\d+) 0 R", sheet)}
    return {number for number in named if b"/Subtype /Image" in objects.get(number, b"")}
