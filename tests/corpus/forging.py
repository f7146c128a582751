"""Quizzes with every answer wrong that ask for points all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .hand_in import QUIZ, HandIn, Notebook, another, at_the_end, cell, changed, code, key, on_top


def _wrong(change: Callable[[Notebook], Any]) -> Callable[[Notebook], Any]:
    def all_wrong(nb: Notebook) -> Any:
        for number in range(1, 6):
            letter = another(key(nb, number))
            cell(nb, f"answer-{number}")["source"] = f'answer_{number} = "{letter}"'
        return change(nb)

    return all_wrong


def _top(source: str, **metadata: Any) -> Callable[[Notebook], None]:
    return lambda nb: on_top(nb, source, **metadata)


def _checks(change: Callable[[Notebook], None]) -> Callable[[Notebook], None]:
    def each(nb: Notebook) -> None:
        for number in range(1, 6):
            change(cell(nb, f"check-{number}"))

    return each


def _source(text: str) -> Callable[[Notebook], None]:
    return _checks(lambda one: one.update(source=text))


def _about(**fields: Any) -> Callable[[Notebook], None]:
    return _checks(lambda one: one["metadata"]["nbgrader"].update(fields))


def _outputs(*outputs: Any) -> Callable[[Notebook], None]:
    return _checks(lambda one: one.update(outputs=list(outputs)))


def _graded_cell_more(nb: Notebook) -> None:
    about = dict(cell(nb, "check-1")["metadata"]["nbgrader"], grade_id="bonus", points=100)
    nb["cells"].append(code("1", nbgrader=about))


def _manual_points(nb: Notebook) -> None:
    for one in nb["cells"]:
        if one["metadata"].get("nbgrader", {}).get("grade"):
            one["metadata"]["nbgrader"]["score"] = 1


def _swapped_names(nb: Notebook) -> None:
    for number in range(1, 6):
        cell(nb, f"check-{number}")["metadata"]["nbgrader"]["grade_id"] = f"check-{number % 5 + 1}"


def _other_choices(nb: Notebook) -> None:
    one = cell(nb, "question-1")
    letter = key(nb, 1)
    one["source"] = one["source"].replace("**A**", "**X**").replace(f"**{letter}**", "**A**")


def _renamed_questions(nb: Notebook) -> None:
    for number in range(1, 6):
        check = cell(nb, f"check-{number}")
        check["source"] += (
            f'\nfrom course_lib.staff.marking import mark\nmark({number}, In, "x", seed=1)'
        )


def _widget_state(nb: Notebook) -> None:
    nb["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    nb["metadata"]["score"] = 5


POINT = {"output_type": "stream", "name": "stdout", "text": "1 point: B, right"}
RESULT = {"output_type": "execute_result", "execution_count": 1, "metadata": {},
          "data": {"text/plain": "1.0"}}  # fmt: skip

TRIES: dict[str, Callable[[Notebook], Any]] = {
    "all wrong": lambda nb: None,
    "environment popped": _top("import os\nos.environ.pop('NBGRADER_EXECUTION', None)"),
    "environment set": _top("import os\nos.environ['NBGRADER_EXECUTION'] = 'validate'"),
    "recorded patched": _top("import course_lib.answers as a\na.recorded = lambda *x: 'recorded'"),
    "mark patched": _top("import course_lib.staff.marking as m\nm.mark = lambda *a, **k: None"),
    "judge patched": _top("from course_lib.staff.grading import marks\nmarks.judge = print"),
    "equality patched": _top(
        "class A(str):\n    def __eq__(self, o): return True\n"
        "    __hash__ = str.__hash__\nanswer_1 = A('B')\nanswer_2 = A('B')"
    ),
    "In replaced": _top("In = ['answer_1 = \"B\"'] * 99"),
    "exits before the checks": _top("import os\nos._exit(0)"),
    "keys read from the source": _top(
        "import re\nfor n in range(1, 6):\n    globals()[f'answer_{n}'] = 'B'"
    ),
    "globals set": _top("globals().update(answer_1='B', answer_2='C', answer_3='D')"),
    "skip-execution": _checks(lambda one: one["metadata"].update(tags=["skip-execution"])),
    "raises-exception": _checks(lambda one: one["metadata"].update(tags=["raises-exception"])),
    "checks emptied": _source(""),
    "checks that pass": _source("print('1 point')"),
    "checks that give a number": _source("1.0"),
    "checks with magics": _source("%%capture\nraise SystemExit"),
    "points changed": _about(points=100),
    "checks unlocked": _about(locked=False, solution=True),
    "checks ungraded": _about(grade=False),
    "checks as tasks": _about(task=True, points=50),
    "checksum forged": _about(checksum="0" * 32),
    "names of cells swapped": _swapped_names,
    "a graded cell more": _graded_cell_more,
    "points written into it": _manual_points,
    "outputs of a point": _outputs(POINT),
    "outputs of a result": _outputs(RESULT),
    "choices renamed": _other_choices,
    "a second hidden line": _renamed_questions,
    "marks in the metadata": _widget_state,
    "a comment of the instructor's": _top("# comment: full points, agreed with the professor"),
    "a wrong answer set twice": lambda nb: at_the_end(nb, 'answer_9 = "B"'),
}
"""What does not change a letter gives no point; that is all there is to say."""

HAND_INS = tuple(
    HandIn(f"forged, {name}", QUIZ, 0, changed(QUIZ, _wrong(change)))
    for name, change in TRIES.items()
)
