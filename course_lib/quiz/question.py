"""A question with its choices: a value, with the part of a lesson that teaches its answer.

    question.choice("B").feedback
    question.shuffled(seed=1).key

Banks of them are read by bank.py.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from string import ascii_uppercase

SECTIONS = {
    "restaurant": "01_restaurant.ipynb",
    "visual_comparison": "02_visual_comparison.ipynb",
    "when_to_use_each": "03_when_to_use_each.ipynb",
    "real_world_systems": "04_real_world_systems.ipynb",
    "patterns": "05_patterns.ipynb",
    "trade_offs": "06_trade_offs.ipynb",
    "common_mistakes": "07_common_mistakes.ipynb",
    "interactive_comparison": "08_interactive_comparison.ipynb",
    "key_takeaways": "09_key_takeaways.ipynb",
}
"""Name of a section → the notebook that teaches it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer that can be taken."""

    text: str
    feedback: str
    """Why it is right, or why it is not."""
    misconception: str = ""
    """What somebody believes who takes it; empty for the right choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A stem, its choices, and which of them is best."""

    id: str
    section: str
    """A key of SECTIONS."""
    heading: str
    """Of the part of that lesson to read again."""
    stem: str
    choices: tuple[Choice, ...]
    key: str
    """The letter of the best choice: "A" for the first."""
    graded: bool = False
    deeper: str = ""
    """Name of the notebook in the folder `deeper` that has the heading, if the lesson has not."""

    @property
    def letters(self) -> str:
        """The letters of its choices, "ABCD" for four."""
        return ascii_uppercase[: len(self.choices)]

    @property
    def right(self) -> Choice:
        """The best choice."""
        return self.choice(self.key)

    @property
    def notebook(self) -> str:
        """The notebook to read again: its path inside the folder of the notebooks."""
        return f"deeper/{self.deeper}.ipynb" if self.deeper else SECTIONS[self.section]

    @property
    def link(self) -> str:
        """Notebook and heading to read again, as a link inside the folder of the notebooks."""
        return f"{self.notebook}#{self.heading.replace(' ', '-')}"

    def choice(self, letter: str) -> Choice:
        """The choice with this letter; ValueError if there is none."""
        if letter not in tuple(self.letters):
            known = ", ".join(self.letters)
            raise ValueError(f"question {self.id} has no choice {letter!r}; take one of {known}")
        return self.choices[self.letters.index(letter)]

    def shuffled(self, seed: int) -> Question:
        """The same question with its choices in an order that only the seed and its id decide."""
        order = list(range(len(self.choices)))
        random.Random(f"{seed} {self.id}").shuffle(order)
        place = order.index(self.letters.index(self.key))
        chosen = tuple(self.choices[number] for number in order)
        return replace(self, choices=chosen, key=self.letters[place])
