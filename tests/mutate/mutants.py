"""What a mutant is: a module's source with one small change, such as `<` for `<=`.

Changed are comparisons, arithmetic, and/or/not, numbers by one, yes and no, texts to nothing, ends
of slices by one, conditions, what is returned, min for max, and statements that are dropped. Left
alone are annotations, decorators, docstrings and what is imported for types.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

SWAPS: dict[type[Any], type[Any]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
SAID_BY_NEGATION = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
LEFT_ALONE = {"annotation", "returns", "decorator_list", "type_params", "format_spec"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
LONGEST = 60  # letters of an expression in a mutant's name
CONDITIONS = {"test", "ifs"}


@dataclass(frozen=True)
class Mutant:
    """One change, and the module compiled with it."""

    name: str
    """What stands in `left.toml`: where it is, the old and the new, with no line number."""
    line: int
    inside: bool
    """Whether it changes the body of a function, which runs when it is called."""
    code: CodeType


def mutants(path: Path) -> list[Mutant]:
    """All mutants of a file, in the order of its lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    seen: Counter[str] = Counter()
    found: list[Mutant] = []
    for place in _places(tree):
        for new in _changes(place.node, place.field):
            name = f"{place.where or 'module'}: {_shown(place.node)} → {_shown(new)}"
            seen[name] += 1
            name += f" ({seen[name]})" if seen[name] > 1 else ""
            place.put(new)
            code = compile(ast.fix_missing_locations(tree), str(path), "exec", dont_inherit=True)
            place.put(place.node)
            found.append(Mutant(name, place.node.lineno, place.inside, code))
    return found


def _shown(node: ast.AST) -> str:
    """In one line that is not too long."""
    if isinstance(node, ast.Return) and node.value:
        return f"return {_shown(node.value)}"
    text = ast.unparse(node).split("\n")[0]
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"


@dataclass(frozen=True)
class _Place:
    """Where an expression or a statement is."""

    where: str
    inside: bool
    node: Any
    parent: ast.AST
    field: str
    number: int

    def put(self, new: ast.AST) -> None:
        """Let something else stand there."""
        value = getattr(self.parent, self.field)
        if isinstance(value, list):
            value[self.number] = new
        else:
            setattr(self.parent, self.field, new)


def _places(node: ast.AST, where: str = "", inside: bool = False) -> Iterator[_Place]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        where = f"{where}.{node.name}".lstrip(".")
    for field, value in ast.iter_fields(node):
        if field in LEFT_ALONE:
            continue
        within = inside or (field == "body" and isinstance(node, FUNCTIONS))
        for number, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST) or _is_no_code(child, node):
                continue
            if isinstance(child, ast.expr | ast.stmt):
                yield _Place(where, within, child, node, field, number)
            yield from _places(child, where, within)


def _is_no_code(node: ast.AST, parent: ast.AST) -> bool:
    """Docstrings, what is there for types alone, and the prose of an f-string."""
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    held = parent if isinstance(parent, ast.JoinedStr) else node
    text = node.value if isinstance(node, ast.Expr) else node
    return isinstance(held, ast.JoinedStr | ast.Expr) and isinstance(text, ast.Constant)


def _changes(node: ast.AST, field: str) -> Iterator[ast.AST]:
    """All that may stand in the place of a node, which is its parent's `field`."""
    match node:
        case ast.Compare(ops=operators):
            for number, operator in enumerate(operators):
                new = [*operators[:number], SWAPS[type(operator)](), *operators[number + 1 :]]
                yield _like(node, ops=new)
        case ast.BinOp() | ast.BoolOp() | ast.AugAssign() if type(node.op) in SWAPS:
            yield _like(node, op=SWAPS[type(node.op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield _like(node, value=not value)
        case ast.Constant(value=int(value) | float(value)):
            yield _like(node, value=value + 1)
            yield _like(node, value=value - 1)
        case ast.Constant(value=str(value)) if value:
            yield _like(node, value="")
        case ast.Subscript(slice=ast.Slice() as cut):
            for end in ("lower", "upper"):
                bound = getattr(cut, end)
                if bound is not None and not isinstance(bound, ast.Constant):
                    more = ast.BinOp(bound, ast.Add(), ast.Constant(1))
                    yield _like(node, slice=_like(cut, **{end: more}))
        case ast.Name(id=name, ctx=ast.Load()) if name in NAMES:
            yield _like(node, id=NAMES[name])
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield _like(node, value=ast.Constant(None))
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
    if field in CONDITIONS and isinstance(node, ast.expr) and _negation_is_new(node):
        yield ast.UnaryOp(ast.Not(), node)
    if _may_be_dropped(node):
        yield ast.Pass()


def _like(node: ast.AST, **changed: Any) -> ast.AST:
    """A copy of a node in which some fields differ."""
    return ast.copy_location(type(node)(**{**dict(ast.iter_fields(node)), **changed}), node)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _negation_is_new(test: ast.expr) -> bool:
    """Whether the opposite of a condition is a change that no other makes."""
    if isinstance(test, ast.Compare):
        return len(test.ops) > 1 or not isinstance(test.ops[0], SAID_BY_NEGATION)
    return not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))


def _may_be_dropped(node: ast.AST) -> bool:
    """Statements without which the module still compiles and all names are still there."""
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Attribute) and node.value is not None
    return isinstance(node, ast.Expr | ast.Raise | ast.AugAssign | ast.Delete)
