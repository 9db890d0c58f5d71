"""HTML as readers get it: folded boxes open by themselves, tables scroll, addresses are labels."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from pygments import highlight
from pygments.lexers import PythonLexer
from small_site import build, write

from dlabook.site.translator import BookFormatter, permanent_id, seen_from, seen_from_anywhere

CONFIG = (
    "extensions = ['myst_nb', 'sphinx_proof', 'sphinx_exercise', 'sphinxcontrib.bibtex', "
    "'dlabook.site.translator']\n"
    "bibtex_bibfiles = ['references.bib']\nnb_execution_mode = 'off'\n"
    "myst_enable_extensions = ['dollarmath']\nnumfig = True\nhtml_theme = 'basic'\n"
)
PAGE = """# Page

(sec-a)=
## A section

```{exercise}
:label: ex-a

Why?
```

```{solution} ex-a
:class: dropdown

Because {ref}`sec-a`.
```

```{prf:definition} Mask
:label: def-a-d

A mask.
```

```{note}
Open.
```

| a | b |
|---|---|
| 1 | 2 |

{cite:p}`One2020,Two2021`

```{code-block} python
def name(x):  # comment
    return x
```

```{bibliography}
```
"""
BIB = """@book{One2020, title={One}, author={A B}, publisher={P}, year={2020}}
@book{Two2021, title={Two}, author={C D}, publisher={P}, year={2021}}
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> BeautifulSoup:
    root: Path = tmp_path_factory.mktemp("book")
    write(root, "conf.py", CONFIG)
    write(root, "references.bib", BIB)
    write(root, "index.md", PAGE)
    assert build(root).warnings == ""
    return BeautifulSoup((root / "_build/html/index.html").read_text(), "html.parser")


def test_a_folded_box_is_closed_and_opens_without_a_script(page):
    (box,) = page.select("details.solution")
    assert not box.has_attr("open")
    summary = box.find("summary", recursive=False)
    assert summary.text.split() == ["Solution", "to", "Exercise", "1"]
    assert not summary.find("a")  # a link inside a button is out of reach
    assert "Because" in box.text and box.select_one("p a.reference")["href"] == "#sec-a"


def test_a_box_that_is_not_folded_stays_open(page):
    assert [box.name for box in page.select(".note, .exercise, .proof")] == ["div"] * 3


def test_a_box_with_a_label_links_to_it(page):
    for box in page.select(".exercise, .proof"):
        assert box.select_one("a.headerlink")["href"] == f"#{box['id']}"


def test_no_id_is_there_twice(page):
    ids = [element["id"] for element in page.find_all(id=True)]
    assert sorted(ids) == sorted(set(ids))


def test_a_heading_s_permanent_link_ends_in_its_label(page):
    heading = next(h for h in page.find_all("h2") if h.text.startswith("A section"))
    assert heading.select_one("a.headerlink")["href"] == "#sec-a"
    assert page.find(id="sec-a")


def test_a_table_scrolls_inside_itself(page):
    (table,) = page.find_all("table")
    assert table.parent["class"] == ["table-scroll"]


def test_references_are_no_list_without_items(page):
    (references,) = page.select(".citation-list")
    assert not references.has_attr("role")
    assert len(references.select(".citation")) == 2


def test_code_has_no_element_for_what_looks_like_text():
    html = highlight("def name(x):  # comment\n    return x\n", PythonLexer(), BookFormatter())
    assert not re.search(r'class="(?:n|p|w)"', html)
    assert 'class="k"' in html and 'class="c1"' in html
    assert (
        BeautifulSoup(html, "html.parser").text.strip() == "def name(x):  # comment\n    return x"
    )


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (["a-title", "sec-a"], "sec-a"),
        (["sec-a"], "sec-a"),
        (["a", "id1", "eq-b"], "eq-b"),
        ([], ""),
    ],
)
def test_the_permanent_id_is_the_label(ids, found):
    assert permanent_id(nodes.section(ids=ids)) == found


@pytest.mark.parametrize(
    ("link", "seen"),
    [
        ("#eq-a", "../part/page.html#eq-a"),
        ("other.html#b", "../part/other.html#b"),
        ("../../index.html", "../../index.html"),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_links_work_from_the_page_that_quotes(link, seen):
    assert seen_from("book/part/page.html", "book/exam/trainer.html", link) == seen


@pytest.mark.parametrize(
    ("link", "seen"),
    [
        ("index.html#top", "/book/index.html#top"),
        ("../x.html", "/x.html"),
        ("https://a.org", "https://a.org"),
        ("#here", "#here"),
    ],
)
def test_links_of_the_404_page_start_at_the_root(link, seen):
    assert seen_from_anywhere("book/404", link) == seen
