"""What the study plan promises: marks are read, times follow the text, no outcome is left out."""

import pytest
from places import ROOT

from dlabook.reader.study.study import (
    CODE_LINE,
    CORE_MOST,
    DEFINED,
    DERIVED,
    EXERCISE,
    WORDS_PER_MINUTE,
    page_of,
    topic_minutes,
    topic_pages,
)
from dlabook.source.chapters import Chapter, SourceError, book_chapters
from dlabook.source.outcomes import OUTCOMES

SOURCE = """---
file_format: mystnb
kernelspec:
  name: python3
---

(ch-x)=
# A chapter

Seven words stand in this short sentence.

(sec-x-one)=
## One

```{outcomes} LO1, LO5
```

$$
a = b
$$ (eq-x-a)

```{key} eq-x-a
What it says.
```

$$
c
$$ (def-x-c)

$$
d
$$ (def-x-d)

```{code-cell} python
first = 1
second = 2
```

(sec-x-exercises)=
## Exercises

```{exercise}
:label: ex-x

Words in a directive are not read as prose.
```
"""


@pytest.fixture
def page(tmp_path):
    return make_page(tmp_path, SOURCE)


def make_page(folder, source):
    (folder / "book").mkdir(exist_ok=True)
    (folder / "book" / "x.md").write_text(source)
    return page_of(Chapter(folder, "book/x"))


def test_sections_have_what_stands_under_their_titles(page):
    top, one, exercises = page.sections
    assert (top.title, top.words, top.outcomes) == ("A chapter", 7, ())
    assert one.outcomes == ("LO1", "LO5")
    assert (one.derived, one.defined, one.code_lines, one.words) == (
        ["eq-x-a"],
        ["def-x-c", "def-x-d"],
        2,
        0,
    )
    assert (exercises.count("exercise"), exercises.words) == (1, 0)


def test_minutes_are_the_sum_of_their_kinds(page):
    spent = page.minutes
    assert spent.read == pytest.approx(7 / WORDS_PER_MINUTE + 2 * DEFINED)
    assert (spent.derive, spent.code, spent.exercises) == (DERIVED, 2 * CODE_LINE, EXERCISE)
    assert spent.core == pytest.approx(spent.read + DERIVED)
    assert spent.whole == pytest.approx(spent.read + DERIVED + 2 * CODE_LINE + EXERCISE)


def test_a_key_equation_comes_with_its_formula_and_sentence(page):
    (key,) = page.key_equations
    assert (key.label, key.latex, key.sentence) == ("eq-x-a", "a = b", "What it says.")


def test_a_key_that_is_not_on_the_page_is_refused(tmp_path):
    with pytest.raises(SourceError, match="key equation 'eq-x-b' is not on this page"):
        make_page(tmp_path, SOURCE.replace("{key} eq-x-a", "{key} eq-x-b"))
    with pytest.raises(SourceError, match="key equation 'eq-x-a' has no sentence"):
        make_page(tmp_path, SOURCE.replace("What it says.", ""))


def test_an_outcome_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"sec-x-one: outcomes 'LO1, LO11'; expected some of LO1"):
        make_page(tmp_path, SOURCE.replace("LO5", "LO11"))


FURTHER = "```{further}\n```\n\n"


def test_a_further_section_is_in_the_whole_and_not_in_the_core(tmp_path):
    aside = (
        "(sec-x-more)=\n## More\n\n"
        + FURTHER
        + "Five words that are here.\n\n$$ z $$ (def-x-z)\n\n"
    )
    before = make_page(tmp_path, SOURCE)
    page = make_page(tmp_path, SOURCE.replace("(sec-x-exercises)=", aside + "(sec-x-exercises)="))
    assert [section.label for section in page.sections if section.further] == ["sec-x-more"]
    read = 5 / WORDS_PER_MINUTE + DEFINED
    assert page.minutes.core == pytest.approx(before.minutes.core)
    assert page.minutes.whole == pytest.approx(before.minutes.whole + read)


def test_folded_code_takes_no_time(tmp_path):
    before = make_page(tmp_path, SOURCE).minutes
    tagged = SOURCE.replace("python\nfirst", "python\n---\ntags: [fold]\n---\nfirst")
    imports = SOURCE.replace("first = 1\nsecond = 2", "import math\nSECOND = 2")
    for source in (tagged, imports):
        assert source != SOURCE
        assert make_page(tmp_path, source).minutes.code == 0 < before.code


def test_solutions_are_in_the_whole_and_not_in_the_core(tmp_path):
    before = make_page(tmp_path, SOURCE).minutes
    spent = make_page(tmp_path, SOURCE + "\nSolutions that one may read.\n").minutes
    assert spent.core == pytest.approx(before.core)
    assert spent.whole == pytest.approx(before.whole + 5 / WORDS_PER_MINUTE)


def test_what_the_core_needs_is_in_no_further_section(tmp_path):
    outcomes = "```{outcomes} LO1, LO5\n```\n"
    with pytest.raises(SourceError, match="section sec-x-one has key eq-x-a; key equations and"):
        make_page(tmp_path, SOURCE.replace(outcomes, outcomes + FURTHER))
    oral = "````{oral} oral-x\n````\n\n```{exercise}"
    source = SOURCE.replace("```{exercise}", FURTHER + oral)
    with pytest.raises(SourceError, match="sec-x-exercises has oral oral-x; key equations"):
        make_page(tmp_path, source)
    with pytest.raises(SourceError, match="ch-x has the title of its page; .*not marked whole"):
        make_page(tmp_path, SOURCE.replace("# A chapter\n", "# A chapter\n\n" + FURTHER))


# ---------------------------------------------------------------- this book


@pytest.mark.parametrize("pages", topic_pages(ROOT), ids=lambda pages: pages[0].chapter.name)
def test_the_core_path_of_a_chapter_is_within_its_budget(pages):
    assert topic_minutes(pages).core <= CORE_MOST


def test_what_proves_a_model_answer_is_on_the_core_path():
    proofs = {p for page in book_chapters(ROOT) for q in page.oral_questions for p in q.proof}
    aside = [s for s in sections() if s.further]
    named = {s.label for s in aside} | {e for s in aside for e in (*s.derived, *s.defined)}
    named |= {d.argument or d.options.get("label") for s in aside for d in s.directives}
    assert aside and sorted(proofs & named) == []


def sections():
    return [s for pages in topic_pages(ROOT) for page in pages for s in page.sections]


def test_every_section_names_outcomes():
    assert [s.label for s in sections() if s.level == 2 and not s.outcomes] == []


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_a_section(outcome):
    assert any(outcome in section.outcomes for section in sections())


def test_every_chapter_has_key_equations():
    for pages in topic_pages(ROOT):
        assert sum(len(page.key_equations) for page in pages) >= 5, pages[0].title


def test_chapters_cost_what_their_pages_cost():
    pages = topic_pages(ROOT)[0]
    total = topic_minutes(pages)
    assert total.whole == pytest.approx(sum(page.minutes.whole for page in pages))
    assert total.core < total.whole and total.last < total.core
