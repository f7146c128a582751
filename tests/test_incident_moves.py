"""Moves as one writes them: read, written, and refused with the place of what is wrong."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.incidents import Move, names, parse, story, write
from course_lib.incidents.rules import COUNTS, RULES, TIMES, Rule
from course_lib.widgets.incident_wire import kit
from tests.incidents import line
from tests.node import in_node

WRONG = {
    "3 send, 21 kil 2": 'move 2, "21 kil 2": there is no "kil"; take one of send, kill, away',
    "21": 'move 1, "21": there is only a time; say what to do then, like "21 kill 2"',
    "kill 2": 'move 1, "kill 2": "kill" is no time; begin with the second, from 0 to 60',
    "61 kill 2": '"61" is no time',
    "60.1 kill 2": '"60.1" is no time',
    "1.25 kill 2": '"1.25" is no time; begin with the second, from 0 to 60, with one decimal',
    "-1 kill 2": '"-1" is no time',
    "٣ kill 2": '"٣" is no time',
    "1,5 kill 2": 'move 1, "1": there is only a time',
    "5 kill": 'move 1, "5 kill": kill needs a whole number from 1 to 6, like "5 kill 2"',
    "5 kill 7": '"7" does not go with kill; take a whole number from 1 to 6, like "5 kill 2"',
    "5 kill two": '"two" does not go with kill',
    "5 send 0": '"0" does not go with send; take a whole number from 1 to 50 e-mails',
    "5 bound 100": "take a whole number from 1 to 99 or none",
    "5 ack 0": '"0" does not go with ack; take before or after, like "5 ack after"',
    "5 key 0": '"0" does not go with key; take off or on',
    "5 ack later": '"later" does not go with ack; take before or after, like "5 ack after"',
    "5 kill 2 3": '"3" is too much; say when, what and one value, like "5 kill 2"',
    "5 kill 2\n7 kill 3": 'like "5 kill 2"; between two moves stands a comma',
    "5 kill 2,": 'move 2, "": there is nothing before the comma',
    ",": 'move 1, "": there is nothing',
    "1 send 50, 2 send 50, 3 send": 'move 3, "3 send": with it your moves send 101 e-mails; 100',
    ", ".join(["1 kill 2"] * 61): 'move 61, "1 kill 2": it is one more than the 60 moves',
    "5 KILL 2": 'there is no "KILL"',
    "5 constructor 2": 'there is no "constructor"',
}


def values(rule: Rule) -> st.SearchStrategy:
    """All that a rule allows."""
    numbers = st.integers(rule.least, rule.most) if rule.most else st.nothing()
    return numbers | (st.sampled_from(rule.words) if rule.words else st.nothing())


MOVES = st.lists(
    st.sampled_from(sorted(RULES)).flatmap(
        lambda what: st.builds(
            Move,
            st.integers(0, TIMES["end"] // TIMES["step"]).map(lambda n: n * TIMES["step"]),
            st.just(what),
            values(RULES[what]),
        )
    ),
    max_size=COUNTS["moves"],
).filter(lambda made: sum(int(m.value) for m in made if m.what == "send") <= COUNTS["sent"])


@given(MOVES)
def test_what_is_written_is_read_again(made: list[Move]) -> None:
    """Whatever the moves, and in their order, which is that of making."""
    assert parse(write(made)) == made
    assert write(parse(write(made))) == write(made)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  \n", ""),
        ("21 kill 2", "21 kill 2"),
        ("21.0 kill 2", "21 kill 2"),
        ("  21.5   kill\t2 ,3 send", "21.5 kill 2, 3 send 1"),
        ("07 kill 2", "7 kill 2"),
        ("60 bound none", "60 bound none"),
        ("0 bound 007", "0 bound 7"),
    ],
)
def test_a_line_has_one_form(text: str, expected: str) -> None:
    """However it was typed."""
    assert write(parse(text)) == expected


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_move_is_told_its_place_and_what_is_right(text: str) -> None:
    """The first of them."""
    with pytest.raises(ValueError, match="move") as caught:
        parse(text)
    assert WRONG[text] in str(caught.value)


def test_a_setting_of_another_incident_is_closed() -> None:
    """The sentence says what is open in this one."""
    with pytest.raises(ValueError, match="you cannot change mode in this incident") as caught:
        parse("5 mode sync", story("friday").may)
    assert str(caught.value).endswith("take one of send, kill, away, slow, ack, workers")


def test_moves_are_a_text() -> None:
    """A list of them is not."""
    with pytest.raises(TypeError, match='give them as a text, like "21 kill 2"'):
        parse(["21 kill 2"])


def garbled(chance: random.Random) -> str:
    """A line of moves in which one sign is not what it was."""
    text = list(line(chance.choice(names()), chance))
    text[chance.randrange(len(text))] = chance.choice(string.printable + "٣é")
    return "".join(text)


def told(text: str, may: tuple[str, ...]) -> str:
    """The moves in their form, or the sentence about them."""
    try:
        return write(parse(text, may))
    except ValueError as wrong:
        return str(wrong)


def test_the_browser_reads_the_same_moves_and_says_the_same_sentences(tmp_path: Path) -> None:
    """The wrong ones of above, and some hundred that are wrong by chance, or right."""
    chance, may = random.Random(3), tuple(RULES)
    texts = [*WRONG, *(garbled(chance) for _ in range(400)), "5 mode sync"]
    about = {"kit": kit(story("friday"), 1), "texts": texts, "may": may}
    expression = """given.texts.map((text) => {
      try {
        return writeMoves(parseMoves(given.kit, text, given.may));
      } catch ({ message }) { return message; }
    })"""
    found = in_node("incident_moves.js", "parseMoves, writeMoves", expression, about, tmp_path)
    assert found == [told(text, may) for text in texts]
