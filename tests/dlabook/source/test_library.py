"""The library as its sources say, against Python's own view of it."""

import ast
import importlib
import inspect

import pytest
from places import ROOT

from dlabook.source.library import Block, blocks, labels, library, module_names, read_module

MODULES = library(ROOT)


def objects():
    return [(module, thing) for module in MODULES for thing in module.objects]


def test_every_public_function_and_class_of_python_is_listed():
    """Oracle: what Python itself finds in a module after importing it."""
    for module in MODULES:
        if not module.objects:
            continue
        living = importlib.import_module(module.name)
        found = {
            name
            for name, thing in vars(living).items()
            if not name.startswith("_")
            and callable(thing)
            and (inspect.isclass(thing) or inspect.isfunction(inspect.unwrap(thing)))
            and thing.__module__ == module.name
        }
        assert {thing.name for thing in module.objects} == found, module.name


@pytest.mark.parametrize("part", ["", ".", "losses", "chapters.speech"])
def test_names_of_modules_are_known_without_reading_them(part):
    assert module_names(ROOT, part) == [module.name for module in library(ROOT, part)]


def test_signatures_are_those_of_python():
    """Oracle: inspect.signature, of the functions that no decorator changes."""
    for module, thing in objects():
        if thing.kind != "function" or thing.signature.startswith("@"):
            continue
        living = getattr(importlib.import_module(module.name), thing.name)
        parsed = ast.parse(f"{thing.signature}: ...").body[0].args
        names = [a.arg for a in (*parsed.posonlyargs, *parsed.args, *parsed.kwonlyargs)]
        kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        parameters = inspect.signature(inspect.unwrap(living)).parameters.values()
        assert names == [p.name for p in parameters if p.kind not in kinds], thing.fullname


def test_the_parts_of_a_docstring():
    doc = (
        "One line (eq-a-b).\n\nTwo\nlines:\n\n.. math::\n    x\n    y\n\n- first\n  item\n"
        "- second\n\n"
        "Args:\n    a: text\n        goes on.\n    b: more.\n\nReturns:\n    A thing.\n\n"
        "Raises:\n    ValueError: wrong.\n\n>>> f(\n...     1)\n2"
    )
    assert blocks(doc) == [
        Block("text", "One line (eq-a-b)."),
        Block("text", "Two lines:"),
        Block("math", "x\ny"),
        Block("items", items=(("", "first item"), ("", "second"))),
        Block("Args", items=(("a", "text goes on."), ("b", "more."))),
        Block("Returns", "A thing."),
        Block("Raises", items=(("ValueError", "wrong."),)),
        Block("example", ">>> f(\n...     1)\n2"),
    ]
    assert labels(doc) == ["eq-a-b"]


def test_a_signature_of_every_kind_of_argument(tmp_path):
    path = tmp_path / "dla" / "x.py"
    path.parent.mkdir()
    path.write_text(
        "from typing import NamedTuple\n\n"
        "def f(ä: 'Float[Tensor, \"a b\"]', /, b=1, *c, d: int = 2, **e) -> int:\n    ...\n\n"
        "def _hidden(): ...\n\n"
        "class P(NamedTuple):\n    x: int  # shown\n    _y: int\n\n"
        "    def area(self) -> int:\n        ...\n    def _no(self): ...\n"
    )
    found = read_module(path, tmp_path).objects
    assert [thing.name for thing in found] == ["f", "P"]
    assert found[0].signature.startswith("def f(ä: 'Float[Tensor, \"a b\"]'")
    assert "d: int = 2, **e) -> int" in found[0].signature
    assert found[1].signature.splitlines() == [
        "class P(NamedTuple):",
        "    x: int  # shown",
        "    def area(self) -> int",
    ]


def test_an_unknown_subpackage_is_refused():
    with pytest.raises(ValueError, match="no subpackage 'nothing'.*losses"):
        library(ROOT, "nothing")
