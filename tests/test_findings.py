"""The table that the runs fill in: what was seen, beside what is promised where that is not it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from course_lib.brokers import findings
from course_lib.brokers.channel import Promised
from course_lib.brokers.findings import Findings, Seen, look_at

PROMISED = Promised(
    after_crash=(1.0, 5.0), dead_letters=True, order="by key", unheard=True, restart=True
)


class Kind:
    system = "Small MQ"
    promised = PROMISED
    differs: ClassVar = {"restart": "It keeps all in memory."}


def seen(**other: str) -> Seen:
    kept: Any = {**findings.promises(PROMISED), **other}
    return Seen(Kind, "a stand-in", **kept)


def test_what_is_seen_as_promised_stands_alone() -> None:
    """How long it took is no difference."""
    table = Findings([seen(crash="comes again after 2.1 s")])
    assert table.differences() == []
    assert [*table.rows()][1] == [
        "Small MQ", "a stand-in", "comes again after 2.1 s", "yes", "in order within a key",
        "delivered 3 times, then set aside", "kept", "kept",
    ]  # fmt: skip


def test_a_difference_says_why() -> None:
    """Or that nobody knows why."""
    table = Findings([seen(restart="lost", unheard="lost")])
    assert table.differences() == [
        "Small MQ: lost; promised is: kept. Look into it!",
        "Small MQ: lost; promised is: kept. It keeps all in memory.",
    ]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"after_crash": None}, {"crash": "lost", "twice": "no"}),
        ({"dead_letters": False, "attempts": 1}, {"dead": "delivered once, then no more"}),
        ({"dead_letters": False, "attempts": None}, {"dead": "delivered again and again"}),
        ({"order": "none", "unheard": False}, {"order": "in any order", "unheard": "lost"}),
    ],
)
def test_promises_in_words(other: dict[str, Any], words: dict[str, str]) -> None:
    """The same ones in which a run is told."""
    told = findings.promises(replace(PROMISED, **other))
    assert {name: told[name] for name in words} == words


def test_a_missing_server_is_a_row() -> None:
    """Tables are added, and shown as text and as HTML."""
    table = Findings([seen()]) + Findings(["NATS is left out: apt install nats-server"])
    assert repr(table).endswith("\n\nNATS is left out: apt install nats-server")
    assert "  Nobody listens: kept\n" in repr(table)
    assert table._repr_html_().count("<tr>") == 3


@pytest.mark.parametrize(
    ("numbers", "promised", "words"),
    [
        ({"a": [0, 2], "b": [1, 3]}, PROMISED, "in order within a key"),
        ({"a": [2, 0], "b": [1, 3]}, PROMISED, "in any order"),
        ({"a": [0, 2]}, replace(PROMISED, order="none"), "in any order"),
    ],
)
def test_order_can_be_seen_to_be_broken(
    numbers: dict[str, list[int]], promised: Promised, words: str
) -> None:
    """And is never seen to be promised."""
    assert findings._order(numbers, promised) == words


def test_a_name_that_no_channel_has() -> None:
    """The message lists those that there are."""
    with pytest.raises(LookupError, match=r"there is no 'NATS'; there are: .*NATS core"):
        asyncio.run(look_at("NATS"))
