"""A site of a few pages: what moved is found, and an incremental build gives the same bytes."""

import pytest
import small_site
from places import ROOT
from small_site import configure, write

from dlabook.host.browser import Server

EXTENSIONS = [
    "dlabook.site.directives",
    "dlabook.reader.library.pages",
    "dlabook.site.incremental",
    "dlabook.reader.cite.cite",
    "dlabook.reader.addresses.addresses",
    "dlabook.reader.preview.preview",
    "dlabook.reader.search.search",
]
STATIC = (
    "templates_path = ['templates']\n"
    f"html_static_path = [{str(ROOT / 'code/dlabook/site/static')!r}]\n"
)
MODULE = '''"""Losses. Explained in part/a."""

def pit(x: int) -> int:
    """{text} (eq-a).

    Args:
        x: a number.

    >>> pit(1)
    1
    """
    return x
'''


@pytest.fixture
def book(tmp_path):
    write_book(tmp_path)
    build(tmp_path)
    return tmp_path


def write_book(root):
    configure(root, EXTENSIONS, STATIC)
    redirect = ROOT / "code/dlabook/site/templates/redirect.html"
    write(root, "templates/redirect.html", redirect.read_text())
    write(root, "_toc.yml", "format: jb-book\nroot: index\n")
    write(
        root,
        "CITATION.cff",
        "title: T\nversion: 1.0.0\ndate-released: 2020-01-01\nauthors:\n  - name: A\n",
    )
    write(
        root,
        "index.md",
        "# Index\n\n```{toctree}\nbook/part/a\nbook/b\nbook/api\n```\n",
    )
    write(root, "book/part/a.md", "(sec-a)=\n# Page A\n\nText of A.\n\n$$x$$ (eq-a)\n")
    write(root, "book/b.md", "(sec-b)=\n# Page B\n\nSee {ref}`sec-a` and {eq}`eq-a`.\n")
    write(root, "book/api.md", "# Library\n\n```{library} losses\n```\n")
    write(root, "code/dla/losses/__init__.py", "")
    write(root, "code/dla/losses/pit.py", MODULE.format(text="Smallest loss"))


def build(root) -> set[str]:
    """The pages that were read."""
    built = small_site.build(root)
    assert built.warnings == ""
    return built.read


def page(root, name):
    return (root / "_build/html" / f"{name}.html").read_text()


def test_a_function_leads_to_its_equation_and_page_and_these_lead_back(book):
    library, chapter = page(book, "book/api"), page(book, "book/part/a")
    assert 'href="part/a.html#equation-eq-a"' in library
    assert 'href="part/a.html"' in library
    assert chapter.count('href="../api.html#dla.losses.pit.pit"') == 1
    assert 'href="../api.html#dla.losses.pit"' in chapter


def test_a_changed_docstring_is_read_again(book):
    assert build(book) == set()
    write(book, "code/dla/losses/pit.py", MODULE.format(text="Another sentence"))
    assert build(book) == {"book/api"}
    assert "Another sentence" in page(book, "book/api")


def test_a_new_file_of_the_library_appears(book):
    write(book, "code/dla/losses/new.py", 'def added():\n    """See sec-b."""\n')
    assert build(book) == {"book/api"}
    assert 'id="dla.losses.new.added"' in page(book, "book/api")


def test_a_file_that_is_gone_disappears_from_the_library(book):
    write(book, "code/dla/losses/new.py", 'def added():\n    """See sec-b."""\n')
    build(book)
    (book / "code/dla/losses/new.py").unlink()
    assert build(book) == {"book/api"}
    assert "dla.losses.new" not in page(book, "book/api")


def test_an_equation_that_a_docstring_no_longer_names_loses_its_link(book):
    write(book, "code/dla/losses/pit.py", MODULE.format(text="x").replace("(eq-a)", ""))
    build(book)
    assert "#dla.losses.pit.pit" not in page(book, "book/part/a")


def test_the_bytes_are_those_of_a_build_from_nothing(book):
    write(book, "book/part/a.md", "(sec-a)=\n# Page A\n\nOther text.\n\n$$x$$ (eq-a)\n")
    write(book, "code/dla/losses/pit.py", MODULE.format(text="Another sentence"))
    build(book)
    patched = {p.name: p.read_bytes() for p in outputs(book)}
    assert {"a.js", "b.js", "api.js", "version.js", "sections.js", "a.html"} <= set(patched)
    assert b"Other text" in patched["a.js"] and b"Another sentence" in patched["api.html"]
    for folder in ("html", "trees"):
        (book / "_build" / folder).rename(book / "_build" / f"old-{folder}")
    build(book)
    assert patched == {p.name: p.read_bytes() for p in outputs(book)}


def outputs(root):
    site = root / "_build/html"
    scripts = [site / "_static" / name for name in ("version.js", "sections.js", "redirects.js")]
    return [*scripts, *(site / "_previews").rglob("*.js"), *(site / "book").rglob("*.html")]


def test_the_previews_of_a_page_that_went_go_with_it(book):
    (book / "book/b.md").unlink()
    write(book, "index.md", "# Index\n\n```{toctree}\nbook/part/a\nbook/api\n```\n")
    build(book)
    assert not (book / "_build/html/_previews/book/b.js").exists()


def test_a_build_in_which_nothing_changed_keeps_the_scripts_and_styles(book):
    write(book, "book/api.md", "# Library\n")  # a page of the library is read each time
    build(book)
    before = sorted((book / "_build/html/_static").iterdir())
    assert build(book) == set()
    assert sorted((book / "_build/html/_static").iterdir()) == before


# ---------------------------------------------------------------- what moved

RULES = """
book/old book/b
book/old#eq-gone book/part/a#equation-eq-a
book/b#eq-away book/part/a#equation-eq-a
book/b#eq-renamed book/b#sec-b
book/b#eq-twice book/old#eq-gone
"""


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """A site from which some places moved: its addresses, served and as files."""
    root = tmp_path_factory.mktemp("moved")
    write_book(root)
    write(root, "book/redirects.txt", RULES)
    build(root)
    site = root / "_build/html"
    server = Server(site)
    yield {"served": server.base, "file": f"{site.as_uri()}/"}
    server.shutdown()


@pytest.fixture(params=["served", "file"])
def tab(request, moved, browser):
    """A tab, and in ``tab.base`` the address of the site."""
    tab = browser.new_page()
    tab.base, tab.faults = moved[request.param], []
    tab.on("pageerror", lambda error: tab.faults.append(str(error)))
    yield tab
    tab.close()
    assert tab.faults == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("book/old.html", "book/b.html"),
        ("book/old.html#sec-b", "book/b.html#sec-b"),
        ("book/old.html#eq-gone", "book/part/a.html#equation-eq-a"),
        ("book/b.html#eq-away", "book/part/a.html#equation-eq-a"),
        ("book/b.html?q=1#eq-away", "book/part/a.html#equation-eq-a"),
        ("book/b.html#eq-renamed", "book/b.html#sec-b"),
        ("book/b.html#eq-twice", "book/part/a.html#equation-eq-a"),
    ],
)
def test_what_moved_is_found(tab, old, new):
    tab.goto(tab.base + old)
    tab.wait_for_url(tab.base + new, timeout=5000)


@pytest.mark.parametrize("way", ["followed", "typed"])
def test_what_moved_is_found_from_its_old_page_and_back_leads_there(tab, way):
    page = tab.base + "book/b.html"
    tab.goto(page)
    if way == "typed":
        tab.evaluate("location.hash = 'eq-away'")
    else:
        link = '<p><a href="#eq-away">an old link</a></p>'
        tab.evaluate("link => document.body.insertAdjacentHTML('afterbegin', link)", link)
        tab.get_by_text("an old link").click()
    tab.wait_for_url(tab.base + "book/part/a.html#equation-eq-a", timeout=5000)
    tab.go_back()
    assert tab.url == page


@pytest.mark.parametrize("anchor", ["sec-b", "eq-never-was", "%"])
def test_what_did_not_move_stays(tab, anchor):
    """A place that is there, one that no rule knows, and none at all."""
    tab.goto(f"{tab.base}book/b.html#{anchor}")
    tab.wait_for_timeout(300)
    assert tab.url == f"{tab.base}book/b.html#{anchor}"
    assert tab.evaluate("window.bookRedirects !== undefined") == (anchor == "eq-never-was")


@pytest.mark.parametrize(
    ("old", "new"),
    [("book/old.html", "book/b.html"), ("book/b.html#eq-away", "book/b.html#eq-away")],
)
def test_without_scripts_the_page_is_found(moved, browser, old, new):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    for base in moved.values():
        tab.goto(base + old)
        tab.wait_for_url(base + new, timeout=5000)
    context.close()
