"""The book's directives and marks, in a page that Sphinx really builds."""

import pytest
from places import DLABOOK
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from dlabook.run.execute import execute
from dlabook.site.record import record_of
from dlabook.source.chapters import executable_chapters

RUBRIC = """- definition correct: a
- assumptions named: b
- limit case: c
- failure mode: d
- link: e"""
PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
---

(ch-a)=
# A

```{code-cell} python
from dlabook import outcome
```

$$ a = b $$ (eq-a-sum)

$$ c = d $$ (eq-a-forgotten)

$$ e $$ (def-a-e)

```{code-cell} python
---
checks: [eq-a-sum]
---
assert 1 + 1 == 2
```

```{code-cell} python
---
checks: [eq-a-sum]
---
assert 1 + 1 != 3
```

```{prediction} pred-a-gain
It rises. *Decided by*: more than 3 dB.
```

```{prediction} pred-a-open
Nobody decides it. *Decided by*: nothing.
```

```{code-cell} python
outcome("pred-a-gain", held=False, value="gain 2.0 dB")
```

See {ref}`pred-a-gain` and {ref}`oral-a-why`.

````{oral} oral-a-why
:kind: why
:difficulty: 2
:outcomes: LO1, LO3
:proof: eq-a-sum, ch-a

Why is $a = b$?

+++ spoken

SPOKEN

+++ answer

Because of **symmetry**.

+++ rubric

RUBRIC
````

````{oral} oral-a-present
:kind: present
:difficulty: 3
:outcomes: LO1
:proof: eq-a-sum

Present it.

+++ outline

1. one
2. two
3. three
4. four
5. five

+++ spoken

SPOKEN

+++ answer

In full words.

+++ rubric

RUBRIC
````

```{execution-report}
```
""".replace("SPOKEN", "A sentence that is said aloud. " * 17).replace("RUBRIC", RUBRIC)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The built page, and the environment's collection of questions."""
    root = tmp_path_factory.mktemp("book")
    (root / "_toc.yml").write_text("format: jb-book\nroot: a\n")
    (root / "requirements.txt").write_text("\n")
    (root / "a.md").write_text(PAGE)
    (root / "conf.py").write_text(
        "extensions = ['myst_nb', 'dlabook.site.directives', 'dlabook.site.executed']\n"
        "myst_enable_extensions = ['dollarmath', 'amsmath']\n"
        "master_doc = 'a'\n"
        "exclude_patterns = ['_build']\n"
        "nb_execution_mode = 'cache'\n"
    )
    chapters = executable_chapters(root)
    assert execute(chapters, jobs=1) == []
    out = root / "_build" / "html"
    with patch_docutils(), docutils_namespace():
        app = Sphinx(root, root, out, out / ".d", "html", status=None)
        app.build()
    return (out / "a.html").read_text(), {
        name: page.questions for name, page in record_of(app.env).each()
    }


def test_an_equation_says_that_it_is_checked_and_links_to_the_cell(page):
    html, _ = page
    assert '<a class="is-checked reference internal" href="#check-eq-a-sum">checked</a>' in html
    assert html.count('id="check-eq-a-sum"') == 1  # of two cells that check it, the first


def test_an_unchecked_equation_and_a_definition_are_marked_as_such(page):
    html, _ = page
    assert html.count("not checked") == 1
    assert html.count(">definition<") == 1


def test_the_checking_cell_links_back_to_the_equation(page):
    html, _ = page
    assert "Check of" in html
    assert 'href="#equation-eq-a-sum"' in html


def test_a_prediction_shows_its_outcome_and_links_to_the_deciding_cell(page):
    html, _ = page
    assert "<strong>Failed</strong>: gain 2.0 dB" in html
    assert 'href="#decides-pred-a-gain"' in html
    assert 'id="decides-pred-a-gain"' in html
    assert html.count("Not decided yet.") == 1


def test_an_oral_question_is_a_question_with_a_closed_answer(page):
    html, _ = page
    question, answer = html.index("Why is"), html.index("Because of")
    assert question < html.index("<details>", question) < answer < html.index("</details>", answer)


def test_an_outline_opens_by_itself_and_the_spoken_answer_comes_before_the_full_one(page):
    html, _ = page
    box = html[html.index('id="oral-a-present"') :]
    parts = ["Present it.", "<details><summary>Outline for the board", "<ol", "</details>",
             "<details><summary>Model answer", "In sixty seconds", "A sentence that is said",
             "In full<", "In full words.", "Grade yourself"]  # fmt: skip
    places = [box.index(part) for part in parts]
    assert places == sorted(places)
    assert "difficulty 3 of 3, LO1" in box
    assert html.count("Outline for the board") == 1


def test_oral_questions_are_collected_for_later_tools(page):
    _, collected = page
    assert collected["a"]["oral-a-why"].outcomes == ("LO1", "LO3")


def test_the_report_counts_checked_equations(page):
    html, _ = page
    assert "50%" in html


def test_the_report_has_no_figure_of_its_own():
    source = DLABOOK / "site" / "directives.py"
    assert "100%" not in source.read_text()
