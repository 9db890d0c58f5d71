"""What is printed: dark ink for readers in the dark, what was folded, all columns, few pages."""

import re

import pytest
from places import ROOT

from dlabook.reader.study.study import topic_pages

BOOK = ROOT / "_build" / "html" / "book"
FOLDED = "decomposition/permutation-invariant-training/examination.html"
# What a page is while it is printed: its theme, the colour of its text, its folded boxes.
RECORD = """() => addEventListener("beforeprint", () => {
  const text = document.querySelector(".bd-article section > p:not([class])");
  const colour = getComputedStyle(text).color;
  window.printed = {
    theme: document.documentElement.dataset.theme,
    lightness: Math.max(...colour.match(/\\d+/g).slice(0, 3).map(Number)),
    folded: document.querySelectorAll(".bd-article details:not([open])").length };
})"""


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_a_page_read_in_the_dark_is_printed_dark_on_white_and_unfolded(browser):
    context = browser.new_context(color_scheme="dark")
    tab = context.new_page()
    tab.goto((BOOK / FOLDED).as_uri())
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    folded = "document.querySelectorAll('.bd-article details:not([open])').length"
    before = tab.evaluate(folded)
    tab.evaluate(RECORD)
    tab.pdf()
    printed = tab.evaluate("printed")
    assert printed["theme"] == "light" and printed["lightness"] < 100
    assert printed["folded"] == 0 < before
    tab.wait_for_function("document.documentElement.dataset.theme == 'dark'")
    assert tab.evaluate(folded) == before
    context.close()


@pytest.mark.parametrize(
    ("page", "most"),
    [
        ("formula-sheet", 0.65 * len(topic_pages(ROOT))),
        ("questions", 0.8 * len(topic_pages(ROOT))),
        ("study-plan", 2.2 * len(topic_pages(ROOT))),
    ],
)
def test_sheets_are_few_pages_of_a4(browser, page, most):
    tab = browser.new_page()
    tab.goto((BOOK / "exam" / f"{page}.html").as_uri())
    assert 0 < pages(tab.pdf(format="A4")) <= most
    tab.close()


BRIEF = sorted(path.stem for path in (ROOT / "book" / "exam" / "brief").glob("*.md"))
# What stands in a column of the sheet, and is wider.
WIDER = """() => [...document.querySelectorAll(".brief .katex-display > .katex, .brief img")]
  .filter(e => e.getClientRects().length && e.getBoundingClientRect().width
    > e.closest(".brief-part").getClientRects()[0].width + 1).map(e => e.textContent)"""


@pytest.mark.parametrize("chapter", BRIEF)
def test_twenty_minutes_are_closed_on_the_screen_and_two_sheets_on_paper(browser, chapter):
    tab = browser.new_page(viewport={"width": 718, "height": 1050})  # px: A4 within its margins
    tab.goto((BOOK / "exam" / "brief" / f"{chapter}.html").as_uri())
    assert tab.locator(".brief-question details:not([open])").count() == 6
    assert tab.locator(".brief-equation details:not([open])").count() >= 5
    assert tab.locator(".brief details[open]").count() == 0
    assert 0 < pages(tab.pdf(format="A4", prefer_css_page_size=True)) <= 2
    tab.emulate_media(media="print")
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert tab.evaluate(WIDER) == []
    tab.close()


@pytest.mark.parametrize("media", ["screen", "print"])
def test_no_column_of_the_study_plan_is_out_of_sight(browser, media):
    """On a desktop; a phone scrolls sideways, with the first column in sight."""
    width = {"screen": 1280, "print": 700}[media]  # A4 within its margins
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto((BOOK / "exam" / "study-plan.html").as_uri())
    tab.emulate_media(media=media)
    wider = "all => all.map(box => box.scrollWidth - box.clientWidth).filter(more => more > 0)"
    assert tab.eval_on_selector_all(".table-scroll", wider) == []
    tab.close()


def test_a_formula_of_the_sheet_is_printed_whole(browser):
    tab = browser.new_page(viewport={"width": 700, "height": 900})
    tab.goto((BOOK / "exam" / "formula-sheet.html").as_uri())
    tab.emulate_media(media="print")
    cut = "all => all.filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.id)"
    assert tab.eval_on_selector_all(".formula .equation", cut) == []
    tab.close()
