"""The lessons keep to the rules, and each rule can be broken.

Numbers: what a lesson says in bold or with a unit must stand in the source or an output of one of
its own code cells, or its cell cites a source; see `says_no_number_that_no_cell_computes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.quiz import SECTIONS, practice_questions
from course_lib.staff.forms.notebook_file import text_of
from tests import notebook_rules
from tests.lesson import ROOT, Lesson, Rule, course, labs
from tests.notebook_rules import problems, rules_of
from tests.prose import broken_links, claimed, links

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "quizzes/README.md")]


def held() -> Iterator[Any]:
    """Each notebook with each rule that it keeps to."""
    for notebook in [*course(), *labs()]:
        for rule in rules_of(notebook):
            yield pytest.param(notebook, rule, id=f"{notebook.name}-{rule.__name__}")


@pytest.mark.parametrize(("lesson", "rule"), list(held()))
def test_the_lesson_keeps_to_the_rule(lesson: Lesson, rule: Rule) -> None:
    """Each lesson keeps to each rule that it is not exempt from."""
    assert list(rule(lesson)) == [], rule.__doc__


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_of_the_page_lead_somewhere(path: Path) -> None:
    """Each relative link of the guides leads to a file, and to one heading if it says one."""
    assert list(broken_links(path.read_text(encoding="utf-8"), path, ROOT)) == []


# ---- a lesson that is right, and all the ways to spoil it ---------------------------------------
OPENING = """# A small restaurant

[Previous](04_before.ipynb) · [Next](06_after.ipynb)

## What you will learn
- **Explain** who waits.
- Compute how long, in `minutes`.

**Time needed:** about 25 minutes.

## Predict
Will 6 tables take 16, 50 or 66 minutes?

## Run
"""
RESULT = """## Investigate
The last table is done after **66** minutes, that is 3,960 s.

## Modify
Experiment 1.1: change `99` below, in 2021 or later.

[Answer](answers/05_middle.ipynb#Later)"""
ANSWER = """
Who waits{0}?

<details><summary>Answer {0}</summary>

The caller waits, and not the kitchen: 66 minutes.
</details>
"""
CLOSING = "## What you have seen\nOne caller.\n\n## Check yourself\n" + "".join(
    map(ANSWER.format, "123")
)
PICTURE = '<img alt="Timeline of 66 min" src="data:image/png;base64,AA"><table></table>'


def code(source: str, *outputs: Any, **metadata: Any) -> Any:
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def stream(text: str, name: str = "stdout") -> Any:
    return new_output("stream", name=name, text=text)


def shown(**data: str) -> Any:
    kinds = {"html": "text/html", "plain": "text/plain", "png": "image/png"}
    return new_output("display_data", {kinds[kind]: text for kind, text in data.items()})


def cells() -> list[Any]:
    """Those of a lesson that keeps to every rule; test data, so it has no kernel behind it."""
    return [
        new_markdown_cell(OPENING),
        code("from course_lib import run"),
        code("print(66, 3960)", stream("66 3960\n")),
        new_markdown_cell(RESULT),
        code("draw()", shown(html=PICTURE, plain="a\nb")),
        new_markdown_cell(CLOSING),
    ]


def lesson_of(made: list[Any], name: str = "05_middle.ipynb") -> Lesson:
    """These cells as a recorded lesson between two others."""
    folder = ROOT / "notebooks"
    for count, cell in enumerate((c for c in made if c.cell_type == "code"), start=1):
        cell.execution_count = count
    for number, cell in enumerate(made):
        cell.id = f"cell-{number}"
        cell.source = cell.source.replace("answers/05_middle.ipynb", f"answers/{name}")
    content = text_of(new_notebook(cells=made)).encode()
    return Lesson(folder / name, content, "04_before.ipynb", "06_after.ipynb")


@pytest.fixture
def neighbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository in which the lessons before and after exist."""
    (tmp_path / "notebooks" / "answers").mkdir(parents=True)
    later = new_notebook(cells=[new_markdown_cell("## Later")])
    answers = [f"answers/{name}" for name in ("05_middle.ipynb", SECTIONS["restaurant"])]
    for name in ("04_before.ipynb", "06_after.ipynb", *answers):
        (tmp_path / "notebooks" / name).write_text(text_of(later), encoding="utf-8")
    monkeypatch.setattr(notebook_rules, "ROOT", tmp_path)
    monkeypatch.setitem(globals(), "ROOT", tmp_path)


def change(number: int, old: str, new: str) -> Callable[[list[Any]], object]:
    """Replace words in the source of cell `number`, counted from 1."""

    def spoil(made: list[Any]) -> None:
        assert old in made[number - 1].source
        made[number - 1].source = made[number - 1].source.replace(old, new)

    return spoil


def show(output: Any) -> Callable[[list[Any]], object]:
    """Let cell 5 have this output and no other."""
    return lambda made: made[4].update(outputs=[output])


def insert(number: int, *new: Any) -> Callable[[list[Any]], object]:
    """Put cells before cell `number`."""
    return lambda made: made.__setitem__(slice(number - 1, number - 1), list(new))


def test_a_right_lesson_has_no_problems(neighbours: None) -> None:
    """The lesson that the next test spoils keeps to every rule."""
    assert problems(lesson_of(cells())) == []


BREACHES: list[tuple[str, Callable[[list[Any]], object]]] = [
    # how it was run
    ("no code cell has an output", lambda made: [c.update(outputs=[]) for c in (made[2], made[4])]),
    ("cell 4 is empty", insert(4, code(" "))),
    ("cell 5 wrote on stderr: no", show(stream("no", "stderr"))),
    ("cell 5 ends in KeyError", show(new_output("error", ename="KeyError", evalue="x"))),
    (
        "cell 5 has the tag raises-exception and raises nothing",
        lambda made: made[4].update(metadata={"tags": ["raises-exception"]}),
    ),
    ("keeps itself from being compared: # NBVAL_SKIP", change(5, "d", "# NBVAL_SKIP\nd")),
    (
        "keeps itself from being compared: nbval-ignore-output",
        lambda made: made[4].update(metadata={"tags": ["nbval-ignore-output"]}),
    ),
    ("cell 5 has a path of a machine: /home/a", show(stream("in /home/a/lesson"))),
    ("cell 5 has a path of a machine: ipykernel_1", show(stream("File ipykernel_1"))),
    ("cell 4 has a path of a machine: C:\\U", change(4, "in 2021", r"in C:\Users")),
    ("cell 5 shows a memory address: 0x7f12ab34", show(stream("<a at 0x7f12ab34>"))),
    ("cell 5 shows a time stamp", show(stream("at 2026-11-22 10:38"))),
    ("cell 5 shows a time stamp", show(stream("Sun Nov 22 10:38:32 2026"))),
    # code and pictures
    ("cell 3 has 9 lines, the most is 8", change(3, "print", "1\n" * 8 + "print")),
    (
        "half of the code cells have more than 4 lines",
        lambda made: [c.update(source=c.source + "\n2\n3\n4\n\n5") for c in (made[2], made[4])],
    ),
    ("cell 6 is code right after code", insert(6, code("1"))),
    ("cell 1 is code at the very top", insert(1, code("1"))),
    ("cell 5 shows a bare image/png", show(shown(png="AA", plain="a\nb"))),
    ("cell 5 shows a picture without an alt", show(shown(html='<img alt=" "><table>'))),
    ("cell 5 shows a picture without an alt", show(shown(html="<svg></svg><table>"))),
    ("cell 5 shows a picture without a table", show(shown(html='<img alt="a">', plain="a"))),
    ("cell 4 has a picture without an alt", change(4, "in 2021", "![](x.png)")),
    # the course of a lesson
    ("does not open with a heading of level 1", change(1, "# A small", "## A small")),
    ("has 2 headings of level 1", change(4, "## Inv", "# Inv")),
    ("no part “What you will learn”", change(1, "What you will learn", "Aims")),
    ("no part “Time needed”", change(1, "Time needed", "Effort")),
    ("“Time needed” says no time", change(1, "about 25 minutes", "little")),
    ("has 1 bullets, and 2 to 4 are right", change(1, "- **Explain** who waits.\n", "")),
    ("objective “See who waits.” begins with none", change(1, "**Explain**", "See")),
    ("it has no “Predict” that follows the opening", change(1, "## Predict", "## Guess")),
    ("it has no “Modify” that follows", change(4, "## Modify", "## Play")),
    ("it has no “Investigate” that follows", change(4, "## Investigate", "## Runner")),
    ("no part “What you have seen”", change(6, "What you have seen", "Summary")),
    ("no part “Check yourself”", change(6, "Check yourself", "Quiz")),
    ("code follows “Check yourself”", lambda made: made.append(code("1"))),
    ("has 2 folded answers, and 3 are right", change(6, ANSWER.format(3), "Who waits?")),
    ("has no <summary> or no feedback", change(6, "<summary>Answer 2</summary>", "")),
    ("has no <summary> or no feedback", change(6, "The caller waits, and not the kitchen: 66", "")),
    ("asks fewer than three questions", change(6, "Who waits3?", "Who waits.")),
    ("cell 4: its Modify does not end with a line [Answer]", change(4, "[Answer]", "See [A]")),
    ("no link to the previous notebook, 04_before.ipynb", change(1, "04_before", "06_after")),
    ("no link to the next notebook, 06_after.ipynb", change(1, "06_after", "04_before")),
    ("link 07.ipynb leads to no file", change(4, "in 2021", "[a](07.ipynb)")),
    ("link #Nowhere leads to no heading", change(4, "in 2021", "[a](#Nowhere)")),
    ("link ../../x leads out of the repository", change(4, "in 2021", '<a href="../../x">a</a>')),
    # numbers
    ("cell 4 says 67, which no cell computes", change(4, "**66**", "**67**")),
    ("cell 4 says 3,961, which no cell computes", change(4, "3,960", "3,961")),
    ("cell 6 says 65, which no cell computes", change(6, "66 minutes", "65 minutes")),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "spoil"), BREACHES, ids=[words for words, _ in BREACHES])
def test_a_breach_is_seen(
    neighbours: None, expected: str, spoil: Callable[[list[Any]], object]
) -> None:
    """Each way to spoil the right lesson is told in words."""
    made = cells()
    spoil(made)
    assert expected in "\n".join(problems(lesson_of(made)))


def practised(*calls: str) -> list[Any]:
    """The right lesson as that of section 1, whose end is these calls."""
    made = cells()
    made[-1].source = made[-1].source.partition("\n\nWho waits1")[0]
    for call in calls:
        made += [code(call), new_markdown_cell("And?")]
    return made


OWN = [name for name, q in practice_questions().items() if q.notebook == SECTIONS["restaurant"]]
RIGHT = [f'practice("{name}")' for name in OWN] + ["score()"]


@pytest.mark.parametrize(
    ("source", "tags", "outputs", "fault"),
    [
        ("nats = brokers.nats()\nnats.start()", ["raises-exception"], [], None),
        ("nats.close()", [], [], "tag raises-exception"),
        ("nats = brokers.nats().start()", ["raises-exception"], [], "leaves no name"),
        ("nats.url", ["raises-exception"], [new_output("error")], "recorded with an error"),
    ],
)
def test_a_lab_that_does_not_go_on_is_seen(
    source: str, tags: list[str], outputs: list[Any], fault: str | None
) -> None:
    """Where a server is missing, each cell may say so, and the next one is run all the same."""
    cell = new_code_cell(source, metadata={"tags": tags}, outputs=outputs)
    found = [*notebook_rules.goes_on_without_its_server(lesson_of([cell], "labs/made.ipynb"))]
    assert [fault in words for words in found] == ([True] if fault else [])


def test_a_lesson_with_a_section_ends_with_its_practice_questions(neighbours: None) -> None:
    """Three questions of the section, in order, then the score: nothing to say."""
    assert problems(lesson_of(practised(*RIGHT), SECTIONS["restaurant"])) == []


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (RIGHT[:2] + RIGHT[3:], "“Check yourself” asks "),
        (RIGHT[1:2] + RIGHT[:1] + RIGHT[2:], "“Check yourself” asks "),
        (['practice("good-night")', *RIGHT[1:]], "“Check yourself” asks ['good-night'"),
        (RIGHT[:3], "ends with score()"),
        ([*RIGHT, "1 + 1"], "ends with score()"),
        ([*RIGHT, " "], "ends with score()"),
    ],
)
def test_other_questions_at_the_end_are_seen(
    neighbours: None, calls: list[str], expected: str
) -> None:
    """A question too few, in another order or of another section, no score, or code after it."""
    found = "\n".join(problems(lesson_of(practised(*calls), SECTIONS["restaurant"])))
    assert expected in found


def test_a_question_too_many_is_told_by_the_limit(
    neighbours: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All four are asked and all four are in the bank: two equal lists would say nothing."""
    four = {name: practice_questions()[OWN[0]] for name in "abcd"}
    monkeypatch.setattr(notebook_rules, "practice_questions", lambda: four)
    calls = [*(f'practice("{name}")' for name in four), "score()"]
    [told] = problems(lesson_of(practised(*calls), SECTIONS["restaurant"]))
    assert told.endswith(
        f"practice.toml has 4 questions for {SECTIONS['restaurant']}, and 3 are right"
    )


def test_each_practice_question_is_asked_once() -> None:
    """No question is asked in two lessons, and none is left out; a page may show one beforehand."""
    lessons = [one for one in course() if one.kind in ("lesson", "deeper")]
    source = "".join(lesson.content.decode() for lesson in lessons)
    asked = re.findall(r'practice\(\\"([\w-]+)\\"\)', source)
    assert sorted(asked) == sorted(practice_questions())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b'"id": "cell-2"', b'"id": "cell-1"', "cell 3 has the id 'cell-1'"),
        (b'"id": "cell-2"', b'"id": "no id"', "cell 3 has the id 'no id'"),
        (b'"metadata": {},', b'"metadata": {"x": 1},', "- cell 1, metadata, x: 1"),
        (b'"name": "python"\n', b'"name": "python", "version": "3"\n', "language_info, version"),
        (b"\n ", b"\n  ", "Only its form differs"),
        (b"\n", b"\r\n", "Only its form differs"),
        (b'"nbformat": 4', b'"nbformat": 3', "of format 3"),
    ],
)
def test_another_form_of_the_file_is_seen(
    neighbours: None, old: bytes, new: bytes, expected: str
) -> None:
    """What a hand or an editor leaves in a file is told; nothing but `record` writes this form."""
    right = lesson_of(cells())
    assert right.content.count(old) >= 1
    wrong = Lesson(right.path, right.content.replace(old, new), right.previous, right.next)
    found = list(notebook_rules.is_in_normal_form(wrong))
    assert expected in "\n".join(found)


@pytest.mark.parametrize("count", ["null", "7"])
def test_runs_out_of_order_are_seen(count: str) -> None:
    """A cell that was never run, or not in its turn, is one that nbval would not compare."""
    right = lesson_of(cells())
    content = right.content.replace(b'"execution_count": 2', f'"execution_count": {count}'.encode())
    found = notebook_rules.was_run_from_top_to_bottom(Lesson(right.path, content))
    assert "its runs are counted [1, " in next(found)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("All are served after **66** minutes.", ["66"]),
        ("They take 66, 16 and 61 minutes.", ["66", "16", "61"]),
        ("It takes 16–61 min, or 0.5s, or 3,000 ms.", ["16", "61", "0.5", "3,000"]),
        ("A 38.5-minute mean, 50× as fast, 12.5 %.", ["38.5", "50", "12.5"]),
        ("- **Mean: 13.5**\n- **3** cooks", ["13.5"]),
        ("Does it take 66 minutes?", []),
        ("It takes 66 minutes. Does it take 50 minutes?", ["66"]),
        ("It takes 70 ms ([the manual](https://example.org)).", []),
        ("It takes 70 ms. Source: the manual.", []),
        ("`sleep(600)` and **`600`** are code, p99 and M/M/1 are names.", []),
        ("```\n66 minutes\n```", []),
        ("See Experiment 1.1, **Section 12**, **Python 3.11**, HTTP 404, and **2021**.", []),
        ("**Time needed:** about 45 minutes.\n", []),
        ("## Time needed\n\nAbout 45 minutes.", []),
        ("Of 12 cooks none waits.", []),
        ("<details><summary>Answer</summary>\n\nAfter 66 minutes.\n</details>", ["66"]),
    ],
)
def test_which_numbers_are_claims(markdown: str, expected: list[str]) -> None:
    """Numbers in bold or with a unit; no questions, code, names, years, or what has a source."""
    assert list(claimed(markdown)) == expected


def test_which_links_there_are() -> None:
    """Markdown's and HTML's, also of pictures and in footnotes; none that stand in code."""
    text = '[a](b.md "t") [![c](d.png)](e) <img alt="" src="f.png">\n[g]: h.md\n`[no](no)`'
    assert links(text) == ["b.md", "d.png", "e", "h.md", "f.png"]


def test_headings_as_github_and_jupyterlab_name_them(tmp_path: Path) -> None:
    """An anchor is right for the program that shows the target."""
    page = tmp_path / "page.md"
    page.write_text("# The `map`, in short\n", encoding="utf-8")
    book = tmp_path / "book.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("## The map, in short")]), book)
    good = "[a](page.md#the-map-in-short) [b](book.ipynb#The-map,-in-short) [c](#here)\n# here"
    assert list(broken_links(good, page, tmp_path)) == []
    bad = "[a](page.md#The-map) [b](book.ipynb#the-map-in-short) [c](#twice)\n# twice\n# twice"
    assert len(list(broken_links(bad, page, tmp_path))) == 3
