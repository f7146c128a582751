"""A task without its answer, and an answer without its task, are seen; and so is one given away."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from course_lib.staff.forms.notebook_file import text_of
from tests.answer_rules import answers_each_task_under_its_title, has_an_answer_to_each_task, tasks
from tests.lesson import Lesson
from tests.notebook_rules import links_to_its_lesson

LESSON = """# Five

## A buzzer for all

**Investigate.** It rang twice.

**Modify.**

- Take one buzzer away.
- Who waits now?

[Answers](answers/05_middle.ipynb#A-buzzer-for-all)

## Later

**Investigate.** Did it ring?

[Answer](answers/05_middle.ipynb#Later,-and-why)

## The end
"""
ANSWERS = """# Answers to 5 · Middle

To the [lesson](../05_middle.ipynb).

## A buzzer for all

[The task](../05_middle.ipynb#A-buzzer-for-all). Nobody waits.

## Later, and why

[The task](../05_middle.ipynb#Later). It did.
"""


def notebook(folder: Path, name: str, *prose: str) -> Lesson:
    """A notebook with this prose, a cell for each text, in a folder of notebooks."""
    path = folder / "notebooks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [new_markdown_cell(text, id=f"cell-{n}") for n, text in enumerate(prose)]
    path.write_text(text_of(new_notebook(cells=cells)), encoding="utf-8")
    return Lesson(path, path.read_bytes())


def test_what_is_a_task() -> None:
    """Each *Modify*, and an *Investigate* that asks; with the heading under which it stands."""
    found = list(tasks(notebook_of(LESSON)))
    assert [(task.step, task.heading) for task in found] == [
        ("Modify", "A buzzer for all"),
        ("Investigate", "Later"),
    ]


def notebook_of(text: str) -> Lesson:
    cells = [new_markdown_cell(text, id="one")]
    return Lesson(Path("notebooks/05_middle.ipynb"), text_of(new_notebook(cells=cells)).encode())


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("**Investigate.** Why `a ? b`?", 1),
        ("**Investigate.** It was `a ? b`.", 0),
        ("**Investigate.** It was [this](#Why?).", 0),
        ("**Investigate.** Compare.\n\n<details><summary>Why?</summary>\n\nSo.\n</details>", 0),
        ("**Predict.** When?", 0),
        ("**Investigate.** So.\n\n**Predict.** When?", 0),
        ("## Modify\n\nTake one away.", 1),
        ("**Modify.** One.\n\n## Next\n\n**Modify.** Two.", 2),
        ("```\n**Modify.**\n```", 0),
    ],
)
def test_what_asks(text: str, asked: int) -> None:
    """A question mark in prose asks; in code, in a link or in what is folded it does not."""
    assert len(list(tasks(notebook_of(text)))) == asked


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("[Answers]", "See [Answers]", ["cell 1: its Modify does not end", "gives answers/05"]),
        ("#A-buzzer-for-all)", "#A-buzzer-for-all).", ["cell 1: its Modify does not end", "gives"]),
        ("05_middle.ipynb#L", "06_after.ipynb#L", ["cell 1: its Investigate does not end"]),
        (
            "# Five",
            "# Five, [see](answers/05_middle.ipynb)",
            ["gives answers/05_middle.ipynb"],
        ),
        ("#A-buzzer-for-all", "#Later,-and-why", ["gives answers", "gives answers"]),
    ],
)
def test_a_task_without_its_answer_is_seen(old: str, new: str, expected: list[str]) -> None:
    """No link in its last line, one to elsewhere, one that is not alone."""
    found = list(has_an_answer_to_each_task(notebook_of(LESSON.replace(old, new, 1))))
    assert len(found) == len(expected)
    assert all(words in said for words, said in zip(expected, found, strict=True))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("# Answers to", "# To", ["it does not open with a heading “# Answers …”"]),
        ("(../05_middle.ipynb)", "(../06.ipynb)", ["it does not open with a heading"]),
        ("## Later, and why", "## Late", ["no task of 05_middle.ipynb links to its section #Late"]),
        ("ipynb#Later", "ipynb#Late", ["#Later,-and-why does not begin with a link to ../05_mid"]),
    ],
)
def test_an_answer_without_its_task_is_seen(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    """A section that no task links to, and one that does not lead back."""
    notebook(tmp_path, "05_middle.ipynb", LESSON)
    answers = notebook(tmp_path, "answers/05_middle.ipynb", ANSWERS.replace(old, new, 1))
    found = list(answers_each_task_under_its_title(answers))
    assert len(found) == len(expected)
    assert all(words in said for words, said in zip(expected, found, strict=True))


def test_answers_to_nothing_are_seen(tmp_path: Path) -> None:
    """Their name is that of a lesson, or of a deeper notebook with `deeper_` before it."""
    answers = notebook(tmp_path, "answers/deeper_none.ipynb", ANSWERS)
    assert list(answers_each_task_under_its_title(answers)) == [
        "there is no none.ipynb whose tasks it could answer"
    ]


def test_tasks_of_a_deeper_notebook(tmp_path: Path) -> None:
    """Their answers are in the same folder as all, under a name that says so."""
    far = LESSON.replace("answers/05_middle", "../answers/deeper_buzzers")
    assert list(has_an_answer_to_each_task(notebook(tmp_path, "deeper/buzzers.ipynb", far))) == []
    back = ANSWERS.replace("../05_middle", "../deeper/buzzers")
    answers = notebook(tmp_path, "answers/deeper_buzzers.ipynb", back)
    assert list(answers_each_task_under_its_title(answers)) == []


@pytest.mark.parametrize(
    ("first", "lesson", "expected"),
    [
        ("[5](../05_middle.ipynb#Later)", "[more](deeper/buzzers.ipynb)", []),
        ("[5](../05_middle.ipynb)", "[more](deeper/buzzers.ipynb#There)", []),
        ("Nothing", "[more](deeper/buzzers.ipynb)", ["its first cell has no link to a lesson"]),
        ("[5](../05_middle.ipynb)", "Nothing", ["05_middle.ipynb has no link to deeper/buzzers"]),
    ],
)
def test_a_deeper_notebook_and_its_lesson_link_to_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str, lesson: str, expected: list[str]
) -> None:
    """From its first cell to the lesson, and from somewhere in the lesson to it."""
    monkeypatch.setattr("tests.notebook_rules.ROOT", tmp_path)
    notebook(tmp_path, "05_middle.ipynb", "# Five", lesson)
    found = list(links_to_its_lesson(notebook(tmp_path, "deeper/buzzers.ipynb", first)))
    assert len(found) == len(expected)
    assert all(words in said for words, said in zip(expected, found, strict=True))
