"""The sheets to print: each question once, with its answer where asked."""

from places import ROOT, SITE

from dlabook.source.chapters import book_chapters, topics

QUESTIONS = [q for page in book_chapters(ROOT) for q in page.oral_questions]


def sheet_items(page: str) -> list[str]:
    text = (SITE / "book" / "exam" / page).read_text()
    return text.split('class="sheet-question')[1:]


def test_the_sheet_has_all_questions_without_answers():
    assert len(sheet_items("questions.html")) == len(QUESTIONS)
    assert "sheet-answer" not in (SITE / "book/exam/questions.html").read_text()


def test_the_sheets_with_answers_have_each_question_once():
    """A new part of the book needs a page: book/exam/answers-PART.md, and a line in _toc.yml."""
    parts = {}
    for pages in topics(ROOT):
        count = sum(len(page.oral_questions) for page in pages)
        part = pages[0].docname.split("/")[1]
        parts[part] = parts.get(part, 0) + count
    for part, count in parts.items():
        items = sheet_items(f"answers-{part}.html") if count else []
        assert len(items) == count, part
        assert all("sheet-answer" in i and "Proved by" in i and "limit case" in i for i in items)
