"""The seeds of many streams at once: what numpy's `SeedSequence` makes, a few array steps for all.

numpy asks for one seed after the other, which for a thousand short days takes longer than to draw
and to serve them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

Words = NDArray[np.uint32]

LIMIT = 2**64  # above every seed that is made here: two words
FEW = 20  # so few are made faster by numpy, one by one
_POOL = 4  # words that are stirred
_WORD = 0xFFFF_FFFF


class Seed(ISeedSequence):
    """The four numbers that a PCG64 begins with, made before."""

    def __init__(self, numbers: NDArray[np.uint64]) -> None:
        self._numbers = numbers

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[np.uint64]:
        """What a PCG64 asks for: these four, whatever it says."""
        return self._numbers


class _Hash:
    """Stirs one word after the other, each with another constant than the one before."""

    def __init__(self, constant: int, factor: int) -> None:
        self._constant, self._factor = constant, factor

    def __call__(self, words: Words) -> Words:
        words = words ^ np.uint32(self._constant)
        self._constant = self._constant * self._factor & _WORD
        return _folded(words * np.uint32(self._constant))


def _folded(words: Words) -> Words:
    return words ^ words >> np.uint32(16)


def _mixed(words: Words, others: Words) -> Words:
    return _folded(np.uint32(0xCA01F9DD) * words - np.uint32(0x4973F715) * others)


def sequences(seeds: Sequence[int], which: int) -> list[ISeedSequence]:
    """`SeedSequence(seed, spawn_key=(which,))` for each, as far as a PCG64 asks it.

    References
    ----------
    M. E. O'Neill, Developing a seed_seq Alternative, 2015 (pcg-random.org), which numpy follows.
    """
    if len(seeds) < FEW or max(seeds) >= LIMIT:
        return [np.random.SeedSequence(seed, spawn_key=(which,)) for seed in seeds]
    whole = np.array(seeds, np.uint64)
    low, high = (
        (whole & np.uint64(_WORD)).astype(np.uint32),
        (whole >> np.uint64(32)).astype(np.uint32),
    )
    key = np.full_like(low, which)
    stir = _Hash(0x43B0D7E5, 0x931E8875)
    pool = [stir(words) for words in (low, high, np.zeros_like(low), np.zeros_like(low))]
    for source in range(_POOL):
        for target in range(_POOL):
            if source != target:
                pool[target] = _mixed(pool[target], stir(pool[source]))
    pool = [_mixed(words, stir(key)) for words in pool]
    draw = _Hash(0x8B51F9DD, 0x58F38DED)
    drawn = np.stack([draw(pool[number % _POOL]) for number in range(2 * _POOL)], axis=1)
    numbers = drawn.astype("<u4").view("<u8").astype(np.uint64)  # the low word first, everywhere
    return [Seed(row) for row in numbers]
