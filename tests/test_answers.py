"""The check cells of a quiz: they say what is recorded, and never whether it is right."""

from __future__ import annotations

import warnings

import pytest

from course_lib.answers import Answer, answered, read_answer, recorded

CHOICES = {"A": "Bread.", "B": "Butter.", "C": "Cheese.", "D": "Nothing `at all`."}
HOW = 'Write one of A, B, C, D in quotes, for example: answer_1 = "B"'


@pytest.mark.parametrize(
    "cell",
    [
        'answer_1 = "B"',
        "answer_1 = 'b'",
        '  \nanswer_1="B"   # I am sure',
        'answer_1 = " B "',
        'answer_1 = ("B")',
        'print("hello")\nanswer_1 = "A"\nanswer_1 = "B"',
        'answer_1 = other = "B"',
        'path = "\\d"\nanswer_1 = "B"',
    ],
)
def test_a_letter_is_recorded_with_its_text(cell: str) -> None:
    """In either kind of quotes, small or not, whatever stands beside it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # on stderr a warning would cost the point
        assert recorded(1, ["", cell], CHOICES) == "recorded: B, Butter."


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('answer_1 = ""', f"answer_1 is empty. {HOW}"),
        ('answer_1 = "E"', f"answer_1 is “E”, which is no choice. {HOW}"),
        ('answer_1 = "A or B"', f"answer_1 is “A or B”, which is no choice. {HOW}"),
        ("answer_1 = 2", f"answer_1 is a number, and needs one letter. {HOW}"),
        ("answer_1 = 2.5", f"answer_1 is a number, and needs one letter. {HOW}"),
        ("answer_1 = True", f"answer_1 is True or False, and needs one letter. {HOW}"),
        ('answer_1 = ["B"]', f"answer_1 is a list, and needs one letter. {HOW}"),
        ('answer_1 = "A", "B"', f"answer_1 is several things, and needs one letter. {HOW}"),
        ("answer_1 = None", f"answer_1 is None, and needs one letter. {HOW}"),
        ('answer_1 = b"B"', f"answer_1 is something else, and needs one letter. {HOW}"),
        ("answer_1 = B", 'B has no quotes around it: write answer_1 = "B"'),
        ("answer_1 = b", 'b has no quotes around it: write answer_1 = "B"'),
        ("answer_1 = Bread", f"Bread has no quotes around it: {HOW}"),
        ("answer_1 = input()", f"answer_1 is something to work out, and needs one letter. {HOW}"),
        ('answer_1 = "B', f'this is not Python: answer_1 = "B  {HOW}'),
        ("answer_1 = “B”", f"this is not Python: answer_1 = “B”  {HOW}"),
        ("answer_1 = ", f"this is not Python: answer_1 =  {HOW}"),
        ('answer_2 = "B"', f"no cell sets answer_1: run the one that should. {HOW}"),
        ('answer_1 == "B"', f"no cell sets answer_1: run the one that should. {HOW}"),
        ('# answer_1 = "B"', f"no cell sets answer_1: run the one that should. {HOW}"),
        (f'answer_1 = "{"x" * 99}"', f"answer_1 is “{'x' * 39}…”, which is no choice. {HOW}"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(cell: str, said: str) -> None:
    """Empty, no choice, no text, no quotes, no Python, nothing at all."""
    assert recorded(1, ["", cell], CHOICES) == f"not recorded: {said}"


@pytest.mark.parametrize("cell", ["answer_1 = " + "(" * 9999, "answer_1 = " + "-" * 9999 + "1"])
def test_no_cell_is_too_deep(cell: str) -> None:
    """Ten thousand brackets are a wrong answer like any other."""
    assert recorded(1, [cell], CHOICES).startswith("not recorded: ")


def test_the_last_run_counts() -> None:
    """A cell that was changed and run again; also if it is no answer now."""
    cells = ['answer_1 = "A"', 'answer_1 = "C"']
    assert read_answer(1, cells, "ABCD") == Answer("C")
    assert read_answer(1, [*cells, "answer_1 = D"], "ABCD").letter == ""


def test_nothing_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    """What a student wrote is read: it can print nothing, and stop nothing."""
    said = recorded(1, ['answer_1 = print("run")', "answer_1 = 1 / 0"], CHOICES)
    assert (said, capsys.readouterr().out) == (
        f"not recorded: answer_1 is something to work out, and needs one letter. {HOW}",
        "",
    )


def test_a_question_with_two_choices_has_an_example_of_its_own() -> None:
    """The example is a choice of the question."""
    assert 'Write one of A, B in quotes, for example: answer_2 = "B"' in recorded(
        2, ['answer_2 = "C"'], {"A": "Yes.", "B": "No."}
    )


def test_the_answers_are_counted() -> None:
    """How many there are, and what is wrong with the others."""
    letters = {1: "ABCD", 2: "ABCD", 3: "AB"}
    cells = ['answer_1 = "A"', "answer_2 = 5", 'answer_3 = "C"']
    assert answered(cells, letters).splitlines() == [
        "1 of 3 answered.",
        "Question 2: answer_2 is a number, and needs one letter. "
        'Write one of A, B, C, D in quotes, for example: answer_2 = "B"',
        "Question 3: answer_3 is “C”, which is no choice. "
        'Write one of A, B in quotes, for example: answer_3 = "B"',
    ]
    assert answered([*cells, 'answer_2 = "d"', 'answer_3 = "a"'], letters) == (
        "3 of 3 answered. Save the notebook, then hand it in."
    )
