"""After a change the right pages are read and written again, and no others."""

import pytest
import small_site
from small_site import write

from dlabook.site import build as site

CONFIG = (
    'extensions = ["myst_parser", "dlabook.site.incremental"]\n'
    'myst_enable_extensions = ["dollarmath"]\nnumfig = True\n'
    'source_suffix = {".md": "markdown"}\n'
)
INDEX = "# Index\n\n```{toctree}\nbook/a\nbook/b\nbook/execution\n```\n"


@pytest.fixture
def book(tmp_path):
    write(tmp_path, "conf.py", CONFIG)
    write(tmp_path, "index.md", INDEX)
    write(tmp_path, "book/a.md", "(sec-a)=\n# Page A\n\nText.\n\n$$x$$ (eq-a)\n")
    write(tmp_path, "book/b.md", "# Page B\n\nSee {ref}`sec-a` and {eq}`eq-a`.\n")
    write(tmp_path, "book/execution.md", "# Execution\n")
    build(tmp_path)
    return tmp_path


def build(root) -> tuple[set[str], set[str]]:
    """The pages that were read and those that were written."""
    return small_site.build(root)[:2]


def test_one_changed_word_writes_its_page(book):
    write(book, "book/a.md", "(sec-a)=\n# Page A\n\nOther text.\n\n$$x$$ (eq-a)\n")
    read, written = build(book)
    assert read == {"book/a"}
    assert "book/a" in written and "book/b" not in written


def test_a_changed_title_writes_the_pages_that_show_it(book):
    write(book, "book/a.md", "(sec-a)=\n# Another title\n\nText.\n\n$$x$$ (eq-a)\n")
    read, written = build(book)
    assert read == {"book/a"}
    assert {"book/a", "book/b"} <= written
    assert "Another title" in (book / "_build/html/book/b.html").read_text()


def test_an_equation_that_gets_another_number_is_renumbered_everywhere(book):
    before = (book / "_build/html/book/b.html").read_text()
    write(book, "book/a.md", "(sec-a)=\n# Page A\n\nText.\n\n$$y$$ (eq-new)\n\n$$x$$ (eq-a)\n")
    build(book)
    after = (book / "_build/html/book/b.html").read_text()
    assert before != after and "#equation-eq-a" in after


def test_a_figure_that_gets_another_number_is_renumbered_everywhere(book):
    figure = "```{figure} x.png\n:name: fig-a\n\nCaption.\n```\n"
    write(book, "book/a.md", "(sec-a)=\n# Page A\n\n" + figure)
    write(book, "book/b.md", "# Page B\n\nSee {numref}`fig-a`.\n")
    build(book)
    assert "Fig. 1" in (book / "_build/html/book/b.html").read_text()
    another = figure.replace(":name: fig-a\n", "")
    write(book, "book/a.md", "(sec-a)=\n# Page A\n\n" + another + "\n" + figure)
    build(book)
    assert "Fig. 2" in (book / "_build/html/book/b.html").read_text()


def test_a_static_file_that_nothing_provides_any_longer_goes(book):
    stale = book / "_build/html/_static/stale.css"
    stale.write_text("")
    write(book, "book/a.md", "(sec-a)=\n# Page A\n\nAnother text.\n")
    build(book)
    assert not stale.exists() and (stale.parent / "basic.css").exists()


def test_a_chapter_that_was_executed_anew_is_read_anew(book):
    write(book, "_build/executed/book/b.ipynb", "{}")
    assert build(book)[0] == {"book/b"}
    write(book, "_build/executed/book/b.ipynb", "{ }")
    assert build(book)[0] == {"book/b"}
    assert build(book)[0] == set()


def test_the_bytes_are_those_of_a_build_from_nothing(book):
    write(book, "book/a.md", "(sec-a)=\n# Page A\n\nOther text.\n\n$$x$$ (eq-a)\n")
    build(book)
    write(book, "book/a.md", "(sec-a)=\n# Page A\n\nThird words.\n\n$$x$$ (eq-a)\n")
    build(book)
    names = ("index.html", "book/a.html", "book/b.html", "_static/basic.css", "searchindex.js")
    patched = [(book / "_build/html" / name).read_bytes() for name in names]
    (book / "_build/html").rename(book / "_build/old")
    (book / "_build/trees").rename(book / "_build/old-trees")
    build(book)
    assert patched == [(book / "_build/html" / name).read_bytes() for name in names]


@pytest.mark.parametrize(
    ("name", "is_frame"),
    [
        ("book/a.md", False),
        ("code/dla/x.py", False),
        ("_build/executed/book/a.ipynb", False),
        ("_toc.yml", True),
        ("_config.yml", True),
        ("book/references.bib", True),
        ("code/dlabook/site/static/book.css", True),
        ("code/dlabook/site/theme.py", True),
    ],
)
def test_what_is_in_every_page_asks_for_all_pages(tmp_path, name, is_frame):
    write(tmp_path, name, "before")
    frame, whole = site.frame_key(tmp_path), site.build_key(tmp_path)
    write(tmp_path, name, "after")
    assert site.build_key(tmp_path) != whole
    assert (site.frame_key(tmp_path) != frame) == is_frame
