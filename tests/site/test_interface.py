"""Some notebooks through the whole interface, as a reader has it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from course_lib.exercises import EXERCISES
from course_lib.staff.demo import copy_course
from tests.conftest import ROOT, in_ci
from tests.exercises import reference
from tests.site.promised import MOST_ON_THE_WIRE
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
AHEAD = "#ahead-of-jupyter"
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
        place = cell_that_begins(page, "answer_1")
        assert write_and_run(page, place, 'answer_1 = "B"') == []
        assert "B" in json.dumps(page.evaluate(RUN, place + 1))
        file = kept_and_downloaded(page, "module_0_quiz.ipynb", tmp_path)
    assert "".join(cells_of(file)[place]["source"]) == 'answer_1 = "B"'
    assert marks_of(file) == marks_of(built / "live" / "files" / file.name)


@in_ci
def test_an_exercise_is_filled_in_checked_kept_downloaded_and_graded(
    reader: Any, tmp_path: Path
) -> None:
    """Its checks run in the browser; what is downloaded gets there the points that they said."""
    with reader("module_0_exercises.ipynb") as page:
        assert page.evaluate(RUN, cell_that_begins(page, "import asyncio")) == []
        place = cell_that_begins(page, "async def retry(")
        assert write_and_run(page, place, reference("retry")) == []
        for name in EXERCISES["retry"].properties:
            check = next(i for i, s in enumerate(page.evaluate(SOURCES)) if f'"{name}", retry' in s)
            assert f"{name}: holds." in json.dumps(page.evaluate(RUN, check))
        file = kept_and_downloaded(page, "module_0_exercises.ipynb", tmp_path)
    mine = {key: points for key, points in graded(file, tmp_path).items() if key.startswith("ex3-")}
    lines = {"ex3-lines-check"}
    assert set(mine) > lines
    assert all(points for key, points in mine.items() if key not in lines)


def cell_that_begins(page: Any, words: str) -> int:
    """Its place in the notebook."""
    return next(i for i, s in enumerate(page.evaluate(SOURCES)) if s.startswith(words))


def write_and_run(page: Any, place: int, source: str) -> list[Any]:
    """A cell's outputs with a source of our own."""
    page.evaluate(WRITE, [place, source])
    outputs: list[Any] = page.evaluate(RUN, place)
    return outputs


def kept_and_downloaded(page: Any, name: str, folder: Path) -> Path:
    """The file, after it was saved and the page loaded anew."""
    before = page.evaluate(SOURCES)
    page.evaluate(COMMAND, "docmanager:save")
    page.reload()
    page.wait_for_function(READY)
    assert page.evaluate(SOURCES) == before
    with page.expect_download() as waiting:
        page.evaluate(DOWNLOAD)
    assert waiting.value.suggested_filename == name
    waiting.value.save_as(folder / name)
    return folder / name


def graded(file: Path, folder: Path) -> dict[str, float]:
    """The points of each cell of a notebook that was handed in, by `staff grade`."""
    course = folder / "course"
    copy_course(ROOT / "quizzes", course)
    handed_in = course / "submitted" / "ada" / file.stem / file.name
    handed_in.parent.mkdir(parents=True)
    shutil.copy(file, handed_in)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for words in ("nbgrader generate_assignment", "course_lib.staff grade"):
        typed = [sys.executable, "-m", *words.split(), file.stem]
        done = subprocess.run(
            typed, cwd=course, env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook(file.stem, file.stem, "ada")
        return {grade.name: grade.score for grade in notebook.grades}


def cells_of(file: Path) -> list[Any]:
    """The cells of a notebook's file."""
    cells: list[Any] = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return cells


def marks_of(file: Path) -> list[Any]:
    """What nbgrader has written to each cell."""
    return [cell["metadata"].get("nbgrader") for cell in cells_of(file)]


def test_the_first_picture_of_lesson_1_comes_and_its_film_is_alive(reader: Any, host: Any) -> None:
    """Cells run one after the other; the widget that they show has buttons which move it.

    Python was begun by the page and taken over; all that was sent is less than was promised.
    """
    host[1].sent.clear()
    with reader("notebooks/01_restaurant.ipynb") as page:
        assert [worker.url.rpartition("/")[2] for worker in page.workers] == ["worker.mjs"]
        assert page.locator(AHEAD).count() == 0
        sources = page.evaluate(SOURCES)
        last = next(i for i, s in enumerate(sources) if "film(" in s)
        kinds = [page.evaluate(RUN, i) for i in range(last + 1) if is_code(page, i)]
        assert any("image" in json.dumps(outputs) for outputs in kinds)
        widget = page.locator(".jp-OutputArea-output button:visible").first
        widget.wait_for()
        assert page.locator(".jp-OutputArea-output [class*=course-] button:visible").count() > 0
        assert host[1].megabytes() < MOST_ON_THE_WIRE


def test_a_kernel_is_there_after_a_restart(reader: Any) -> None:
    """Jupyter starts the second one by itself."""
    with reader("notebooks/in_twelve_minutes.ipynb") as page:
        page.evaluate("jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        page.wait_for_function(READY)
        place = next(i for i in range(99) if is_code(page, i))
        page.evaluate(WRITE, [place, "print(6 * 7)"])
        assert page.evaluate(RUN, place)[0]["text"] == "42\n"


def test_the_text_can_be_read_before_jupyter_is_there(host: Any, play: Any, tmp_path: Path) -> None:
    """It can be moved, but nothing in it can be pressed, and a screen reader waits for Jupyter's;
    the quiz, of which the book has no page, just opens.
    """
    with profile(play, tmp_path) as (context, outside):
        page = context.new_page()
        page.route("**/bundle.js*", lambda route: route.abort())  # Jupyter never comes
        address = f"{host[0]}live/notebooks/index.html?path="
        page.goto(f"{address}notebooks/01_restaurant.ipynb")
        page.locator(f"{AHEAD} [inert] h1").wait_for()
        told = context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
        roles = {node["role"]["value"] for node in told if not node["ignored"]}
        assert "status" in roles
        assert not roles & {"heading", "link", "button", "image"}
        picture = page.locator(f"{AHEAD} img").first
        picture.scroll_into_view_if_needed()
        page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
        page.goto(f"{address}module_0_quiz.ipynb", wait_until="networkidle")
        assert page.locator(AHEAD).count() == 0
    assert outside == []


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
