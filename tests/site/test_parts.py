"""What is left out of the site: how much that is, and what goes on without it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from matplotlib.ft2font import FT2Font

from course_lib.staff.web import chunks, wheels
from tests.site.kernel import Kernel
from tests.site.promised import MOST_ON_DISK

COMPLETE = """async code => {
  const answer = await courseKernel.requestComplete({ code, cursor_pos: code.length });
  return answer.content.matches;
}"""


def test_all_but_the_book_takes_less_than_promised(built: Path) -> None:
    """In megabytes of disk."""
    sizes = (path.stat().st_size for path in (built / "live").rglob("*") if path.is_file())
    assert sum(sizes) / 1e6 < MOST_ON_DISK


def test_jupyter_comes_without_the_libraries_that_are_switched_off(built: Path) -> None:
    """None of their words is in what is left; and a JupyterLite that lacks one is noticed."""
    texts = [path.read_text("utf-8") for path in (built / "live" / "build").glob("[0-9]*.js")]
    for words in chunks.LEFT_OUT.values():
        assert [word for word in words if any(word in text for text in texts)] == []
    with pytest.raises(LookupError, match="mermaidAPI"):
        chunks.remove(built / "live" / "build")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("trace.dur", "trace.duration"),
        ("import cour", "course_lib"),
        ("asyncio.sle", "asyncio.sleep"),
        ("numpy.arr", "numpy.array"),
    ],
)
def test_names_are_completed_without_jedi(kernel: Kernel, code: str, name: str) -> None:
    """From what cells have made, and from modules."""
    kernel.run("import asyncio, numpy\nfrom course_lib import run\ntrace = run(asyncio.sleep(1))")
    matches = kernel.page.evaluate(COMPLETE, code)
    assert any(match.endswith(name.rpartition(".")[2]) for match in matches), matches


def test_a_lighter_font_draws_the_same_letters() -> None:
    """Dot by dot; and it is lighter by a third."""
    whole = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf").read_bytes()
    lighter = wheels.lighter(whole)
    assert len(lighter) < len(whole) * 2 / 3
    for text in ("Timeline of 66 min: 3 × 2 − 1 µs", "“AVA” → Ärger, čas, λ ≤ μ, время"):
        assert drawn(whole, text) == drawn(lighter, text)


def drawn(font: bytes, text: str) -> tuple[Any, bytes]:
    """How large a text is, and its dots."""
    face = FT2Font(io.BytesIO(font))
    face.set_size(10, 100)
    face.set_text(text)
    face.draw_glyphs_to_bitmap()
    return face.get_width_height(), bytes(face.get_image())
