"""What the pages of twenty minutes take from a chapter."""

import re

import pytest
from places import ROOT

from dlabook.reader.brief.brief import _topic, named_figure, remembered, six
from dlabook.reader.study.study import topic_pages
from dlabook.source.chapters import ORAL_KINDS, SourceError

PIT = "book/decomposition/permutation-invariant-training"
CHAPTERS = topic_pages(ROOT)
MADE = sorted((ROOT / "book" / "exam" / "brief").glob("*.md"))


def test_each_chapter_has_one_page():
    named = [re.search(r"\{twenty-minutes\} (\S+)", path.read_text())[1] for path in MADE]
    assert sorted(named) == sorted(
        pages[0].chapter.docname.removeprefix("book/") for pages in CHAPTERS
    )


@pytest.mark.parametrize("pages", CHAPTERS, ids=lambda pages: pages[0].chapter.docname)
def test_six_questions_one_of_each_kind_with_what_is_said(pages):
    chosen = six(pages)
    assert [question.kind for question in chosen] == list(ORAL_KINDS)
    assert all(50 < len(question.spoken.split()) <= 150 for question in chosen)


def test_of_several_questions_of_a_kind_the_chapter_s_first_is_taken():
    speech = _topic(ROOT, "book/overview/speech")
    asked = [q for page in speech for q in page.chapter.oral_questions if q.kind == "present"]
    assert len(asked) > 1 and six(speech)[0] == asked[0]


def test_what_is_to_be_remembered_is_the_section_of_that_name():
    text = remembered(_topic(ROOT, PIT))
    assert text.count("\n- ") >= 3 and "```" not in text


def test_a_chapter_without_that_section_is_refused():
    pages = _topic(ROOT, PIT)[:1]
    with pytest.raises(SourceError, match="no section sec-...-remember"):
        remembered(pages)


def test_a_figure_is_the_one_that_the_cell_drew():
    page, metadata, svg = named_figure(_topic(ROOT, PIT), "fig-pit-fork")
    assert page.docname == f"{PIT}/soft-minima" and "orders" in svg
    assert metadata["figure"]["name"] == "fig-pit-fork"


def test_a_name_that_is_none_is_refused_with_those_there_are():
    with pytest.raises(SourceError, match="no figure 'fig-x'.*fig-pit-fork"):
        named_figure(_topic(ROOT, PIT), "fig-x")
    with pytest.raises(SourceError, match="no chapter 'book/x'.*overview/speech"):
        _topic(ROOT, "book/x")
