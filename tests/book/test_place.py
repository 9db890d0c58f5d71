"""A reader sees where he is, what a link led to, and where he was: served and from the disk."""

import json
import re

import pytest
from places import SITE

SPEECH = "book/overview/speech.html"
FLOWS = "book/synthesis/phase-and-likelihood/flows.html"
FIRST = "book/index.html"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 800}
IN_CONTENTS = "[...document.querySelectorAll('#pst-page-toc-nav a.active')].map(a => a.hash)"
HERE = "[...document.querySelectorAll('.is-here')].map(e => e.id || e.tagName)"
IN_SIGHT = """() => {
  const all = document.querySelectorAll(".bd-docs-nav a.current"), entry = all[all.length - 1];
  const { top, bottom } = entry.getBoundingClientRect();
  return top > 0 && bottom < innerHeight;
}"""
KEPT = "JSON.parse(localStorage.getItem('dla-reading'))"
KEY = "dla-reading"


@pytest.fixture
def tab(browser):
    """A tab with a memory of its own, in which no script may raise anything."""
    context, faults = browser.new_context(viewport=WIDE), []
    tab = context.new_page()
    tab.on("pageerror", lambda error: faults.append(str(error)))
    yield tab
    context.close()
    assert faults == []


def follow(tab, anchor: str) -> None:
    """Follow a link of the page, as a reader does."""
    tab.evaluate(
        """anchor => {
          const link = document.createElement("a");
          link.href = `#${anchor}`;
          document.querySelector(".bd-article").append(link);
          link.click();
          link.remove();
        }""",
        anchor,
    )
    tab.wait_for_timeout(400)


# ---------------------------------------------------------------- sidebar


@pytest.mark.parametrize("page", [FLOWS, "book/api/spectral.html", "book/execution.html"])
def test_the_sidebar_shows_the_page_after_a_link_was_followed(page, tab, base):
    tab.goto(base + SPEECH)
    tab.goto(base + page)
    tab.wait_for_function(f"({IN_SIGHT})()")


def test_the_contents_of_a_phone_show_the_page(browser, served):
    tab = browser.new_page(viewport=PHONE)
    tab.goto(served + FLOWS)
    tab.locator("button.primary-toggle").first.click()
    tab.locator("dialog[open] a.current").last.wait_for()
    tab.wait_for_function(f"({IN_SIGHT})()")
    tab.close()


def test_the_pages_of_a_chapter_are_numbered_without_a_gap():
    """The sidebar has the sections of a chapter's own page before those of its further pages."""
    sidebar = (SITE / FLOWS).read_text().split("bd-docs-nav")[1].split("</nav>")[0]
    chapters = re.findall(r'toctree-l1.*?">(\d+)\. .*?(?=<li class="toctree-l1|$)', sidebar, re.S)
    assert len(chapters) >= 9
    for chapter in chapters:
        numbers = re.findall(rf">{chapter}\.(\d+)(?:–{chapter}\.(\d+))?\. ", sidebar)
        reach = [(int(a), int(b or a)) for a, b in numbers]
        assert reach[0][0] == 1
        assert [a for a, _ in reach[1:]] == [b + 1 for _, b in reach[:-1]], chapter


# ---------------------------------------------------------------- contents and landing places


@pytest.mark.parametrize(
    ("anchor", "section", "marked"),
    [
        ("def-speech-stft", "#from-samples-to-a-spectrogram", "equation-def-speech-stft"),
        ("fig-speech-resolution", "#window-and-hop-fine-in-time-or-fine-in-frequency", None),
        ("sec-speech-masks", "#four-masks-each-the-answer-to-a-question", "H2"),
        ("check-eq-speech-tone", "#from-samples-to-a-spectrogram", "DIV"),
    ],
)
def test_the_contents_follow_and_the_place_is_marked(anchor, section, marked, tab, served):
    """On arrival and after a jump, and the mark of the place before is gone."""
    tab.goto(f"{served}{SPEECH}#{anchor}")
    tab.wait_for_function(f"{HERE}.length === 1 && {IN_CONTENTS}.length === 1")
    for _ in range(2):
        assert tab.evaluate(IN_CONTENTS) == [section]
        assert tab.evaluate(HERE) == [marked or anchor]
        follow(tab, "sec-speech-kinds")
        assert tab.evaluate(IN_CONTENTS) == ["#five-kinds-of-processing"]
        assert tab.evaluate(HERE) == ["H3"]
        follow(tab, anchor)


def test_an_exercise_is_marked_and_the_mark_is_no_fault_of_colour(tab, base):
    tab.goto(f"{base}book/decomposition/permutation-invariant-training/examination.html")
    follow(tab, "ex-pit-separable")
    assert tab.evaluate(HERE) == ["ex-pit-separable"]
    assert tab.locator(".is-here").is_visible()
    width = "getComputedStyle(document.querySelector('.is-here')).outlineWidth"
    assert tab.evaluate(width) == "2px"


def test_the_contents_follow_one_who_scrolls_up(tab, served):
    tab.goto(f"{served}{SPEECH}#sec-speech-masks")
    tab.wait_for_function(f"{IN_CONTENTS}.length === 1")
    tab.evaluate(
        "document.getElementById('from-samples-to-a-spectrogram').scrollIntoView({block: 'end'})"
    )
    tab.wait_for_function(f"{IN_CONTENTS}[0] === '#from-samples-to-a-spectrogram'")


@pytest.mark.parametrize("anchor", ["nowhere", "%E0%A4%A", "constructor", ""])
def test_an_address_that_leads_nowhere_marks_nothing(anchor, tab, served):
    tab.goto(f"{served}{SPEECH}#{anchor}")
    tab.wait_for_timeout(300)
    assert tab.evaluate(HERE) == []


# ---------------------------------------------------------------- what was read


def read_to(tab, anchor: str) -> None:
    """Scroll as far as the end of a section, and wait until it is kept."""
    tab.evaluate(
        "id => document.getElementById(id).scrollIntoView({block: 'end', behavior: 'instant'})",
        anchor,
    )
    tab.wait_for_timeout(400)


def test_the_first_page_offers_to_go_on_where_one_was(tab, base):
    tab.goto(base + FIRST)
    assert tab.locator(".go-on").count() == 0
    tab.goto(base + FLOWS)
    read_to(tab, "change-of-variables")
    tab.goto(base + "book/glossary.html")  # no chapter's page: what it was before is kept
    tab.wait_for_timeout(400)
    tab.goto(base + FIRST)
    link = tab.locator(".go-on a")
    assert "All samples at once › " in link.inner_text()
    link.click()
    tab.wait_for_url(re.compile(r"/flows\.html#sec-flow-"))
    tab.goto(base + FIRST)
    tab.locator(".go-on button").click()
    assert tab.locator(".go-on").count() == 0
    assert tab.evaluate(f"localStorage.getItem('{KEY}')") is None


def test_a_page_is_ticked_when_the_end_of_each_section_was_seen_and_not_before(tab, served):
    tab.goto(served + FLOWS)
    ticks = tab.locator(".bd-docs-nav .is-read")
    ids = tab.evaluate(
        "[...document.querySelectorAll('.bd-article > section > section')].map(s => s.id)"
    )
    read_to(tab, ids[-1])  # a jump to the end has not read what is before
    assert tab.evaluate(KEPT)["read"][FLOWS.removesuffix(".html")] == {
        "ids": [ids[-1]],
        "all": len(ids),
    }
    for anchor in ids[:-1]:
        assert ticks.count() == 0
        read_to(tab, anchor)
    ticks.wait_for()
    tab.goto(served + SPEECH)
    assert tab.locator(".bd-docs-nav a", has=tab.locator(".is-read")).count() == 1
    assert tab.locator(".is-read").get_attribute("aria-label") == "read"


@pytest.mark.parametrize(
    "kept",
    [
        "{", "null", "[]", "7", '{"read": {"a": null}, "last": {}}',
        '{"read": {"constructor": 1}, "last": {"page": "javascript:alert(1)"}}',
        '{"last": {"page": "book/../../x"}}', '{"last": {"page": 3}}',
    ],
)  # fmt: skip
def test_what_is_not_ours_is_no_offer_and_no_fault(kept, tab, served):
    tab.goto(served + FIRST)
    tab.evaluate(f"kept => localStorage.setItem('{KEY}', kept)", kept)
    tab.reload()
    assert tab.locator(".go-on").count() == 0
    tab.goto(served + FLOWS)
    tab.wait_for_timeout(400)
    assert tab.evaluate(KEPT)["last"]["page"] == FLOWS.removesuffix(".html")


def test_words_that_are_kept_are_words(tab, served):
    tab.goto(served + FIRST)
    last = {"page": "book/glossary", "title": "<img src=x onerror=alert(1)>", "section": ""}
    tab.evaluate(f"kept => localStorage.setItem('{KEY}', kept)", json.dumps({"last": last}))
    tab.reload()
    assert "<img" in tab.locator(".go-on a").inner_text()


REFUSED = """{
  const get = () => { throw new DOMException("refused", "SecurityError"); };
  for (const name of ["localStorage", "sessionStorage", "indexedDB"])
    Object.defineProperty(window, name, { configurable: true, get });
}"""
FULL = """Storage.prototype.setItem = () => {
  throw new DOMException("full", "QuotaExceededError"); };"""
ABSENT = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { configurable: true, value: null });"""
BLIND = "for (const n of ['IntersectionObserver', 'ResizeObserver']) delete window[n];"


@pytest.mark.parametrize("script", [REFUSED, FULL, ABSENT, BLIND])
def test_where_nothing_is_kept_the_page_works_and_offers_nothing(browser, served, script):
    context, faults = browser.new_context(viewport=WIDE), []
    context.add_init_script(script)
    tab = context.new_page()
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(f"{served}{FLOWS}#sec-flow-change")
    tab.wait_for_function(f"{HERE}.length === 1 && {IN_CONTENTS}.length === 1")
    tab.wait_for_function(f"({IN_SIGHT})()")
    tab.wait_for_timeout(400)
    tab.goto(served + FIRST)
    assert (tab.locator(".go-on").count() > 0) is (script == BLIND)
    context.close()
    assert faults == []
