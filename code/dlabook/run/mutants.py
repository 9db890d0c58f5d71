"""Try whether a check cell can fail: change what its assertions test, one place at a time.

Not mutmut, because that changes a package and runs its tests: here an assertion of a notebook's
cell is tried in the kernel that ran the cells before it.

A check compares two sides. A *mutant* is the cell with one place changed (a
sign, a factor, an index, the largest for the smallest) that feeds one side
only, or with one place changed in a function that the sides call. An
assertion is proved able to fail when a mutant makes it fail. What feeds both
sides is changed last: the assertion then states a property of it. Tolerances,
random draws and the comparison itself are left alone. An assertion that has
one expression on both sides, or solves a formula for another of its letters,
is not proved by anything in its cell.

A mutant that does not fail by an assertion but breaks the code in another
way proves nothing.
"""

from __future__ import annotations

import ast
import copy
import inspect
import io
import itertools
import json
import os
import re
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

TRIES = 60  # of mutants for an assertion
LIMIT = 60.0  # seconds of CPU for a cell, after which none is begun

CLOSE = {"assert_close", "assert_allclose", "assert_array_equal", "assert_equal"}
SAME = {"equal", "isclose", "allclose", "array_equal"}
WRAPPERS = {"all", "any", "bool", "item", "tolist", "abs", "max", "amax", "min", "mean", "float"}
TOLERANCES = {"atol", "rtol", "abs_tol", "rel_tol", "eps", "dtype", "dim", "axis", "generator"}
DATA = {"manual_seed", "Generator", "default_rng", "randn", "rand", "randint", "seeded"}
LEFT_ALONE = DATA | {"print", "glue", "outcome"}
SWAPS = {
    **{"max": "min", "amax": "amin", "argmax": "argmin", "maximum": "minimum", "sin": "cos"},
    **{"min": "max", "amin": "amax", "argmin": "argmax", "minimum": "maximum", "cos": "sin"},
    **{"ceil": "floor", "floor": "ceil", "sinh": "cosh", "cosh": "sinh", "tan": "sin"},
    **{"any": "all", "all": "any", "mean": "sum", "real": "imag", "exp": "expm1"},
    **{"log": "log1p", "log2": "log1p", "log10": "log1p", "le": "ge", "ge": "le", "sqrt": "square"},
    **{"zeros": "ones", "clamp_min": "clamp_max", "square": "abs", "angle": "abs", "ifft": "fft"},
    **{"repeat": "tile", "outer": "add", "cumsum": "cumprod", "range": "reversed"},
}
ELEMENTWISE = {"log", "log2", "log10", "log1p", "exp", "expm1", "sqrt", "square", "pow", "abs"}
ELEMENTWISE |= {"sin", "cos", "tan", "tanh", "sinh", "cosh", "atan", "acos", "asin", "sigmoid"}
ELEMENTWISE |= {"int", "float", "round", "item", "double", "tensor", "as_tensor", "Tensor", "db"}
ELEMENTWISE |= {"ones", "zeros", "full", "full_like", "ones_like", "zeros_like", "expand"}
ELEMENTWISE |= {"linspace", "arange", "range", "enumerate", "zip", "radians", "degrees", "logit"}
ELEMENTWISE |= {"isclose", "allclose", "all", "any", "bool", "max", "min", "amax", "hypot"}
SHARED = (ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.expr_context)  # one for all places
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
OPERATORS |= {ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv}
ORDERS = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq}
ORDERS |= {ast.NotEq: ast.Eq}


@dataclass
class Check:
    """An assertion of a cell: its place, its sides, and what is known of it."""

    number: int
    node: ast.stmt
    sides: list[ast.expr]
    text: str
    proof: str | None = None
    twice: bool = False  # both sides are one expression
    scalar: bool = False  # they differ by calculation with letters only


@dataclass
class Mutant:
    """A changed cell, or a changed function: what was changed, and for which checks it counts."""

    text: str
    tree: ast.Module
    checks: set[int]
    patch: Callable[[], Callable[[], None]] | None = None


@dataclass
class Cell:
    """A cell's tree, its assertions, and the statements that bind each name."""

    source: str
    tree: ast.Module = field(init=False)
    checks: list[Check] = field(init=False)
    binders: dict[str, list[ast.stmt]] = field(init=False)
    top: dict[int, int] = field(init=False)

    def __post_init__(self):
        self.tree = ast.parse(self.source)
        _number_places(self.tree)
        self.top = {node.place: k for k, s in enumerate(self.tree.body) for node in ast.walk(s)}
        self.checks = [
            Check(k, node, _sides_of(node), _one_line(node))
            for k, node in enumerate(n for n in ast.walk(self.tree) if _is_assertion(n))
        ]
        self.binders = {}
        for statement in ast.walk(self.tree):
            if isinstance(statement, ast.stmt):
                for name in _bound_names(statement):
                    self.binders.setdefault(name, []).append(statement)
        for check in self.checks:
            check.twice = self.is_same_twice(check)
            check.scalar = self.is_calculation(check)

    def feeders(self, roots: list[ast.expr]) -> dict[int, ast.AST]:
        """The nodes that a side's value comes from: its own, and those that bind its names."""
        found: dict[int, ast.AST] = {}
        names: list[ast.Name] = []

        def take(node: ast.AST) -> None:
            for part in ast.walk(node):
                if part.place is not None and part.place not in found:
                    found[part.place] = part
                    if isinstance(part, ast.Name):
                        names.append(part)

        for root in roots:
            take(root)
        while names:
            for statement in self.reaching(names.pop()):
                for part in _values_of(statement):
                    take(part)
        return found

    def reaching(self, name: ast.Name) -> list[ast.stmt]:
        """The statements that may have bound a name where it is used.

        Those before the last plain assignment at the top level of the cell are
        left out, and those after the statement of the cell that uses it. In a
        function all count, since it may be called anywhere.
        """
        here = self.top[name.place]
        binders = self.binders.get(name.id, [])
        if isinstance(self.tree.body[here], ast.FunctionDef):
            return binders
        plain = [
            self.top[b.place]
            for b in binders
            if b in self.tree.body and self.top[b.place] < here and _rebinds(b, name.id)
        ]
        first = max(plain, default=-1)
        return [
            b
            for b in binders
            if first <= self.top[b.place] <= here
            and not (b is self.tree.body[here] and isinstance(b, ast.Assign))
        ]

    def shared_sites(self, check: Check) -> list[ast.AST]:
        """Places in the statements that feed both sides, of which the assertion says a property."""
        if len(check.sides) < 2:
            return []
        one, other = (self.feeders([side]) for side in check.sides[:2])
        return [node for place, node in sorted(one.items()) if place in other]

    def sites(self, check: Check) -> list[ast.AST]:
        """Places that feed one side of the assertion only; all of them if it has one side."""
        fed = [self.feeders([side]) for side in check.sides]
        if self.is_property(check):
            return [node for _, node in sorted({**fed[0], **fed[1]}.items())]
        out = []
        for i, places in enumerate(fed):
            others = set().union(*(set(o) for j, o in enumerate(fed) if j != i))
            out += [node for place, node in sorted(places.items()) if place not in others]
        return out

    def is_property(self, check: Check) -> bool:
        """Whether one side is a part of the other, as in ``P(P(x))`` and ``P(x)``."""
        if len(check.sides) != 2:
            return False
        whole = [{ast.dump(node) for node in ast.walk(side)} for side in check.sides]
        one, other = (ast.dump(side) for side in check.sides)
        return one != other and (one in whole[1] or other in whole[0])

    def is_calculation(self, check: Check) -> bool:
        """Whether all that tells the sides apart is arithmetic and elementary functions.

        No sum, no product of matrices, no search, no call of the library: where the
        sides are single numbers too, such a check only solves a formula for another
        letter. It counts if a change of a function that both sides come from makes it fail.
        """
        two = len(check.sides) == 2 or not _is_inequality(check.node)
        return two and not any(self.computes(node) for node in self.sites(check))

    def computes(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call):
            name = _name_of_call(node)
            own = [b for b in self.binders.get(name, []) if isinstance(b, ast.FunctionDef)]
            if own:
                return any(self.computes(part) for f in own for s in f.body for part in ast.walk(s))
            return name not in ELEMENTWISE and name not in DATA
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, ast.MatMult)
        return isinstance(node, (ast.AugAssign, ast.comprehension, ast.While))

    def is_same_twice(self, check: Check) -> bool:
        """Whether both sides are one expression, names that are bound once written out."""
        if len(check.sides) != 2:
            return False
        return ast.dump(self.written_out(check.sides[0])) == ast.dump(
            self.written_out(check.sides[1])
        )

    def written_out(self, node: ast.expr, depth: int = 8) -> ast.expr:
        binders = self.binders

        class WriteOut(ast.NodeTransformer):
            def visit_Name(self, name):
                statements = binders.get(name.id, [])
                if depth and len(statements) == 1 and isinstance(statements[0], ast.Assign):
                    target = statements[0].targets[0]
                    if isinstance(target, ast.Name):
                        value = copy.deepcopy(statements[0].value)
                        return outer.written_out(value, depth - 1)
                return name

        outer = self
        return WriteOut().visit(copy.deepcopy(node))


def _number_places(tree: ast.AST) -> None:
    """Give each node a number that its copies keep."""
    for i, node in enumerate(ast.walk(tree)):
        node.place = None if isinstance(node, SHARED) else i


def _is_assertion(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and _name_of_call(node.value) in CLOSE
    )


def _is_inequality(node: ast.stmt) -> bool:
    """Whether an assertion says that something is less or more, and not how close."""
    orders = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    text = ast.unparse(node)
    return "abs(" not in text and any(isinstance(part, orders) for part in ast.walk(node))


def _name_of_call(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _one_line(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def _sides_of(node: ast.stmt) -> list[ast.expr]:
    """The two sides of an assertion's comparison; one, if it compares with a bound."""
    if isinstance(node, ast.Expr):
        return list(node.value.args[:2])
    return _sides_of_test(node.test)


def _sides_of_test(test: ast.expr) -> list[ast.expr]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _sides_of_test(test.operand)
    if isinstance(test, ast.BoolOp):
        return [test]
    if isinstance(test, ast.Compare):
        parts = [test.left, *test.comparators]
        if len(parts) == 2 and any(_is_number(part) for part in parts):
            (inner,) = [p for p in parts if not _is_number(p)] or [parts[0]]
            return _difference_of(inner)
        if (
            len(parts) == 2
            and isinstance(test.ops[0], (ast.Lt, ast.LtE))
            and _is_distance(parts[0])
        ):
            return _difference_of(parts[0])  # the other is a tolerance
        return parts if len(parts) == 2 else [test]
    if isinstance(test, ast.Call):
        name = _name_of_call(test)
        if name in SAME:
            if len(test.args) >= 2:
                return list(test.args[:2])
            return [test.func.value, *test.args[:1]]
        if name in WRAPPERS and isinstance(test.func, ast.Attribute) and not test.args:
            return _sides_of_test(test.func.value)
        if name in WRAPPERS and test.args:
            return _sides_of_test(test.args[0])
    return [test]


def _is_number(node: ast.expr) -> bool:
    return all(
        isinstance(part, (ast.Constant, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop))
        for part in ast.walk(node)
    )


def _is_distance(node: ast.expr) -> bool:
    """Whether an expression is ``abs(...)`` or ``(...).abs()``, also the largest of it."""
    while isinstance(node, ast.Call) and _name_of_call(node) in WRAPPERS:
        if _name_of_call(node) == "abs":
            return True
        if not isinstance(node.func, ast.Attribute):
            return False
        node = node.func.value
    return False


def _difference_of(node: ast.expr) -> list[ast.expr]:
    """The two sides of ``abs(a - b)``, ``(a - b).abs().max()``; else the whole."""
    whole = node
    while isinstance(node, ast.Call) and _name_of_call(node) in WRAPPERS:
        if isinstance(node.func, ast.Attribute) and not node.args:
            node = node.func.value
        elif node.args:
            node = node.args[0]
        else:
            break
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        right = node.right
        return [node.left, right] if not _is_number(right) else [node.left]
    return [whole]


def _bound_names(statement: ast.stmt) -> set[str]:
    """Names that a statement binds, or whose elements it sets."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = list(statement.targets)
    elif isinstance(statement, (ast.AugAssign, ast.AnnAssign, ast.For)):
        targets = [statement.target]
    elif isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        # x.append(y), f(x).backward(): what is changed in place
        func = statement.value.func
        if isinstance(func, ast.Attribute):
            inner = func.value
            return {n.id for n in ast.walk(inner) if isinstance(n, ast.Name)}
        return set()
    names = set()
    while targets:
        target = targets.pop()
        if isinstance(target, ast.Name):
            names.add(target.id)
        elif isinstance(target, (ast.Tuple, ast.List)):
            targets += target.elts
        elif isinstance(target, (ast.Subscript, ast.Attribute, ast.Starred)):
            targets.append(target.value)
    return names


def _rebinds(statement: ast.stmt, name: str) -> bool:
    """Whether a statement gives a name a new value, and does not only change the old one."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return True
    if not isinstance(statement, ast.Assign):
        return False
    stored = [n for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    used = [n for n in ast.walk(statement.value) if isinstance(n, ast.Name)]
    return any(n.id == name and isinstance(n.ctx, ast.Store) for n in stored) and not any(
        n.id == name for n in used
    )


def _values_of(statement: ast.stmt) -> list[ast.AST]:
    """What the bound value is made from."""
    if isinstance(statement, ast.Assign):
        indices = [t.slice for t in statement.targets if isinstance(t, ast.Subscript)]
        return [statement.value, *indices]
    if isinstance(statement, ast.AugAssign):
        return [statement]
    if isinstance(statement, ast.For):
        return [statement.iter]
    if isinstance(statement, ast.Expr):
        return [] if _is_assertion(statement) else [statement.value]
    return [statement]


# ------------------------------------------------------------------ changes


def changes(node: ast.AST) -> Iterator[tuple[int, Callable[[ast.AST], ast.AST | None]]]:
    """Changes of one node: how soon to try it, and what does it to a copy of the node."""
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        new = OPERATORS[type(node.op)]
        yield 0 if new in (ast.Add, ast.Sub) else 1, lambda n: _set_field(n, "op", new())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield 0, lambda n: n.operand
    elif isinstance(node, ast.Call) and _name_of_call(node) in SWAPS:
        yield 2, _swap_name
    elif isinstance(node, ast.Attribute) and node.attr == "real":
        yield 3, lambda n: _set_field(n, "attr", "imag")
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in ORDERS:
        yield 3, lambda n: _set_field(n, "ops", [ORDERS[type(n.ops[0])](), *n.ops[1:]])
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield 4, lambda n: ast.Constant(shifted(n.value))
        if type(node.value) is int:
            yield 5, lambda n: ast.Constant(n.value - 1)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield 4, lambda n: ast.Constant(not n.value)
    if isinstance(node, ast.Call):
        owner = getattr(node.func, "value", None)
        if node.args and isinstance(node.args[0], (ast.Name, ast.Call)):
            yield 5, _negate_argument
        elif not node.args and isinstance(owner, (ast.Name, ast.BinOp)):
            yield 5, _negate_owner


def shifted(value: float) -> float:
    return value + 1 if isinstance(value, int) else (value * 1.1 or 0.1)


def _set_field(node: ast.AST, name: str, value) -> ast.AST:
    setattr(node, name, value)
    return node


def _swap_name(node: ast.Call) -> ast.Call:
    if isinstance(node.func, ast.Name):
        node.func.id = SWAPS[node.func.id]
    else:
        node.func.attr = SWAPS[node.func.attr]
    return node


def _negate_argument(node: ast.Call) -> ast.Call:
    return _set_field(node, "args", [ast.UnaryOp(ast.USub(), node.args[0]), *node.args[1:]])


def _negate_owner(node: ast.Call) -> ast.Call:
    node.func.value = ast.UnaryOp(ast.USub(), node.func.value)
    return node


def _left_alone(tree: ast.AST) -> set[int]:
    """Places of tolerances, seeds and random draws, annotations, docstrings and messages."""
    places: set[int] = set()

    def leave(node: ast.AST | None) -> None:
        if node is not None:
            places.update(part.place for part in ast.walk(node))

    for node in ast.walk(tree):
        if (isinstance(node, ast.keyword) and node.arg in TOLERANCES) or (
            isinstance(node, ast.Call) and _name_of_call(node) in DATA
        ):
            leave(node)
        elif isinstance(node, ast.arg):
            leave(node.annotation)
        elif isinstance(node, (ast.JoinedStr, ast.Raise)):
            leave(node)
        elif isinstance(node, ast.FunctionDef):
            leave(node.returns)
    return places


def changed(tree: ast.AST, place: int, change: Callable) -> tuple[ast.AST, str]:
    """A copy of a tree with one node changed, and the change in words."""
    twin = copy.deepcopy(tree)

    class Change(ast.NodeTransformer):
        words = ""

        def visit(self, node):
            if getattr(node, "place", None) == place:
                before = shown(node)
                after = change(node)
                Change.words = f"{before} -> {shown(after)}"
                return after
            return self.generic_visit(node)

    twin = Change().visit(twin)
    return ast.fix_missing_locations(twin), Change.words


def shown(node: ast.AST) -> str:
    text = _one_line(node)
    return text if len(text) < 80 else text[:77] + "..."


# ------------------------------------------------------------------ mutants


def mutants(cell: Cell, namespace: dict) -> list[Mutant]:
    """Mutants of a cell, the likeliest first."""
    own = _changed_cells(cell, cell.sites)
    shared = _changed_cells(cell, cell.shared_sites)
    return own + list(_function_mutants(cell, namespace)) + shared


def _changed_cells(cell: Cell, sites: Callable[[Check], list[ast.AST]]) -> list[Mutant]:
    """The cell with one of the sites changed, the likeliest changes first."""
    alone = _left_alone(cell.tree)
    wanted: dict[int, set[int]] = {}
    nodes: dict[int, ast.AST] = {}
    for check in cell.checks:
        if not check.twice and not check.scalar:
            for node in sites(check):
                if node.place not in alone:
                    wanted.setdefault(node.place, set()).add(check.number)
                    nodes[node.place] = node
    found = []
    for place, node in nodes.items():
        for rank, change in changes(node):
            tree, words = changed(cell.tree, place, change)
            found.append((rank, place, Mutant(words, tree, wanted[place])))
    return _spread_out([m for _, _, m in sorted(found, key=lambda item: item[:2])])


def _spread_out(found: list[Mutant]) -> list[Mutant]:
    """So ordered that each assertion's first mutants come before any assertion's tenth."""
    turns: dict[int, int] = {}
    keyed = []
    for mutant in found:
        turn = min(turns.get(k, 0) for k in mutant.checks)
        for k in mutant.checks:
            turns[k] = turns.get(k, 0) + 1
        keyed.append((turn, mutant))
    return [mutant for _, mutant in sorted(keyed, key=lambda pair: pair[0])]


def _function_mutants(cell: Cell, namespace: dict) -> Iterator[Mutant]:
    """Changes in the bodies of the functions that the sides call, of this book and its library."""
    calls: dict[int, tuple[object, set[int]]] = {}
    for check in cell.checks:
        if check.twice:
            continue
        for node in cell.feeders(check.sides).values():
            for function in _functions_named(node, namespace):
                calls.setdefault(id(function), (function, set()))[1].add(check.number)
    yield from _in_turn([list(_body_mutants(f, cell.tree, c)) for f, c in calls.values()])


def _in_turn(lists: list[list]) -> Iterator:
    """The first of each, then the second of each, and so on."""
    for turn in range(max(map(len, lists), default=0)):
        for each in lists:
            if turn < len(each):
                yield each[turn]


def _functions_named(node: ast.AST, namespace: dict) -> list:
    """The functions of the book that a name or an attribute of a cell stands for."""
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return []
    thing = resolve(node, namespace)
    if thing is None:
        return []
    found = [thing]
    if isinstance(thing, type):
        found = list(vars(thing).values())
    found = [getattr(f, "fget", None) or getattr(f, "func", None) or f for f in found]
    found = [inspect.unwrap(f) if callable(f) else f for f in found]
    return [f for f in found if inspect.isfunction(f) and _is_ours(f)]


def _functions_that_name(labels: list[str]) -> dict[str, list]:
    """Loaded functions of the library, by the equations that their docstrings name."""
    found: dict[str, dict] = {}
    patterns = {label: re.compile(rf"{re.escape(label)}(?![\w-])") for label in labels}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] != "dla":
            continue
        for thing in list(vars(module).values()):
            if getattr(thing, "__module__", None) != name:
                continue
            members = [thing, *vars(thing).values()] if isinstance(thing, type) else [thing]
            for member in members:
                inner = getattr(member, "fget", None) or getattr(member, "func", None) or member
                inner = inspect.unwrap(inner) if callable(inner) else inner
                if inspect.isfunction(inner) and inner.__doc__:
                    for label, pattern in patterns.items():
                        if pattern.search(inner.__doc__):
                            found.setdefault(label, {})[id(inner)] = inner
    return {label: list(functions.values()) for label, functions in found.items()}


def _all_called(cell: Cell, namespace: dict, depth: int = 3) -> list:
    """The functions of the book that a cell's assertions come from, and those that they call."""
    found: dict[int, object] = {}

    def add(node: ast.AST, names: dict, depth: int) -> None:
        for function in _functions_named(node, names):
            if id(function) not in found:
                found[id(function)] = function
                body = _source_of(function) if depth else None
                for part in ast.walk(body) if body else ():
                    add(part, function.__globals__, depth - 1)

    for check in cell.checks:
        for node in cell.feeders(check.sides).values():
            add(node, namespace, depth)
    return list(found.values())


def _source_of(function) -> ast.FunctionDef | None:
    """The tree of a function without its decorators; None if it cannot be had."""
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError):
        return None
    if not isinstance(body, ast.FunctionDef):
        return None
    body.decorator_list = []
    return body


def resolve(node: ast.AST, namespace: dict):
    if isinstance(node, ast.Name):
        return namespace.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = resolve(node.value, namespace)
        if owner is None:
            return None
        if type(owner).__module__.startswith("dla"):
            return vars(type(owner)).get(node.attr)
        if inspect.ismodule(owner) or isinstance(owner, type):
            return getattr(owner, node.attr, None)
    return None


def _is_ours(function) -> bool:
    module = function.__module__ or ""
    return module in ("__main__",) or module.split(".")[0] == "dla"


def _body_mutants(
    function, tree: ast.Module, checks: set[int], depth: int = 2, seen: set | None = None
) -> Iterator[Mutant]:
    seen = set() if seen is None else seen
    if id(function) in seen or function.__code__.co_freevars:
        return
    seen.add(id(function))
    body = _source_of(function)
    if body is None:
        return
    _number_places(body)
    alone = _left_alone(body)
    found = []
    for node in ast.walk(body):
        if node.place in alone or isinstance(node, ast.FunctionDef):
            continue
        for rank, change in changes(node):
            found.append((rank, node.place, change))
    for _, place, change in sorted(found, key=lambda item: item[:2]):
        twin, words = changed(body, place, change)
        text = f"{function.__module__}.{function.__qualname__}: {words}"
        yield Mutant(text, tree, checks, _patcher(function, twin))
    if depth:
        for node in ast.walk(body):
            for other in _functions_named(node, function.__globals__):
                yield from _body_mutants(other, tree, checks, depth - 1, seen)


def _patcher(function, body: ast.FunctionDef) -> Callable[[], Callable[[], None]]:
    """Puts a changed body into a function, wherever it was imported; returns what undoes it."""

    def patch() -> Callable[[], None]:
        module = ast.fix_missing_locations(ast.Module([body], []))
        made: dict = {}
        exec(compile(module, "<mutant>", "exec"), function.__globals__, made)
        code, function.__code__ = function.__code__, made[body.name].__code__
        return lambda: setattr(function, "__code__", code)

    return patch


def written_mutants(cell: Cell, lines: list[str]) -> list[Mutant]:
    """Mutants that a cell's metadata name: ``old -> new``.

    Raises:
        ValueError: a line has no arrow, or the cell does not hold what it replaces.
    """
    found = []
    for line in lines:
        old, arrow, new = (part.strip() for part in line.partition(" -> "))
        if not arrow or old not in cell.source:
            raise ValueError(f"mutant {line!r}: expected 'old -> new' with an old of the cell")
        twin = Cell(cell.source.replace(old, new, 1))
        if len(twin.checks) != len(cell.checks):
            raise ValueError(f"mutant {line!r} changes the number of assertions")
        found.append(Mutant(line, twin.tree, {c.number for c in cell.checks if not c.twice}))
    return found


# ------------------------------------------------------------------ runs


def _softened(tree: ast.Module) -> ast.Module:
    """A tree whose assertions note that they failed, and go on."""
    twin = copy.deepcopy(tree)
    numbers = {id(node): k for k, node in enumerate(n for n in ast.walk(twin) if _is_assertion(n))}

    class Soften(ast.NodeTransformer):
        def visit(self, node):
            if id(node) in numbers:
                note = ast.parse(
                    f"try:\n pass\nexcept AssertionError as e:\n __note__({numbers[id(node)]}, e)"
                ).body[0]
                note.body = [node]
                return ast.copy_location(note, node)
            return self.generic_visit(node)

    return ast.fix_missing_locations(Soften().visit(twin))


class SpoiltError(RuntimeError):
    """Mutants have changed more than their own names."""


class OutOfTime(BaseException):
    """A mutant ran too long."""


def _run_mutant(
    mutant: Mutant, namespace: dict, start: Callable[[], None], limit: float
) -> tuple[set[int], str | None]:
    """Run a mutant: the assertions that fail, and what else broke it."""
    failed: set[int] = set()

    def note(number: int, error: AssertionError) -> None:
        if " for attribute " not in str(error):  # another shape is no other value
            failed.add(number)

    def stop(*_) -> None:
        raise OutOfTime

    broke, undo = None, None
    before = signal.signal(signal.SIGPROF, stop)
    try:
        signal.setitimer(signal.ITIMER_PROF, limit, 0.5)  # again, if a library swallows it
        start()
        undo = mutant.patch() if mutant.patch else None
        namespace["__note__"] = note
        exec(compile(_softened(mutant.tree), "<mutant>", "exec"), namespace)
    except (Exception, OutOfTime) as error:
        broke = f"{type(error).__name__}: {error}"[:200]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        if undo:
            undo()
    return failed, broke


def run_apart(
    mutant: Mutant, namespace: dict, start: Callable[[], None], limit: float
) -> tuple[set[int], str | None]:
    """`_run_mutant` in a copy of this process: what it changes in place is thrown away with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            failed, broke = _run_mutant(mutant, namespace, start, limit)
            os.write(writing, json.dumps([sorted(failed), broke]).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    failed, broke = json.loads(answer or '[[], "died"]')
    return set(failed), broke


def try_cell(
    source: str,
    namespace: dict,
    start: Callable[[], None],
    *,
    labels: list[str],
    written: list[str],
    run: Callable = _run_mutant,
) -> dict:
    """Look for a mutant that fails, for each assertion of a cell.

    Args:
        source: of the cell.
        namespace: in which the cell ran.
        start: puts the namespace as it was before the cell ran.
        labels: of the equations that the cell checks. Where its assertions come from functions of
            the library whose docstrings name one, these are changed too; then one has to fail.
        written: mutants from the cell's metadata.
        run: `_run_mutant`, or `run_apart`, which is slower.

    Raises:
        SpoiltError: afterwards the cell itself fails, since a mutant has changed in place what
            an earlier cell made. Try again in a fresh copy of the process, with `run_apart`.

    Returns:
        ``assertions``: of each its text and its mutant or None; ``labels``: the same for
        those equations that functions name; ``tried``, ``seconds``, and ``error``, if any.
    """
    cpu = time.process_time()
    cell = Cell(source)
    for check in cell.checks:
        check.scalar = check.scalar and not any(_is_array(s, namespace) for s in check.sides)
    unchanged = Mutant("", cell.tree, set())
    failed, broke = run(unchanged, namespace, start, LIMIT)
    once = time.process_time() - cpu
    answer = {"assertions": [[c.text, None] for c in cell.checks], "labels": {}, "tried": 0}
    if failed or broke:
        reason = broke or f"{cell.checks[min(failed)].text} fails"
        return {**answer, "error": f"run a second time, the cell itself: {reason}"}

    tried = 0

    def failing(mutant: Mutant) -> set[int]:
        nonlocal tried
        tried += 1
        failed = run(mutant, namespace, start, 0.2 + 4 * once)[0] & mutant.checks
        for k in failed:
            cell.checks[k].proof = cell.checks[k].proof or mutant.text
        return failed

    def in_time() -> bool:
        return time.process_time() - cpu < LIMIT

    for mutant in written_mutants(cell, written):
        failing(mutant)
    called = {id(f) for f in _all_called(cell, namespace)}
    sound = {c.number for c in cell.checks if not c.twice}
    proofs: dict[str, str | None] = {}
    for label, functions in _functions_that_name(labels).items():
        used = [f for f in functions if id(f) in called]
        lists = [list(_body_mutants(f, cell.tree, sound, 1)) for f in used]
        if used:
            tries = itertools.islice(_in_turn(lists), TRIES)
            proofs[label] = next((m.text for m in tries if in_time() and failing(m)), None)
    tries = dict.fromkeys(range(len(cell.checks)), 0)
    for mutant in mutants(cell, namespace):
        still = {k for k in mutant.checks if not cell.checks[k].proof and tries[k] < TRIES}
        if still and in_time():
            for k in still:
                tries[k] += 1
            failing(mutant)
    if run is _run_mutant and any(run(unchanged, namespace, start, LIMIT)):
        raise SpoiltError("a mutant changed in place what an earlier cell had made")
    return {
        "assertions": [[c.text, c.proof] for c in cell.checks],
        "labels": proofs,
        "tried": tried,
        "seconds": round(time.process_time() - cpu, 2),
    }


def _is_array(side: ast.expr, namespace: dict) -> bool:
    """Whether a side of an assertion, as the cell left it, is more than one number."""
    try:
        value = eval(compile(ast.Expression(side), "<side>", "eval"), namespace)
        return getattr(value, "nelement", lambda: getattr(value, "size", 1))() > 1
    except Exception:
        return False


def silence(shell) -> None:
    """In a copy of a kernel: nothing that is printed or shown reaches the notebook."""
    sys.stdout = sys.stderr = io.StringIO()
    shell.display_pub.publish = lambda *args, **options: None


def main(
    shell, before: dict, source: str, labels: list[str], written: list[str], *, apart: bool
) -> dict | None:
    """What `dlabook.run.proofs` asks of a copy of the kernel: `try_cell`; None if it is spoilt."""
    silence(shell)
    namespace = shell.user_ns

    def start() -> None:
        bindings, states = before["names"], before["states"]
        for name in [n for n in namespace if n not in bindings]:
            del namespace[name]
        namespace.update(bindings)
        for set_state, state in states:
            set_state(state)

    run = run_apart if apart else _run_mutant
    try:
        return try_cell(source, namespace, start, labels=labels, written=written, run=run)
    except SpoiltError:
        return None
