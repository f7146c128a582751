"""Three notebooks through the whole interface, as a reader has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.site.reader import profile

READY = """() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel
  ?.status === 'idle'"""
RUN = """async index => {
  const panel = jupyterapp.shell.currentWidget;
  panel.content.activeCellIndex = index;
  await jupyterapp.commands.execute('notebook:run-cell');
  return panel.content.widgets[index].model.sharedModel.toJSON().outputs;
}"""
WRITE = """([index, text]) => jupyterapp.shell.currentWidget.content.widgets[index]
  .model.sharedModel.setSource(text)"""
SOURCES = """() => jupyterapp.shell.currentWidget.content.widgets
  .map(cell => cell.model.sharedModel.getSource())"""
COMMAND = "name => jupyterapp.commands.execute(name)"
DOWNLOAD = "() => { jupyterapp.commands.execute('docmanager:download') }"


@pytest.fixture
def reader(host: Any, play: Any, tmp_path: Path) -> Iterator[Any]:
    """A browser of its own: one opens again what was open before, with a kernel for each."""
    with profile(play, tmp_path, accept_downloads=True) as (context, outside):
        context.set_default_timeout(120_000)
        yield lambda path: opened(context, f"{host[0]}live/notebooks/index.html?path={path}")
    assert outside == []


@contextmanager
def opened(context: Any, address: str) -> Iterator[Any]:
    """A page with a notebook whose kernel waits for work."""
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(READY)
    yield page
    page.close()


def test_the_quiz_is_filled_in_kept_and_downloaded(
    reader: Any, built: Path, tmp_path: Path
) -> None:
    """An answer is there after a reload, and the file has the name that grading expects."""
    with reader("module_0_quiz.ipynb") as page:
        place = next(i for i, s in enumerate(page.evaluate(SOURCES)) if s.startswith("answer_1"))
        page.evaluate(WRITE, [place, 'answer_1 = "B"'])
        assert page.evaluate(RUN, place) == []
        told = page.evaluate(RUN, place + 1)
        assert "B" in json.dumps(told)
        page.evaluate(COMMAND, "docmanager:save")
        page.reload()
        page.wait_for_function(READY)
        assert page.evaluate(SOURCES)[place] == 'answer_1 = "B"'
        with page.expect_download() as waiting:
            page.evaluate(DOWNLOAD)
        assert waiting.value.suggested_filename == "module_0_quiz.ipynb"
        waiting.value.save_as(tmp_path / "quiz.ipynb")
    handed_in, released = (
        cells_of(tmp_path / "quiz.ipynb"),
        cells_of(built / "live" / "files" / "module_0_quiz.ipynb"),
    )
    assert "".join(handed_in[place]["source"]) == 'answer_1 = "B"'
    marks = [
        [cell["metadata"].get("nbgrader") for cell in cells] for cells in (handed_in, released)
    ]
    assert marks[0] == marks[1]


def cells_of(file: Path) -> list[Any]:
    """The cells of a notebook's file."""
    cells: list[Any] = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return cells


def test_the_first_picture_of_lesson_1_comes_and_its_film_is_alive(reader: Any) -> None:
    """Cells run one after the other; the widget that they show has buttons which move it."""
    with reader("notebooks/01_restaurant.ipynb") as page:
        sources = page.evaluate(SOURCES)
        last = next(i for i, s in enumerate(sources) if "film(" in s)
        kinds = [page.evaluate(RUN, i) for i in range(last + 1) if is_code(page, i)]
        assert any("image" in json.dumps(outputs) for outputs in kinds)
        widget = page.locator(".jp-OutputArea-output button:visible").first
        widget.wait_for()
        assert page.locator(".jp-OutputArea-output [class*=course-] button:visible").count() > 0


def test_at_400_pixels_a_lesson_fills_the_window(reader: Any) -> None:
    """The lesson, and not a list of files; nothing sticks out at the side."""
    with reader("notebooks/in_twelve_minutes.ipynb") as page:
        page.set_viewport_size({"width": 400, "height": 800})
        box = page.locator(".jp-NotebookPanel").bounding_box()
        assert box["x"] <= 10
        assert box["width"] >= 380
        assert page.evaluate("document.documentElement.scrollWidth") <= 400


def is_code(page: Any, index: int) -> bool:
    """Whether it is a cell that can be run."""
    kind = "index => jupyterapp.shell.currentWidget.content.widgets[index].model.type"
    return bool(page.evaluate(kind, index) == "code")
