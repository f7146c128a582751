"""An incident as the browser gets it, once: story, chance, rules and sentences, all by name."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..incidents import Story, draw, write
from ..incidents.rules import ACTS, COUNTS, RULES, TIMES
from ..incidents.words import words


def kit(story: Story, seed: int) -> dict[str, Any]:
    """All that the mirror needs to play a story, whatever the moves."""
    return {
        "story": {**asdict(story), "script": write(story.script)},
        "draws": asdict(draw(seed)),
        "rules": {name: rule.as_wire() for name, rule in RULES.items()},
        "acts": list(ACTS),
        "times": TIMES,
        "counts": COUNTS,
        "words": words(),
    }
