"""Pages read side by side give the bytes of pages read one after the other."""

import re

import pytest
from numbered_book import build, different, make_book, page
from places import ROOT
from small_site import write

from dlabook.site.application import UNUSED, book_config, error_of_the_system


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    root = tmp_path_factory.mktemp("serial") / "b"
    make_book(root)
    return root, build(root, 1)


@pytest.fixture(scope="module")
def side_by_side(tmp_path_factory):
    root = tmp_path_factory.mktemp("side_by_side") / "b"
    make_book(root)
    return root, build(root, 2)


def test_two_processes_write_the_same_bytes(serial, side_by_side):
    assert different(serial[1], side_by_side[1]) == []
    assert any("eq-x-4" in name or b"(eq-x-4" in text or b"equation-eq-x-4" in text
               for name, text in serial[1].items() if name.endswith("p0.html"))  # fmt: skip


def test_a_changed_page_gives_the_bytes_of_a_build_from_nothing(serial, side_by_side, tmp_path):
    root, _ = side_by_side
    text = page(3).replace("Why 3?", "Why three, and $\\sqrt{7}$?")
    write(root, "book/part/p3.md", text)
    before = dates_of_pages(root)
    later = build(root, 2)
    dates = dates_of_pages(root)
    assert [name for name in dates if dates[name] != before[name]] == ["part/p3"]
    fresh = tmp_path / "fresh" / "b"
    make_book(fresh)
    write(fresh, "book/part/p3.md", text)
    assert different(build(fresh, 1), later) == []
    assert different(serial[1], later) != []


def dates_of_pages(root) -> dict[str, int]:
    """When each page was written."""
    pages = root / "_build/html/book"
    return {
        path.relative_to(pages).with_suffix("").as_posix(): path.stat().st_mtime_ns
        for path in pages.rglob("*.html")
    }


def test_every_style_of_a_formula_has_a_rule_whichever_process_wrote_it(serial, side_by_side):
    for _, site in (serial, side_by_side):
        sheet = site["_static/katex/katex.min.css"].decode()
        pages = "".join(text.decode() for name, text in site.items() if name.endswith(".html"))
        used = set(re.findall(r'class="[^"]*\b(k[0-9a-f]{6})\b', pages))
        assert used and used == set(re.findall(r"\.(k[0-9a-f]{6})\{", sheet))


def test_the_configuration_is_jupyter_book_s_without_what_pages_side_by_side_do_not_bear():
    config = book_config(ROOT)
    assert "dlabook.site.record" in config["extensions"]
    assert UNUSED not in config["extensions"]
    assert config["nb_execution_mode"] == "cache"


def test_what_the_system_refused_is_a_line_and_any_other_error_keeps_its_trace():
    from sphinx.errors import ExtensionError, SphinxParallelError

    full = OSError(28, "No space left on device", "a.html")
    said = "[Errno 28] No space left on device: 'a.html'"
    assert error_of_the_system(full) == said
    assert error_of_the_system(ExtensionError("handler raised", full, "x")) == said
    trace = f"Traceback\n  File ...\nOSError: {said}\n"
    assert error_of_the_system(SphinxParallelError("wrapped", trace)) == said
    assert error_of_the_system(SphinxParallelError("wrapped", "x\nKeyError: 'a'\n")) is None
    assert error_of_the_system(KeyError("a")) is None
