"""The time of an incident in its reader's hand, frame by frame, without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.node import in_node

END = 60_000
# Plays what is given, with frames of given lengths, and tells what was shown after each act.
STAGE = """(() => {
    let now = 0, next = null;
    globalThis.performance = { now: () => now };
    globalThis.matchMedia = () => ({ matches: given.calm });
    globalThis.requestAnimationFrame = (act) => { next = act; return 1; };
    globalThis.cancelAnimationFrame = () => { next = null; };
    const clock = player(given.end, () => {}), seen = [];
    const frame = (length) => {
        now += length;
        const act = next;
        next = null;
        act?.(now);
    };
    for (const [what, value] of given.acts) {
        if (what === "frame") frame(value);
        else clock[what](value);
        seen.push([clock.time(), clock.reached(), clock.isPlaying()]);
    }
    return seen;
})()"""


def played(folder: Path, *acts: tuple[str, int | None], calm: bool = False) -> list[Any]:
    """Time, what was reached, and whether it plays, after each act."""
    given = {"end": END, "acts": acts, "calm": calm}
    found: list[Any] = in_node("incident_player.js", "player", STAGE, given, folder)
    return found


def test_it_rests_until_it_is_started_and_stops_at_the_end(tmp_path: Path) -> None:
    """As fast as is asked; played again, it begins at the start."""
    found = played(
        tmp_path,
        ("frame", 50),
        ("hurry", 4),
        ("toggle", None),
        ("frame", 16),
        ("go", END - 100),
        ("frame", 90),
        ("toggle", None),
    )
    assert found == [
        [0, 0, False],
        [0, 0, False],
        [0, 0, True],
        [64, 64, True],
        [END - 100, END - 100, True],
        [END, END, False],
        [0, END, True],
    ]


def test_a_page_that_slept_goes_on_where_it_was(tmp_path: Path) -> None:
    """A frame that comes after a minute is one of a tenth of a second."""
    found = played(tmp_path, ("toggle", None), ("frame", 60_000), ("pause", None), ("frame", 50))
    assert found[1:] == [[100, 100, True], [100, 100, False], [100, 100, False]]


def test_what_was_reached_is_forgotten_from_a_change_on(tmp_path: Path) -> None:
    """The past stays past; who stands behind the change goes back to it."""
    found = played(tmp_path, ("go", 40_000), ("go", 10_000), ("forget", 20_000), ("forget", 5_000))
    assert [seen[:2] for seen in found] == [
        [40_000, 40_000],
        [10_000, 40_000],
        [10_000, 20_000],
        [5_000, 5_000],
    ]


def test_with_less_motion_only_whole_seconds_are_shown(tmp_path: Path) -> None:
    """As fast as otherwise."""
    found = played(tmp_path, ("toggle", None), *[("frame", 90)] * 23, calm=True)
    assert [seen[0] for seen in found] == [0] * 12 + [1_000] * 11 + [2_000]


@pytest.mark.parametrize(
    ("time", "at"), [(0, 0), (12_300, 12_300), (12_301, 12_400), (59_999, 60_000)]
)
def test_a_move_is_put_where_it_changes_nothing_seen(time: int, at: int, tmp_path: Path) -> None:
    """At the next tenth of a second, and not at the last."""
    given = {"time": time, "times": {"step": 100, "end": END}}
    expression = "momentOf(given.time, given.times)"
    assert in_node("incident_transport.js", "momentOf", expression, given, tmp_path) == at
