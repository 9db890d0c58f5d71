"""The library's pages: every public object, read without importing, with its links."""

import ast
import importlib
import inspect
import re

import pytest
from places import ROOT, SITE

from dlabook.reader.library.pages import pages_named
from dlabook.source.chapters import book_chapters
from dlabook.source.library import Block, blocks, labels, library, read_module

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


@pytest.mark.parametrize(("module", "thing"), objects(), ids=lambda x: getattr(x, "fullname", ""))
def test_every_object_has_its_address(module, thing):
    anchor = f'id="{thing.fullname}"'
    assert sum(anchor in text for text in api_pages()) == 1


def api_pages(cache=[]):  # noqa: B006
    if not cache:
        pages = [SITE / "book/api.html", *(SITE / "book/api").glob("*.html")]
        cache += [page.read_text(encoding="utf-8") for page in pages]
    return cache


def test_labels_in_docstrings_exist():
    """Of the modules that say which pages explain them, once these are in the book."""
    pages = {chapter.docname for chapter in book_chapters(ROOT)}
    sources = "\n".join(chapter.text for chapter in book_chapters(ROOT))
    explained = [m for m in MODULES if pages_named(m.doc) and pages_named(m.doc)[0] in pages]
    named = {label for m in explained for thing in m.objects for label in labels(thing.doc)}
    assert len(named) > 20
    there = {label for label in named if re.search(rf"(?<![\w-]){label}(?![\w-])", sources)}
    assert sorted(named - there) == []


def test_an_equation_leads_to_its_function_and_back():
    name = "decomposition/permutation-invariant-training"
    chapter = (SITE / f"book/{name}.html").read_text(encoding="utf-8")
    losses = (SITE / "book/api/losses.html").read_text(encoding="utf-8")
    assert f'href="../{name}.html#equation-def-pit-loss"' in losses
    mark = re.search(r'id="equation-def-pit-loss".*?equation-mark.*?</div>', chapter, re.DOTALL)[0]
    assert 'href="../api/losses.html#dla.losses.pit.pit"' in mark


def test_code_in_a_chapter_leads_to_the_library():
    shown = 0
    for chapter in book_chapters(ROOT):
        includes = [d for d in chapter.directives("literalinclude") if "pyobject" in d.options]
        if includes:
            page = (SITE / f"{chapter.docname}.html").read_text(encoding="utf-8")
            for include in includes:
                module = include.argument.split("code/")[1].removesuffix(".py").replace("/", ".")
                assert f'#{module}.{include.options["pyobject"]}"' in page, include
                shown += 1
    assert shown > 10


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


def test_an_equation_has_the_same_number_in_the_library_as_on_its_page():
    """Sphinx counts equations from the beginning of a page, the book from that of a chapter."""
    pages, seen = {}, 0
    for path in sorted((SITE / "book").rglob("api*/*.html")):
        for link, number in re.findall(
            r'href="([^"]+)"[^>]*>(?:<[^>]*>)*equation ([\d.]+)<', path.read_text()
        ):
            target, anchor = link.split("#")
            page = (path.parent / target).resolve()
            text = pages.setdefault(page, page.read_text())
            shown = re.search(r'class="eqno">\(([\d.]+)\)', text[text.index(f'id="{anchor}"') :])
            assert shown[1] == number, (path.name, link)
            seen += 1
    assert seen > 50
