"""A student's feedback in a browser: it can be read by everybody, and nothing in it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.conftest import ROOT
from tests.test_feedback import EVIL, hostile
from tests.test_feedback import page as feedback

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_nothing_in_the_feedback_runs_and_axe_is_content(
    page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hostile notebook's feedback: the title stays, nothing is asked for, no finding at all."""
    monkeypatch.chdir(ROOT / "quizzes")
    file = tmp_path / "feedback.html"
    file.write_text(feedback(hostile(), reveal=True), encoding="utf-8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert page.title() == "Feedback: A quiz"
    assert EVIL[:20] in page.inner_text("body")
    assert asked == [file.as_uri()]
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    page.get_by_role("link", name="Question 5").click()
    assert page.evaluate("location.hash") == "#question-5"
