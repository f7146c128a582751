"""All practice questions in a real JupyterLab. One by keyboard alone is in `test_widgets`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from course_lib.quiz import SECTIONS, Question, practice_questions
from tests.browser.live import faults, text
from tests.browser.pages import NO_KERNEL, change_theme, open_notebook, run_all, shown, write
from tests.conftest import Lab, in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

NAME = "notebooks/questions.ipynb"
IMPORT = "from course_lib.widgets import practice, score"
# Of the lessons: those of the deeper notebooks are the same widget, judged in another file's test.
QUESTIONS = {name: asked for name, asked in practice_questions().items() if not asked.deeper}
# What sticks out of a widget at its right.
WIDER = """[...document.querySelectorAll('.course-live')]
    .filter(w => w.scrollWidth > w.clientWidth).map(w => w.innerText.slice(0, 60))"""


@pytest.fixture(scope="module")
def asked(lab: Lab, browser: Any) -> Iterator[Any]:
    """A page on a notebook that asks all the questions, without a pause, and shows the score."""
    cells = (IMPORT, *map(without_pause, QUESTIONS), "score()")
    with shown(browser, lab, NAME, *cells) as page:
        page.locator(".practice").nth(len(QUESTIONS)).wait_for()
        yield page


def without_pause(name: str) -> str:
    return f'question = practice("{name}")\nquestion.pause = 0\nquestion'


def card_of(page: Any, question: Question) -> Any:
    return page.locator(".practice").filter(has=page.get_by_text(plain(question.stem), exact=True))


def plain(marked: str) -> str:
    """A text as it is read, without the marks of code and emphasis."""
    return re.sub(r"[`*]", "", marked)


def take(card: Any, letter: str) -> None:
    card.get_by_role("radio").nth(ord(letter) - ord("A")).check()
    card.get_by_role("button").click()


def test_every_choice_of_every_question_is_judged_as_the_file_says(asked: Any) -> None:
    """A wrong one first, then the right one, then a look at the others, which is no try."""
    board = asked.locator(".practice").last
    number = len(QUESTIONS)
    assert text(board) == f"Answer the {number} questions above: how it goes is shown here."
    for question in QUESTIONS.values():
        card = card_of(asked, question)
        wrong = [letter for letter in question.letters if letter != question.key]
        for letter in (wrong[0], question.key, *wrong[1:]):
            take(card, letter)
            verdict = "Right. " if letter == question.key else "Not quite. "
            said = text(card.locator(".said"))
            assert said.startswith(verdict + plain(question.choice(letter).feedback))
            assert ("try again" in said) == (letter == wrong[0])
        assert card.locator(".tried, .right").count() == 2
    board.get_by_text(
        f"{number} of {number} right: 0 at the first try, {number} after another, 0 still open."
    ).wait_for()
    links = [link.get_attribute("href") for link in board.get_by_role("link").all()]
    assert links == list(dict.fromkeys(question.link for question in QUESTIONS.values()))


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])  # the usual one last
def test_everybody_can_read_them_on_a_small_screen(asked: Any, theme: str) -> None:
    """At 400 px nothing sticks out of a question, and axe finds nothing in any of them."""
    change_theme(asked, theme)
    asked.set_viewport_size({"width": 400, "height": 900})
    wider, found = asked.evaluate(WIDER), faults(asked)
    asked.set_viewport_size({"width": 1280, "height": 1100})
    assert (wider, found) == ([], [])


def test_who_is_too_quick_is_told_to_read(lab: Lab, page: Any) -> None:
    """A second answer within the pause is not taken, and a screen reader hears why, once."""
    card = alone(lab, page, "quick", 'practice("good-night")')
    take(card, "A")
    card.get_by_role("radio").nth(2).check()
    check, hidden = card.get_by_role("button"), card.locator(".unseen[role=status]")
    assert check.get_attribute("aria-disabled") == "true"
    assert text(hidden) == ""
    check.press("Enter")
    assert re.fullmatch(r"Read the feedback first: next try in [1-5] seconds?\.", text(hidden))
    assert card.locator(".tried").count() == 1
    assert card.locator(".right").count() == 0


def test_a_question_is_judged_without_a_kernel(lab: Lab, page: Any) -> None:
    """The kernel has gone, and the feedback still comes."""
    card = alone(lab, page, "no_kernel", without_pause("good-night"))
    page.evaluate(NO_KERNEL)
    assert card.locator(".tried").count() == 0
    for letter, verdict in (("A", "Not quite."), ("C", "Right.")):
        take(card, letter)
        assert text(card.locator(".said")).startswith(verdict)


def alone(lab: Lab, page: Any, name: str, source: str) -> Any:
    """The one question of a notebook of this name."""
    write(lab, f"notebooks/{name}.ipynb", IMPORT, source)
    open_notebook(page, lab, f"notebooks/{name}.ipynb")
    run_all(page)
    return page.locator(".practice")


def test_the_end_of_a_lesson(lab: Lab, page: Any) -> None:
    """Folded feedback before it is run; then a wrong answer links up to the heading to read."""
    name = f"notebooks/{SECTIONS['key_takeaways']}"
    question = next(q for q in QUESTIONS.values() if q.section == "key_takeaways")
    open_notebook(page, lab, name)
    folded = page.locator(".course-still details")
    folded.nth(11).wait_for()
    assert folded.count() == 12  # not run yet, and untrusted: the still forms
    summary = folded.first.locator("summary")
    assert summary.text_content() == f"A {plain(question.choice('A').text)}"
    summary.click()
    folded.first.get_by_text(plain(question.choice("A").feedback)).wait_for()
    run_all(page)
    card = card_of(page, question)
    take(card, next(letter for letter in question.letters if letter != question.key))
    card.get_by_role("link", name=question.heading).click()
    heading = page.get_by_role("heading", name=question.heading).first
    page.wait_for_function(
        "heading => { const { top } = heading.getBoundingClientRect();"
        " return top >= 0 && top < innerHeight / 2; }",
        arg=heading.element_handle(),
    )
    assert len(page.context.pages) == 1


def test_a_link_from_a_deeper_notebook_leads_up_first(lab: Lab, page: Any) -> None:
    """A question of a lesson, asked in a folder below: its part to read again opens beside."""
    card = alone(lab, page, "deeper/question", without_pause("first-table"))
    take(card, "A")
    with page.context.expect_page() as beside:
        card.get_by_role("link", name=QUESTIONS["first-table"].heading).click()
    beside.value.wait_for_function(
        "window.jupyterapp?.shell.currentWidget?.context?.path === 'notebooks/01_restaurant.ipynb'"
    )
