"""Where the questions of a bank stand in its text: lines, from 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\'|#[^\n]*', re.DOTALL
)


@dataclass(frozen=True)
class Place:
    """Lines of a question, from 1: of its head, of each field, of the head of each choice."""

    head: int
    fields: dict[str, int]
    choices: list[int]

    def line(self, field: str) -> int:
        """Of the field if it is written in the plain way, else of the question."""
        return self.fields.get(field, self.head)


def places_of(text: str) -> list[Place]:
    """Where each question stands, in a text that is TOML.

    What looks like a head inside a string or a comment is not one, so these are blanked first.
    """
    bare = STRING_OR_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    places: list[Place] = []
    for number, line in enumerate(bare.split("\n"), start=1):
        if re.match(r"\s*\[\[\s*question\s*\]\]", line):
            places.append(Place(number, {}, []))
        elif places and re.match(r"\s*\[\[\s*question\s*\.\s*choice\s*\]\]", line):
            places[-1].choices.append(number)
        elif places and not places[-1].choices and (field := re.match(r"\s*([\w-]+)\s*=", line)):
            places[-1].fields[field[1]] = number
    return places
