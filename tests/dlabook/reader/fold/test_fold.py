"""Folded code: one line, which a hand, a switch, a link or a search opens; folded is not hidden."""

import nbformat.v4 as notebook
import pytest
from bs4 import BeautifulSoup
from nbformat import writes
from small_site import UNEXECUTED, build, configure, visitor, write

EXTENSIONS = ["dlabook.site.directives", "dlabook.site.mathematics", "dlabook.reader.fold.fold"]
PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
---

# Page

Read the {ref}`sum <sec-a>`.

```{code-cell} python
import math
```

```{code-cell} python
idea = 1
```

(sec-a)=
## Sum

$$ a = b $$ (eq-a-sum)

```{code-cell} python
---
checks: [eq-a-sum]
tags: [fold]
---
assert needle == 1
```
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("book")
    configure(root, EXTENSIONS, UNEXECUTED)
    write(root, "_toc.yml", "format: jb-book\nroot: index\n")
    write(root, "index.md", PAGE)
    assert build(root).warnings == ""
    return root


@pytest.fixture
def address(root):
    return (root / "_build/html/index.html").as_uri()


@pytest.fixture
def tab(browser):
    with visitor(browser, "fold.js") as tab:
        yield tab


OPEN = "all => all.map(details => details.open)"


def opened(tab) -> list[bool]:
    return tab.eval_on_selector_all("details.folded-code", OPEN)


def test_imports_and_tagged_cells_are_folded_and_the_idea_is_not(root):
    page = BeautifulSoup((root / "_build/html/index.html").read_text(), "html.parser")
    said = [details.summary.text for details in page.select("details.folded-code")]
    assert said == ["Imports, 1 line", "Code: check, 1 line"]
    assert not any(details.has_attr("open") for details in page.select("details.folded-code"))
    (idea,) = [pre for pre in page.select("pre") if "idea" in pre.text]
    assert not idea.find_parent("details")
    assert page.select("details.folded-code pre")  # in the page all the same


def test_without_scripts_a_folded_cell_opens_by_its_line(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address)
    code = tab.locator("details.folded-code pre").first
    assert not code.is_visible()
    tab.locator("details.folded-code summary").first.click()
    assert code.is_visible()
    context.close()


@pytest.mark.parametrize("anchor", ["check-eq-a-sum", "sec-a"])
def test_a_link_to_what_a_cell_checks_opens_it_and_no_other(tab, address, anchor):
    tab.goto(f"{address}#{anchor}")
    assert opened(tab) == [False, anchor == "check-eq-a-sum"]
    tab.goto(address)
    tab.evaluate("anchor => { location.hash = anchor; }", anchor)
    tab.wait_for_timeout(100)
    assert opened(tab) == [False, anchor == "check-eq-a-sum"]


def test_what_a_search_marks_in_folded_code_is_seen(tab, address):
    tab.goto(address)
    tab.evaluate("localStorage.setItem('sphinx_highlight_terms', 'needle')")
    tab.goto(address)
    tab.locator(".highlighted").wait_for()
    assert opened(tab) == [False, True]


def test_the_switch_opens_and_folds_all_and_is_remembered(tab, address):
    tab.goto(address)
    # the theme of small sites has no header for the button
    tab.add_init_script(
        "document.addEventListener('readystatechange', () => document.body.insertAdjacentHTML("
        "'afterbegin', '<div class=\"article-header-buttons\"></div>'), {once: true})"
    )
    tab.goto(address)
    switch = tab.locator(".fold-switch")
    for state, words in ((True, "Fold code"), (False, "Show all code"), (True, "Fold code")):
        switch.focus()
        tab.keyboard.press("Enter")
        assert opened(tab) == [state, state]
        assert switch.inner_text() == words
        assert switch.get_attribute("aria-pressed") == str(state).lower()
    tab.goto(address)
    assert opened(tab) == [True, True]


def test_refused_storage_breaks_nothing(tab, address):
    tab.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }})"
    )
    tab.goto(f"{address}#check-eq-a-sum")
    assert opened(tab) == [False, True]


def test_print_shows_folded_code_and_no_line_instead_of_it(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address)
    tab.emulate_media(media="print")
    assert all(code.is_visible() for code in tab.locator("details.folded-code pre").all())
    assert not any(line.is_visible() for line in tab.locator(".folded-code summary").all())
    context.close()


def test_a_cell_tagged_both_ways_is_a_warning(tmp_path):
    configure(tmp_path, EXTENSIONS, UNEXECUTED)
    write(tmp_path, "_toc.yml", "format: jb-book\nroot: index\n")
    write(tmp_path, "index.md", PAGE.replace("[fold]", "[fold, unfold]"))
    assert "tagged fold and unfold" in build(tmp_path).warnings


def executed_page(root, tags, outputs):
    """Build a page of one cell that ran, and return what it shows of it, in order."""
    configure(root, EXTENSIONS, UNEXECUTED)
    write(root, "_toc.yml", "format: jb-book\nroot: index\n")
    title = notebook.new_markdown_cell("# Page")
    cell = notebook.new_code_cell("made = 1", metadata={"tags": tags}, outputs=outputs)
    write(root, "index.ipynb", writes(notebook.new_notebook(cells=[title, cell])))
    warnings = build(root).warnings
    page = BeautifulSoup((root / "_build/html/index.html").read_text(), "html.parser")
    order = ["code" if "made" in pre.text else "output" for pre in page.select("div.cell pre")]
    return warnings, order, page


GIVEN = notebook.new_output("stream", name="stdout", text="heard")


@pytest.mark.parametrize(
    ("tags", "order"),
    [
        ([], ["code", "output"]),
        (["fold"], ["code", "output"]),
        (["output-first"], ["output", "code"]),
        (["fold", "output-first"], ["output", "code"]),
    ],
)
def test_what_a_cell_gave_stands_above_its_code_if_it_is_tagged(tmp_path, tags, order):
    warnings, shown, page = executed_page(tmp_path, tags, [GIVEN])
    assert (warnings, shown) == ("", order)
    assert bool(page.select("details.folded-code")) == ("fold" in tags)


def test_a_cell_that_has_nothing_to_put_first_is_a_warning(tmp_path):
    warnings, shown, _ = executed_page(tmp_path, ["output-first"], [])
    assert "a cell tagged output-first gives nothing" in warnings
    assert shown == ["code"]
