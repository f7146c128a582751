"""What a piece uses, read and not run: for what no run can show."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TypeGuard

DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
ASSIGNMENT = (ast.Assign, ast.AnnAssign)


def uses(cells: Sequence[str], piece: str) -> set[str]:
    """Dotted names that the piece uses, and what of the student's it calls: {"hmac.new", …}.

    An import under another name is seen through. Of two definitions the last counts, as when they
    are run. A cell that is no Python is left out.
    """
    known, modules = _read(cells)
    theirs = {
        name
        for definition in _reached(known, piece)
        for name in _names(definition)
        if name.partition(".")[0] not in known
    }
    return {_seen_through(name, modules) for name in theirs}


def compares(cells: Sequence[str], piece: str, functions: set[str]) -> bool:
    """Whether the piece uses one of these functions for something that is not known without it.

    Two that are the same, or a constant, tell nothing, nor do two that it compares by == or != as
    well. Who hands the function on, or gives it another name, is believed.
    """
    known, modules = _read(cells)
    nodes = [node for one in _reached(known, piece) for node in ast.walk(one)]
    equal = [
        {_told(node.left), _told(node.comparators[0])}
        for node in nodes
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)
    ]

    def is_one(node: ast.AST) -> bool:
        return _seen_through(_dotted(node), modules) in functions

    def is_idle(call: ast.Call) -> bool:
        both = {_told(word) for word in call.args}
        constant = any(isinstance(word, ast.Constant) for word in call.args)
        return len(call.args) == 2 and (len(both) == 1 or constant or both in equal)

    named = sum(is_one(node) for node in nodes if isinstance(node, ast.Name | ast.Attribute))
    calls = [node for node in nodes if isinstance(node, ast.Call) and is_one(node.func)]
    return named > sum(map(is_idle, calls))


def _dotted(node: ast.AST) -> str:
    """A name, or a name and what is taken of it; empty for all else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _told(node: ast.AST) -> str:
    """The same text for what is written alike; a hostile one, nested too deep, is like no other."""
    try:
        return ast.dump(node)
    except RecursionError:
        return str(id(node))


Definitions = dict[str, ast.AST]


def _read(cells: Sequence[str]) -> tuple[Definitions, dict[str, str]]:
    """What is defined by which name, and what a name stands for after an import."""
    trees = list(_trees(cells))
    nodes = [node for tree in trees for node in ast.walk(tree)]
    modules = dict(pair for node in nodes for pair in _imported(node))
    known = {
        name: node for tree in trees for node in _statements(tree.body) for name in _defined(node)
    }
    return known, modules


def _reached(known: Definitions, piece: str) -> Iterator[ast.AST]:
    """The definition of the piece, and those that it uses by name."""
    waiting, seen = [piece], set[str]()
    while waiting:
        name = waiting.pop()
        if name in known and name not in seen:
            seen.add(name)
            yield known[name]
            waiting += [one for one in _names(known[name]) if "." not in one]


def _trees(cells: Sequence[str]) -> Iterator[ast.Module]:
    for cell in cells:
        try:
            yield ast.parse(cell)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue


def _statements(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Those of a cell, also in a block, but none that only a call of something reaches."""
    waiting = list(reversed(body))
    while waiting:  # and not by calling itself: a hostile cell nests deeper than Python calls
        node = waiting.pop()
        yield node
        if not isinstance(node, DEFINITION):
            inner = ast.iter_child_nodes(node)
            blocks = [one for one in inner if isinstance(one, ast.stmt | ast.ExceptHandler)]
            waiting += reversed(blocks)


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """What a name stands for after an import."""
    if isinstance(node, ast.Import):
        for one in node.names:
            yield one.asname or one.name, one.name
    if isinstance(node, ast.ImportFrom):
        for one in node.names:
            yield one.asname or one.name, f"{node.module}.{one.name}"


def _defined(node: ast.AST) -> Iterator[str]:
    if isinstance(node, DEFINITION):
        yield node.name
    if isinstance(node, ASSIGNMENT):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (one.id for one in ast.walk(target) if _is_stored(one))


def _is_stored(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _names(definition: ast.AST) -> set[str]:
    """Names that are looked up in it, with what is taken of them; none that are its own."""
    nodes = list(ast.walk(definition))
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    if not isinstance(definition, ASSIGNMENT):
        own |= {node.id for node in nodes if _is_stored(node)}
    taken = {
        f"{node.value.id}.{node.attr}": node.value.id
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    plain = {n.id: n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return {whole for whole, first in (taken | plain).items() if first not in own}


def _seen_through(name: str, modules: dict[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return modules.get(first, first) + dot + rest
