"""The first page and the lecturers' page as readers get them."""

import zipfile

import pytest
from places import ROOT

from dlabook.reader.study.study import topic_pages
from dlabook.source.pages import FIGURES_ZIP

SITE = ROOT / "_build" / "html"
INDEX = (SITE / "book" / "index.html").as_uri()
BOTTOM = "element => element.getBoundingClientRect().bottom"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_screen_says_what_for_whom_what_there_is_and_plays_and_shows(browser, scheme):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    tab = context.new_page()
    tab.goto(INDEX)
    for place in (
        ".bd-article h1",
        ".front-text",
        ".front-sound .clips button",
        ".front-sound .clips-axes",
    ):
        assert 0 < tab.locator(place).first.evaluate(BOTTOM) <= 800, place
    words = tab.locator(".front-text").inner_text()
    for said in ("executable textbook", "For whom?", "There are", "To begin", "examination"):
        assert said in words
    links = tab.locator(".front-text a").evaluate_all(
        "all => all.map(a => a.href.split('/book/')[1])"
    )
    assert {"self-test.html", "lecturers.html"} <= {link.split("#")[0] for link in links}
    for pages in topic_pages(ROOT):
        name = pages[0].chapter.name
        assert any(link.startswith(f"{name}.html") for link in links), name
    context.close()


@pytest.mark.parametrize("page", ["index", "self-test", "lecturers"])
def test_on_a_phone_nothing_is_wider_than_the_screen(browser, page):
    tab = browser.new_page(viewport={"width": 390, "height": 800})
    tab.goto((SITE / "book" / f"{page}.html").as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    tab.close()


def test_all_figures_of_the_site_are_in_the_zip_by_their_labels(browser):
    tab = browser.new_page()
    tab.goto((SITE / "book" / "lecturers.html").as_uri())
    link = tab.get_by_role("link", name="All figures as a zip").evaluate("a => a.href")
    assert link == (SITE / FIGURES_ZIP).as_uri()
    tab.close()
    with zipfile.ZipFile(SITE / FIGURES_ZIP) as archive:
        packed = {name.split("/")[-1] for name in archive.namelist() if "/light/" in name}
    named = {
        f"{cell.metadata['mystnb']['figure']['name']}.svg"
        for pages in topic_pages(ROOT)
        for page in pages
        for _, cell in page.chapter.code_cells
        if "figure" in cell.metadata.get("mystnb", {})
    }
    assert named and named <= packed


def test_solutions_are_hidden_on_a_page_that_is_opened_after_the_switch(browser):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto((SITE / "book" / "lecturers.html").as_uri())
    tab.get_by_role("button", name="Hide solutions").click()
    tab.goto((SITE / "book" / "analysis" / "melody" / "examination.html").as_uri())
    solutions = tab.locator(".solution")
    assert solutions.count() >= 5
    assert not any(solution.is_visible() for solution in solutions.all())
    assert tab.locator(".exercise").first.is_visible()
    context.close()
