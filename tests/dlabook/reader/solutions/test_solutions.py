"""Solutions: one switch hides all of them, on every page and in print, and the browser keeps it."""

import pytest
from bs4 import BeautifulSoup
from small_site import UNEXECUTED, build, configure, visitor, write

EXTENSIONS = [
    "dlabook.site.directives",
    "dlabook.site.mathematics",
    "dlabook.site.translator",
    "dlabook.reader.solutions.solutions",
]
PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
---

# {name}

```{{exercise}}
:label: ex-{name}

Why?
```

```{{solution-start}} ex-{name}
:class: dropdown
```

Because {name}.

$$
a = b
$$ (eq-{name})

```{{code-cell}} python
assert {name}
```

```{{solution-end}}
```

By {{eq}}`eq-{name}`.
"""
HEADER = (
    "document.addEventListener('readystatechange', () => document.body.insertAdjacentHTML("
    "'afterbegin', '<div class=\"article-header-buttons\"></div>'), {once: true})"
)  # the theme of small sites has none


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("book")
    configure(root, EXTENSIONS, UNEXECUTED)
    write(root, "_toc.yml", "format: jb-book\nroot: index\n")
    write(
        root,
        "index.md",
        "# Book\n\n```{toctree}\none\ntwo\nnone\n```\n\n```{solutions-switch}\n```\n",
    )
    for name in ("one", "two"):
        write(root, f"{name}.md", PAGE.format(name=name))
    write(root, "none.md", "# None\n\nNothing is asked.\n")
    assert build(root).warnings == ""
    return root / "_build/html"


@pytest.fixture
def tab(browser):
    with visitor(browser, "solutions.js") as tab:
        tab.add_init_script(HEADER)
        yield tab


def address(site, page) -> str:
    return (site / f"{page}.html").as_uri()


def switch(tab):
    return tab.locator("button.solutions-switch:visible")


def seen(tab) -> list[bool]:
    """Of each solution of a page, whether it is there to be opened."""
    return [solution.is_visible() for solution in tab.locator(".solution").all()]


def test_pages_with_solutions_or_the_switch_have_its_script_and_no_other(site):
    has = {name for name in ("index", "one", "two", "none")
           if "solutions.js" in (site / f"{name}.html").read_text()}  # fmt: skip
    assert has == {"index", "one", "two"}


def test_without_scripts_all_solutions_are_shown(site, browser):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address(site, "one"))
    assert seen(tab) == [True]
    context.close()


def test_the_switch_hides_the_solutions_of_all_pages_until_it_shows_them(site, tab):
    tab.goto(address(site, "one"))
    for hidden, words in ((True, "Show solutions"), (False, "Hide solutions"), (True, "")):
        switch(tab).focus()
        tab.keyboard.press("Enter")
        assert seen(tab) == [not hidden]
        assert words in switch(tab).inner_text()
    tab.goto(address(site, "two"))
    assert seen(tab) == [False] and switch(tab).inner_text() == "Show solutions"
    tab.goto(address(site, "index"))
    assert "hidden in this browser" in tab.locator("[role=status]").inner_text()
    switch(tab).click()
    tab.goto(address(site, "one"))
    assert seen(tab) == [True]


@pytest.mark.parametrize("width", [320, 1280])
def test_there_is_one_switch_at_a_time_and_on_a_phone_it_is_not_in_the_header(site, tab, width):
    tab.set_viewport_size({"width": width, "height": 700})
    tab.goto(address(site, "one"))
    assert switch(tab).count() == 1
    assert tab.locator(".article-header-buttons button:visible").count() == (width > 600)
    switch(tab).click()
    assert seen(tab) == [False]


def test_another_tab_of_the_browser_follows(site, tab):
    tab.goto(address(site, "one"))
    other = tab.context.new_page()
    other.goto(address(site, "index"))
    switch(other).click()
    tab.wait_for_function("document.documentElement.dataset.solutions === 'hidden'")
    assert seen(tab) == [False]


def test_hidden_solutions_are_not_printed_even_if_they_were_open(site, tab):
    tab.goto(address(site, "one"))
    tab.locator(".solution summary").click()
    switch(tab).click()
    tab.emulate_media(media="print")
    assert seen(tab) == [False] and "Because" not in tab.locator("body").inner_text()
    assert "Why?" in tab.locator("body").inner_text()


def test_a_link_into_a_hidden_solution_says_so_and_can_show_it(site, tab):
    tab.goto(address(site, "index"))
    switch(tab).click()
    tab.goto(address(site, "one"))
    tab.locator("a[href='#equation-eq-one']").click()
    told = tab.locator(".solutions-told")
    assert "leads into a solution" in told.inner_text()
    told.locator("button").click()
    assert seen(tab) == [True] and told.count() == 0
    assert tab.locator(".solution").evaluate("solution => solution.open")
    assert tab.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_refused_storage_breaks_nothing(site, tab):
    tab.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }})"
    )
    tab.goto(address(site, "one"))
    switch(tab).click()
    assert seen(tab) == [False]


def test_the_frame_of_every_page_hides_before_the_first_paint():
    from places import ROOT

    layout = (ROOT / "code/dlabook/site/templates/layout.html").read_text()
    script = (ROOT / "code/dlabook/reader/solutions/solutions.js").read_text()
    assert 'localStorage.getItem("dla-solutions") === "hidden"' in layout
    assert 'KEY = "dla-solutions"' in script and 'HIDDEN = "hidden"' in script


def test_a_solution_is_a_box_that_the_switch_knows(site):
    page = BeautifulSoup((site / "one.html").read_text(), "html.parser")
    (box,) = page.select("details.solution")
    assert box.select("pre") and "Because one." in box.text
