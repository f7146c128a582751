"""Any scene as one file, which asks nobody."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from course_lib.widgets import EmailScene, Explorer, Incident, film, practice, share
from course_lib.widgets.share import page
from tests.films import program

SCENES: dict[str, Any] = {
    "EmailScene": lambda: EmailScene(mails=2),
    "Explorer": Explorer,
    "Incident": Incident,
    "film": lambda: film(program("deadlock")),
    "practice": lambda: practice("good-night"),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_one_file_that_asks_nobody(name: str, tmp_path: Path) -> None:
    """No address in it but SVG's name, and a rule for the browser that forbids all others."""
    path = share(SCENES[name](), tmp_path / "scene.html", title="Seen <here>")
    text = path.read_text(encoding="utf-8")
    assert path == tmp_path / "scene.html"
    assert "<title>Seen &lt;here&gt;</title>" in text
    assert set(re.findall(r"https?://[\w./]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text


def test_what_runs_without_a_script_is_the_still_form() -> None:
    """Timeline and table."""
    scene = film(program("deadlock"))
    inside = page(scene, "t").partition("<noscript>")[2].partition("</noscript>")[0]
    assert inside.strip() == scene.still()


def test_a_program_cannot_end_the_script() -> None:
    """Whatever stands in a name or is printed."""

    async def main() -> None:
        print("</script><script>alert(1)</script>\u2028")  # noqa: T201

    text = page(film(main), "t")
    assert text.count("</script>") == 1
    state = re.search(r"^const state = (\{.*\});$", text, re.MULTILINE)
    assert state
    assert json.loads(state[1])["data"]["printed"][0]["words"].startswith("</script>")


def test_what_is_no_scene_is_refused() -> None:
    """With the way out."""
    with pytest.raises(TypeError, match=r"share takes a scene, like film\(main\) or EmailScene"):
        share(3, "x.html")  # type: ignore[arg-type]
