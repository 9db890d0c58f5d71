"""The formula sheet in Chromium: each formula is seen whole, on a phone, a screen, paper."""

import pytest
from places import ROOT, SITE

from dlabook.site.mathematics import Typesetter

SHEET = (SITE / "book" / "exam" / "formula-sheet.html").as_uri()
# Formulas that are wider than a box that cuts or scrolls them, with their widths and the boxes'.
CLIPPED = """
() => [...document.querySelectorAll(".formula .katex-display > .katex")].flatMap(formula => {
  const range = document.createRange();
  range.selectNodeContents(formula.querySelector(".katex-html"));
  const drawn = range.getBoundingClientRect(), cut = [];
  for (let box = formula.parentElement; box && box !== document.body; box = box.parentElement) {
    const seen = box.getBoundingClientRect();
    if (getComputedStyle(box).overflowX !== "visible"
        && (drawn.right > seen.right + 1 || drawn.left < seen.left - 1
            || box.scrollWidth > box.clientWidth + 1))
      cut.push([formula.textContent.slice(0, 40), drawn.width, seen.width]);
  }
  return cut;
})
"""


@pytest.mark.parametrize(
    ("width", "media"),
    [(390, "screen"), (768, "screen"), (1280, "screen"), (1920, "screen"), (643, "print")],
)
def test_every_formula_of_the_sheet_is_seen_whole(browser, width, media):
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.emulate_media(media=media)
    tab.goto(SHEET)
    assert tab.locator(".formula .katex-display").count() >= 40
    assert tab.evaluate(CLIPPED) == []
    tab.close()


def test_a_formula_that_does_not_fit_scrolls_and_says_so(browser):
    tab = browser.new_page(viewport={"width": 240, "height": 900})
    tab.goto(SHEET)
    assert tab.evaluate(CLIPPED) != []
    style = "getComputedStyle(document.querySelector('.formula .equation'))"
    assert tab.evaluate(f"{style}.overflowX") == "auto"
    shades_and_covers = 4  # one of each a side
    assert tab.evaluate(f"{style}.backgroundImage").count("gradient") == shades_and_covers
    tab.close()


# Formulas in whose middle, as they are seen, a finger does not find what is read.
NOT_FOUND = """
() => [...document.querySelectorAll(".bd-article .katex")].filter(formula => {
  formula.scrollIntoView({ block: "center" });
  const { left, width, top, height } =
    formula.querySelector(".katex-html .base").getBoundingClientRect();
  if (!width) return false; // in what is folded
  if (formula.getClientRects().length > 1) return false; // broken across lines: its beginning only
  const touched = document.elementFromPoint(left + width / 2, top + height / 2);
  return touched?.closest(".katex-mathml")?.parentElement !== formula;
}).map(formula => formula.textContent)
"""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_finger_finds_what_is_read_where_the_formula_is_seen(browser, served, width):
    tab = browser.new_page(viewport={"width": width, "height": 800})
    tab.goto(served + "book/overview/music/invariance-and-alignment.html")
    assert tab.locator(".katex").count() > 100
    assert tab.evaluate(NOT_FOUND) == []
    tab.close()


# What each formula of a page gives when it is copied.
COPIED = """
() => [...document.querySelectorAll(".bd-article .katex")].map(formula => {
  const range = document.createRange(), clipboardData = new DataTransfer();
  range.selectNode(formula);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  if (getSelection().isCollapsed) return "$$"; // in what is folded
  formula.dispatchEvent(
    new ClipboardEvent("copy", { bubbles: true, cancelable: true, clipboardData }));
  return clipboardData.getData("text/plain");
})
"""


@pytest.mark.parametrize(
    "page", ["overview/speech", "overview/music/invariance-and-alignment", "notation"]
)
def test_what_is_copied_of_a_formula_can_be_typeset_without_the_book_s_macros(
    browser, served, page
):
    tab = browser.new_page()
    tab.goto(f"{served}book/{page}.html")
    copied = tab.evaluate(COPIED)
    tab.close()
    typesetter = Typesetter(ROOT / "node_modules/katex/dist/katex.min.js", {})
    for tex in set(copied):
        assert tex.startswith("$") and tex.endswith("$"), tex
        typesetter.html(tex.strip("$"), display=False)
    typesetter.close()
    assert len(set(copied)) > 50
