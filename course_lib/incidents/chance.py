"""Chance, drawn once and beforehand, as whole numbers: the browser does not draw, it gets them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..checked import within
from .rules import COUNTS

MOST_SEED = 9999
MAILS = COUNTS["script"] + COUNTS["sent"]
THOUSAND = 1_000  # the mean of a gap and of a task


@dataclass(frozen=True, slots=True)
class Draws:
    """In thousandths: of the mean gap before each e-mail of the script, of the mean time to send
    each e-mail, and of the longest pause after each of its attempts.

    E-mails that moves send have the numbers behind those of the script, so a move does not change
    the chance of any other e-mail. Gaps and tasks are 500 to 1499, pauses 500 to 999: chance that
    is felt, and that never makes an incident impossible.
    """

    gaps: list[int]
    tasks: list[int]
    pauses: list[list[int]]


def draw(seed: int) -> Draws:
    """The same chance for the same seed: PCG64, gaps before tasks before pauses.

    Raises ValueError for a seed beyond its limits.
    """
    within("seed", seed, 0, MOST_SEED, "which chance")
    rng = np.random.default_rng(seed)
    gaps = rng.integers(THOUSAND // 2, THOUSAND * 3 // 2, COUNTS["script"]).tolist()
    tasks = rng.integers(THOUSAND // 2, THOUSAND * 3 // 2, MAILS).tolist()
    pauses = rng.integers(THOUSAND // 2, THOUSAND, (MAILS, COUNTS["attempts"])).tolist()
    return Draws(gaps, tasks, pauses)
