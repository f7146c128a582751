"""Right quizzes whose cells carry what must not run or flood: scripts, pictures, walls of text."""

from __future__ import annotations

from typing import Any

from .hand_in import QUIZ, HandIn, Notebook, at_the_end, changed

SCRIPT = "<script>document.title='taken'</script><img src=x onerror=alert(1)>"


def _with(*outputs: dict[str, Any], source: str = "1", kind: str = "code") -> Any:
    def change(nb: Notebook) -> None:
        at_the_end(nb, source)
        nb["cells"][-1]["outputs"] = list(outputs)
        if kind != "code":
            nb["cells"][-1] = {"cell_type": kind, "metadata": {}, "source": source}

    return change


def _data(kind: str, text: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {kind: text}}


CASES: dict[str, Any] = {
    "HTML": _with(_data("text/html", SCRIPT)),
    "JavaScript": _with(_data("application/javascript", "alert(1)")),
    "SVG": _with(_data("image/svg+xml", f"<svg onload='alert(1)'>{SCRIPT}</svg>")),
    "Markdown in an output": _with(_data("text/markdown", f"[x](javascript:alert(1)){SCRIPT}")),
    "LaTeX": _with(_data("text/latex", "$\\href{javascript:alert(1)}{x}$")),
    "a widget's view": _with(_data("application/vnd.jupyter.widget-view+json", {"model_id": "x"})),
    "an error with markup": _with({"output_type": "error", "ename": SCRIPT, "evalue": SCRIPT,
                                   "traceback": [SCRIPT]}),
    "markup printed": _with({"output_type": "stream", "name": "stdout", "text": SCRIPT}),
    "five megabytes printed": _with({"output_type": "stream", "name": "stdout",
                                     "text": "x" * 5_000_000}),
    "a hundred thousand lines": _with({"output_type": "stream", "name": "stdout",
                                       "text": "x\n" * 100_000}),
    "markup in Markdown": _with(source=f"# Hello {SCRIPT}", kind="markdown"),
    "a fence that ends early": _with(source=f"```\n{SCRIPT}\n```", kind="markdown"),
    "markup in a comment": _with(source=f"# {SCRIPT}"),
    "colours of a terminal": _with({"output_type": "stream", "name": "stderr",
                                    "text": "\x1b[31mred\x1b[0m \x1b]8;;http://x\x07y"}),
}  # fmt: skip

HAND_INS = tuple(
    HandIn(f"output, {name}", QUIZ, 5, changed(QUIZ, change)) for name, change in CASES.items()
)
