"""The pages that say what can be called: every public name is there, with a docstring."""

from __future__ import annotations

import re

import pytest

from course_lib.staff.web import reference
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return reference.pages(ROOT)


@pytest.mark.parametrize("name", reference.MODULES)
def test_every_function_and_class_is_said_in_words(name: str, pages: dict[str, str]) -> None:
    """Below its heading stand a signature and a sentence; a method has them too."""
    parts = re.split(r"^##+ (.*)\n", pages[name], flags=re.M)
    assert parts[0].split("\n", 1)[1].strip(), "the module says nothing of itself"
    texts = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert texts
    silent = [
        one
        for one, text in texts.items()
        if not re.sub(r"```python.*?```", "", text, flags=re.S).strip()
    ]
    assert silent == []


def test_the_names_of_lessons_are_there(pages: dict[str, str]) -> None:
    """With their arguments, as they are called."""
    assert "## run\n\n```python\ndef run(main: Main, *, clock:" in pages["course_lib"]
    assert "## simulate\n" in pages["course_lib.load"]
    assert "### Trace.show\n" in pages["course_lib"]


def test_each_argument_is_a_line_of_a_list(pages: dict[str, str]) -> None:
    """And what numpydoc underlines is no heading beside the names."""
    assert "**Parameters**\n\n- `rate : float`: Arrivals per second" in pages["course_lib.load"]
    assert "\n- `ValueError" in pages["course_lib.load"]
    assert [name for name, text in pages.items() if re.search(r"^(?:---+|===+)$", text, re.M)] == []
