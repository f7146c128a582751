"""The little Markdown of questions: one reader, whose forms all show the same, or a refusal."""

from __future__ import annotations

from html import unescape

import mistune
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from course_lib.quiz import Question, practice_questions, read_bank
from course_lib.quiz.markup import faults, inline, markdown, pieces, plain
from course_lib.widgets.questions import practice
from tests.conftest import ROOT

QUESTIONS = [
    *practice_questions().values(),
    *read_bank(ROOT / "quizzes" / "questions.toml"),
]
COMMONMARK = mistune.create_markdown(escape=True)


def texts_of(question: Question) -> list[str]:
    """All that somebody reads of it."""
    texts = [question.stem, question.heading]
    return texts + [t for c in question.choices for t in (c.text, c.feedback, c.misconception)]


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("`a<b` is *not* <b>", "<code>a&lt;b</code> is <em>not</em> &lt;b&gt;"),
        ("`*args` and `*more`", "<code>*args</code> and <code>*more</code>"),
        ("2 * 3 * 4, and a `", "2 * 3 * 4, and a `"),
        ("* no end", "* no end"),
        ("(*a* `b`)", "(<em>a</em> <code>b</code>)"),
        ("2*3*4", "2*3*4"),
        ("*a `b` c*", "*a <code>b</code> c*"),
        ("", ""),
    ],
)
def test_code_and_emphasis_are_elements_and_the_rest_is_text(text: str, page: str) -> None:
    """Nothing of a text can become a tag of its own, and a lone mark is itself."""
    assert inline(text) == page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a `b*c*_d` *e* f", "a `b*c*_d` *e* f"),
        ("a * b * c", r"a \* b \* c"),
        ("$5 < $6", r"\$5 \< \$6"),
        ("x_1 [y](z) <b>", r"x\_1 \[y\](z) \<b\>"),
        ("# not a heading", r"\# not a heading"),
        ("1. not a list", r"1\. not a list"),
        ("- not a list", r"\- not a list"),
        ("*a_b*", r"*a\_b*"),
    ],
)
def test_only_code_and_emphasis_are_markdown(text: str, shown: str) -> None:
    """Nothing else in a bank becomes a formula, a link, HTML, a list or a heading."""
    assert markdown(text) == shown


def test_a_widget_gets_the_pieces() -> None:
    """In Python's order, with the element of each; the browser reads no Markdown."""
    assert pieces("a `b` *c*") == [("", "a "), ("code", "b"), ("", " "), ("em", "c")]
    assert pieces("`b`") == [("code", "b")]
    shown = practice("good-night")
    assert shown.question["stem"] == pieces(shown.asked.stem)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_every_text_that_we_have_is_shown_alike(question: Question) -> None:
    """A notebook's renderer makes of the Markdown what every page shows."""
    for text in texts_of(question):
        assert list(faults(text)) == []
        assert_alike(text)


def assert_alike(text: str) -> None:
    rendered = str(COMMONMARK(markdown(text))).strip()
    assert unescape(rendered) == unescape(f"<p>{inline(text)}</p>" if text else "")


@given(st.text(alphabet="ab1 *`_[]()<>&.-+#!|~$\"'é:", max_size=14))
@example("*a*_b")
@example("+ a")
@example("12) a")
@example("a&amp;b")
def test_what_is_not_refused_is_shown_alike(text: str) -> None:
    """Whatever a text holds: a notebook shows what the pages show, or the bank is refused."""
    text = plain(text)
    if not list(faults(text)):
        assert_alike(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("\x1b[31m", "holds U+001B, which no file of an export can hold"),
        ("a\x07", "holds U+0007"),
        ("a\0b", "holds U+0000"),
        ("\x7f\x9f", "holds U+007F, U+009F"),
        ("\ufffe", "holds U+FFFE"),
        ("\U0001ffff", "holds U+1FFFF"),
        ("\ufdd0", "holds U+FDD0"),
        ("\ud800", "holds U+D800"),
        ("### BEGIN SOLUTION", "holds BEGIN SOLUTION or its END, which nbgrader cuts out"),
        ("x END SOLUTION", "holds BEGIN SOLUTION or its END"),
        ("BEGIN HIDDEN TESTS", "holds BEGIN HIDDEN TESTS or its END"),
        ("=== END MARK SCHEME ===", "holds BEGIN MARK SCHEME or its END"),
        ("# AUTOTEST x", "holds AUTOTEST, by which nbgrader makes tests"),
        ("**bold**", "has a * that neither stands alone"),
        ("f(*args)", "has a * that neither stands alone"),
        ("*a `b` c*", "has a * that neither stands alone"),
        ("2*3", "has a * that neither stands alone"),
        ("a `b", "has a ` without a partner"),
        ("``a``", "has a ` without a partner, or two in a row"),
        ("a ` b`", "has code that begins or ends with a space"),
        ("see [this](http://example.org)", "has a link, which is shown nowhere"),
        ("![p](p.png)", "has a link"),
        (r"so \(x\)", "has a formula"),
        (r"\begin{x}", "has a formula"),
        ("so $$x^2$$", "has a formula"),
    ],
)
def test_what_some_form_cannot_show_is_refused(text: str, what: str) -> None:
    """In words, with the way out."""
    found = list(faults(text))
    assert found[0].startswith(what) and "; " in found[0]


@pytest.mark.parametrize(
    "text",
    ["2 * 3 * 4", "`**kwargs`", "a_b", "x < y > z", "$5", "[a]", "(b)", "BEGIN", "é “ü” 😀 \u200d",
     "`[a](b)`", "`*`", "100 %", r"C:\new", "#1", "@@0@@"],
)  # fmt: skip
def test_what_only_looks_odd_is_shown(text: str) -> None:
    """Signs that mean something elsewhere are themselves."""
    assert list(faults(text)) == []
    assert_alike(text)
