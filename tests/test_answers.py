"""The check cells of a quiz: they say what is recorded, and never whether it is right."""

from __future__ import annotations

import warnings

import pytest

from course_lib.answers import Unanswered, answered, read_answer, recorded

CHOICES = {"A": "Bread.", "B": "Butter.", "C": "Cheese.", "D": "Nothing `at all`."}
HOW = 'Write one of A, B, C, D in quotes, for example: answer_1 = "B"'


@pytest.mark.parametrize(
    "cell",
    [
        'answer_1 = "B"',
        '  \nanswer_1="B"   # I am sure',
        'answer_1 = ("B")',
        'print("hello")\nanswer_1 = "b"\nanswer_1 = "B"',
        'answer_1: "B"',
        'answer_1 = other = "B"',
        'answer_1: str = "B"',
        'answer_1, answer_2 = "B", "C"',
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
        ('answer_1 = "()"', f"answer_1 is “()”, which is no choice. {HOW}"),
        ('answer_1 = "A or B"', f"answer_1 is “A or B”, which is no choice. {HOW}"),
        ("answer_1 = 2", f"answer_1 is a number, and needs one letter. {HOW}"),
        ("answer_1 = 2.5", f"answer_1 is a number, and needs one letter. {HOW}"),
        ("answer_1 = True", f"answer_1 is True or False, and needs one letter. {HOW}"),
        ('answer_1 = ["B", 1]', f"answer_1 is a list, and needs one letter. {HOW}"),
        ('answer_1 = {"B", 1}', f"answer_1 is a set, and needs one letter. {HOW}"),
        ('answer_1 = {"B": 1}', f"answer_1 is a dictionary, and needs one letter. {HOW}"),
        ('answer_1 = "A", "B"', f"answer_1 is several things, and needs one letter. {HOW}"),
        ("answer_1 = None", f"answer_1 is None, and needs one letter. {HOW}"),
        ("answer_1 = ...", f"answer_1 is something else, and needs one letter. {HOW}"),
        ("answer_1 = Bread", f"Bread has no quotes around it: {HOW}"),
        (
            "answer_1 = input()",
            f"answer_1 is set by computing, in line 1 of its cell: answer_1 = input(). {HOW}",
        ),
        ("answer_1 = ", f"answer_1 is in a line that is no Python: answer_1 =. {HOW}"),
        ("answer_1 = f(“B”)", f"answer_1 is in a line that is no Python: answer_1 = f(“B”). {HOW}"),
        ('answer_2 = "B"', f"no cell sets answer_1: run the one that should. {HOW}"),
        ('answer_1 == "B"', f'answer_1 is not set by what stands there: answer_1 == "B". {HOW}'),
        ('"B" -> answer_1', f'answer_1 is not set by what stands there: "B" -> answer_1. {HOW}'),
        ('# answer_1 = "B"', f'answer_1 is not set by what stands there: # answer_1 = "B". {HOW}'),
        (
            'if x:\n  answer_1 == "B"',
            f'answer_1 is not set by what stands there: answer_1 == "B". {HOW}',
        ),
        ("print(answer_1)", f"no cell sets answer_1: run the one that should. {HOW}"),
        (
            'if True:\n    answer_1 = "B"',
            f"answer_1 is set under a condition, in line 1 of its cell: if True:. {HOW}",
        ),
        (
            'x = 1\nanswer_1 += "B"',
            f'answer_1 is set by computing, in line 2 of its cell: answer_1 += "B". {HOW}',
        ),
        (
            'for answer_1 in "AB": pass',
            f'answer_1 is set in a loop, in line 1 of its cell: for answer_1 in "AB": pass. {HOW}',
        ),
        (
            "answer_1, x = input()",
            f"answer_1 is set by computing, in line 1 of its cell: answer_1, x = input(). {HOW}",
        ),
        (
            'def f():\n    global answer_1\n    answer_1 = "B"',
            f"answer_1 is set in a function, in line 1 of its cell: def f():. {HOW}",
        ),
        ('B = "C"\nanswer_1 = B', f"answer_1 is set by computing: B. {HOW}"),
        (
            'if late:\n    answer_1 = "B"\nelse',
            "answer_1 is set in a cell that is no Python, in an indented line: "
            f'answer_1 = "B". {HOW}',
        ),
        (
            f'answer_1 = "B"  # {"x" * 99_999}',
            "answer_1 stands in a cell of 100,017 characters, of which at most 100,000 are read. "
            + HOW,
        ),
        (
            'def f():\n    answer_1 = "B"',
            f'answer_1 is not set by what stands there: answer_1 = "B". {HOW}',
        ),
        (
            'print([answer_1 for answer_1 in "AB"])',
            f"no cell sets answer_1: run the one that should. {HOW}",
        ),
        (f'answer_1 = "{"x" * 40}"', f"answer_1 is “{'x' * 40}”, which is no choice. {HOW}"),
        (f'answer_1 = "{"x" * 99}"', f"answer_1 is “{'x' * 39}…”, which is no choice. {HOW}"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(cell: str, said: str) -> None:
    """Empty, no choice, no text, no quotes, no Python, nothing at all."""
    assert recorded(1, ["", cell], CHOICES) == f"not recorded: {said}"


@pytest.mark.parametrize(
    ("cell", "typed"),
    [
        ('answer_1 = "b"', "'b'"),
        ('answer_1 = " B "', "' B '"),
        ('answer_1 = "b)"', "'b)'"),
        ('answer_1 = "(B)."', "'(B).'"),
        ('answer_1 = "[B]"', "'[B]'"),
        ("answer_1 = ['B']", "['B']"),
        ("answer_1 = {'B'}", "{'B'}"),
        ("answer_1 = 'B',", "('B',)"),
        ("answer_1 = b'B'", "b'B'"),
        ("answer_1 = B", "B"),
        ("answer_1 = b", "b"),
        ('answer_1 = "B', 'answer_1 = "B'),
        ("answer_1 = “B”", "answer_1 = “B”"),
        ("answer_1 = «B»  # sure", "answer_1 = «B» # sure"),
        ("answer_1 = ('B'", "answer_1 = ('B'"),
        ("answer_1 == = 'B'", None),
        ("answer_1 = = 'B'", "answer_1 = = 'B'"),
        ("answer_1 = 'B'\nprint(", "answer_1 = 'B'"),
        ("answer_1 = 'В'", "'В'"),  # Cyrillic
        ("answer_1 = 'в'", "'в'"),
        ("answer_1 = 'Β'", "'Β'"),  # Greek
        ("answer_1 = 'β'", "'β'"),
        ("answer_1 = 'Ｂ'", "'Ｂ'"),  # full width
        ("answer_1 = '𝐁'", "'𝐁'"),
        ("answer_1 = 'Ⓑ'", "'Ⓑ'"),
        ("ａnswer_1 = 'b'", "'b'"),
        ("answer_1: B", "B"),
        ("answer_1 := 'B'", "answer_1 := 'B'"),
        ("answer_１ ＝ “B”", "answer_１ ＝ “B”"),
        ("answer_1\u00a0= 'B'", "answer_1 = 'B'"),
        ("\u200fanswer_1 = 'B'", r"\u200fanswer_1 = 'B'"),
        ("answer_1 = '\u2067B\u2069'", r"'\u2067B\u2069'"),
        ("answer_1 = '🅱\ufe0f'", "'🅱\ufe0f'"),
        ("answer_1 = '「B」。'", "'「B」。'"),
    ],
)
def test_what_is_mended_is_told(cell: str, typed: str | None) -> None:
    """Other letters' twins, signs around a letter, quotes and brackets amiss: read, and said so."""
    said = recorded(1, ["", cell], CHOICES)
    if typed is None:
        assert said.startswith("not recorded: answer_1 is not set by what stands there: ")
    else:
        assert said == f"recorded: B, Butter.\nread as B, typed {typed}."


@pytest.mark.parametrize("letter", "АＡΑαаᎪ🅰")
def test_each_twin_of_a_letter_is_that_letter(letter: str) -> None:
    """As somebody may have typed it whose keyboard writes another alphabet."""
    assert read_answer(1, [f"answer_1 = {letter!r}"], "ABCD").letter == "A"


@pytest.mark.parametrize(
    ("cells", "person"),
    [
        (['answer_1 = "B"'], False),
        (['answer_1 = ""'], False),
        (['answer_1 = "E"'], False),
        (["answer_1 = 3"], False),
        ([], False),
        (["answer_1 = input()"], True),
        (['if late:\n    answer_1 = "B"'], True),
        (['for answer_1 in "AB": pass'], True),
        (['(answer_1 := "B")'], True),
        (["from answers import answer_1"], True),
        (["def answer_1(): pass"], True),
        (["answer_1 = f'B'"], True),
        (['answer_1 = "B"', 'answer_1 = ""'], True),
        (['if late:\n    answer_1 = "B"', 'answer_1 = "C"'], False),
        (["answer_1 = " + "(" * 9999], True),
        ([f"answer_1 = 'B'{' ' * 100_000}"], True),
        (['answer_1 = "Option B"'], True),
        (['answer_1 = "B because A waits"'], True),
        (['answer_1 = "B (not A)"'], True),
        (['answer_1 = "B, not A"'], True),
        (['answer_1 = "A or B"'], True),
        (['answer_1 = "选B"'], True),
        (['answer_1 = "选Ｂ。"'], True),
        (['answer_1 = "B번"'], True),
        (['answer_1 = "答えはBです"'], True),
        (['answer_1 = "ข้อB"'], True),
        (['answer_1 = "不知道"'], False),
        (['answer_1 = "A、B"'], False),
        (['answer_1 = "1. B"'], True),
        (['answer_1 = "1b"'], True),
        (["answer_1 = '=LINK(A1)'"], False),
        (['answer_1 = "1 2"'], False),
        (['answer_1 = "B", "because it waits"'], True),
        (['answer_1 = {"answer": "B"}'], True),
        (['answer_1 = "A", "B"'], False),
        (['answer_1 = {"A", "B"}'], False),
        (["answer_1 = B because it waits"], True),
        (['answer_1 = "A/B/C/D"'], False),
        (['answer_1 = "N/A"'], False),
        (['answer_1 = "\nB\n"'], True),
        (["answer_1 =\n"], True),
        (['let answer_1 = "B";'], True),
        (['# answer_1 = "B"\n)'], True),
        (['"B" -> answer_1'], True),
        (['"B" = answer_1'], True),
        (["'B' == answer_1"], True),
        (['answer_1 is "B"'], True),
        (['answer_1 <<- "B"'], True),
        (['answer 1 = "B"'], True),
        (['Answer_1 = "B"'], True),
        (['answer_l = "B"'], True),
        (['answer1 = "B"'], True),
        (['awnser-01 = "В"'], True),
        (['answer_11 = "B"'], False),
        (['answer_2 = "B"'], False),
        (['question_1 = "B"'], False),
        (["answer_1"], False),
        (['answer_1 == "E"'], False),
        (['# answer_1 = "A"\nanswer_1 = "B"'], False),
        (['answer_1 = "B"\nprint(answer_1 == "B")'], False),
        (['At first I wrote answer_1 = "B"'], False),
    ],
)
def test_what_is_not_plain_to_see_needs_a_person(cells: list[str], person: bool) -> None:
    """Whatever is computed; also a gap below an answer, which may be the course's own cell."""
    answer = read_answer(1, cells, "ABCD")
    assert answer.person is person
    assert not (person and (answer.letter or answer.empty))


@pytest.mark.parametrize("cell", ["", 'answer_1 = ""', "answer_1 = 3", "answer_1 = input()"])
def test_validate_is_told_of_a_question_without_an_answer(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an error of these words alone, so that an empty sheet is no success."""
    said = recorded(1, [cell], CHOICES)
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(Unanswered) as caught:
        recorded(1, [cell], CHOICES)
    assert caught.value._render_traceback_() == [said]
    assert recorded(1, ['answer_1 = "D"'], CHOICES).startswith("recorded: D")


@pytest.mark.parametrize("cell", ["answer_1 = " + "(" * 9999, "answer_1 = " + "-" * 9999 + "1"])
def test_no_cell_is_too_deep(cell: str) -> None:
    """Ten thousand brackets are a wrong answer like any other."""
    assert recorded(1, [cell], CHOICES).startswith("not recorded: ")


@pytest.mark.parametrize(
    ("cells", "empty", "unclear"),
    [
        (['answer_1 = "B"'], False, False),
        (['answer_1 = ""'], True, False),
        (["answer_1 = '  '"], True, False),
        (['answer_1 = "E"'], False, True),
        (["answer_1 = 3"], False, True),
        (["answer_1 = Bread"], False, True),
        ([], False, True),
    ],
)
def test_a_gap_is_told_from_what_cannot_be_read(
    cells: list[str], empty: bool, unclear: bool
) -> None:
    """Who left the answer empty meant to; whoever reads a class's answers looks at the others."""
    answer = read_answer(1, cells, "ABCD")
    assert (answer.empty, answer.unclear) == (empty, unclear)


def test_all_that_is_worth_a_look_is_noted() -> None:
    """One after the other: how it was mended, and that it is set in two ways."""
    answer = read_answer(1, ['answer_1 = "A"', 'answer_1 = "b"'], "ABCD")
    assert answer.letter == "B"
    assert answer.note == "read as B, typed 'b'; answer_1 is set in 2 ways, and the last counts"


def test_the_last_run_counts() -> None:
    """A cell that was changed and run again; also if it is no answer now."""
    cells = ['answer_1 = "A"', 'answer_1 = "C"']
    assert read_answer(1, cells, "ABCD").letter == "C"
    assert read_answer(1, [*cells, "answer_1 = 3"], "ABCD").letter == ""


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["answer_1 = 'B'", 'answer_1 = "B"', "answer_1 = ('B')  # sure"], ("'B'",)),
        (["answer_1 = 'A'", "answer_1 = 'B'", "answer_1 = 'A'"], ("'B'", "'A'")),
        (["answer_1 = ''", "answer_1 = '  '"], ("''",)),
        (["answer_1 = B", "answer_1 = 'B'"], ("'B'",)),
        (["answer_1 = 2", "answer_1 = 0x2  # two"], ("2",)),
        (["answer_1 = 'x  y'", "answer_1 = 'x'"], ("'x y'", "'x'")),
        (["answer_1 = f( 1,2 )", "answer_1 = f(1, 2)"], ("f(1, 2)",)),
        (["answer_1 = '", "answer_1 = 'A'"], ("answer_1 = '", "'A'")),
        (["answer_1 = -0x" + "f" * 5000], ("something without end",)),
        (["x = 1"], ()),
    ],
)
def test_values_are_compared_and_not_their_spelling(
    cells: list[str], values: tuple[str, ...]
) -> None:
    """Quotes, gaps, comments and brackets make no other answer; the last value is the last."""
    found = read_answer(1, cells, "ABCD")
    assert found.values == values
    several = f"answer_1 is set in {len(values)} ways, and the last counts"
    assert found.note == (several if len(values) > 1 else "")


def test_the_student_is_told_of_a_cell_that_sets_an_answer_twice() -> None:
    """Of one cell: that a cell was changed and run again is what cells are for."""
    told = "recorded: B, Butter.\nanswer_1 is set in 2 ways, and the last counts."
    assert recorded(1, ['answer_1 = "A"\nanswer_1 = "B"'], CHOICES) == told
    assert recorded(1, ['answer_1 = "A"', 'answer_1 = "B"'], CHOICES) == "recorded: B, Butter."
    said = recorded(1, ['answer_1 = "A"\nanswer_1 = ""'], CHOICES)
    assert said == (
        f"not recorded: answer_1 is empty. {HOW}\nanswer_1 is set in 2 ways, and the last counts."
    )


def test_nothing_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    """What a student wrote is read: it can print nothing, and stop nothing."""
    said = recorded(1, ['answer_1 = print("run")', "answer_1 = 1 / 0"], CHOICES)
    assert (said, capsys.readouterr().out) == (
        "not recorded: answer_1 is set by computing, in line 1 of its cell: "
        f"answer_1 = 1 / 0. {HOW}",
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
