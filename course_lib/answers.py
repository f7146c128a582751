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
from dataclasses import dataclass, replace

AROUND = " \t\r\n().:"  # what some write around a letter, as in "b)"
SHOWN = 40  # characters of what a student wrote
TOO_DEEP = (RecursionError, MemoryError)  # what Python's parsers say to ten thousand brackets
OWN_NAMES = (  # what stands inside sets names of its own
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
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
    values: tuple[str, ...] = ()
    """All that it was set to, each once, as Python writes it: "'B'" for a B. The last counts."""
    note: str = ""
    """What else is worth a look, as part of a sentence: that it is set in several ways."""

    @property
    def problem(self) -> str:
        """Why there is no letter, and what to write instead; empty if there is one."""
        return self.fault + self.advice

    @property
    def unclear(self) -> bool:
        """Whether something stands there, or nothing at all, where a letter or a gap should be."""
        return bool(self.fault) and not self.empty


def recorded(number: int, cells: Sequence[str], choices: Mapping[str, str]) -> str:
    """A line that says which answer stands, or what is wrong with it; never whether it is right.

    `cells` are the sources of the cells that were run, in order; `choices` is letter → text. A
    second line says so if the cell that counts sets the answer in several ways.
    """
    answer = read_answer(number, _newest(number, cells), "".join(choices))
    note = f"\n{answer.note}." if answer.note else ""
    if answer.letter:
        return f"recorded: {answer.letter}, {choices[answer.letter]}{note}"
    return f"not recorded: {answer.problem}{note}"


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


def read_answer(
    number: int, cells: Sequence[str], letters: str, below: Sequence[str] = ()
) -> Reading:
    """What these cells say to a question with these letters: the last that sets it counts.

    `below` are cells under the question's check. What they set does not count, and is noted.
    """
    name = f"answer_{number}"
    example = f'Write one of {", ".join(letters)} in quotes, for example: {name} = "{letters[1]}"'
    found = [_read(name, one, letters, example) for cell in cells for one in _settings(name, cell)]
    values = tuple(reversed(dict.fromkeys(one.values[0] for one in reversed(found))))
    notes = [f"{name} is set in {len(values)} ways, and the last counts"] * (len(values) > 1)
    if any(any(_settings(name, cell)) for cell in below):
        notes.append(f"{name} is set below its check, where it does not count")
    if not found:
        none = Reading(fault=f"no cell sets {name}", advice=f": run the one that should. {example}")
        return replace(none, note="; ".join(notes))
    return replace(found[-1], values=values, note="; ".join(notes))


def _newest(number: int, cells: Sequence[str]) -> list[str]:
    """Of cells that were run, the last that sets an answer. What it was set to by a cell that has
    been changed and run again is of no interest.
    """
    name = f"answer_{number}"
    return next(([cell] for cell in reversed(cells) if any(_settings(name, cell))), [])


def _settings(name: str, cell: str) -> Iterator[ast.AST | str]:
    """What each line `name = …` of a cell sets it to; a line as it stands, if it is not Python."""
    if not re.search(rf"\b{name}\b", cell):
        return
    try:
        with warnings.catch_warnings(action="ignore"):  # what Python thinks of their style
            statements = ast.parse(cell).body
    except (SyntaxError, ValueError, *TOO_DEEP):
        yield from re.findall(rf"^\s*({name}\s*=(?!=).*)$", cell, re.MULTILINE)
        return
    for statement in statements:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from _set(name, target, statement.value)
        elif isinstance(statement, ast.AnnAssign) and statement.value:
            yield from _set(name, statement.target, statement.value)
        elif _sets(name, statement):
            yield statement


def _set(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.AST]:
    """What `target = value` sets the variable to; the target if that is not plain to see."""
    together = (ast.Tuple, ast.List)  # answer_1, answer_2 = "A", "B"
    if isinstance(target, ast.Name):
        if target.id == name:
            yield value
    elif (
        isinstance(target, together)
        and isinstance(value, together)
        and len(target.elts) == len(value.elts)
    ):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _set(name, one, other)
    elif _sets(name, target):
        yield target


def _sets(name: str, node: ast.AST) -> bool:
    """Whether it sets the variable somewhere inside, as `if`, `for` and `+=` may do."""
    inside = [node]
    while inside:
        node = inside.pop()
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return True
        if not isinstance(node, OWN_NAMES):
            inside.extend(ast.iter_child_nodes(node))
    return False


def _read(name: str, said: ast.AST | str, letters: str, example: str) -> Reading:
    """What one line says, by itself."""
    written = _short(_written(said))
    if isinstance(said, str):
        fault = f"this is not Python: {written}"
        return Reading(fault=fault, advice=f"  {example}", values=(written,))
    way_out = f". {example}"
    try:
        value = ast.literal_eval(said)
    except (ValueError, TypeError, SyntaxError, *TOO_DEEP):
        if isinstance(said, ast.Name):
            return _without_quotes(name, said.id, letters, example)
        fault = f"{name} is something to work out, and needs one letter"
        return Reading(fault=fault, advice=way_out, values=(written,))
    if not isinstance(value, str):
        fault = f"{name} is {KINDS.get(type(value), 'something else')}, and needs one letter"
        return Reading(fault=fault, advice=way_out, values=(written,))
    if not value.strip():
        return Reading(fault=f"{name} is empty", advice=way_out, empty=True, values=("''",))
    letter = value.strip(AROUND).upper()
    if letter not in tuple(letters):
        fault = f"{name} is “{_short(value)}”, which is no choice"
        return Reading(fault=fault, advice=way_out, values=(written,))
    return Reading(letter, values=(repr(letter),))


def _without_quotes(name: str, word: str, letters: str, example: str) -> Reading:
    letter = word.upper()
    advice = f'write {name} = "{letter}"' if letter in tuple(letters) else example
    fault = f"{_short(word)} has no quotes around it"
    return Reading(fault=fault, advice=f": {advice}", values=(_short(word),))


def _written(said: ast.AST | str) -> str:
    """As Python writes it, so that quotes, gaps and comments make no difference."""
    if isinstance(said, str):
        return said
    try:
        return ast.unparse(said)
    except (ValueError, *TOO_DEEP):  # thousands of digits, or of signs
        return "something without end"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
