"""What the answer cells of a quiz say: read as they are written, and never run.

    print(recorded(1, In, {"A": "Bread.", "B": "Butter."}))
    print(answered(In, {1: "AB", 2: "ABCD"}))

An answer is a letter in quotes, `answer_1 = "B"`. `In` is what Jupyter keeps of every cell that was
run. Nothing here knows which choice is best, so nothing here can tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .validation import WordsAlone, is_validating
from .written import (
    BRACKETS,
    NOT_SET,
    QUOTES,
    Setting,
    apart,
    attempt,
    plain,
    settings,
    short,
    shown,
    visible,
)

WORD = re.compile(r"\d+(?=[^\W\d_])|[^\W_]+")
"""In "1b" the letter stands behind its number; "A1" is a name, as of a cell in a table."""
AROUND = f"{QUOTES}{BRACKETS} \t\r\n.:,;!*_、。،؛"
"""What some write around a letter, as in "b)"."""
LOOK_ALIKE = str.maketrans(
    # Cyrillic, Greek, Cherokee, small capitals, boxed: each twin stands below its letter.
    "АВЬСԀЕαΑΒϹΕᎪᏴᏟᎠᴀʙᴄᴅᴇ🅐🅑🅒🅓🅔🅰🅱🅲🅳🅴",
    "ABBCDEAABCEABCDABCDEABCDEABCDE",
)
KINDS = {
    bool: "True or False",
    int: "a number",
    float: "a number",
    list: "a list",
    tuple: "several things",
    set: "a set",
    dict: "a dictionary",
    type(None): "None",
}


class Unanswered(WordsAlone):
    """What *Validate* is told of a question without an answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What some cells say to one question: the one reading that all go by who look at an answer."""

    letter: str = ""
    """Of the choice taken; empty if there is none."""
    fault: str = ""
    """Why there is no letter, as part of a sentence; empty if there is one."""
    advice: str = ""
    """What to write instead, with the sign that joins it to the fault."""
    empty: bool = False
    """Whether it is set to a text without a letter, as in a cell that nobody touched."""
    person: bool = False
    """Whether somebody has to look what is meant: it is not plain to see."""
    values: tuple[str, ...] = ()
    """All that it was set to, each once, as Python writes it: "'B'" for a B. The last counts."""
    note: str = ""
    """What else is worth a look, as part of a sentence: how it was mended, that it is set twice."""

    @property
    def problem(self) -> str:
        """Why there is no letter, and what to write instead; empty if there is one."""
        return self.fault + self.advice

    @property
    def nothing(self) -> bool:
        """Whether nothing sets it, or only to a gap."""
        return not self.person and (self.empty or (not self.letter and not self.values))

    @property
    def unclear(self) -> bool:
        """Whether something stands there, or nothing at all, where a letter or a gap should be."""
        return bool(self.fault) and not self.empty


def recorded(number: int, cells: Sequence[str], choices: Mapping[str, str]) -> str:
    """A line that says which answer stands, or what is wrong with it; never whether it is right.

    `cells` are the sources of the cells that were run, in order; `choices` is letter → text. A
    second line says what else is worth a look. Under *Validate*, Unanswered is raised where there
    is no answer.
    """
    answer = read_answer(number, _newest(number, cells), "".join(choices))
    note = f"\n{answer.note}." if answer.note else ""
    if answer.letter:
        return f"recorded: {answer.letter}, {choices[answer.letter]}{note}"
    said = f"not recorded: {answer.problem}{note}"
    if is_validating():
        raise Unanswered(said)
    return said


def answered(cells: Sequence[str], letters: Mapping[int, str]) -> str:
    """How many questions have an answer, and which have none; `letters` is number → its choices."""
    answers = {
        number: read_answer(number, _newest(number, cells), known)
        for number, known in letters.items()
    }
    lacking = [number for number, answer in answers.items() if not answer.letter]
    head = f"{len(answers) - len(lacking)} of {len(answers)} answered."
    if not lacking:
        return f"{head} Save the notebook, then hand it in."
    return "\n".join([head, *(f"Question {n}: {answers[n].problem}" for n in lacking)])


def read_answer(number: int, cells: Sequence[str], letters: str) -> Reading:
    """What these cells say to a question with these letters: the last that sets it counts."""
    name = f"answer_{number}"
    example = _example(number, letters)
    found = [_read(name, one, letters, example) for one in settings(name, cells)]
    if not found:
        lines = (line for cell in cells for line in cell.splitlines())
        if line := attempt(name, lines, lambda word: is_choice(word, letters)):
            return meant_by(number, letters, line)
        return Reading(fault=f"no cell sets {name}", advice=f": run the one that should. {example}")
    values = tuple(reversed(dict.fromkeys(one.values[0] for one in reversed(found))))
    last = found[-1]
    notes = [last.note] if last.note else []
    if len(values) > 1:
        notes.append(f"{name} is set in {len(values)} ways, and the last counts")
    # A gap below an answer may be the course's own cell, left alone: somebody should look.
    person = last.person or (last.empty and len(values) > 1)
    empty = last.empty and not person
    return replace(last, values=values, note="; ".join(notes), person=person, empty=empty)


def is_choice(word: str, letters: str) -> bool:
    """Whether a word is one of these letters, small or not, of whichever alphabet."""
    return len(word) == 1 and _letter(word) in tuple(letters)


def meant_by(number: int, letters: str, line: str) -> Reading:
    """What is told of a question whose answer stands in a line that sets nothing."""
    fault = f"answer_{number} {NOT_SET}: {line}"
    return Reading(fault=fault, advice=f". {_example(number, letters)}", person=True)


def _example(number: int, letters: str) -> str:
    listed = ", ".join(letters)
    return f'Write one of {listed} in quotes, for example: answer_{number} = "{letters[1]}"'


def _newest(number: int, cells: Sequence[str]) -> list[str]:
    """Of cells that were run, the last that sets an answer; all, the last one first, if none does.
    What it was set to by a cell that has been changed and run again is of no interest.
    """
    name = f"answer_{number}"
    latest = [*reversed(cells)]
    return next(([cell] for cell in latest if settings(name, [cell])), latest)


def _read(name: str, one: Setting, letters: str, example: str) -> Reading:
    """What one line says, by itself."""
    way_out = f". {example}"
    if one.fault:
        fault = f"{name} {one.fault}"
        return Reading(fault=fault, advice=way_out, person=one.person, values=(one.text,))
    value = _only(one.value)
    if not isinstance(value, str):
        fault = f"{name} is {KINDS.get(type(value), 'something else')}, and needs one letter"
        person = _names_one(shown(value), letters)
        return Reading(fault=fault, advice=way_out, person=person, values=(one.text,))
    if not value.strip():
        return Reading(fault=f"{name} is empty", advice=way_out, empty=True, values=("''",))
    letter = _letter(value)
    if letter not in tuple(letters):
        if one.word:
            return Reading(
                fault=f"{short(value)} has no quotes around it",
                advice=f": {example}",
                values=(one.text,),
            )
        fault = f"{name} is “{short(value)}”, which is no choice"
        person = _names_one(value, letters)
        return Reading(fault=fault, advice=way_out, person=person, values=(one.text,))
    plainly = one.value == letter and not one.mended
    note = "" if plainly else f"read as {letter}, typed {one.text}"
    return Reading(letter, note=note, values=(repr(letter),))


def _only(value: Any) -> Any:
    """What stands in brackets alone, as in ["B"], or in bytes."""
    if isinstance(value, (list, tuple, set)) and len(value) == 1:
        return _only(next(iter(value)))
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value


def _letter(text: str) -> str:
    """The text as a letter, whatever stands around it and whichever alphabet it is from."""
    bare = plain(visible(text).upper().translate(LOOK_ALIKE)).strip(AROUND)
    return bare.upper().translate(LOOK_ALIKE)


def _names_one(text: str, letters: str) -> bool:
    """Whether a letter stands there among other things, as in "Option B", "1. B" or "B, not A": not
    so plain that it could be read, and too plain to be passed over. Several alone name none.
    """
    words = WORD.findall(apart(plain(visible(text).upper().translate(LOOK_ALIKE))))
    named = any(word in tuple(letters) for word in words)
    others = any(not re.fullmatch("[A-Z]", word) for word in words)
    return named and (others or len(set(words)) == 1)
