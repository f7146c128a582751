"""The drill: its seven numbers, what it says to wrong ones, and that it gives none away."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from course_lib.drill import QUANTITIES, WITHIN, Drill, Quantity, judge
from tests.lesson import ROOT, Lesson
from tests.prose import values

NUMBERS = {
    "celebrity": 87,
    "drain": 60,
    "attempts": 64,
    "chain": 216,
    "tail": 63.4,
    "open calls": 3000,
    "cores": 1000,
}
NAMES = pytest.mark.parametrize("name", QUANTITIES)
NOTEBOOK = ROOT / "notebooks" / "10_interview_questions.ipynb"


@pytest.mark.parametrize(("name", "number"), NUMBERS.items(), ids=NUMBERS)
def test_the_seven_numbers(name: str, number: float) -> None:
    """Each computed value, rounded, is the one that people carry in their heads, and is right."""
    assert QUANTITIES[name].value == pytest.approx(number, rel=0.005)
    assert judge(QUANTITIES[name], number)[0] == "right"


def test_it_asks_for_these_seven() -> None:
    """None is missing and none is too many."""
    assert [*QUANTITIES] == [*NUMBERS]


@NAMES
@pytest.mark.parametrize(
    ("factor", "right"), [(0.949, False), (0.951, True), (1, True), (1.049, True), (1.051, False)]
)
def test_right_means_within_five_per_cent(name: str, factor: float, right: bool) -> None:
    """Up to 5 % to either side, and no further."""
    state, _ = judge(QUANTITIES[name], factor * QUANTITIES[name].value)
    assert (state == "right") is right


@NAMES
@pytest.mark.parametrize("kind", [float, np.float64, np.float32, Fraction])
def test_any_kind_of_number_will_do(name: str, kind: Any) -> None:
    """A fraction or a number of numpy is as good as a float."""
    assert judge(QUANTITIES[name], kind(QUANTITIES[name].value))[0] == "right"


@NAMES
@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1 / 1.2, "Too small, by less than a factor of 1.5."),
        (1.2, "Too large, by less than a factor of 1.5."),
        (2.1, "Too large, by about a factor of 2."),
        (1 / 3, "Too small, by about a factor of 4."),
        (9, "Too large, by about a factor of 8."),
        (1 / 50, "Too small, by more than a factor of 10."),
        (500, "Too large, by more than a factor of 100."),
        (1e-9, "Too small, by more than a factor of 1,000."),
        (1e290, "Too large, by more than a factor of 1,000."),
    ],
)
def test_a_wrong_number_hears_which_way_and_how_far(name: str, factor: float, words: str) -> None:
    """The direction and the rough size come first, then a question or a way to go on."""
    state, says = judge(QUANTITIES[name], factor * QUANTITIES[name].value)
    assert state == "to try again"
    assert says.startswith(words)
    assert says.endswith(("?", ".")) and len(says) > len(words) + 20


@NAMES
def test_a_known_slip_has_its_own_hint(name: str) -> None:
    """What is commonly answered instead is wrong, and leads to its reason and not to the next's."""
    quantity = QUANTITIES[name]
    assert quantity.slips
    for slip, hint in quantity.slips:
        state, says = judge(quantity, slip)
        assert (state, says.endswith(hint)) == ("to try again", True), slip


@NAMES
@pytest.mark.parametrize("power", range(-6, 13))
def test_a_blind_guess_does_not_lead_to_the_number(name: str, power: int) -> None:
    """Who types 1, 10, 100 … and then follows the factor that is named is still wrong."""
    quantity = QUANTITIES[name]
    state, says = judge(quantity, 10**power)
    if state == "right":
        return
    factor = float(re.search(r"factor of ([\d,.]*\d)", says)[1].replace(",", ""))  # type: ignore[index]
    better = 10.0**power * (factor if "small" in says else 1 / factor)
    assert abs(better - quantity.value) > WITHIN * quantity.value


@NAMES
@pytest.mark.parametrize(
    "answer",
    [1e-9, 1, 20, 700, 10**9, -3, math.nan, math.inf, "87", None, 0, ..., 10**400],
    ids=lambda answer: repr(answer)[:12],
)
def test_what_is_not_right_is_not_told_the_number(name: str, answer: Any) -> None:
    """Neither the question nor anything said to a wrong answer holds the number."""
    quantity = QUANTITIES[name]
    verdict = Drill().check(name, answer)
    assert verdict.state != "right"
    given = _near(quantity, [verdict.question])
    assert _near(quantity, [verdict.says.replace(repr(answer), "").replace("1,000", "")]) == []
    assert given == []


def _near(quantity: Quantity, texts: list[str]) -> list[Any]:
    return [n for n in values(texts) if abs(float(n) - quantity.value) <= WITHIN * quantity.value]


@NAMES
@pytest.mark.parametrize("answer", [0, 0.0, ..., -0.0])
def test_nothing_yet_is_not_wrong(name: str, answer: Any) -> None:
    """The 0 that stands there at first is no answer."""
    assert judge(QUANTITIES[name], answer)[0] == "not answered"


@NAMES
@pytest.mark.parametrize(
    "answer",
    [
        *("87", "63 %", "", "x" * 500, None, True, [87], {}, 3j, Decimal(87), object),
        *(np.array([1, 2]), np.nan, math.nan, math.inf, -math.inf, -1, -(10**400)),
    ],
    ids=lambda answer: repr(answer)[:12],
)
def test_what_is_no_number_hears_how_one_looks(name: str, answer: Any) -> None:
    """Text, a per cent sign, None: a sentence with the answer and the way out, and no error."""
    state, says = judge(QUANTITIES[name], answer)
    assert state == "to try again"
    assert f"the unit is {QUANTITIES[name].unit}." in says
    assert len(says) < 250


def test_a_number_too_long_to_write_hears_it_too() -> None:
    """Python itself refuses to write one of 5,000 digits."""
    assert "1e5000 or so cannot be the number" in repr(Drill().check("tail", 10**5_000))


def test_a_name_that_is_not_there() -> None:
    """The error says which there are."""
    with pytest.raises(ValueError, match=r"no \['tail'\]; it has celebrity"):
        Drill().check(["tail"], 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"no 'cats'; it has celebrity, drain,.* cores"):
        Drill().check("cats", 1)


def test_it_keeps_count() -> None:
    """Right, wrong and unanswered ones are counted, the last answer of each."""
    drill = Drill()
    assert repr(drill).endswith("0 right, 0 to try again, 7 not answered")
    for name, answer in [("drain", 1), ("drain", 60), ("cores", "many"), ("tail", 0)]:
        drill.check(name, answer)
    assert repr(drill).endswith("1 right, 1 to try again, 5 not answered")
    assert repr(drill).splitlines()[1].split() == ["drain", "right"]
    assert len(repr(drill).splitlines()) == 7 + 2


def test_a_verdict_fits_on_a_page() -> None:
    """The question comes first, then what is said, in lines that need no scrolling."""
    lines = repr(Drill().check("chain", 43.2)).splitlines()
    assert lines[0].startswith("A click needs 5 services") and "one service alone" in lines[-1]
    assert max(map(len, lines)) <= 92


def test_the_notebook_is_stored_unanswered() -> None:
    """Seven are asked, none is answered, and no cell or output gives a number away."""
    lesson = Lesson(NOTEBOOK, NOTEBOOK.read_bytes())
    code = "\n".join(cell.source for _, cell in lesson.code)
    assert re.findall(r'drill\.check\("([^"]+)", answer\)', code) == [*QUANTITIES]
    assert len(re.findall(r"^answer = 0$", code, re.MULTILINE)) == len(QUANTITIES)
    said = [output.get("text", output.get("data", {}).get("text/plain")) for _, output in
            lesson.outputs]  # fmt: skip
    assert sum("Not answered yet" in text for text in said) == len(QUANTITIES)
    assert any("0 right, 0 to try again, 7 not answered" in text for text in said)
    everything = [*said, *(cell.source for _, cell in lesson.cells)]
    exact = {
        f"{quantity.value:.{digits}g}" for quantity in QUANTITIES.values() for digits in (2, 3, 4)
    }
    round_ones = {60.0, 1000.0}  # seconds in a minute, milliseconds in a second
    assert {float(n) for n in values(everything)} & {float(n) for n in exact} <= round_ones
