"""The question format: what a bank says, what it refuses, and the questions that we have."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.quiz import (
    SECTIONS,
    BankError,
    Question,
    parse,
    practice_questions,
    read_bank,
)
from tests.conftest import ROOT
from tests.prose import anchors, markdown_of

GOOD = """\
[[question]]
id = "two-clocks"
section = "visual_comparison"
heading = "Three clocks"
stem = "Which clock does a 202 stop?"
key = "B"

[[question.choice]]
text = "The time to complete."
feedback = "The work may not have begun."
misconception = "an ack means done"

[[question.choice]]
text = "The time to accept."
feedback = "And nothing is said about the rest."

[[question]]
id = "second"
section = "patterns"
heading = "Order"
stem = '''
[[question]]
is here a part of a text'''
key = "A"

[[question.choice]]
text = "Yes"
feedback = "Yes."

[[question.choice]]
text = "No"
feedback = "No."
misconception = "no"
"""
STEMS = [
    "A user clicks 'Submit Order' on an e-commerce site. Which parts should be synchronous?",
    "What is the main advantage of asynchronous communication between services?",
    "A message queue consumer crashes after processing a message but before acknowledging it. "
    "What happens?",
    "Which pattern helps prevent a slow synchronous dependency from bringing down your entire "
    "service?",
    "You need to process 1 million events per second. Which approach is more suitable?",
]
BANK = read_bank(ROOT / "quizzes" / "questions.toml")
PRACTICE = tuple(practice_questions().values())
LONG = "x" * 80


def test_a_good_bank_is_read() -> None:
    """Its questions in order, with their choices, their key and where to read again."""
    first, second = parse(GOOD, "bank.toml")
    assert (first.id, first.letters, first.right.text) == (
        "two-clocks",
        "AB",
        "The time to accept.",
    )
    assert first.link == "02_visual_comparison.ipynb#Three-clocks"
    deeper = parse(GOOD.replace('key = "B"', 'key = "B"\ndeeper = "many_clocks"'), "bank.toml")[0]
    assert deeper.link == "deeper/many_clocks.ipynb#Three-clocks"
    assert first.choice("A").misconception == "an ack means done"
    assert second.stem == "[[question]] is here a part of a text"
    assert not second.graded


def test_a_choice_that_is_not_there_is_told() -> None:
    """With those that are."""
    with pytest.raises(ValueError, match="question two-clocks has no choice 'C'; take one of A, B"):
        parse(GOOD, "bank.toml")[0].choice("C")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('key = "B"\n', "", "line 1, question two-clocks: has no key"),
        ('key = "B"', 'key = "C"', "line 6, question two-clocks: its key 'C' is no choice"),
        ('key = "B"', 'key = ["B"]', "line 6, question two-clocks: has no key"),
        ('key = "B"', "key = 2", "line 6, question two-clocks: has no key"),
        ("The time to accept.", "the TIME  to complete", "line 13, question two-clocks: choices A"),
        ('id = "second"', 'id = "two-clocks"', "line 18, question two-clocks: has the id of the"),
        ('id = "second"', 'id = "Second one"', "line 18, question Second one: its id 'Second one'"),
        ('id = "second"', f'id = "{"x" * 300}"', "its id has 300 letters; take 80 at most"),
        ('"patterns"', '"pattern"', "line 19, question second: there is no section 'pattern'"),
        ('feedback = "Yes."\n', "", "line 26, question second: choice A has no feedback"),
        ('key = "A"', 'key = "A"\ndeeper = "../x"', "line 25, question second: its deeper '../x'"),
        ('key = "A"', 'key = "A"\ndeeper = 3', "line 25, question second: its deeper 3 is no name"),
        ('feedback = "Yes."', "feedback = 3", "line 26, question second: choice A has no feedback"),
        ('misconception = "no"\n', "", "line 30, question second: choice B has no misconception"),
        ('feedback = "Yes."', 'feedback = "Yes."\nmisconception = "x"',
         "line 26, question second: choice A is the key, and has a misconception"),
        ('text = "Yes"', f'text = "{LONG}"',
         "line 26, question second: choice A gives itself away"),
        ('text = "No"', f'text = "{LONG}"', "line 30, question second: choice B gives itself away"),
        ('key = "A"', 'key = "A"\npoints = 3', "line 25, question second: has a 'points'"),
        ('key = "A"', 'key = "A"\ngraded = "yes"', "line 25, question second: its graded is not"),
        ('text = "Yes"', 'text = "Yes"\nhint = "x"', "choice A has a 'hint'"),
        ('text = "Yes"\n', "", "line 26, question second: choice A has no text"),
        (GOOD[GOOD.rindex("[[question.choice]]") :], "", "second: has 1 choice; give 2 to 6"),
        ('misconception = "no"', "misconception = 3",
         "line 30, question second: choice B has a misconception that is no text"),
        ('key = "A"', 'key = "A"\n"graded" = 3', "line 17, question second: its graded is not"),
        ('id = "second"', '"id" = "Second"', "line 17, question Second: its id 'Second' needs"),
        ('key = "A"', "# ''' opens nothing here\nkey = 'Z'", "line 25, question second: its key"),
        ('heading = "Order"', 'heading = " "', "line 20, question second: has no heading"),
        ("[[question]]\nid", "[[questions]]\nid", "must hold [[question]] tables"),
        ('id = "two-clocks"', "id = two-clocks", "is not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, expected: str) -> None:
    """File, line, question and the way out."""
    assert GOOD.count(old) >= 1
    with pytest.raises(BankError) as caught:
        parse(GOOD.replace(old, new), "bank.toml")
    assert expected in str(caught.value)
    assert str(caught.value).startswith("bank.toml")


HARD = {
    "\\u001b[1m": "holds U+001B",
    "\\u0007": "holds U+0007",
    "a\\u0000b": "holds U+0000",
    "\\uFFFE": "holds U+FFFE",
    "\ufffe": "holds U+FFFE",
    "### BEGIN SOLUTION": "holds BEGIN SOLUTION",
    "### END HIDDEN TESTS": "holds BEGIN HIDDEN TESTS or its END",
    "=== BEGIN MARK SCHEME ===": "holds BEGIN MARK SCHEME",
    "**bold**": "has a * that",
    "a ` b": "has a ` without",
    "[a](b)": "has a link",
}
"""A text that some form of a question cannot hold or show, as TOML has it → what is told."""
PLACES = {
    '"Three clocks"': "line 4, question two-clocks: its heading",
    '"Which clock does a 202 stop?"': "line 5, question two-clocks: its stem",
    '"The time to complete."': "line 8, question two-clocks: choice A its text",
    '"And nothing is said about the rest."': "line 13, question two-clocks: choice B its feedback",
    '"no"': "line 30, question second: choice B its misconception",
}


@pytest.mark.parametrize("old", PLACES)
@pytest.mark.parametrize("text", HARD)
def test_what_an_export_cannot_hold_is_refused_with_its_place(old: str, text: str) -> None:
    """In each field that somebody reads: file, line, question, field and the way out."""
    with pytest.raises(BankError) as caught:
        parse(GOOD.replace(old, f'"{text}"'), "bank.toml")
    assert f"bank.toml, {PLACES[old]} {HARD[text]}" in str(caught.value)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ('"\\ud800"', "line 20, question second: is not TOML: "),
        ("'\ud800'", r"line 20, question second: holds '\ud800', which is no sign of UTF-8"),
        ("'\x1b'", "line 20, question second: is not TOML: "),
    ],
)
def test_half_a_character_is_refused_with_its_place(new: str, said: str) -> None:
    """Written out, or as TOML's escape; so is a control sign that is no escape."""
    with pytest.raises(BankError) as caught:
        parse(GOOD.replace('"Order"', new), "bank.toml")
    assert str(caught.value).startswith(f"bank.toml, {said}")


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    """The byte, the line and the question, and not a position that nobody can count to."""
    path = tmp_path / "latin.toml"
    path.write_bytes(GOOD.replace('"Order"', '"Café"').encode("latin-1"))
    with pytest.raises(BankError, match=r"latin.toml, line 20, question second: holds '.udce9'"):
        read_bank(path)


def test_what_is_told_of_an_odd_id_is_harmless() -> None:
    """A control sign in it does not reach the terminal."""
    with pytest.raises(BankError) as caught:
        parse(GOOD.replace('"second"', '"\\u001b[31m"'), "bank.toml")
    assert "question ?[31m: " in str(caught.value) and "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "question = 3", "[[question]]\n[[question]]\n", "question = [3]", "[question]\nid = 1",
     "question = [{id = 'a'}]",
     "[[question]]\nchoice = ['a', 'b']", "[[question]]\nchoice = 'ab'", "[[question]]\nid = []",
     GOOD.replace("[[question.choice]]\ntext = \"Yes\"", "[[question.choice]]\ntext = 1"),
     GOOD.replace('text = "Yes"\n', "").replace('text = "No"\n', ""),
     GOOD.replace('key = "A"', 'key = "A"\ngraded = 0x' + "f" * 5000),
     GOOD.replace('id = "second"', "id = 0x" + "f" * 5000),
     "x = " + "1" * 5000, "x = " + "[" * 5000 + "]" * 5000,
     GOOD + "[other]\na = 1"],
)  # fmt: skip
def test_other_shapes_are_refused_in_words(text: str) -> None:
    """Whatever TOML allows, the answer is BankError."""
    with pytest.raises(BankError, match=r"bank\.toml"):
        parse(text, "bank.toml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Yes."', "\"Write ''' before a text of several lines.\""),
        ('"Yes."', '"Yes\u2028[[question]]"'),
        ('key = "A"', 'key = "A"  # """ [[question]]'),
        ('text = "Yes"', 'text = "-no"'),
    ],
)
def test_a_bank_that_only_looks_odd_is_read(old: str, new: str) -> None:
    """Quotes in a text, a line of Unicode's own, a comment, two choices that differ by a sign."""
    assert len(parse(GOOD.replace(old, new), "bank.toml")) == 2


ODD = ["3", "true", "nan", "[]", "['a']", "{}", "{a = 'b'}", "[{}]", "''", "' '", "'B'", "'Yes'",
       "2020-01-01", "0x" + "f" * 5000, "'''\n[[question]]\n'''"]  # fmt: skip
HEADS = ["[[question]]", "[[question.choice]]", "[question]", "[question.choice]", "graded = 3"]
PIECES = ["id", "choice", "key", "misconception", "=", '"', "'", "'''", "\n", "#", "]"]
LINES = GOOD.splitlines()


def questions_or_bank_error(lines: list[str]) -> None:
    """Any other end of `parse` fails the test."""
    try:
        assert all(isinstance(one, Question) for one in parse("\n".join(lines), "bank.toml"))
    except BankError as told:
        assert str(told).startswith("bank.toml")


@pytest.mark.parametrize("number", range(len(LINES)))
def test_a_change_of_any_line_is_read_or_refused(number: int) -> None:
    """Another value, another name for it, a head before it; or it is out, with any other line."""
    name, equals, value = LINES[number].partition(" = ")
    changed = [[f"{name}{equals}{odd}"] for odd in ODD]
    changed += [[f'"{name}"{equals}{odd}'] for odd in ODD] + [[f"other{equals}{value}"]]
    changed += [[head, LINES[number]] for head in HEADS]
    for new in changed:
        questions_or_bank_error(LINES[:number] + new + LINES[number + 1 :])
    for other in range(number, len(LINES)):
        questions_or_bank_error(LINES[:number] + LINES[number + 1 : other] + LINES[other + 1 :])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(GOOD)),
            st.integers(0, 60),
            st.sampled_from(ODD + HEADS + PIECES) | st.text(max_size=20),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_text_is_read_or_refused(changes: list[tuple[int, int, str]]) -> None:
    """A good bank with pieces of it replaced gives questions or BankError, and nothing else."""
    text = GOOD
    for start, length, new in changes:
        text = text[:start] + new + text[start + length :]
    questions_or_bank_error(text.split("\n"))


def test_all_faults_are_told_at_once() -> None:
    """A line each."""
    broken = GOOD.replace('key = "B"\n', "").replace('"patterns"', '"x"')
    with pytest.raises(BankError) as caught:
        parse(broken, "bank.toml")
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(BankError, match=r"none\.toml: cannot be read"):
        read_bank(tmp_path / "none.toml")


def test_shuffling_follows_the_seed_and_the_key_its_choice() -> None:
    """The same seed gives the same order, all orders come, and the best choice stays the best."""
    question = BANK[0]
    orders = set()
    for seed in range(200):
        mixed = question.shuffled(seed)
        assert mixed == question.shuffled(seed)
        assert mixed.right == question.right
        orders.add(tuple(choice.text for choice in mixed.choices))
    assert len(orders) == 24
    same = [q.shuffled(1).letters.index(q.shuffled(1).key) for q in BANK if q.key == "A"]
    assert len(set(same)) == 4  # another question has another order


# ---- the questions that we have -----------------------------------------------------------------
def test_the_graded_five_are_the_pages() -> None:
    """To the letter, in order, with four choices each."""
    graded = [question for question in BANK if question.graded]
    assert [question.stem for question in graded] == STEMS
    assert all("acknowledgements enabled" in choice.feedback for choice in graded[2].choices)


def test_every_area_of_the_pool_has_questions_enough() -> None:
    """Its seven areas, each a comment in the file, hold eight at least: enough to draw from."""
    text = (ROOT / "quizzes" / "questions.toml").read_text(encoding="utf-8")
    areas = re.split(r"(?m)^# ---- [A-G]\. ", text)[1:]
    assert len(areas) == 7
    assert min(area.count("[[question]]") for area in areas) >= 8


def test_the_pool_is_large_and_covers_every_section() -> None:
    """Seventy at least, of each section as many as it has to say."""
    pool = [question for question in BANK if not question.graded]
    sections = Counter(question.section for question in pool)
    assert len(pool) >= 70
    assert set(sections) == set(SECTIONS)
    assert min(sections.values()) >= 2


@pytest.mark.parametrize("questions", [BANK, PRACTICE], ids=["bank", "practice"])
def test_nothing_gives_a_question_away(questions: tuple[Question, ...]) -> None:
    """Four choices; keys are spread; the best is neither often the longest nor the shortest."""
    assert {len(question.choices) for question in questions} == {4}
    keys = Counter(question.key for question in questions)
    assert min(keys[letter] for letter in "ABCD") >= 0.18 * len(questions)
    for pick in (max, min):
        found = [pick(q.choices, key=lambda c: len(c.text)) is q.right for q in questions]
        assert sum(found) < 0.40 * len(questions)


@cache
def headings(lesson: str) -> list[str]:
    return anchors(markdown_of(ROOT / "notebooks" / lesson), notebook=True)


@pytest.mark.parametrize("question", [*BANK, *PRACTICE], ids=lambda question: question.id)
def test_a_question_leads_to_what_teaches_it(question: Question) -> None:
    """The heading to read again is in its lesson."""
    name, _, part = question.link.partition("#")
    assert headings(name).count(part) == 1


def test_no_question_is_in_both_files() -> None:
    """Neither its id nor its stem."""
    for field in ("id", "stem"):
        ours, theirs = ({getattr(q, field) for q in many} for many in (BANK, PRACTICE))
        assert ours & theirs == set()


def test_a_belief_has_one_wording() -> None:
    """No misconception is written in two ways that differ by little, so that they add up."""
    said = {c.misconception for q in (*BANK, *PRACTICE) for c in q.choices if c.misconception}
    plain = {re.sub(r"\W+", " ", words).strip().casefold() for words in said}
    assert len(plain) == len(said)
    assert all(words[0].islower() or words.startswith(("I ", "HTTP")) for words in said), said


def test_beliefs_come_back_in_several_questions() -> None:
    """An item analysis adds them up: in the bank each is met by four wrong choices on average."""
    wrong = [c.misconception for question in BANK for c in question.choices if c.misconception]
    assert len(wrong) >= 3.5 * len(set(wrong))


def test_feedback_says_more_than_right_or_wrong() -> None:
    """Of every choice in the bank: a sentence at least, and three or so at most."""
    for question in BANK:
        for choice in question.choices:
            assert 30 <= len(choice.feedback) <= 250, (question.id, choice.feedback)
