"""Citing a thing and seeing what a link refers to, in headless Chromium, served and as files."""

import re

import pytest
from places import ROOT
from pybtex.database import parse_string

from dlabook.host.browser import axe_findings

PAGE = "book/decomposition/permutation-invariant-training/losses-and-masks.html"


@pytest.fixture
def phone(browser):
    """An empty tab."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def tab(phone, base):
    """The page that most tests read."""
    phone.goto(base + PAGE)
    return phone


def faults(tab):
    """Of what is shown, and of what has the focus; the page itself is looked at by test_site."""
    found = []
    for theme in ("light", "dark"):
        tab.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        found += axe_findings(tab, ROOT, within=["[role=tooltip]", "dialog", ":focus"])
    return found


def test_an_equation_is_cited_with_the_keyboard_alone(tab, base):
    equation = tab.locator("div.math[id^='equation-']").first
    label = equation.get_attribute("id").removeprefix("equation-")
    button = tab.get_by_role("button", name="cite Equation").first
    button.focus()
    tab.keyboard.press("Enter")
    link = tab.get_by_label("Link", exact=True).input_value()
    assert link.endswith(f"{PAGE}#{label}")
    version = tab.evaluate("bookCitation.version")
    entry = parse_string(tab.locator("#cite-BibTeX").input_value(), "bibtex").entries[
        f"dla-{label}"
    ]
    reference = tab.locator("#cite-Reference").input_value()
    assert version in entry.fields["note"] and version in reference
    if tab.url.startswith("file:"):
        assert "file:" not in reference and reference.endswith(f" {PAGE}#{label}")
    else:
        assert entry.fields["url"] == link and reference.endswith(f" {link}")
    assert faults(tab) == []
    tab.keyboard.press("Escape")
    assert button.evaluate("button => button === document.activeElement")
    tab.goto(base + link.removeprefix(base))  # a copy on a disk cites its place in the book
    assert tab.locator(f"[id='{label}']").is_visible()


def test_a_link_shows_what_it_refers_to_on_focus_and_escape_hides_it(tab):
    link = tab.locator(".bd-article a[href*='training.html#equation-']").first
    tab.keyboard.press("Tab")  # the keyboard is in use
    link.focus()
    preview = tab.get_by_role("tooltip")
    preview.wait_for()
    assert preview.locator(".katex").count() > 0
    assert link.get_attribute("aria-describedby") == preview.get_attribute("id")
    assert faults(tab) == []
    tab.keyboard.press("Escape")
    assert preview.is_hidden() and link.get_attribute("aria-describedby") is None


def test_the_pointer_may_move_onto_what_is_shown(tab):
    tab.locator(".bd-article a[href*='#cite-']").first.hover()
    preview = tab.get_by_role("tooltip")
    preview.wait_for()
    preview.hover()
    tab.wait_for_timeout(400)
    assert preview.is_visible()
    tab.mouse.move(0, 0)
    tab.wait_for_timeout(400)
    assert preview.is_hidden()


def test_a_second_tap_follows_the_link(tab):
    link = tab.locator(".bd-article a[href*='#cite-']").first
    link.tap()
    tab.get_by_role("tooltip").wait_for()
    assert PAGE in tab.url
    link.tap()
    tab.wait_for_url("**/references.html#cite-*")


@pytest.mark.parametrize("way", ["keyboard", "pointer", "touch"])
def test_a_term_in_the_text_shows_its_definition(phone, base, way):
    phone.goto(base + "book/analysis/beat-tracking.html")
    link = phone.locator(".bd-article a.glossary-term[href$='#term-predominant-local-pulse-PLP']")
    assert link.inner_text() == "PLP"
    if way == "keyboard":
        phone.keyboard.press("Tab")
        link.focus()
    else:
        link.tap() if way == "touch" else link.hover()
    preview = phone.get_by_role("tooltip")
    preview.wait_for()
    assert "predominant local pulse (PLP)" in preview.inner_text()
    assert "the sinusoid that fits the novelty" in preview.inner_text()
    width = phone.evaluate("document.documentElement.clientWidth")
    box = preview.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert way != "keyboard" or faults(phone) == []


@pytest.mark.parametrize(
    ("page", "anchor", "words"),
    [
        ("book/overview/music.html", "#fig-music-cqt", "Fig."),
        ("book/overview/music.html", "#sec-music-pitch", "An axis for pitch"),
        ("book/overview/music.html", "#term-chroma", "pitch classes"),
        ("book/api/losses.html", "#dla.losses.pit.pit", "Permutation-invariant loss"),
    ],
)
def test_a_figure_a_section_a_term_and_a_function_are_shown(phone, base, page, anchor, words):
    phone.goto(base + page)
    phone.locator(f".bd-article a.reference.internal[href$='{anchor}']").first.hover()
    preview = phone.get_by_role("tooltip")
    preview.wait_for()
    assert words in preview.inner_text()
    for picture in preview.locator("img:visible").all():
        phone.wait_for_function(
            "p => p.complete && p.naturalWidth > 0", arg=picture.element_handle()
        )


def test_the_next_link_takes_the_place_of_what_was_shown(phone, base):
    phone.goto(base + "book/overview/music.html")
    preview = phone.get_by_role("tooltip")
    phone.locator(".bd-article a.reference[href='#fig-music-cqt']").first.hover()
    preview.wait_for()
    section = phone.locator(".bd-article a.reference[href='#sec-music-pitch']").first
    section.hover()
    phone.wait_for_timeout(600)
    assert "An axis for pitch" in preview.inner_text() and not preview.locator("img").count()
    assert section.get_attribute("aria-describedby") == preview.get_attribute("id")


def test_what_was_shown_goes_while_the_next_is_loading(phone, base):
    """A link whose previews never arrive does not leave another's beside it."""
    if base.startswith("file:"):
        pytest.skip("the browser cannot be made to wait for a file")
    phone.goto(base + "book/overview/music.html")
    phone.route("**/_previews/book/overview/music/**", lambda route: None)
    preview = phone.get_by_role("tooltip")
    phone.locator(".bd-article a.reference[href='#fig-music-cqt']").first.hover()
    preview.wait_for()
    phone.locator(".bd-article a.reference[href*='invariance-and-alignment.html#']").first.hover()
    phone.wait_for_timeout(600)
    assert preview.is_hidden()


PIT = "Chapter 4, Permutation-invariant training"


@pytest.mark.parametrize(
    ("page", "button", "key", "place"),
    [
        ("", "this page", "dla-ch-pit", PIT),
        ("", "Equation (4.2)", "dla-def-pit-pairwise", f"{PIT}, Equation (4.2)"),
        ("", "Section 4.3, ", "dla-sec-pit-problem", f"{PIT}, Section 4.3, The task"),
        ("", "Figure 4.1", "dla-fig-pit-", f"{PIT}, Figure 4.1"),
        (
            "/examination",
            "Exercise 4.1",
            "dla-ex-pit-",
            f"{PIT}, Section 4.15, Exercises and oral ",
        ),
        ("/examination", "Oral question “Why”", "dla-oral-pit-why", f"{PIT}, Section 4.15, Ex"),
        ("/prior", "Prediction", "dla-pred-pit-", f"{PIT}, Section 4.13, What the symmetry "),
    ],
)
def test_each_kind_of_thing_is_cited_by_chapter_page_and_number(
    phone, base, page, button, key, place
):
    chapter = "book/decomposition/permutation-invariant-training"
    phone.goto(f"{base}{chapter}{page}.html")
    phone.get_by_role("button", name=f"cite {button}").first.click()
    ((found, entry),) = parse_string(
        phone.locator("#cite-BibTeX").input_value(), "bibtex"
    ).entries.items()
    assert found.startswith(key)
    edition, _, where = entry.fields["note"].partition(". ")
    assert edition == "Version {version}, {date}".format(**phone.evaluate("bookCitation"))
    assert where.startswith(place) and f"label {found.removeprefix('dla-')}" in where
    assert place in phone.locator("#cite-Reference").input_value()


COVERED = """
() => [...document.querySelectorAll(".cite-button")].filter(button => {
  for (let box = button.closest("details"); box; box = box.parentElement.closest("details"))
    box.open = true;
  button.scrollIntoView({block: "center"});
  const {x, y, width, height} = button.getBoundingClientRect();
  return [0.1, 0.5, 0.9].some(
    share => document.elementFromPoint(x + share * width, y + height / 2) !== button);
}).map(button => button.getAttribute("aria-label"))
"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", ["", "/losses-and-masks", "/examination"])
def test_nothing_lies_on_a_button(browser, served, page, width):
    tab = browser.new_page(viewport={"width": width, "height": 844})
    tab.goto(f"{served}book/decomposition/permutation-invariant-training{page}.html")
    tab.add_style_tag(content=".headerlink { visibility: visible !important }")  # as on hover
    assert tab.evaluate(COVERED) == []
    tab.close()


def test_a_section_is_cited_from_its_heading(tab):
    heading = tab.locator("h2:has(> .headerlink[href='#sec-pit-masks'])")
    heading.get_by_role("button", name="cite Section").click()
    assert tab.get_by_label("Link", exact=True).input_value().endswith(f"{PAGE}#sec-pit-masks")
    assert "Masks, and what they can reach" in tab.locator("#cite-Reference").input_value()


def test_a_heading_is_named_by_its_words_and_the_dialog_shows_its_whole_text(tab):
    """Screen readers list headings by name: no "#", no button in it."""
    named = tab.get_by_role("heading", name=re.compile(r"^4\.10\.\d\. [^#]*$"))
    assert named.count() > 1
    assert tab.get_by_role("heading", name=re.compile("cite Section")).count() == 0
    tab.locator(".equation-mark .cite-button").first.click()
    for kind in ("Reference", "BibTeX", "Link"):
        hidden = "field => field.scrollHeight - field.clientHeight"
        assert tab.locator(f"#cite-{kind}").evaluate(hidden) <= 1, kind
