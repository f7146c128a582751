"""Marks: one point for the best choice, none for anything else, and a reason with each."""

from __future__ import annotations

import select
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from course_lib.answers import Reading, is_choice
from course_lib.exercises import EXERCISES
from course_lib.quiz import read_bank
from course_lib.staff import build
from course_lib.staff.conversation import Verdict
from course_lib.staff.conversation.sandbox import NoSandbox
from course_lib.staff.grading import exercises, patience
from course_lib.staff.grading.asked import Asked, AskedOrder, AskedProperty, AskedQuestion
from course_lib.staff.grading.line_orders import ORDERS
from course_lib.staff.grading.marks import Mark, as_run, marks, readable, run_cells, unread
from course_lib.staff.grading.skeleton import Kept, Place, Skeleton
from course_lib.staff.grading.submission import Cell, Submission, UnreadableError
from course_lib.staff.grading.unset import _of_all
from course_lib.written import words_in
from tests.conftest import ROOT, in_ci

BANK = ROOT / "quizzes" / "questions.toml"
SHOWN = [one.shuffled(build.SEED) for one in read_bank(BANK) if one.graded]


FIRST = AskedProperty("handle_all", next(iter(EXERCISES["handle_all"].properties)))


def graded(*asked: Asked | None, by_hand: bool = False) -> Skeleton:
    """A skeleton of nothing but graded cells, one for each that is asked, two points each."""
    return Skeleton(
        "quiz",
        tuple(
            Place(
                f"check-{number}",
                "code",
                "stub",
                Kept(f"check-{number}", "code", "stub", True, "", 2.0, by_hand, False),
                one,
            )
            for number, one in enumerate(asked, start=1)
        ),
        {},
    )


def submitted(*sources: str) -> Submission:
    return Submission(tuple(Cell("code", source) for source in sources))


def marked(asked: Asked | None, *sources: str) -> Mark:
    (mark,) = marks(graded(asked), submitted(*sources), "seed")
    return mark


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_only_the_best_choice_gives_the_point(number: int) -> None:
    """Each letter of each question of the quiz."""
    question = SHOWN[number - 1]
    for letter in question.letters:
        mark = marked(AskedQuestion(number, question), f"answer_{number} = '{letter}'")
        assert (mark.points, mark.most) == (2.0 * (letter == question.key), 2.0)
        assert mark.said == f"{letter}, {question.choice(letter).text}"
        assert mark.answer is not None and mark.answer["letter"] == letter


@pytest.mark.parametrize("cell", ['answer_1 = ""', "answer_1 = 3", 'answer_1 = "E"', "x = 1", "("])
def test_no_answer_gives_no_point(cell: str) -> None:
    """Empty, no letter, not there: not answered, with the reason."""
    mark = marked(AskedQuestion(1, SHOWN[0]), cell)
    assert mark.points == 0
    assert mark.said.startswith("not answered. ") and "answer_1" in mark.said


def test_what_is_computed_needs_a_person_and_is_no_zero() -> None:
    """With the line that somebody has to look at."""
    key = SHOWN[0].key
    mark = marked(AskedQuestion(1, SHOWN[0]), f"if True:\n    answer_1 = '{key}'")
    assert mark.points is None
    assert mark.said.startswith(
        "needs a person. answer_1 is set under a condition, in line 1 of its cell: if True:"
    )


def test_the_words_of_a_choice_for_its_letter_need_a_person() -> None:
    """All of them or some, as somebody pastes them, or types them with a slip or without small
    words; one word is too little to go by.
    """
    text = SHOWN[0].choice("C").text
    asked = AskedQuestion(1, SHOWN[0])
    slip = text.replace(text.split()[2], "wrods")
    for said in (text, text.upper(), " ".join(text.split()[:3]), slip, " ".join(text.split()[::2])):
        mark = marked(asked, f"answer_1 = {said!r}")
        assert mark.points is None and mark.said.startswith("needs a person. answer_1 is “")
    apart = f"{text.split()[0]} {text.split()[-1]}"  # two words that many a choice has
    for said in (text.split()[0], apart, "not sure", "xx"):
        assert marked(asked, f"answer_1 = {said!r}").points == 0
    assert marked(asked, f"answer_1 = {text!r}", f"answer_1 = {SHOWN[0].key!r}").points == 2


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("My answers: B, C, D, A, D", True),
        ("BCDAD", True),
        ("b c d a d", True),
        ("my answers are b, c, d, a, d", True),
        ("B because of C and D: A D", True),
        ("a, b, c, d = 1, 2, 3, 4; print(a)", False),
        ("I had a bad idea: b or c, not a, d or d", False),
        ("B C D", False),
    ],
)
def test_answers_to_all_questions_at_once_are_no_prose(text: str, is_one: bool) -> None:
    """Nor code: in both are small letters."""
    assert _of_all(5, words_in(text), lambda word: is_choice(word, "ABCD")) is is_one


def test_what_else_is_worth_a_look_stands_below_the_mark() -> None:
    """An answer that was mended, or is set in two ways: the student is told."""
    key = SHOWN[0].key
    other = next(letter for letter in SHOWN[0].letters if letter != key)
    mark = marked(
        AskedQuestion(1, SHOWN[0]), f"answer_1 = '{other}'", f"answer_1 = '{key.lower()}'"
    )
    assert mark.points == 2
    assert mark.said.splitlines()[1:] == [
        f"read as {key}, typed '{key.lower()}'; answer_1 is set in 2 ways, and the last counts."
    ]


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_that_works_gives_its_points(name: str) -> None:
    """As a list, a tuple, a text; another order, or none, does not."""
    asks = AskedOrder(name, "order_1", 9)
    for right in ORDERS[name]:
        text = ", ".join(map(str, right))
        for written in (f"[{text}]", text, f'"{text}"', f"[{text}", f"('{text}')"):
            assert marked(asks, f"order_1 = {written}").points == 2, written
    for wrong in (ORDERS[name][0][::-1], ORDERS[name][0][:-1]):
        mark = marked(asks, f"order_1 = {list(wrong)}")
        assert mark.points == 0 and mark.said.startswith("No point for [")


@pytest.mark.parametrize(
    ("cell", "points", "said"),
    [
        ("order_1 = []", 0, "not answered: write the numbers of the lines as a list"),
        ("x = 1", 0, "(no cell sets order_1)"),
        ("order_1 = [3, 3]", 0, "(line 3 stands twice"),
        ("order_1 = [1, 2, 2, 1]", 0, "(line 2 stands twice"),
        ("order_1 = [3, 1, 4, 3]", 0, "(line 3 stands twice"),
        ("order_1 = '1. 3\\n2. 1\\n3. 4'", None, "(line 1 stands twice"),
        ("order_1 = [(1, 3), (2, 1), (3, 4)]", None, "((1, 3) is no line"),
        ("order_1 = '③①④'", None, "(314 is no line"),
        ("order_1 = ['def f(xs):', '  go()', '  return x']", None, "('def f(xs):' is no line"),
        ("order_1 = '''def f(xs):\n  go()\n'''", None, "('def' is no line"),
        ("order_1 = ['no idea']", 0, "('no idea' is no line"),
        ("order_1 = ['a', 'b', 'c']", 0, "('a' is no line"),
        ("order_1 = 'no idea'", 0, "('no' is no line"),
        ("order_1 = sorted([3, 1])", None, "(order_1 is set by computing, in line 1"),
        ("order_1 = [3\n\n1,  # the second\n4]", None, "(order_1 goes on below this line"),
        ("order_1 = [3, 1\nprint(order_1)", 0, "1 line of the 3 needed is missing"),
        ("order_1 = [3, 1, 4]\norder_1 = []", None, "(order_1 is empty below another order)"),
    ],
)
def test_no_order_says_why(cell: str, points: float | None, said: str) -> None:
    """And needs a person where it is not plain to see."""
    mark = marked(AskedOrder("off the loop", "order_1", 4), cell)
    assert mark.points == points
    assert said in mark.said


def test_properties_are_asked_of_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    """All in one, with the student's code as IPython runs it; each verdict goes to its cell."""
    heard = []

    def verdicts(cells: Sequence[str], asked: Sequence[AskedProperty], seed: str) -> list[Verdict]:
        heard.append((list(cells), [one.name for one in asked], seed))
        return [Verdict(True, "holds"), Verdict(False, "fails"), Verdict(None, "needs a sandbox")]

    monkeypatch.setattr("course_lib.staff.grading.marks.verdicts", verdicts)
    asked = [AskedProperty("retry", name) for name in ("one", "two", "three")]
    skeleton = graded(asked[0], AskedQuestion(1, SHOWN[0]), asked[1], asked[2])
    found = marks(skeleton, submitted("%time 1", "answer_1 = 'E'"), "seed")
    assert [mark.points for mark in found] == [2, 0, 0, None]
    assert [mark.said for mark in found if mark.answer is None] == [
        "holds",
        "fails",
        "needs a sandbox",
    ]
    assert heard == [
        (
            ["get_ipython().run_line_magic('time', '1')\n", "answer_1 = 'E'\n"],
            ["one", "two", "three"],
            "seed",
        )
    ]


def test_a_check_as_it_was_released_is_not_run_again() -> None:
    """The conversation asks it by itself; one that the student changed may hold what is needed."""
    skeleton = graded(FIRST, AskedQuestion(1, SHOWN[0]))
    check, changed = skeleton.graded[0].source, "def helper(): pass"
    cells = [Cell("code", source, ("check-1",)) for source in (check, changed)]
    cells += [Cell("code", "piece = 1"), Cell("markdown", "text")]
    run = [cell.source for cell in run_cells(skeleton, Submission(tuple(cells)))]
    assert run == [changed, "piece = 1"]


def test_without_a_conversation_exercises_need_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not given a point, and not refused one."""

    def missing() -> None:
        raise NoSandbox("there is no bwrap here")

    monkeypatch.setattr(exercises, "_sandbox", missing)
    mark = marked(FIRST, "handle_all = None")
    assert (mark.points, mark.said) == (None, "needs a sandbox: there is no bwrap here")


def test_a_conversation_that_breaks_off_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is begun once more with fresh bars; then a person has to look."""
    begun = []

    def broken() -> None:
        begun.append(1)
        raise OSError("the wire is cut")

    monkeypatch.setattr(exercises, "_sandbox", broken)
    mark = marked(FIRST, "handle_all = None")
    assert mark.points is None and len(begun) == 2
    assert mark.said == ("needs a person: the conversation broke off (OSError: the wire is cut)")


def test_a_property_of_another_time_needs_a_person() -> None:
    """What a released notebook asks, and the course knows no more, costs nobody a point."""
    mark = marked(AskedProperty("retry", "of old"), "def retry(): pass")
    assert mark.points is None and "knows no such property any more" in mark.said


def test_what_is_marked_by_hand_waits_for_a_person() -> None:
    """Unless nobody wrote anything; a test of another kind is never run."""
    own = graded(None, by_hand=True)
    given = Submission((Cell("markdown", "My view.", ("check-1",)),))
    (mark,) = marks(own, given, "seed")
    assert (mark.points, mark.said) == (None, "needs a person: it is marked by hand")
    for left in (Submission(()), Submission((Cell("code", "stub\n", ("check-1",)),))):
        (mark,) = marks(own, left, "seed")
        assert (mark.points, mark.said) == (0.0, "No response.")
    mark = marked(None, "x = 1")
    assert mark.points is None and "nothing is run" in mark.said


def test_what_cannot_be_read_needs_a_person_everywhere() -> None:
    """With one reason for all of it."""
    skeleton = graded(AskedQuestion(1, SHOWN[0]), None)
    asked, other = unread(skeleton, "it is empty")
    assert other == Mark("check-2", None, 2.0, "needs a person: it is empty")
    assert asked.answer and replace(asked, answer=None) == replace(other, name="check-1")
    read = Reading(**asked.answer)
    assert (read.letter, read.person) == ("", True) and "could not be read" in read.problem


@in_ci
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alarms")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # one that is lost
def test_exercises_are_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a quiz is not: neither their code nor their orders; a conversation has its own limits."""
    monkeypatch.setattr(patience, "READING", 1)
    helped = Cell("code", "x?\n" * 480 + "x = 1\n" * 16_000)
    words = Cell("code", "\n".join(f"order_1 = a{number}" for number in range(6_000)))
    for asked, cell in ((FIRST, helped), (AskedOrder("off the loop", "order_1", 4), words)):
        with pytest.raises(UnreadableError, match="more than 1 s"):
            marks(graded(asked), Submission((cell,)), "seed")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alarms")
def test_patience_ends_also_where_its_first_error_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a __del__, or in what somebody hangs on the collection of garbage."""
    monkeypatch.setattr(patience, "READING", 0.01)
    with pytest.raises(UnreadableError, match="more than"), patience.patiently():
        with suppress(UnreadableError):
            select.select([], [], [], 10)
        select.select([], [], [], 10)
    with pytest.raises(UnreadableError, match="more than"), patience.patiently():
        try:
            select.select([], [], [], 10)
        except UnreadableError:
            raise SystemError from None


def test_an_answer_in_a_cell_of_another_kind_counts() -> None:
    """A line that sets an answer, in a cell that somebody made text; prose about it does not."""
    cells = [
        Cell("markdown", "answer_1 = 'B'"),
        Cell("markdown", "I wrote answer_1 = 'A' first."),
        Cell("raw", " answer_2 = 'C'  # sure\n"),
    ]
    found = readable(cells, ["answer_1", "answer_2"])
    assert [text.strip() for text in found] == ["answer_1 = 'B'", "answer_2 = 'C'  # sure"]


def test_a_cell_is_read_as_ipython_runs_it() -> None:
    """With its magics as Python; what is no Python stays as it is."""
    assert as_run("%matplotlib inline\nanswer_1 = 'B'") == (
        "get_ipython().run_line_magic('matplotlib', 'inline')\nanswer_1 = 'B'\n"
    )
    for magic in ("%%time", "\n%%capture said", "%%time\n%%capture"):
        assert as_run(f"{magic}\nanswer_1 = 'B'") == "answer_1 = 'B'\n"
    assert "run_cell_magic('timeit', " in as_run("%%timeit\nanswer_1 = 'B'")
    assert as_run("answer_1 = 'B'\n  (") == "answer_1 = 'B'\n  (\n"
    assert as_run("%time" + " " * 100_000) == "%time" + " " * 100_000


@pytest.mark.parametrize(
    "error", [SyntaxError, ValueError, IndexError, RecursionError, RuntimeError, MemoryError]
)
def test_a_cell_that_ipython_cannot_read_stays_as_it_is(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it says of it: the reader of answers has words of its own for that."""

    def refuse(_: object, cell: str) -> str:
        raise error(cell)

    monkeypatch.setattr(TransformerManager, "transform_cell", refuse)
    past_its_memory = as_run.__wrapped__  # else it knows this cell by another test
    assert past_its_memory("answer_1 = B") == "answer_1 = B"
