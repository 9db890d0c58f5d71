"""The library's pages: every public object has its address, and its links lead both ways."""

import re

import pytest
from places import ROOT, SITE

from dlabook.reader.library.pages import pages_named
from dlabook.source.chapters import book_chapters
from dlabook.source.library import labels, library

MODULES = library(ROOT)


def objects():
    return [(module, thing) for module in MODULES for thing in module.objects]


@pytest.mark.parametrize(("module", "thing"), objects(), ids=lambda x: getattr(x, "fullname", ""))
def test_every_object_has_its_address(module, thing):
    anchor = f'id="{thing.fullname}"'
    assert sum(anchor in text for text in api_pages()) == 1


def api_pages(cache=[]):  # noqa: B006
    if not cache:
        pages = [SITE / "book/api.html", *(SITE / "book/api").rglob("*.html")]
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
                owner = include.options["pyobject"].split(".")[0]
                assert f'#{module}.{owner}"' in page, include
                shown += 1
    assert shown > 10


def test_an_equation_has_the_same_number_in_the_library_as_on_its_page():
    """Sphinx counts equations from the beginning of a page, the book from that of a chapter."""
    pages, seen = {}, 0
    for path in sorted((SITE / "book/api").rglob("*.html")):
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
