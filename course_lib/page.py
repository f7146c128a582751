"""Pages and pieces of HTML, made from templates in which every fact is text unless it says so.

    render("facts.html", caption="What is promised", rows=[["", "RabbitMQ"], ["Pattern", "queue"]])
    render("staff/grading/feedback_page.html", …)

A name is that of a file in `templates`, or its path in this folder: what only instructors may have
stands beside their code. A fact that a template asks for and nobody gave is an error. The filter
`inline` shows the little Markdown of a question. Jinja2 is imported when the first page is made.
"""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .quiz.markup import inline

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent


def render(name: str, **facts: Any) -> str:
    """The HTML that a template makes of these facts; raises jinja2's errors for a fault of ours."""
    return _templates().get_template(name).render(facts).removesuffix("\n")


@cache
def _templates() -> Environment:
    """All templates, each read and compiled once."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        """A fact as text. Quotes are written as `html` writes them: outputs are stored that way."""
        return value if hasattr(value, "__html__") else Markup(escape(str(value)))

    templates = Environment(
        loader=FileSystemLoader([HERE / "templates", HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.filters["inline"] = lambda text: Markup(inline(text))
    return templates
