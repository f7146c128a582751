"""Notebooks whose cells are not as they were released, by accident or on purpose."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from .hand_in import MARKS, QUIZ, HandIn, Notebook, another, cell, changed, code, key, on_top


def _copied_check(nb: Notebook) -> None:
    nb["cells"].append(json.loads(json.dumps(cell(nb, "check-1"))))


def _copied_all(nb: Notebook) -> None:
    nb["cells"] += json.loads(json.dumps(nb["cells"]))


def _copied_answer_then_wrong(nb: Notebook) -> None:
    copy = json.loads(json.dumps(cell(nb, "answer-1")))
    copy["source"] = f'answer_1 = "{another(key(nb, 1))}"'
    nb["cells"].insert(0, copy)


def _no_checks(nb: Notebook) -> None:
    nb["cells"] = [one for one in nb["cells"] if not one.get("id", "").startswith("check-")]


def _only_answers(nb: Notebook) -> None:
    nb["cells"] = [one for one in nb["cells"] if one.get("id", "").startswith("answer-")]


def _no_answer_cells(nb: Notebook) -> None:
    nb["cells"] = [one for one in nb["cells"] if not one.get("id", "").startswith("answer-")]


def _one_answer_gone(nb: Notebook) -> None:
    nb["cells"].remove(cell(nb, "answer-3"))


def _shuffled(nb: Notebook) -> None:
    random.Random(1).shuffle(nb["cells"])


def _backwards(nb: Notebook) -> None:
    nb["cells"].reverse()


def _retyped_answer(nb: Notebook) -> None:
    one = cell(nb, "answer-1")
    one["cell_type"] = "markdown"
    del one["outputs"], one["execution_count"]


def _answer_with_its_reason(nb: Notebook) -> None:
    _retyped_answer(nb)
    cell(nb, "answer-1")["source"] += "\n\nFor the customer waits for it."


def _answer_in_a_fence(nb: Notebook) -> None:
    _retyped_answer(nb)
    one = cell(nb, "answer-1")
    one["source"] = f"```python\n{one['source']}\n```"


def _raw_answer(nb: Notebook) -> None:
    _retyped_answer(nb)
    cell(nb, "answer-1")["cell_type"] = "raw"


def _retyped_check(nb: Notebook) -> None:
    one = cell(nb, "check-1")
    one["cell_type"] = "markdown"
    del one["outputs"], one["execution_count"]


def _ids_gone(nb: Notebook) -> None:
    for one in nb["cells"]:
        del one["id"]
    nb["nbformat_minor"] = 4


def _ids_equal(nb: Notebook) -> None:
    for one in nb["cells"]:
        one["id"] = "same"


def _no_metadata(nb: Notebook) -> None:
    for one in nb["cells"]:
        one["metadata"] = {}
    nb["metadata"] = {}


def _empty_nbgrader(nb: Notebook) -> None:
    for one in nb["cells"]:
        one["metadata"]["nbgrader"] = {}


def _metadata_of_a_list(nb: Notebook) -> None:
    for one in nb["cells"]:
        one["metadata"] = []


def _old_schema(nb: Notebook) -> None:
    for one in nb["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"]["schema_version"] = 1


def _future_schema(nb: Notebook) -> None:
    for one in nb["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"]["schema_version"] = 99


def _format_3(nb: Notebook) -> dict[str, Any]:
    cells = []
    for one in nb["cells"]:
        old = {"cell_type": one["cell_type"], "metadata": one["metadata"]}
        if one["cell_type"] == "code":
            old |= {"input": one["source"], "language": "python", "outputs": [], "collapsed": False}
        else:
            old |= {"source": one["source"]}
        cells.append(old)
    return {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0,
            "worksheets": [{"cells": cells, "metadata": {}}]}  # fmt: skip


def _format_5(nb: Notebook) -> None:
    nb["nbformat"] = 5


def _another_kernel(nb: Notebook) -> None:
    nb["metadata"]["kernelspec"] = {"name": "bash", "display_name": "Bash", "language": "bash"}


def _no_kernel(nb: Notebook) -> None:
    nb["metadata"].pop("kernelspec", None)


def _sources_as_lists(nb: Notebook) -> None:
    for one in nb["cells"]:
        one["source"] = one["source"].splitlines(keepends=True)


def _sources_of_numbers(nb: Notebook) -> None:
    nb["cells"].append(code("x") | {"source": 7})
    nb["cells"].append(code("x") | {"source": [1, None, {}]})


def _cells_of_other_kinds(nb: Notebook) -> None:
    nb["cells"] += [None, 7, "text", [], {"cell_type": "video"}]


def _thousand_cells(nb: Notebook) -> None:
    nb["cells"] += [code("x = 1") for _ in range(1000)]


def _outputs_of_other_kinds(nb: Notebook) -> None:
    for one in nb["cells"]:
        if one["cell_type"] == "code":
            one["outputs"] = [None, 7, {"output_type": "stream", "text": {"a": 1}}, {}]


def _cleared(nb: Notebook) -> None:
    for one in nb["cells"]:
        if one["cell_type"] == "code":
            one["outputs"], one["execution_count"] = [], None


def _syntax_error_elsewhere(nb: Notebook) -> None:
    on_top(nb, "this is } no Python")


def _merged(nb: Notebook) -> None:
    answer, check = cell(nb, "answer-1"), cell(nb, "check-1")
    answer["source"] += "\n" + check["source"]
    nb["cells"].remove(check)


def _split(nb: Notebook) -> None:
    check = cell(nb, "check-1")
    place = nb["cells"].index(check)
    nb["cells"].insert(place, code(check["source"].splitlines()[0]))
    check["source"] = "\n".join(check["source"].splitlines()[1:])


def _older_form(nb: Notebook) -> None:
    """The letters stay where they are, and the last choice comes first."""
    one = cell(nb, "question-1")
    head, _, choices = one["source"].partition("\n- ")
    texts = re.findall(r"\*\*[A-D]\*\* (.*)", choices)
    lines = zip("ABCD", [texts[-1], *texts[:-1]], strict=True)
    one["source"] = "\n".join([head, *(f"- **{letter}** {text}" for letter, text in lines)])


def _noted_question(nb: Notebook) -> None:
    cell(nb, "question-1")["source"] += " ← this one?"


def _surrogates(nb: Notebook) -> str:
    on_top(nb, "# half a letter: \ud800")
    return json.dumps(nb)


def _zeros(nb: Notebook) -> None:
    on_top(nb, "# a zero: \0")


def _gap_without_end(nb: Notebook) -> None:
    source = f"answer_1 = {' ' * 1_000_000}\nX"
    nb["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": source})


def _marks_without_end(nb: Notebook) -> None:
    source = f"answer_1 = a{MARKS}"
    nb["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": source})


def _six_hundred_magics(nb: Notebook) -> None:
    on_top(nb, "!ls\n" * 600)


WHOLE = {
    "a check copied": _copied_check,
    "all cells copied": _copied_all,
    "an answer copied on top and changed there": _copied_answer_then_wrong,
    "checks deleted": _no_checks,
    "only answers left": _only_answers,
    "cells shuffled": _shuffled,
    "cells backwards": _backwards,
    "an answer made Markdown": _retyped_answer,
    "an answer made Markdown, and its reason": _answer_with_its_reason,
    "an answer made Markdown, in a fence": _answer_in_a_fence,
    "an answer made raw": _raw_answer,
    "a check made Markdown": _retyped_check,
    "no ids": _ids_gone,
    "equal ids": _ids_equal,
    "no metadata": _no_metadata,
    "empty nbgrader metadata": _empty_nbgrader,
    "metadata that is a list": _metadata_of_a_list,
    "old metadata": _old_schema,
    "metadata of the future": _future_schema,
    "format 3": _format_3,
    "format 5": _format_5,
    "another kernel": _another_kernel,
    "no kernel": _no_kernel,
    "sources as lists": _sources_as_lists,
    "sources that are numbers": _sources_of_numbers,
    "cells of no known kind": _cells_of_other_kinds,
    "a thousand cells more": _thousand_cells,
    "outputs of no known kind": _outputs_of_other_kinds,
    "never run": _cleared,
    "a cell that is no Python": _syntax_error_elsewhere,
    "answer and check in one cell": _merged,
    "a check in two cells": _split,
    "a note behind a choice": _noted_question,
    "half a letter": _surrogates,
    "a zero in a cell": _zeros,
    "a gap without end in Markdown": _gap_without_end,
    "accents without end in Markdown": _marks_without_end,
    "six hundred magics": _six_hundred_magics,
}
"""All answers are there and right, whatever became of the cells: 5 points."""

HAND_INS = (
    *(HandIn(name, QUIZ, 5, changed(QUIZ, change)) for name, change in WHOLE.items()),
    HandIn("an older form", QUIZ, 5, changed(QUIZ, _older_form), "other choices", person=True),
    HandIn("one answer cell deleted", QUIZ, 4, changed(QUIZ, _one_answer_gone), "no cell sets"),
    HandIn("all answer cells deleted", QUIZ, 0, changed(QUIZ, _no_answer_cells), "no cell sets"),
)
