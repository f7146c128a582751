"""What cells set a name to: read as it is written, and never run.

    settings("answer_1", ['answer_1 = "B"'])[-1].value

Only literals at the top level of a cell count. Whatever else sets the name, under a condition, in a
loop or by computing, is told with its line, for a person to look at.
"""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

UNSEEN = ("Cf", "Zs")  # Unicode's format characters and spaces
SHOWN = 40  # characters of what a student wrote
LONGEST = 100_000  # characters of a cell that is read: some texts take Python the square of these
TOO_DEEP = (RecursionError, MemoryError)  # what Python's parsers say to ten thousand brackets
OWN_NAMES = (  # what stands inside sets names of its own
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
CONDITIONS = (ast.If, ast.Match, ast.Try, ast.TryStar)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
CHANGES = ("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort")
"""Methods by which a list becomes another one."""
QUOTES = "\"'`´‘’‚‛“”„‟«»‹›＂＇"
BRACKETS = "()[]{}<>「」『』【】《》〈〉"
SPELLED = re.compile(r"([^\W\d_]+)[\s_.#–-]{0,2}0*(\d+|[lI])(?![^\W_])")
"""A word and a number, as answer_1 is written by some: answer 1, Answer-1, answer_l."""
ALIKE = 0.75
"""How much of a word must be that of a name, from 0 to 1; awnser is 0.83 of answer."""
ONES = str.maketrans("lI", "11")
UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u2e80-\ud7ff"
"""Scripts with no gap before what is of another one, as in 选B, B번 or ข้อB; of a regex."""
SEAM = re.compile(rf"(?<=[{UNSPACED}])(?=[^\W{UNSPACED}])|(?<=[^\W{UNSPACED}])(?=[{UNSPACED}])")
WORD = re.compile(r"[^\W\d_]{2}")
"""What is in a text of words or of code, and not in one that is a number or a letter."""
LONGEST_LINE = 1_000
"""Characters of a line that a name is looked for in, if nothing sets it."""
NOT_SET = "is not set by what stands there"
"""Of a name that attempt() has found a line of."""
FAR = 3
"""Words before a name with which a line is no sentence about it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One place that sets a name."""

    text: str
    """What it is set to, as Python writes it, in short."""
    value: Any = None
    """Of a literal."""
    fault: str = ""
    """Why there is no value, as the end of a sentence that begins with the name."""
    person: bool = False
    """Whether somebody has to look what is meant."""
    mended: bool = False
    """Whether something had to be overlooked to see a literal."""
    word: bool = False
    """Whether the value stands there without quotes."""


def settings(name: str, cells: Sequence[str]) -> list[Setting]:
    """All that the cells set the name to, from top to bottom; the last one counts."""
    found = [one for cell in cells for one in _of_cell(name, cell)]
    words = {one.value for one in found if one.word}
    variables = {word for word in words if any(_mentions_setting(word, cell) for cell in cells)}
    return [_computed(one) if one.word and one.value in variables else one for one in found]


def attempt(name: str, lines: Iterable[str], is_value: Callable[[str], bool]) -> str:
    """The first line, in short, that names it beside a value, in whatever spelling: where nothing
    sets the name, this may be meant to, as `"B" -> answer_1` or `Answer 1: B`. Empty if none does.
    """
    return next((short(line) for line in lines if _beside(name, line, is_value)), "")


def short(text: str) -> str:
    """The text in one line of at most SHOWN characters, each sign that nobody sees by its number:
    one that turns the writing would turn all that stands behind it.
    """
    text = " ".join(text.split())
    text = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text[: SHOWN + 1])
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def shown(value: Any) -> str:
    """A literal's value in short, as Python writes it."""
    try:
        return short(repr(value))
    except (ValueError, *TOO_DEEP):  # thousands of digits, or of brackets
        return "something without end"


def plain(text: str) -> str:
    """The text as one would have typed it: compatible forms of signs by the signs themselves."""
    return unicodedata.normalize("NFKC", text).strip()


def visible(text: str) -> str:
    """The text without signs that nobody sees, such as those that turn the direction of writing;
    every space as the usual one, every equals sign and colon too.
    """
    kinds = {char: unicodedata.category(char) for char in set(text)}
    shown = {char: " " if kind == "Zs" else "" for char, kind in kinds.items() if kind in UNSEEN}
    variants = dict.fromkeys(map(chr, range(0xFE00, 0xFE10)), "")  # which form of an emoji
    signs: dict[str, str | int | None] = {"＝": "=", "：": ":", **shown, **variants}
    return text.translate(str.maketrans(signs))


def _of_cell(name: str, cell: str) -> Iterator[Setting]:
    if name not in unicodedata.normalize("NFKC", cell[:LONGEST]):
        return
    if len(cell) > LONGEST:
        fault = (
            f"stands in a cell of {len(cell):,} characters, of which at most {LONGEST:,} are read"
        )
        yield Setting("a long cell", fault=fault, person=True)
        return
    try:
        with warnings.catch_warnings(action="ignore"):  # what Python thinks of their style
            statements = ast.parse(cell).body
    except (SyntaxError, ValueError, *TOO_DEEP):
        yield from _of_lines(name, cell)
        return
    for statement in statements:
        if _is_arrow(name, statement):
            yield from _of_lines(name, ast.get_source_segment(cell, statement) or "")
        for value in _values(name, statement):
            yield _read(value, statement, cell)


def _is_arrow(name: str, statement: ast.stmt) -> bool:
    """Whether it is `answer_1 <- "B"`, as R sets a name: to Python a comparison with -"B"."""
    compared = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(compared, ast.Compare)
        and isinstance(compared.ops[0], ast.Lt)
        and isinstance(compared.comparators[0], ast.UnaryOp)
        and _is(name, compared.left)
    )


def _values(name: str, statement: ast.stmt) -> Iterator[ast.AST]:
    """What a statement sets the name to; the statement itself if that is not plain to see."""
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _matched(name, target, statement.value)
    elif isinstance(statement, ast.AnnAssign):
        typed = statement.annotation
        colon = isinstance(typed, ast.Constant) and isinstance(typed.value, str)
        letter = isinstance(typed, ast.Name) and len(typed.id) == 1  # a type has a longer name
        value = statement.value or (typed if colon or letter else None)  # answer_1: "B"
        if value:
            yield from _matched(name, statement.target, value)
    elif _sets(name, statement):
        yield statement


def _matched(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.AST]:
    """What `target = value` sets the name to; the target if that is not plain to see."""
    together = (ast.Tuple, ast.List)  # answer_1, answer_2 = "A", "B"
    if isinstance(target, ast.Name):
        if target.id == name:
            yield value
    elif (
        isinstance(target, together)
        and isinstance(value, together)
        and len(target.elts) == len(value.elts)
    ):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _matched(name, one, other)
    elif _sets(name, target):
        yield target


def _sets(name: str, node: ast.AST) -> bool:
    """Whether it sets the name somewhere inside, as `if`, `for` and `+=` may do."""
    inside = [(node, True)]
    while inside:
        node, ours = inside.pop()
        if (ours and _binds(name, node)) or (isinstance(node, ast.Global) and name in node.names):
            return True
        ours = ours and not isinstance(node, OWN_NAMES)
        inside += [(child, ours) for child in ast.iter_child_nodes(node)]
    return False


def _binds(name: str, node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Store)
    if isinstance(node, ast.Subscript):  # order_1[0] = 3
        return _is(name, node.value) and isinstance(node.ctx, ast.Store)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _is(name, node.func.value) and node.func.attr in CHANGES
    if isinstance(node, ast.alias):
        return (node.asname or node.name) == name
    # A function or class of this name, a caught error, what a pattern matches.
    return not isinstance(node, ast.arg) and getattr(node, "name", None) == name


def _is(name: str, node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _read(value: ast.AST, statement: ast.stmt, cell: str) -> Setting:
    """What one value says, by itself."""
    written = short(_unparsed(value))
    if value is statement:
        return _computed(Setting(written), _how(statement), _line(statement, cell))
    try:
        return Setting(written, ast.literal_eval(value))
    except (ValueError, TypeError, SyntaxError, *TOO_DEEP):
        if isinstance(value, ast.Name) and isinstance(value.ctx, ast.Load):
            return Setting(written, value.id, mended=True, word=True)
        return _computed(Setting(written), where=_line(statement, cell))


def _computed(one: Setting, how: str = "by computing", where: str = "") -> Setting:
    return replace(one, value=None, fault=f"is set {how}{where or f': {one.text}'}", person=True)


def _how(statement: ast.stmt) -> str:
    if isinstance(statement, CONDITIONS):
        return "under a condition"
    if isinstance(statement, LOOPS):
        return "in a loop"
    return "in a function" if isinstance(statement, FUNCTIONS) else "by computing"


def _line(statement: ast.stmt, cell: str) -> str:
    lines = cell.splitlines()[statement.lineno - 1 : statement.lineno]
    return f", in line {statement.lineno} of its cell: {short(''.join(lines))}"


def _of_lines(name: str, cell: str) -> Iterator[Setting]:
    """What lines `name = …` of a cell say that is no Python as a whole."""
    lines = cell.splitlines()
    # With the name of a type, or as := and :, or with an arrow, or forgotten before a quote.
    sign = rf"(?::[ \t]*\w+[ \t]*=|:?=|:|<-+|->|[←→]|(?=[{re.escape(QUOTES)}]))(?!=)"
    for number, line in enumerate(lines, start=1):
        seen = _plainly(line, name)
        found = re.search(rf"(?<!\w){name}[ \t]*{sign}(.*)", seen)
        before = seen[: found.start()] if found else ""
        if not found or set(before) & {*QUOTES, "#"} or len(re.findall(r"\w+", before)) > 1:
            continue  # a comment, or a sentence about it
        if before:
            where = "an indented line" if before.isspace() else "a line that begins otherwise"
            fault = f"is set in a cell that is no Python, in {where}: {short(line)}"
            yield Setting(short(line), fault=fault, person=True)
        else:
            below = "\n".join(lines[number:])
            yield _of_line(found[1].partition("#")[0].strip(), short(line), below)


def _plainly(line: str, name: str) -> str:
    """The line with all that one sees, and with the name as it should be written."""
    seen = visible(line)
    for word in re.findall(r"\w+", seen):
        if unicodedata.normalize("NFKC", word) == name:
            seen = seen.replace(word, name)
    return seen


def _of_line(value: str, line: str, below: str) -> Setting:
    """What stands behind the equals sign: a literal, or one with quotes or brackets amiss."""
    try:
        return Setting(line, ast.literal_eval(value), mended=True)
    except (ValueError, TypeError, SyntaxError, *TOO_DEEP):
        signs = f"[{re.escape(QUOTES)}]"
        bare = plain(re.sub(signs, "", value)).strip(BRACKETS + " \t=;")
    if re.fullmatch(r"[\w ,.;:]+", bare) and re.search(r"\w", bare):
        if _goes_on(below):
            return Setting(line, fault=f"goes on below this line: {line}", person=True)
        return Setting(line, bare, mended=True)
    # Also with nothing there: who leaves an answer out leaves the quotes as they are.
    return Setting(line, fault=f"is in a line that is no Python: {line}", person=True)


def _goes_on(below: str) -> bool:
    """Whether the next line is of nothing but numbers, letters that stand alone, and signs."""
    line = next(iter(below.strip().splitlines()), "").partition("#")[0]
    words = re.findall(r"\w+", line)
    return "=" not in line and bool(words) and all(len(w) == 1 or w.isdigit() for w in words)


def _beside(name: str, line: str, is_value: Callable[[str], bool]) -> bool:
    """Whether the name, or one like it, stands in the line, and a value anywhere else in it."""
    line = plain(visible(line[:LONGEST_LINE]))
    stem, _, number = name.rpartition("_")
    for found in SPELLED.finditer(line):
        if number not in (found[2], found[2].translate(ONES)):
            continue
        before, after = (words_in(part) for part in (line[: found.start()], line[found.end() :]))
        like = SequenceMatcher(None, found[1].lower(), stem).ratio() >= ALIKE
        if like and len(before) <= FAR and any(map(is_value, (*before, *after))):
            return True
    return False


def words_in(text: str) -> list[str]:
    """Its words, its letters that stand alone and its numbers."""
    return re.findall(r"[^\W\d_]+|\d+", apart(text))


def apart(text: str) -> str:
    """The text with a gap wherever a script that is written without gaps begins or ends."""
    return SEAM.sub(" ", text)


def _mentions_setting(word: str, cell: str) -> bool:
    """Whether a word without quotes is a variable of the student's."""
    try:
        with warnings.catch_warnings(action="ignore"):
            statements = ast.parse(cell).body if word in cell and len(cell) <= LONGEST else []
    except (SyntaxError, ValueError, *TOO_DEEP):
        return False
    return any(_sets(word, statement) for statement in statements)


def _unparsed(node: ast.AST) -> str:
    """As Python writes it, so that quotes, gaps and comments make no difference."""
    try:
        return ast.unparse(node)
    except (ValueError, *TOO_DEEP):  # thousands of digits, or of signs
        return "something without end"
