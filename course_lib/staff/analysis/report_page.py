"""The item analysis as one HTML page that asks nothing of the network and runs no script.

Whatever a student or a bank wrote is escaped, and the page's own policy forbids all but its style.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from course_lib.quiz import Question
from course_lib.quiz.markup import inline

from .item_analysis import Analysis, Discrimination, Figures, Held, Share, caution, percent
from .submissions import Sheet, Unread

STYLE = """
:root { color-scheme: light dark; --ink: #1b2430; --soft: #4d5967; --paper: #ffffff;
  --line: #c9d1da; --bar: #2f6db3; --key: #1d7a4c; --stripe: #f3f6f9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --soft: #b3bfcc; --paper: #14191f;
  --line: #46515e; --bar: #6ea8e6; --key: #5cc492; --stripe: #1c232b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; line-height: 1.2; } h2 { margin: 2.5rem 0 .5rem; } h3 { margin: 2rem 0 .25rem; }
p, ul { max-width: 44rem; margin: .5rem 0; }
.soft, caption, small { color: var(--soft); }
.wide { overflow-x: auto; }
table { width: 100%; min-width: 36rem; border-collapse: collapse; margin: .75rem 0; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow-wrap: break-word; }
thead th { border-bottom-width: 2px; white-space: nowrap; }
tbody th { font-weight: 600; }
tr.key { background: var(--stripe); }
.count { min-width: 9.75rem; white-space: nowrap; }
.track { display: block; height: .6rem; width: 8rem; margin-top: .2rem;
  border: 1px solid var(--soft); }
.bar { display: block; height: 100%; background: var(--bar); print-color-adjust: exact; }
.key .bar { background: var(--key); }
.tag { border: 1px solid currentColor; border-radius: .25rem; padding: 0 .35rem;
  color: var(--key); white-space: nowrap; font-size: .875rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem;
  margin: 1rem 0; } .facts div { border: 1px solid var(--line); padding: .6rem .8rem; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; font-size: 1.25rem; font-weight: 600; }
.facts dd small { display: block; font-size: .875rem; font-weight: 400; }
@media print { h3, tr { break-after: avoid; break-inside: avoid; } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """Who handed in what, for the parts of the page that are about people."""

    assignment: str
    sheets: Sequence[Sheet]
    unread: Sequence[Unread]
    due_known: bool
    names: bool
    """Whether the page may name students."""

    @property
    def late(self) -> list[str]:
        late = [one.student for one in self.sheets if one.late]
        return late + [one.student for one in self.unread if one.late]


def page(analysis: Analysis, people: Class) -> str:
    """The whole page, in HTML."""
    title = f"Item analysis of {escape(people.assignment)}"
    parts = [_head(people), _cautions(analysis), _misconceptions(analysis, people.names)]
    parts += [_overview(analysis), _scores(analysis)]
    parts += ["<h2>Question by question</h2>"]
    parts += [_question(n, one) for n, one in enumerate(analysis.figures, start=1)]
    parts += [_unread(people), _unclear(people, analysis), SOURCES]
    body = "\n".join(part for part in parts if part)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def _head(people: Class) -> str:
    read, unread, late = len(people.sheets), len(people.unread), len(people.late)
    lateness = f"{late}" if people.due_known else "–"
    why = "after the due date; they count" if people.due_known else "no due date is set"
    named = _named(people.late) if people.names and people.late else ""
    facts = [
        ("Handed in", str(read + unread), "the newest submission of each student"),
        ("Read", str(read), "all shares below are of these"),
        ("Late", lateness, why + named),
        ("Could not be read", str(unread), "listed at the end" if unread else "all is well"),
    ]
    shown = "\n".join(
        f"<div><dt>{name}</dt><dd>{number} <small>{words}</small></dd></div>"
        for name, number, words in facts
    )
    return (
        '<p class="soft">For instructors: this page holds the right answers'
        + (" and the names of students" if people.names else "; it names no student")
        + f'. Answers were read from the notebooks, nothing was run.</p>\n<dl class="facts">\n'
        f"{shown}\n</dl>"
    )


def _cautions(analysis: Analysis) -> str:
    said = "\n".join(f"<p>{escape(sentence)}</p>" for sentence in caution(analysis.students))
    return f"<h2>How much can be concluded</h2>\n{said}"


def _misconceptions(analysis: Analysis, names: bool) -> str:
    title = "<h2>Misconceptions your class holds</h2>\n"
    if not analysis.held:
        return title + "<p>None was shown by any answer.</p>"
    rows = [_misconception(held, names) for held in analysis.held]
    return title + _table(
        "Most frequent first: what the choices taken stand for, and what to teach again",
        ("What they believe", "Students", "Shown by", "Teach again"),
        rows,
    )


def _misconception(held: Held, names: bool) -> str:
    who = _named(held.students) if names else ""
    where = ", ".join(f"{number}&nbsp;{letter}" for number, _, letter in held.shown_by)
    lessons = dict.fromkeys(_lesson(question) for _, question, _ in held.shown_by)
    return (
        f'<tr><th scope="row">{inline(held.misconception)}{who}</th>{_share(held.share)}'
        f"<td>question {where}</td><td>{'<br>'.join(lessons)}</td></tr>"
    )


def _overview(analysis: Analysis) -> str:
    rows = [
        f'<tr><th scope="row"><a href="#question-{n}">{n}</a></th>{_share(one.right)}'
        f"<td>{_interval(one.right)}</td><td>{percent(one.guessing)}</td><td>{_told_apart(one)}</td></tr>"
        for n, one in enumerate(analysis.figures, start=1)
    ]
    head = ("Question", "Right", "In a large class, from – to", "By guessing", "Discrimination")
    return "<h2>All questions</h2>\n" + _table(
        "Share right with its interval, beside what guessing alone would give", head, rows
    )


def _scores(analysis: Analysis) -> str:
    many = len(analysis.figures)
    rows = [
        f'<tr><th scope="row">{score} of {many}</th>{_share(Share(count, analysis.students))}'
        f"<td>{percent(chance, 2)}</td></tr>"
        for score, (count, chance) in enumerate(
            zip(analysis.scores, analysis.by_chance, strict=True)
        )
    ]
    chances = "".join(
        f"<li>at least {fewest} of {many}: {percent(analysis.chance_of(fewest), 2)}</li>"
        for fewest in range(max(many - 2, 1), many + 1)
    )
    return (
        "<h2>Scores, and what guessing gives</h2>\n"
        + _table(
            "Students by score, beside the share expected if everybody guessed everything",
            ("Right", "Students", "If all guessed"),
            rows,
        )
        + f"<p>Chance to reach a score by guessing alone:</p>\n<ul>{chances}</ul>"
    )


def _question(number: int, one: Figures) -> str:
    question = one.question
    rows = []
    for letter, choice in zip(question.letters, question.choices, strict=True):
        key = letter == question.key
        belief = '<span class="tag">✓ right</span>' if key else inline(choice.misconception)
        rows.append(
            f'<tr{" class=key" if key else ""}><th scope="row">{letter}</th>'
            f"<td>{inline(choice.text)}</td>{_share(one.taken[letter])}<td>{belief}</td></tr>"
        )
    for words, count in (("none", one.unanswered), ("unclear", one.unclear)):
        if count:
            what = "no answer" if words == "none" else "no letter of a choice, see the end"
            share = _share(Share(count, one.right.of))
            rows.append(f'<tr><th scope="row">{words}</th><td>{what}</td>{share}<td></td></tr>')
    return (
        f'<h3 id="question-{number}">Question {number}: {inline(question.stem)}</h3>\n'
        f'<p class="soft">{escape(question.id)} · taught in {_lesson(question)}</p>\n'
        f"<p>{one.right.count} of {one.right.of} are right ({percent(one.right.share)}); "
        f"guessing alone gives {percent(one.guessing)}. Discrimination: {_told_apart(one)}.</p>\n"
        + _table(
            f"Question {number}: who took which choice, and what it stands for",
            ("Choice", "Text", "Students", "Misconception"),
            rows,
        )
    )


def _unread(people: Class) -> str:
    if not people.unread:
        return ""
    if people.names:
        items = [f"{escape(one.student)}: {escape(one.why)}" for one in people.unread]
    else:
        whys = Counter(one.why for one in people.unread)
        items = [f"{escape(why)}{_times(count)}" for why, count in whys.most_common()]
    return (
        "<h2>Submissions that could not be read</h2>\n<p>They are in none of the numbers above. "
        + ("" if people.names else "The command names their folders in the terminal. ")
        + f"Look at them yourself.</p>\n{_list(items)}"
    )


def _unclear(people: Class, analysis: Analysis) -> str:
    found = [
        (f"{escape(sheet.student)}, " if people.names else "")
        + f"question {number}: {escape(answer.problem)}"
        for sheet in people.sheets
        for number, answer in enumerate(sheet.answers, start=1)
        if answer.problem
    ]
    items = [f"{what}{_times(count)}" for what, count in Counter(found).most_common()]
    if not items:
        return ""
    return f"<h2>Answers to look at</h2>\n{_list(items)}"


SOURCES = """<h2>How the numbers are made</h2>
<ul>
<li>Share right: right answers of all submissions read; no answer is not right. The interval is
Wilson's, 95 % (E. B. Wilson, JASA 22, 1927, 209–212).</li>
<li>Discrimination: the point-biserial correlation of being right here with the score in all
<em>other</em> questions; the question's own points are left out of the total (S. Henrysson,
Psychometrika 28, 1963, 211–218). Above 0.2 a question does its work, near 0 it tells nobody apart,
below 0 look at its key and its wording. The interval is by Fisher's transformation, 95 %.</li>
<li>Guessing: each choice is equally likely, and questions do not depend on each other.</li>
<li>A misconception counts each student once, however many questions showed it.</li>
</ul>"""


def _told_apart(one: Figures) -> str:
    found = one.discrimination
    return _correlation(found) if found else escape(one.no_discrimination)


def _correlation(found: Discrimination) -> str:
    low, high = (_signed(edge) for edge in found.interval)
    warning = "; look at its key and wording" if found.value < 0 else ""
    return f"{_signed(found.value)} <small>({low} to {high}{warning})</small>"


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _interval(share: Share) -> str:
    low, high = share.interval
    return f"{percent(low)} – {percent(high)}"


def _share(share: Share) -> str:
    """A cell with numbers, and a bar for the eye that says the same."""
    bar = f'<span class="bar" style="width:{share.share:.0%}"></span>'
    return (
        f'<td class="count">{share.count} of {share.of} ({percent(share.share)})'
        f'<span class="track" aria-hidden="true">{bar}</span></td>'
    )


def _lesson(question: Question) -> str:
    return f"{escape(question.notebook)}, “{escape(question.heading)}”"


def _table(caption: str, head: Iterable[str], rows: Iterable[str]) -> str:
    """A table that scrolls by itself where the window is narrow, also by keyboard."""
    cells = "".join(f'<th scope="col">{name}</th>' for name in head)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption)}">\n<table>\n'
        f"<caption>{escape(caption)}</caption>\n<thead><tr>{cells}</tr></thead>\n<tbody>\n"
        + "\n".join(rows)
        + "\n</tbody>\n</table>\n</div>"
    )


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _named(students: Iterable[str]) -> str:
    return f"<br><small>{escape(', '.join(students))}</small>"


def _times(count: int) -> str:
    return f" ({count} times)" if count > 1 else ""
