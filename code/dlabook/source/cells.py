"""Which code is folded, the words of the line that it is folded to, and what stands above its code.

Authors tag a cell ``fold`` or ``unfold``. Without a tag a cell is folded that
holds imports, or imports and constants, and nothing else. A cell that is
tagged ``output-first`` shows what it gave above its code: so a chapter opens
with a sound, and the imports that made it come after. No tag changes what a
cell does, so an executed chapter stays valid when they do.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

FOLD, UNFOLD = "fold", "unfold"
MARKS = {FOLD, UNFOLD}
OUTPUT_FIRST = "output-first"
_DRAWING = {"plt", "plot", "ax", "axes", "figure", "fig"}
# What a cell may end in -> the word for it.
_SHOWN = {
    "ABX": "listening test",
    "Clip": "player",
    "Clips": "player",
    "ScorePicture": "score",
    "outcome": "outcome",
}


def is_folded(source: str, metadata: Mapping[str, Any]) -> bool:
    """Whether the code of a cell is folded.

    Raises:
        ValueError: the cell is tagged both ways.
    """
    marks = MARKS.intersection(metadata.get("tags", []))
    if marks == MARKS:
        raise ValueError(f"a cell is tagged {FOLD} and {UNFOLD}:\n{source}")
    return FOLD in marks or (not marks and bool(_preparation(source)))


def is_output_first(metadata: Mapping[str, Any]) -> bool:
    """Whether a cell shows its outputs above its code."""
    return OUTPUT_FIRST in metadata.get("tags", [])


def describe(source: str, metadata: Mapping[str, Any]) -> str:
    """What is in a cell, in a few words, and how long it is.

    >>> describe("import math", {})
    'Imports, 1 line'
    >>> describe("def say(x):\\n    return x", {})
    'Code: say, 2 lines'
    >>> describe("ax = plot.matrix(x)\\nax.grid()", {})
    'Code: plotting, 2 lines'
    """
    lines = len(source.strip().splitlines())
    length = f"{lines} {'line' if lines == 1 else 'lines'}"
    kinds = _kinds(source, metadata)
    title = _preparation(source) or ("Code" + (f": {', '.join(kinds)}" if kinds else ""))
    return f"{title}, {length}"


def _parse(source: str) -> list[ast.stmt]:
    """The statements of a cell; none if it is not Python alone (commands of IPython)."""
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def _preparation(source: str) -> str:
    """``Imports`` or ``Imports and constants``, if a cell holds nothing else."""
    body = _parse(source)
    imports = [s for s in body if isinstance(s, ast.Import | ast.ImportFrom)]
    constants = [s for s in body if _is_constant(s)]
    if not imports or len(imports) + len(constants) < len(body):
        return ""
    return "Imports and constants" if constants else "Imports"


def _is_constant(statement: ast.stmt) -> bool:
    """Whether names in capitals get plain values, or those of other constants."""
    if not isinstance(statement, ast.Assign):
        return False
    names = _names(*statement.targets)
    called = any(isinstance(part, ast.Call) for part in ast.walk(statement.value))
    return bool(names) and not called and all(map(str.isupper, names + _names(statement.value)))


def _names(*expressions: ast.expr) -> list[str]:
    return [part.id for e in expressions for part in ast.walk(e) if isinstance(part, ast.Name)]


def _kinds(source: str, metadata: Mapping[str, Any]) -> list[str]:
    """What a cell imports, defines, checks, draws and plays, in this order."""
    body = _parse(source)
    parts = [part for statement in body for part in ast.walk(statement)]
    imports = any(isinstance(s, ast.Import | ast.ImportFrom) for s in body)
    called = [_root(part.func) for part in parts if isinstance(part, ast.Call)]
    kinds = ["imports"] if imports else []
    kinds += [s.name for s in body if isinstance(s, ast.FunctionDef | ast.ClassDef)]
    asserts = any(isinstance(part, ast.Assert) for part in parts) or "assert_close" in called
    kinds += ["check"] if asserts or metadata.get("checks") else []
    kinds += ["plotting"] if _DRAWING.intersection(called) else []
    return [*kinds, *dict.fromkeys(_SHOWN[name] for name in called if name in _SHOWN)]


def _root(function: ast.expr) -> str:
    """The first name of what is called: ``plot`` of ``plot.matrix(x)``."""
    while isinstance(function, ast.Attribute | ast.Subscript | ast.Call):
        function = function.func if isinstance(function, ast.Call) else function.value
    return function.id if isinstance(function, ast.Name) else ""
