"""Ten systems, each with a promise, a bite, a crash and a source that can be looked up."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from html.parser import HTMLParser

import pytest

from course_lib.promises import Promise, promises

THE_PAGE = {  # the systems that the page names
    "RabbitMQ",
    "Amazon SQS",
    "Azure Service Bus",
    "Apache Kafka",
    "Google Pub/Sub",
    "Redis Pub/Sub",
    "Amazon EventBridge",
    "NATS",
    "Stripe webhooks",
    "GitHub webhooks",
}


class Cells(HTMLParser):
    """The tags of a table, and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, dict(attrs)))


def test_each_system_of_the_page_is_there_once() -> None:
    """Ten, and Kafka only once though the page lists it twice."""
    names = [promise.system for promise in promises()]
    assert len(names) == 10
    assert set(names) == THE_PAGE


@pytest.mark.parametrize("promise", promises(), ids=lambda promise: promise.system)
def test_each_row_is_whole(promise: Promise) -> None:
    """No field is empty, texts are sentences, and the link is a web address."""
    for field in fields(promise):
        assert getattr(promise, field.name)
    for text in (promise.promise, promise.bites, promise.crash):
        assert text.rstrip(")").endswith(".") and "  " not in text and "\n" not in text
    assert promise.link.startswith("https://")


@pytest.mark.parametrize("promise", promises(), ids=lambda promise: promise.system)
def test_what_happens_after_a_crash_agrees_with_its_sentence(promise: Promise) -> None:
    """The one word and the sentence do not contradict each other."""
    crash = promise.crash.lower()
    words = {"again": r"again", "lost": r"^lost", "either": r"lost.*again"}
    assert re.search(words[promise.after_crash], crash)
    assert ("twice" in crash) == (promise.after_crash != "lost")


@pytest.mark.parametrize(
    ("said", "sure"),
    [
        ("Once.", "read in the maker's text"),
        ("Once (quoted).", "read in the maker's text; where marked, quoted by others"),
        (
            "A (derived). B (measured).",
            "read in the maker's text; where marked, measured; where marked, derived",
        ),
    ],
)
def test_how_sure_we_are_is_read_from_the_marks(said, sure) -> None:
    """Quoted, measured and derived sentences are told apart from those that were read."""
    plain = replace(promises()[0], promise="", crash="", bites=said)
    assert plain.sure == sure


def test_no_mark_is_misspelt() -> None:
    """The only short words in brackets are the three marks."""
    for promise in promises():
        for text in (promise.promise, promise.bites, promise.crash):
            assert set(re.findall(r"\((\w+)\)", text)) <= {"quoted", "measured", "derived"}


@pytest.mark.parametrize("promise", promises(), ids=lambda promise: promise.system)
def test_each_row_says_on_which_day_it_was_read(promise: Promise) -> None:
    """Defaults move, so text and table give the day of each system: they are read one by one."""
    assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", promise.checked)
    said = f"checked on {promise.checked}"
    own = promises(promise.pattern)
    assert said in " ".join(repr(own).split()) and said in own._repr_html_()


def test_the_table_has_headings_for_its_columns_and_rows() -> None:
    """Each cell can be told by name: th with a scope, one a system and one a row."""
    html = promises("queue")._repr_html_()
    scopes = [attrs.get("scope") for tag, attrs in Cells(html).found if tag == "th"]
    assert scopes == ["col"] * 3 + ["row"] * 6
    assert sum(tag == "td" for tag, _ in Cells(html).found) == 3 * 6 + 1
    assert "id=" not in html


def test_the_text_holds_what_the_table_holds() -> None:
    """Who sees no HTML reads the same."""
    for promise in promises():
        text = " ".join(repr(promises()).split())
        for part in (promise.system, promise.promise, promise.bites, promise.crash):
            assert " ".join(part.split()) in text


def test_a_pattern_that_is_none_is_told() -> None:
    """The sentence lists those that there are."""
    with pytest.raises(ValueError, match=r"no pattern 'queues'; there are: log, publish/sub"):
        promises("queues")


def test_a_word_that_is_none_is_refused() -> None:
    """A typing mistake in the facts is found when they are read."""
    with pytest.raises(ValueError, match="RabbitMQ: after_crash is 'maybe'"):
        replace(promises()[0], after_crash="maybe")
