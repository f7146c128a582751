"""The seeds of many streams at once are numpy's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.load.seeds import FEW, LIMIT, Seed, sequences

EDGES = [0, 1, 2**32 - 1, 2**32, 2**63, LIMIT - 1]


def state_of(source: object) -> object:
    return np.random.PCG64(source).state  # type: ignore[arg-type]


@given(st.lists(st.integers(0, LIMIT - 1), min_size=FEW, max_size=FEW), st.integers(0, 2))
def test_a_stream_begins_where_numpy_begins_it(some: list[int], which: int) -> None:
    """Whatever the seeds are, in every bit of the generator's state."""
    seeds = some + EDGES
    made = sequences(seeds, which)
    assert all(isinstance(source, Seed) for source in made)
    for seed, source in zip(seeds, made, strict=True):
        assert state_of(source) == state_of(np.random.SeedSequence(seed, spawn_key=(which,)))


@pytest.mark.parametrize("seeds", [[5], range(FEW - 1), [*range(FEW), LIMIT], [2**200] * FEW])
def test_few_seeds_and_long_ones_are_left_to_numpy(seeds: list[int]) -> None:
    """Few cost less there, and a seed may have any number of digits."""
    made = sequences(seeds, 1)
    assert [source.generate_state(4).tolist() for source in made] == [
        np.random.SeedSequence(seed, spawn_key=(1,)).generate_state(4).tolist() for seed in seeds
    ]
