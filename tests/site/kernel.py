"""The site's Python, asked from a test: one kernel in a page, which runs cell after cell."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

START = """async () => {
  const manager = jupyterapp.serviceManager;
  await manager.ready;
  const session = await manager.sessions.startNew(
    { path: 'lesson.ipynb', type: 'notebook', name: 'lesson', kernel: { name: 'python' } },
    { kernelConnectionOptions: { handleComms: false } });
  window.courseKernel = session.kernel;
}"""
STARTED = "() => courseKernel.info.then(() => true)"
RUN = """async code => {
  const outputs = [];
  const asked = courseKernel.requestExecute({ code, stop_on_error: false });
  asked.onIOPub = ({ header, content }) => {
    const kind = header.msg_type;
    if (['stream', 'display_data', 'execute_result', 'error'].includes(kind))
      outputs.push({ output_type: kind, ...content });
  };
  await asked.done;
  return outputs;
}"""
AFRESH = """
get_ipython().reset(new_session=True)
import gc, sys
counted = [name for name in sys.modules if name.startswith('course_lib.widgets')]
list(map(sys.modules.pop, counted))  # how many questions this notebook has shown
gc.collect()  # a widget that goes away complains, as nobody here hears of it
del gc, sys, counted
"""
UNCOMPARED = {"application/vnd.jupyter.widget-view+json", "image/png"}  # as nbval has it
PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")


class Kernel:
    """A kernel of the site, in a page of its own."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        page.goto(f"{address}live/tree/index.html")
        page.wait_for_function("() => window.jupyterapp?.serviceManager")
        page.set_default_timeout(120_000)
        page.evaluate(START)
        page.wait_for_function(STARTED)

    def begin(self) -> None:
        """A new notebook: no name of the one before is left."""
        # What a widget that goes away says meanwhile is no part of the next notebook.
        failed = [output for output in self.run(AFRESH) if output["output_type"] == "error"]
        assert failed == [], failed

    def run(self, code: str) -> list[Any]:
        """The outputs of a cell."""
        outputs: list[Any] = self.page.evaluate(RUN, code)
        return outputs

    def differences(self, path: Path) -> list[tuple[str, dict[str, str], dict[str, str]]]:
        """The cells of a notebook whose text differs from what is stored: source, stored, found."""
        cells = json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"]
        self.begin()
        found = []
        for cell in cells:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and cell["execution_count"] is not None:
                found.append((source, texts(cell["outputs"]), texts(self.run(source))))
        return [each for each in found if each[1] != each[2]]


def texts(outputs: list[Any]) -> dict[str, str]:
    """What nbval compares of a cell: for each kind of output, all its text in order.

    Of a picture inside of HTML only that there is one: its bytes differ between versions.
    """
    found: dict[str, str] = {}
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            parts = {output["name"]: output["text"]}
        elif kind == "error":
            parts = {"error": f"{_last_name(output['ename'])}: {output['evalue']}"}
        else:
            parts = {k: v for k, v in output["data"].items() if k not in UNCOMPARED}
        for name, text in parts.items():
            whole = "".join(text) if isinstance(text, list) else str(text)
            found[name] = found.get(name, "") + PICTURE.sub("data:image/png", whole)
    return found


def _last_name(error: str) -> str:
    """This kernel names an error <class 'course_lib.loop.stuck.Stuck'>, where others say Stuck."""
    return re.sub(r"<class '(?:.*\.)?(\w+)'>", r"\1", error)
