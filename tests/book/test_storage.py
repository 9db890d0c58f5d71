"""Where a browser refuses storage, or has no room or no such interface, a page still works."""

import re

import pytest
from places import SITE

PAGE = "book/overview/music.html"
PREDICTIONS = "book/overview/experiments/language.html"
REFUSED = """{
  const get = () => { throw new DOMException("refused", "SecurityError"); };
  for (const name of ["localStorage", "sessionStorage", "indexedDB"])
    Object.defineProperty(window, name, { configurable: true, get });
  Object.defineProperty(Document.prototype, "cookie", { get, set: get });
}"""
ABSENT = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { configurable: true, value: null });"""
FULL = """Storage.prototype.setItem = () => {
  throw new DOMException("full", "QuotaExceededError"); };"""
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 800}


def works(frame, tab, width: int) -> None:
    """Contents, search and dark mode of a page answer."""
    if width == PHONE["width"]:
        frame.locator("button.primary-toggle").first.click()
        frame.locator("dialog[open]").first.wait_for()
        tab.keyboard.press("Escape")
    frame.locator(".search-button-field, .search-button").locator("visible=true").first.click()
    frame.locator("#pst-search-dialog[open]").wait_for()
    tab.keyboard.press("Escape")
    frame.locator("#pst-search-dialog[open]").wait_for(state="detached")
    tab.keyboard.press("Control+k")
    frame.locator("#pst-search-dialog[open]").wait_for()
    tab.keyboard.press("Escape")
    modes = set()
    for _ in range(3):
        frame.locator(".theme-switch-button").locator("visible=true").first.click()
        modes.add(frame.locator("html").get_attribute("data-mode"))
    assert modes == {"auto", "dark", "light"}


@pytest.mark.parametrize("script", [REFUSED, ABSENT, FULL])
@pytest.mark.parametrize("viewport", [WIDE, PHONE])
def test_contents_search_and_dark_mode_work_where_storage_is_refused(
    browser, served, script, viewport
):
    context = browser.new_context(viewport=viewport)
    context.add_init_script(script)
    tab, faults = context.new_page(), []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(served + PAGE)
    works(tab, tab, viewport["width"])
    assert tab.evaluate("bookForgets") is True
    context.close()
    assert faults == []


@pytest.mark.parametrize("viewport", [WIDE, PHONE])
@pytest.mark.parametrize("name", ["matchMedia", "IntersectionObserver", "ResizeObserver"])
def test_contents_search_and_dark_mode_work_without(browser, served, name, viewport):
    context = browser.new_context(viewport=viewport)
    context.add_init_script(f"delete window.{name};")
    tab, faults = context.new_page(), []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(served + PAGE)
    works(tab, tab, viewport["width"])
    context.close()
    assert faults == []


@pytest.mark.parametrize("script", [REFUSED, ABSENT, FULL])
def test_a_search_finds_where_storage_is_refused_or_full(browser, served, script):
    """Sphinx stores the words that were sought before it looks for them."""
    context = browser.new_context()
    context.add_init_script(script)
    tab, faults = context.new_page(), []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(f"{served}search.html?q=viterbi")
    tab.locator("#search-results li a").first.wait_for()
    context.close()
    assert faults == []


def test_what_a_full_storage_holds_is_read_and_can_be_removed(browser, served):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(served + PAGE)
    tab.evaluate(
        "localStorage.setItem('constructor', 'kept'), localStorage.setItem('mode', 'dark')"
    )
    context.add_init_script(FULL)
    tab.reload()
    assert tab.evaluate("[bookForgets, localStorage.getItem('constructor')]") == [True, "kept"]
    assert tab.locator("html").get_attribute("data-theme") == "dark"
    tab.evaluate("localStorage.removeItem('constructor')")
    tab.reload()
    assert tab.evaluate("localStorage.getItem('constructor')") is None
    context.close()


@pytest.mark.parametrize("script", [REFUSED, ABSENT, FULL])
def test_a_page_does_not_promise_to_keep_what_it_cannot(browser, served, script):
    """And what is kept of earlier days is still there where the storage is full."""
    context = browser.new_context()
    tab, faults = context.new_page(), []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(served + PREDICTIONS)
    box = tab.locator(".prediction:has(.prediction-ask)").first
    box.get_by_role("button", name="Will fail").click()
    assert "keeps nothing" not in box.inner_text()
    context.add_init_script(script)
    tab.reload()
    assert ("You said" in box.inner_text()) is (script == FULL)
    if script != FULL:
        box.get_by_role("button", name="Will fail").click()
    assert "keeps nothing" in box.inner_text()
    context.close()
    assert faults == []


def test_without_a_clipboard_a_reference_is_selected(browser, served):
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
        "document.execCommand = undefined;"
    )
    tab, faults = context.new_page(), []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(served + PAGE)
    tab.locator(".cite-button").first.click()
    tab.locator("[data-copy=cite-BibTeX]").click()
    tab.locator(".cite-end [role=status]").filter(has_text="with the keyboard").wait_for()
    assert "@misc" in tab.evaluate("""() => {
      const { value, selectionStart, selectionEnd } = document.activeElement;
      return value.slice(selectionStart, selectionEnd);
    }""")
    context.close()
    assert faults == []


def test_a_stand_in_answers_as_a_storage_does(browser, served):
    context = browser.new_context()
    context.add_init_script(REFUSED)
    tab = context.new_page()
    tab.goto(served + PAGE)
    answers = """() => {
      sessionStorage.clear();
      sessionStorage.setItem("constructor", 1);
      const found = [sessionStorage.length, sessionStorage.key(0), sessionStorage.key(1),
        sessionStorage.getItem("constructor"), sessionStorage.getItem("toString")];
      sessionStorage.removeItem("constructor");
      return [...found, sessionStorage.length];
    }"""
    assert tab.evaluate(answers) == [1, "constructor", None, "1", None, 0]
    context.close()


def test_where_storage_works_it_stays_the_browser_s(browser, served):
    tab = browser.new_page()
    tab.goto(served + PAGE)
    assert tab.evaluate("localStorage instanceof Storage && !('bookForgets' in window)")
    assert tab.evaluate("'book:probe' in localStorage") is False
    tab.close()


@pytest.mark.parametrize("viewport", [WIDE, PHONE])
def test_a_sandboxed_frame_has_contents_search_and_sound(browser, served, viewport):
    """As a learning platform shows a page: scripts, and no origin of its own."""
    tab, faults = browser.new_page(viewport=viewport), []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.set_content(
        f'<style>body {{ margin: 0 }}</style><iframe sandbox="allow-scripts" src="{served}{PAGE}" '
        'style="width: 100vw; height: 100vh; border: 0"></iframe>'
    )
    frame = tab.frame_locator("iframe")
    works(frame, tab, viewport["width"])
    frame.locator(".clips-play").first.click()
    frame.locator(".clips-time").filter(has_text=re.compile(r"^(0\.[2-9]|[1-9])")).first.wait_for()
    tab.close()
    assert faults == []


def test_the_page_says_what_it_needs_of_a_browser():
    assert "sec-run-browser" in (SITE / "book/run-it-yourself.html").read_text()
