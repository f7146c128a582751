"""Pages are made from templates, in which every fact is text and none is forgotten."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import pytest

from course_lib.page import HERE, _templates, render
from tests.conftest import ROOT

EVIL = "<script>alert('x')</script> \"&\""


def made(template: str, **facts: Any) -> str:
    """What a template written here makes of some facts."""
    return _templates().from_string(template).render(facts)


def test_a_fact_is_text() -> None:
    """Whoever wrote it: in an element and in an attribute, with quotes as outputs store them."""
    shown = "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &quot;&amp;&quot;"
    assert made('<p title="{{ a }}">{{ a }}</p>', a=EVIL) == f'<p title="{shown}">{shown}</p>'
    assert EVIL not in made("{% set b = a ~ a %}{{ b }}{{ a | upper }}", a=EVIL)


def test_the_little_markdown_of_a_question_is_elements() -> None:
    """And what else stands there is text."""
    assert made("{{ a | inline }}", a="`x` <b>") == "<code>x</code> &lt;b&gt;"


def test_a_fact_that_nobody_gave_is_an_error() -> None:
    """Rather than an empty place on somebody's page."""
    with pytest.raises(jinja2.UndefinedError, match="'words' is undefined"):
        render("score.html")


def test_a_template_is_compiled_once() -> None:
    """The second page is made from the first one's program."""
    assert _templates().get_template("score.html") is _templates().get_template("score.html")


def test_every_template_is_shown_by_somebody() -> None:
    """Each file that `render` names is there, and each that is there is named."""
    python = "".join(path.read_text(encoding="utf-8") for path in HERE.rglob("*.py"))
    paths = [path for ending in ("html", "md") for path in HERE.rglob(f"*.{ending}")]
    files = {path.relative_to(HERE).as_posix(): path for path in paths}
    inside = "".join(path.read_text(encoding="utf-8") for path in files.values())
    named = set(re.findall(r'\brender\(\s*"([^"]+)"', python.replace(page_itself(), "")))
    named |= set(re.findall(r'\{% (?:from|extends|include) "([^"]+)"', inside))
    assert named == {name.removeprefix("templates/") for name in files}


EXPORTS = (
    "brokers/maven.py",
    "brokers/stand_ins/service_bus/administration.py",
    "quiz/markup.py",
    "staff/forms/canvas.py",
    "staff/forms/gift.py",
    "staff/forms/qti.py",
)
"""What makes a text into elements, and files and messages for other systems."""


def test_no_page_is_written_in_python() -> None:
    """No string of the library but docstrings closes an element."""
    found = []
    for path in HERE.rglob("*.py"):
        if path.relative_to(HERE).as_posix() not in EXPORTS:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and id(node) not in prose and re.search(r"</\w", text):
                    found.append(f"{path.name}: {text[:40]}")
    assert found == []


def page_itself() -> str:
    return (HERE / "page.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("what", ["course_lib", "course_lib.promises", "course_lib.timeline"])
def test_jinja_is_imported_when_the_first_page_is_made(what: str) -> None:
    """Not before: in a browser each import is time that a student waits."""
    program = f"import sys\nimport {what}\nprint('jinja2' in sys.modules)"
    assert output_of(program) == "False"


def test_without_jinja_there_is_the_text() -> None:
    """As without matplotlib: a trace shows its table."""
    program = (
        "import sys\nsys.modules['jinja2'] = None\nfrom course_lib import Trace\n"
        "print(*Trace()._repr_mimebundle_())"
    )
    assert output_of(program) == "text/plain"


def output_of(program: str) -> str:
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_what_instructors_see_is_not_among_the_students_templates() -> None:
    """Their templates stand beside their code, in a folder that no student gets."""
    names = {path.name for path in (HERE / "templates").iterdir()}
    assert names.isdisjoint(path.name for path in Path(HERE / "staff").rglob("*.html"))
