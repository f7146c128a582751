"""A video: parts, chunks, and who may see it when."""

from __future__ import annotations

import pytest

from course_lib.flow import run
from course_lib.scenarios.video_upload import (
    CUT,
    DOWN,
    MODERATE,
    SD,
    SERIAL,
    WORK,
    Video,
    process,
    upload,
)


@pytest.mark.parametrize("main", [upload, process])
def test_the_same_every_time(main) -> None:
    """Two runs give one and the same trace."""
    assert run(main()) == run(main())


@pytest.mark.parametrize("parts", [1, 2, 7, 20])
def test_an_upload_takes_400_seconds(parts) -> None:
    """1 GB at 20 Mbit/s, in however many parts."""
    assert run(upload(parts=parts)).result == pytest.approx(400, abs=1e-6)


@pytest.mark.parametrize(("parts", "seconds"), [(1, 710), (2, 510), (20, 410)])
def test_a_broken_line_costs_the_part_under_way(parts, seconds) -> None:
    """In one piece all that was sent is lost, in 20 parts only half of one."""
    trace = run(upload(parts=parts, outage="line"))
    assert trace.result == pytest.approx(seconds)
    assert [mark.time for mark in trace.marks] == [CUT]


@pytest.mark.parametrize("chunks", [1, 2, 4, 16, 64, 1_000])
def test_chunks_follow_amdahls_law(chunks) -> None:
    """240 min · (5 % + 95 % / n): 26 min for 16 chunks, and never under 12 min."""
    best = run(process(chunks=chunks)).result.best
    assert best == pytest.approx(WORK * (SERIAL + (1 - SERIAL) / chunks))
    assert best > 12
    assert chunks != 16 or best == pytest.approx(26.25)


@pytest.mark.parametrize(
    ("gate", "outage", "public", "unchecked"),
    [
        (False, None, SD, MODERATE - SD),
        (False, "moderation", SD, DOWN + MODERATE - SD),
        (True, None, MODERATE, 0),
        (True, "moderation", DOWN + MODERATE, 0),
    ],
)
def test_only_a_gate_keeps_unchecked_videos_from_the_public(
    gate, outage, public, unchecked
) -> None:
    """With the gate an outage delays; without it, an outage exposes for 62 minutes."""
    video = run(process(gate=gate, outage=outage)).result
    assert video.public == pytest.approx(public)
    assert video.unchecked == pytest.approx(unchecked)


def test_a_slow_first_version_is_not_shown_before_it_exists() -> None:
    """The gate waits for both."""
    assert Video(watchable=8, best=26, decided=3, public=8).unchecked == 0


@pytest.mark.parametrize("main", [upload, process])
def test_an_outage_that_does_not_exist_is_told(main) -> None:
    """The sentence names the one that does."""
    with pytest.raises(ValueError, match="no outage 'mail'; take outage="):
        run(main(outage="mail"))


def test_a_gate_is_there_or_not() -> None:
    """A text would be taken for yes, also "no"."""
    with pytest.raises(ValueError, match="gate is 'no'; take True or False"):
        run(process(gate="no"))


@pytest.mark.parametrize("work", [lambda: upload(parts=0), lambda: process(chunks=0)])
def test_no_part_at_all_is_told(work) -> None:
    """In a sentence, and not as a division by zero."""
    with pytest.raises(ValueError, match="is 0; give 1 or more"):
        run(work())
