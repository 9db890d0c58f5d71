"""Pages that have a part of their own are where they are said to be."""

import pytest
from places import ROOT

from dlabook.source import pages
from dlabook.source.chapters import book_chapters

NAMES = (pages.GLOSSARY, pages.TRAINER, pages.SHEET, pages.PLAN, *pages.REPORTS,
         *pages.NOT_ON_PAPER, *pages.NO_PAGE_NUMBERS)  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_a_page_is_in_the_contents(name):
    assert name in {chapter.docname for chapter in book_chapters(ROOT)}


def test_the_pages_of_the_examination_begin_alike():
    assert all(name.startswith(pages.EXAMINATION) for name in (pages.TRAINER, pages.SHEET))
    assert all(name.startswith(pages.EXAMINATION) for name in (pages.BANK, pages.DECK))


@pytest.mark.parametrize("name", [f"{pages.ERROR_PAGE}.md", pages.MACROS])
def test_a_file_is_there(name):
    assert (ROOT / name).exists()
