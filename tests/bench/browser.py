"""Slider to new picture in a real JupyterLab: the course's widgets beside the usual ways.

One notebook holds them all, and they take turns, so that a busy computer slows all alike. Time runs
from a slider's `input` event to the first frame that is painted with the new picture in it. Bytes
are all that goes over the kernel's web socket meanwhile, both ways, with Jupyter's own envelopes.
"""

from __future__ import annotations

import math
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from course_lib.camera import record
from course_lib.incidents import story
from course_lib.widgets import EmailScene, Explorer, Incident, share
from course_lib.widgets.film_scene import FilmScene
from course_lib.widgets.live import LiveWidget
from course_lib.widgets.questions import Practice
from tests.bench.film import SIZES, tables
from tests.browser.pages import open_notebook, run_all, write
from tests.conftest import BROWSER_WORDS, NO_BROWSER, Lab, browser_here, running_lab

NOTEBOOK = "notebooks/bench.ipynb"
CHANGES = 34  # of each slider; the first ones warm up
WARM_UP = 4
STEPS = 200  # of a film
PRESSES = 80  # of moves in an incident, half of them to take one back
DRAGGED = 60  # changes of one drag, one each frame
MOST_BYTES = 15_000  # JavaScript and styles of one widget, compressed
WITH_A_SYSTEM = 30_000  # an incident has all of it in the page, to be played without a kernel
SLEEP = 3  # seconds that the kernel is held

# The usual ways get a native slider, too, and the same picture: the explorer's still form.
USUAL = """\
import base64, io
import anywidget, ipywidgets, traitlets
from course_lib.camera import record
from course_lib.incidents import story
from course_lib.widgets import EmailScene, Explorer, Incident, share

class Dial(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
        const dial = document.createElement("input");
        Object.assign(dial, { type: "range", min: 0.05, max: 0.6, step: 0.01, value: 0.3 });
        dial.oninput = () => { model.set("value", Number(dial.value)); model.save_changes(); };
        el.append(dial);
    } };'''
    value = traitlets.Float(0.3).tag(sync=True)

def png(rate):
    file = io.BytesIO()
    Explorer(rate=rate).figure().savefig(file, format="png")
    return file.getvalue()
"""
OUTPUT = """\
dial, place = Dial(), ipywidgets.Output()
place.add_class("in-output")
def show(change):
    data = {"image/png": base64.b64encode(png(change.new)).decode()}
    place.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)
dial.observe(show, "value")
dial.add_class("dial-output")
ipywidgets.VBox([dial, place])
"""
IMAGE = """\
knob, picture = Dial(), ipywidgets.Image(format="png")
picture.add_class("in-image")
def put(change):
    picture.value = png(change.new)
knob.observe(put, "value")
knob.add_class("dial-image")
ipywidgets.VBox([knob, picture])
"""
CELLS = (USUAL, OUTPUT, IMAGE, "Explorer()", "EmailScene()", f"import time; time.sleep({SLEEP})")

PROBE = """() => {
// A message posted in a frame is read after that frame is painted.
const afterThis = () => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => done(performance.now());
  port2.postMessage(0);
});
const afterNext = () => new Promise((done) => requestAnimationFrame(() => afterThis().then(done)));
const isNew = {
  event: (part, kind) => new Promise((done) => part.addEventListener("drawn", function look(event) {
    if (event.detail.from !== kind) return;
    part.removeEventListener("drawn", look);
    done();
  })),
  image: (part) => new Promise((done) => {
    const before = part.querySelector("img")?.src ?? part.src;
    const watch = new MutationObserver(async () => {
      const image = part.matches("img") ? part : part.querySelector("img");
      if (!image || image.src === before) return;
      watch.disconnect();
      await image.decode();
      done();
    });
    watch.observe(part, { subtree: true, childList: true, attributes: true });
  }),
};
window.change = async ({ slider, part, kind, value, framed }) => {
  const dial = document.querySelector(slider);
  const there = isNew[kind === "image" ? "image" : "event"](document.querySelector(part), kind);
  const begin = performance.now();
  dial.value = value;
  dial.dispatchEvent(new Event("input", { bubbles: true }));
  dial.dispatchEvent(new Event("change", { bubbles: true }));
  const late = new Promise((_, fail) => setTimeout(fail, 15000, new Error(`no picture: ${part}`)));
  await Promise.race([there, late]);
  return await (framed ? afterThis() : afterNext()) - begin;
};
window.drag = async ({ slider, low, high, changes }) => {
  const dial = document.querySelector(slider);
  for (let n = 0; n < changes; n += 1) {
    dial.value = low + (high - low) * (0.1 + (0.8 * n) / changes);
    dial.dispatchEvent(new Event("input", { bubbles: true }));
    await afterNext();
  }
};
window.presses = async ({ names, count }) => {
  const buttons = names.map((name) => document.querySelector(name)), found = [];
  for (let n = 0; n < count; n += 1) {
    await new Promise(requestAnimationFrame);
    const begin = performance.now();
    buttons[n % buttons.length].click();
    found.push(await afterThis() - begin);
  }
  return found;
};
window.frames_in = (part, seconds) => new Promise((done) => {
  const from = performance.now();
  let all = 0, moved = 0, changed = false;
  new MutationObserver(() => { changed = true; }).observe(
    document.querySelector(part), { subtree: true, attributes: true, childList: true,
                                    characterData: true });
  const count = () => {
    all += 1;
    moved += changed;
    changed = false;
    const took = (performance.now() - from) / 1000;
    if (took < seconds) requestAnimationFrame(count);
    else done([moved / took, all / took]);
  };
  requestAnimationFrame(count);
});
}"""


@dataclass(frozen=True)
class Way:
    """One technique: its slider, where its picture is, and how a new one is known."""

    name: str
    slider: str
    part: str
    kind: str
    low: float
    high: float
    to_reach: tuple[float, float] | None = None
    """Milliseconds, p50 and p95."""
    framed: bool = False
    """Whether its picture is drawn inside an animation frame, and told there."""


@dataclass
class Seen:
    """Milliseconds and bytes of each change."""

    times: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def rank(self, q: float) -> float:
        return sorted(self.times)[math.ceil(q * len(self.times)) - 1]


EXPLORER, SCENE = ".course-live.explorer", ".course-live.email-scene"
RATE, TASK = f"{EXPLORER} input[type=range]", f"{SCENE} .field input[type=range]"
WAYS = (
    Way("Output", ".dial-output input", ".in-output", "image", 0.05, 0.6),
    Way("Image", ".dial-image input", ".in-image", "image", 0.05, 0.6),
    Way("Explorer, browser", RATE, EXPLORER, "browser", 0.05, 0.6, (16, 35), framed=True),
    # Other values than those above: what is set already asks nobody.
    Way("Explorer, kernel", RATE, EXPLORER, "kernel", 0.06, 0.61, (60, math.inf)),
    Way("EmailScene, kernel", TASK, SCENE, "kernel", 1000, 5000, (60, math.inf), framed=True),
)


def main() -> None:
    """Print a row a technique, then frames and sizes, each with what is to be reached."""
    with tempfile.TemporaryDirectory() as home, running_lab(Path(home)) as lab, window() as page:
        wire = Wire(page)
        show(page, lab)
        seen = {way.name: Seen() for way in WAYS}
        for turn in range(CHANGES):
            for way in WAYS:
                change(page, wire, way, turn, seen[way.name])
        dragged = {way.name: drag(page, wire, way) for way in WAYS}
        print_times(seen, dragged)
        print_frames(page)
        print_film(page, Path(home))
        print_incident(page, Path(home))
    print_sizes()


@contextmanager
def window() -> Iterator[Any]:
    """A page of headless Chromium."""
    found = browser_here()
    if found is None:
        raise SystemExit(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(BROWSER_WORDS))
        yield browser.new_page(viewport={"width": 1280, "height": 1000})
        browser.close()


class Wire:
    """Counts the bytes of the kernel's web socket, both ways."""

    def __init__(self, page: Any) -> None:
        self.bytes = 0
        page.on("websocket", self._opened)

    def _opened(self, socket: Any) -> None:
        if "/channels" in socket.url:
            socket.on("framesent", self._count)
            socket.on("framereceived", self._count)

    def _count(self, frame: str | bytes) -> None:
        self.bytes += len(frame)


def show(page: Any, lab: Lab) -> None:
    """Open the notebook, with all its cells in the page, and run it."""
    write(lab, NOTEBOOK, *CELLS)
    open_notebook(page, lab, NOTEBOOK)
    run_all(page)
    page.locator(SCENE).wait_for()
    page.wait_for_timeout(1000 * SLEEP)  # the last cell's, once
    page.evaluate(PROBE)


def change(page: Any, wire: Wire, way: Way, turn: int, seen: Seen) -> None:
    """Move one slider, wait for its picture, and note how long that took and what it sent."""
    value = way.low + (way.high - way.low) * (0.1 + 0.8 * (turn * 7 % CHANGES) / CHANGES)
    page.locator(way.part).scroll_into_view_if_needed()
    page.wait_for_timeout(150)  # what the last change has started comes to rest
    before = wire.bytes
    about: dict[str, object] = {"slider": way.slider, "part": way.part, "kind": way.kind}
    about |= {"value": round(value, 2), "framed": way.framed}
    took = page.evaluate("about => window.change(about)", about)
    page.wait_for_timeout(150)
    if turn >= WARM_UP:
        seen.times.append(took)
        seen.sizes.append(wire.bytes - before)


def drag(page: Any, wire: Wire, way: Way) -> float:
    """Bytes per change while a slider moves with every frame."""
    page.locator(way.part).scroll_into_view_if_needed()
    before, about = wire.bytes, {"slider": way.slider, "low": way.low, "high": way.high}
    page.evaluate("about => window.drag(about)", {**about, "changes": DRAGGED})
    page.wait_for_timeout(2000)  # until the slowest has answered
    return (wire.bytes - before) / DRAGGED


def print_times(seen: dict[str, Seen], dragged: dict[str, float]) -> None:
    heads = f"{'p50':>6} {'p95':>6} {'bytes':>8} {'dragged':>8}   to reach"
    print(f"\n{'slider to new picture, ms':26} {heads}")
    for way in WAYS:
        found = seen[way.name]
        goal = ""
        if way.to_reach:
            goal = " and ".join(
                f"p{q} ≤ {most:g}"
                for q, most in zip((50, 95), way.to_reach, strict=True)
                if most < math.inf
            )
        middle, late = found.rank(0.5), found.rank(0.95)
        print(
            f"{way.name:26} {middle:6.1f} {late:6.1f} {median(found.sizes):8,.0f}"
            f" {dragged[way.name]:8,.0f}   {goal}"
        )
    print("bytes of a change alone, and per change while dragging (≤ 2,000)")
    ours, usual = seen["Explorer, browser"].rank(0.5), seen["Output"].rank(0.5)
    print(f"An Output takes {usual / ours:.0f} times as long as the explorer in the browser.")


def print_frames(page: Any) -> None:
    """Frames a second in which the scene moved, with the kernel at rest and held."""
    scene = page.locator(SCENE)
    scene.scroll_into_view_if_needed()
    for state in ("kernel at rest", f"kernel asleep for {SLEEP} s"):
        if "asleep" in state:
            page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 5")
            page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell'); }")
            page.wait_for_timeout(200)
        scene.get_by_role("button", name="Reset").click()
        scene.get_by_role("button", name="Play").click()
        moved, drawn = page.evaluate(f"window.frames_in({SCENE!r}, 2)")
        print(f"EmailScene, {state}: moved in {moved:.0f} of {drawn:.0f} frames a second (≥ 50)")


def print_film(page: Any, folder: Path) -> None:
    """Milliseconds from a press of Forward to the painted step, in films of a thousand turns."""
    for size in SIZES:
        scene = FilmScene(record(tables(*size)))
        page.goto(share(scene, folder / "film.html").as_uri())
        page.locator(".film-scene .tale").wait_for()
        page.evaluate(PROBE)
        middle, late = pressed(page, [".film-scene button.main"], STEPS)
        tasks = f"film of {size[0]} tasks"
        print(f"{tasks:26} {middle:6.1f} {late:6.1f} ms a step (p50 and p95, ≤ 16)")


def print_incident(page: Any, folder: Path) -> None:
    """From a move, and from one taken back, to the painted minute; frames while it plays."""
    scene = Incident("outage", moves=story("outage").win)
    page.goto(share(scene, folder / "incident.html").as_uri())
    page.locator(".incident .clock").wait_for()
    page.evaluate(PROBE)
    page.locator(".incident input[type=range]").press("PageUp")
    middle, late = pressed(page, [".incident .kill", ".incident .line .title button"], PRESSES)
    print(f"{'incident':26} {middle:6.1f} {late:6.1f} ms a move (p50 and p95, ≤ 16)")
    page.get_by_role("button", name="Play").click()
    moved, drawn = page.evaluate("window.frames_in('.incident', 2)")
    print(f"Incident: moved in {moved:.0f} of {drawn:.0f} frames a second (≥ 50)")


def pressed(page: Any, names: list[str], count: int) -> tuple[float, float]:
    """Milliseconds, p50 and p95, from a press to the painted picture, the buttons in turn."""
    times = sorted(
        page.evaluate("about => window.presses(about)", {"names": names, "count": count})
    )
    middle, late = (times[math.ceil(q * count) - 1] for q in (0.5, 0.95))
    return middle, late


def print_sizes() -> None:
    """Bytes of JavaScript and styles that each widget sends once, as a server compresses them."""
    widgets: tuple[type[LiveWidget], ...] = (EmailScene, Explorer, FilmScene, Incident, Practice)
    for widget in widgets:
        size = len(zlib.compress(f"{widget._esm}\n{widget._css}".encode()))
        most = WITH_A_SYSTEM if widget is Incident else MOST_BYTES
        told = f"{size:7,} bytes of JavaScript and styles, compressed (≤ {most:,})"
        print(f"{widget.__name__:12} {told}")
