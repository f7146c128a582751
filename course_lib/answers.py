"""What the answer cells of a quiz say: read as they are written, and never run.

    print(recorded(1, In, {"A": "Bread.", "B": "Butter."}))
    print(answered(In, {1: "AB", 2: "ABCD"}))

An answer is a letter in quotes, `answer_1 = "B"`. `In` is what Jupyter keeps of every cell that was
run. Nothing here knows which choice is best, so nothing here can tell.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SHOWN = 40  # characters of what a student wrote
TOO_DEEP = (RecursionError, MemoryError)  # what Python's parsers say to ten thousand brackets
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one question."""

    letter: str = ""
    """Of the choice taken; empty if there is none."""
    problem: str = ""
    """Why there is no letter, and what to write instead; empty if there is one."""


def recorded(number: int, cells: Sequence[str], choices: Mapping[str, str]) -> str:
    """A line that says which answer stands, or what is wrong with it; never whether it is right.

    `cells` are the sources of the cells that were run, in order; `choices` is letter → text.
    """
    answer = read_answer(number, cells, "".join(choices))
    if answer.letter:
        return f"recorded: {answer.letter}, {choices[answer.letter]}"
    return f"not recorded: {answer.problem}"


def answered(cells: Sequence[str], letters: Mapping[int, str]) -> str:
    """How many questions have an answer, and which have none; `letters` is number → its choices."""
    answers = {number: read_answer(number, cells, known) for number, known in letters.items()}
    lacking = [number for number, answer in answers.items() if not answer.letter]
    head = f"{len(answers) - len(lacking)} of {len(answers)} answered."
    if not lacking:
        return f"{head} Save the notebook, then hand it in."
    return "\n".join([head, *(f"Question {n}: {answers[n].problem}" for n in lacking)])


def read_answer(number: int, cells: Sequence[str], letters: str) -> Answer:
    """The answer in the last of these cells that sets `answer_<number>`."""
    name = f"answer_{number}"
    known = ", ".join(letters)
    example = f'Write one of {known} in quotes, for example: {name} = "{letters[1]}"'
    written = [line for cell in cells for line in _lines(name, cell)]
    if not written:
        return Answer(problem=f"no cell sets {name}: run the one that should. {example}")
    if isinstance(written[-1], str):
        return Answer(problem=f"this is not Python: {written[-1]}  {example}")
    try:
        value = ast.literal_eval(written[-1])
    except (ValueError, TypeError, SyntaxError, *TOO_DEEP):
        return Answer(problem=_not_literal(name, written[-1], letters, example))
    if not isinstance(value, str):
        kind = KINDS.get(type(value), "something else")
        return Answer(problem=f"{name} is {kind}, and needs one letter. {example}")
    letter = value.strip().upper()
    if not letter:
        return Answer(problem=f"{name} is empty. {example}")
    if letter not in tuple(letters):
        return Answer(problem=f"{name} is “{_short(value)}”, which is no choice. {example}")
    return Answer(letter)


def _lines(name: str, cell: str) -> Iterator[ast.expr | str]:
    """What each line `name = …` of a cell sets it to; a line as it stands, if it is not Python."""
    if not re.search(rf"\b{name}\b", cell):
        return
    try:
        with warnings.catch_warnings(action="ignore"):  # what Python thinks of their style
            lines = ast.parse(cell).body
    except (SyntaxError, ValueError, *TOO_DEEP):
        for line in re.findall(rf"^\s*({name}\s*=(?!=).*)$", cell, re.MULTILINE):
            yield _short(line)
        return
    for line in lines:
        targets = line.targets if isinstance(line, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            yield line.value  # type: ignore[attr-defined]


def _not_literal(name: str, expression: ast.expr, letters: str, example: str) -> str:
    if isinstance(expression, ast.Name):
        letter = expression.id.upper()
        with_quotes = f'write {name} = "{letter}"' if letter in tuple(letters) else example
        return f"{_short(expression.id)} has no quotes around it: {with_quotes}"
    return f"{name} is something to work out, and needs one letter. {example}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
