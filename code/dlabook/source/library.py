"""The library `dla` as its sources say, never imported: objects, signatures, docstrings.

Not autodoc, because that imports what it documents, with torch, and what changed would have to be
imported again.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from dlabook.source.labels import LABEL

PACKAGE = "dla"
PARTS = ("Args", "Returns", "Raises")
WIDTH = 78  # of a signature on one line


@dataclass(frozen=True)
class Object:
    """A public function or class, or a public method of one."""

    module: str
    name: str
    kind: str  # function, class, method, or property
    signature: str
    doc: str
    members: tuple[Object, ...] = ()

    @property
    def fullname(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True)
class Module:
    """One file: its docstring, its public objects, and what the names in it mean."""

    name: str
    path: Path
    doc: str
    objects: tuple[Object, ...]
    imported: dict[str, str] = field(hash=False, compare=False, default_factory=dict)


def library(root: Path, part: str = "") -> list[Module]:
    """The modules of a subpackage, or with ``part="."`` those in none; by default all.

    Raises:
        ValueError: there is no such subpackage; the message lists those there are.
    """
    return [read_module(path, root / "code") for path in _module_paths(root, part)]


def module_names(root: Path, part: str = "") -> list[str]:
    """The names of `library`'s modules; no file is read.

    Raises:
        ValueError: there is no such subpackage; the message lists those there are.
    """
    return [_module_name(path, root / "code") for path in _module_paths(root, part)]


def _module_paths(root: Path, part: str) -> list[Path]:
    folder = root / "code" / PACKAGE
    place = folder if part in ("", ".") else folder.joinpath(*part.split("."))
    if not place.is_dir():
        known = ", ".join(sorted(p.parent.name for p in folder.glob("*/__init__.py")))
        raise ValueError(f"no subpackage {part!r} of {PACKAGE}: expected '.' or one of {known}")
    paths = place.glob("*.py") if part == "." else place.rglob("*.py")
    return sorted(paths)


def _module_name(path: Path, code: Path) -> str:
    return ".".join(path.relative_to(code).with_suffix("").parts).removesuffix(".__init__")


def read_module(path: Path, code: Path) -> Module:
    return _read_module(path, code, path.stat().st_mtime_ns)


@cache
def _read_module(path: Path, code: Path, changed: int) -> Module:
    source = path.read_text(encoding="utf-8")
    tree, rows = ast.parse(source), source.splitlines()
    name = _module_name(path, code)
    objects, imported = [], {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            imported |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and _is_public(node.name):
            objects.append(_read_object(node, name, rows))
    return Module(name, path, ast.get_docstring(tree) or "", tuple(objects), imported)


def _is_public(name: str) -> bool:
    return not name.startswith("_")


def _read_object(node: ast.FunctionDef | ast.ClassDef, module: str, rows: list[str]) -> Object:
    doc = ast.get_docstring(node) or ""
    if isinstance(node, ast.FunctionDef):
        return Object(module, node.name, "function", signature(node, rows), doc)
    methods = [m for m in node.body if isinstance(m, ast.FunctionDef)]
    members = tuple(
        Object(
            f"{module}.{node.name}",
            method.name,
            "property" if is_property(method) else "method",
            signature(method, rows),
            ast.get_docstring(method) or "",
        )
        for method in methods
        if _is_public(method.name)
    )
    return Object(module, node.name, "class", _class_outline(node, methods, rows), doc, members)


def _class_outline(node: ast.ClassDef, methods: list[ast.FunctionDef], rows: list[str]) -> str:
    """A class without the bodies of its methods: fields with their comments, signatures."""
    bases = ", ".join(map(ast.unparse, node.bases))
    lines = [*decorators(node), f"class {node.name}({bases}):" if bases else f"class {node.name}:"]
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and _is_public(ast.unparse(item.target)):
            lines += [row.rstrip() for row in rows[item.lineno - 1 : item.end_lineno]]
        elif item in methods and (_is_public(item.name) or item.name == "__init__"):
            lines += [f"    {line}" for line in signature(item, rows).splitlines()]
    return "\n".join(lines).removesuffix(":") if len(lines) == 1 else "\n".join(lines)


def is_property(node: ast.FunctionDef) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in node.decorator_list)


def decorators(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    return [f"@{ast.unparse(decorator)}" for decorator in node.decorator_list]


def signature(node: ast.FunctionDef, rows: list[str]) -> str:
    """As the source has it, on one line if that is short, else a line for each argument."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    items = [argument(a, d, rows) for a, d in zip(positional, defaults, strict=True)]
    if arguments.vararg:
        items.append("*" + argument(arguments.vararg, None, rows))
    elif arguments.kwonlyargs:
        items.append("*")
    items += [
        argument(a, d, rows)
        for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.kwarg:
        items.append("**" + argument(arguments.kwarg, None, rows))
    result = f" -> {_text_of(node.returns, rows)}" if node.returns else ""
    above = "".join(f"{line}\n" for line in decorators(node))
    line = f"def {node.name}({', '.join(items)}){result}"
    if len(line) <= WIDTH:
        return above + line
    inside = "".join(f"    {item},\n" for item in items)
    return f"{above}def {node.name}(\n{inside}){result}"


def argument(node: ast.arg, default: ast.expr | None, rows: list[str]) -> str:
    kind = f": {_text_of(node.annotation, rows)}" if node.annotation else ""
    if default is None:
        return node.arg + kind
    return f"{node.arg}{kind}{' = ' if kind else '='}{_text_of(default, rows)}"


def _text_of(node: ast.expr, rows: list[str]) -> str:
    lines = [row.encode() for row in rows[node.lineno - 1 : node.end_lineno]]  # columns are bytes
    lines[-1] = lines[-1][: node.end_col_offset]
    lines[0] = lines[0][node.col_offset :]
    text = " ".join(b" ".join(lines).decode().split())
    return re.sub(r",? ([\])])", r"\1", re.sub(r"([\[(]) ", r"\1", text))


# ---------------------------------------------------------------- docstrings


@dataclass(frozen=True)
class Block:
    """A part of a docstring: text, math, example, items, or one of ``PARTS`` with its items."""

    kind: str
    text: str = ""
    items: tuple[tuple[str, str], ...] = ()


def blocks(doc: str) -> list[Block]:
    """A docstring's parts, in order."""
    found: list[Block] = []
    lines = doc.splitlines()
    while lines:
        line = lines.pop(0)
        if not line.strip():
            continue
        if line.strip() == ".. math::":
            found.append(Block("math", "\n".join(part.strip() for part in _indented(lines))))
        elif line.startswith(">>> "):
            example = [line]
            while lines and lines[0].strip():
                example.append(lines.pop(0))
            found.append(Block("example", "\n".join(example)))
        elif line.rstrip(":") in PARTS and line.endswith(":"):
            name = line.rstrip(":")
            body = _indented(lines)
            if name == "Returns":
                found.append(Block(name, " ".join(" ".join(body).split())))
            else:
                found.append(Block(name, items=entries(body)))
        elif line.lstrip().startswith("- "):
            rows = [line.strip()]
            while lines and (lines[0].startswith("  ") or lines[0].startswith("- ")):
                rows.append(lines.pop(0))
            joined = re.split(r"(?:^|\n)\s*- ", "\n".join(rows))[1:]
            items = tuple(("", " ".join(item.split())) for item in joined)
            found.append(Block("items", items=items))
        else:
            text = [line.strip()]
            while lines and lines[0].strip() and not _starts_block(lines[0]):
                text.append(lines.pop(0).strip())
            found.append(Block("text", " ".join(text)))
    return found


def _starts_block(line: str) -> bool:
    return line.startswith((">>> ", "- ")) or line.strip() in (".. math::", "Args:", "Raises:")


def _indented(lines: list[str]) -> list[str]:
    """Take the lines of an indented part off the front, blank ones inside it included."""
    taken = []
    while lines and (not lines[0].strip() or lines[0].startswith("    ")):
        if not lines[0].strip() and not (len(lines) > 1 and lines[1].startswith("    ")):
            break
        taken.append(lines.pop(0))
    return taken


def entries(body: list[str]) -> tuple[tuple[str, str], ...]:
    """``name: text`` with continuation lines that are indented further."""
    rows: list[tuple[str, list[str]]] = []
    for line in body:
        match = re.match(r"    (?! )([^:]+):\s*(.*)$", line)
        if match:
            rows.append((match[1], [match[2]]))
        elif rows and line.strip():
            rows[-1][1].append(line.strip())
        elif line.strip():
            rows.append(("", [line.strip()]))
    return tuple((name, " ".join(text).strip()) for name, text in rows)


def labels(doc: str) -> list[str]:
    """The labels of the book that a docstring names, each once."""
    return list(dict.fromkeys(LABEL.findall(doc)))


def named_in(modules: list[Module]) -> dict[str, list[str]]:
    """Label -> full names of the objects whose docstring names it."""
    named: dict[str, list[str]] = {}
    for module in modules:
        for thing in module.objects:
            docs = "\n".join([thing.doc, *(member.doc for member in thing.members)])
            for label in labels(docs):
                named.setdefault(label, []).append(thing.fullname)
    return named


def meaning(name: str, module: Module, known: dict[str, str]) -> str | None:
    """Full name of what a docstring calls ``name``; ``known`` maps full names to anything."""
    for candidate in (name, f"{module.name}.{name}", module.imported.get(name, "")):
        if candidate in known:
            return candidate
    ends = [full for full in known if full.endswith(f".{name}")]
    return ends[0] if len(ends) == 1 else None
