"""The search finds sections: words, symbols, labels, authors, functions; served, as files."""

import json
import re
from urllib.parse import urlencode

import pytest
import yaml
from places import ROOT, SITE

from dlabook.host.browser import axe_findings

FIRST = 3  # results among which the right one is
PIT = "book/decomposition/permutation-invariant-training"
MEL = "book/overview/speech/mel-and-metrics"
SPEECH, BEAT = "book/overview/speech", "book/analysis/beat-tracking"
# What is typed -> sections, one of which must be among the first.
QUERIES = {
    "SI-SDR": [f"{PIT}/losses-and-masks.html#sec-pit-si-sdr", f"{MEL}.html#sec-speech-si-sdr"],
    "permutation": [f"{PIT}.html#"],
    "Luo": [f"{PIT}/conv-tasnet.html#", f"{PIT}.html#sec-pit-today"],
    "si_sdr": ["book/api/losses.html#dla.losses.si_sdr.si_sdr"],
    "dla.losses.pit.pit": ["book/api/losses.html#dla.losses.pit.pit"],
    "def-pit-loss": [f"{PIT}.html#def-pit-loss"],
    "eq-pit-loss": [f"{PIT}.html#def-pit-loss"],  # as people remember it
    "rho": ["book/notation.html#sec-notation-"],  # where symbols are explained
    "\\rho": ["book/notation.html#sec-notation-"],
    "ρ": ["book/notation.html#sec-notation-"],  # as it is pasted
    "λ": ["book/notation.html#sec-notation-", f"{BEAT}/bar-pointer.html#sec-beat-"],
    "P_C": ["book/notation.html#sec-notation-speech"],
    "(1.1)": [f"{SPEECH}.html#def-speech-stft"],  # as it is printed
    "equation 1.1": [f"{SPEECH}.html#def-speech-stft"],
    "section 1.1": [f"{SPEECH}.html#sec-speech-hear"],
    "Yu 2017": [f"{PIT}.html#ch-pit"],
    "Bock": [f"{BEAT}/bar-pointer.html#sec-beat-states"],  # without the dots
    "Böck": [f"{BEAT}/bar-pointer.html#sec-beat-states"],
    "kolbæk": [f"{PIT}.html#ch-pit"],
    "stft": [f"{SPEECH}.html#sec-speech-stft"],  # behind the library's functions
    "tempogram": [f"{BEAT}.html#sec-beat-tempogram"],
    "librosa.beat.beat_track": [
        f"{BEAT}.html#sec-beat-plp",
        f"{BEAT}/bar-pointer.html#",
    ],  # call it
    "transpositions": [
        "book/overview/music/invariance-and-alignment.html#sec-music-circulant",
        "book/analysis/chords/network.html#sec-chords-net-ring",  # weights shared over them
    ],
    "gradient of the minimum": [f"{PIT}.html#sec-pit-gradient"],
    "dilated convolution": [f"{PIT}/conv-tasnet.html#sec-pit-tasnet"],
    "Gaussian window": [f"{SPEECH}.html#sec-speech-window"],
}

# What students of this subject type, written down before it was tried; any address is right.
MUSIC, CHORDS = "book/overview/music", "book/analysis/chords"
MELODY, EXPERIMENTS = "book/analysis/melody", "book/overview/experiments"
PHASE, GAN = (
    "book/synthesis/phase-and-likelihood",
    "book/synthesis/adversarial-diffusion-differentiable",
)
STUDENTS = {
    "learning rate": [f"{PIT}/real-voices.html#sec-pit-train", f"{CHORDS}/network.html#"],
    "Hungarian": [f"{PIT}/assignment.html#sec-pit-assignment"],
    "Hungarian algorithm": [f"{PIT}/assignment.html#sec-pit-assignment"],
    "prerequisites": ["book/index.html#", "book/prerequisites.html#", "book/self-test.html#"],
    "how do I run the code": ["book/run-it-yourself.html#ch-run"],
    "what is SI-SDR": [f"{PIT}/losses-and-masks.html#", f"{MEL}.html#sec-speech-si-sdr"],
    "mel spectrogram": [f"{MEL}.html#sec-speech-mel"],
    "MFCC": [f"{SPEECH}/metric-and-ear.html#sec-speech-ear"],
    "Fourier transform": [f"{SPEECH}.html#sec-speech-stft"],
    "uncertainty principle": [f"{SPEECH}.html#sec-speech-window"],
    "ideal binary mask": [f"{SPEECH}.html#sec-speech-masks"],
    "cocktail party problem": [f"{PIT}.html#ch-pit"],
    "word error rate": [f"{SPEECH}/today.html#sec-speech-today-recognition"],
    "PESQ": [f"{SPEECH}/measures.html#"],
    "HMM": [f"{CHORDS}/sequences.html#sec-chords-hmm"],
    "Viterbi algorithm": [f"{BEAT}/bar-pointer.html#sec-beat-viterbi"],
    "CRF": [f"{CHORDS}/sequences.html#sec-chords-crf"],
    "CTC": [f"{PIT}/soft-minima.html#sec-pit-soft"],
    "DTW": [f"{MUSIC}/invariance-and-alignment.html#sec-music-dtw"],
    "chroma features": [f"{MUSIC}.html#sec-music-chroma"],
    "equivariance": [f"{MUSIC}/invariance-and-alignment.html#sec-music-equivariance"],
    "data augmentation": [f"{MUSIC}/invariance-and-alignment.html#sec-music-augmentation"],
    "beat F-measure": [f"{BEAT}.html#sec-beat-evaluation"],
    "octave error": [f"{BEAT}/learned-priors.html#", "book/glossary.html#term-tempo-octave-error"],
    "pitch detection": [f"{MELODY}.html#ch-melody"],
    "YIN": [f"{MELODY}.html#sec-melody-difference"],
    "confidence interval": [f"{EXPERIMENTS}/statistics.html#sec-experiments-bootstrap"],
    "train test split": [f"{EXPERIMENTS}/statistics.html#sec-experiments-unit"],
    "transformer": [f"{MUSIC}/attention.html#ch-music-attention"],
    "GAN": [f"{GAN}.html#ch-adversarial"],
    "diffusion": [f"{GAN}/diffusion.html#ch-diffusion"],
    "DDSP": [f"{GAN}/source-filter.html#ch-source"],
    "vanishing gradient": [f"{GAN}.html#sec-adversarial-vanish"],
    "mode collapse": [f"{GAN}.html#", "book/glossary.html#term-mode-collapse"],
    "normalizing flow": [f"{PHASE}/flows.html#"],  # American
    "WaveNet": [f"{PHASE}/autoregression.html#ch-auto"],
    "Griffin-Lim": [f"{PHASE}.html#sec-phase-alternate"],
    "soft-DTW": [f"{PIT}/soft-minima.html#sec-pit-soft"],
    "exam questions": ["book/exam/questions.html#ch-exam-questions"],
    "formula sheet": ["book/exam/formula-sheet.html#"],
    "license": ["book/attribution.html#ch-attribution", "book/lecturers.html#"],
    "hungarain": [f"{PIT}/assignment.html#sec-pit-assignment"],  # a slip
    "separating voices": [f"{PIT}"],
    "initialising": [f"{EXPERIMENTS}/statistics.html#sec-experiments-seeds"],  # another ending
}
# A number leads to what is called so, and first.
NUMBERED = {
    "Exercise 4.3": f"{PIT}/examination.html#ex-pit-separable",
    "ex. 4.3": f"{PIT}/examination.html#ex-pit-separable",
    "Figure 2.12": f"{MUSIC}/invariance-and-alignment.html#fig-music-dtw-hand",
    "fig 2.12": f"{MUSIC}/invariance-and-alignment.html#fig-music-dtw-hand",
    "equation 4.3": f"{PIT}.html#eq-pit-average",
    "Eq. (4.3)": f"{PIT}.html#eq-pit-average",
    "4.3": f"{PIT}.html#eq-pit-average",
}


@pytest.fixture(scope="module")
def tab(browser):
    """One tab for all queries: the browser has the page's scripts by the second."""
    tab = browser.new_page()
    yield tab
    tab.close()


def results(tab, base: str, query: str) -> list[str]:
    """Addresses that the search page shows, best first."""
    faults = []

    def note(error):
        faults.append(str(error))

    tab.on("pageerror", note)
    tab.goto(f"{base}search.html?{urlencode({'q': query})}")
    tab.wait_for_selector("#search-results li a")
    found = tab.eval_on_selector_all("#search-results li a", "all => all.map(a => a.href)")
    tab.remove_listener("pageerror", note)
    assert faults == []
    return [address.removeprefix(base) for address in found]


@pytest.mark.parametrize("query", ["SI-SDR", "\\rho", "Böck", "(1.1)"])
def test_the_page_shows_what_is_found(query, base, tab):
    found = results(tab, base, query)[:FIRST]
    assert any(result.startswith(right) for result in found for right in QUERIES[query]), found


@pytest.fixture(scope="module")
def find(browser, served):
    """The search without its page: what is typed -> addresses, best first."""
    tab = browser.new_page()
    tab.goto(f"{served}search.html?q=a")
    tab.wait_for_function("!!window.bookFind")
    called = "q => bookFind(q).map(p => `${p.page}.html#${p.anchor}`)"
    yield lambda query: tab.evaluate(called, query)
    tab.close()


@pytest.mark.parametrize("query", QUERIES)
def test_the_right_section_is_among_the_first(query, find):
    found = find(query)[:FIRST]
    assert any(result.startswith(right) for result in found for right in QUERIES[query]), found


@pytest.mark.parametrize("query", STUDENTS)
def test_what_a_student_types_is_found(query, find):
    found = find(query)[:FIRST]
    assert any(result.startswith(right) for result in found for right in STUDENTS[query]), found


@pytest.mark.parametrize("query", NUMBERED)
def test_a_number_leads_to_the_thing(query, find):
    assert find(query)[0] == NUMBERED[query]


def test_what_is_sought_in_other_words_is_a_place():
    """The glossary's header leads to sections that exist."""
    index = json.loads(
        (SITE / "_static/sections.js").read_text()[len("window.bookSections = ") : -2]
    )
    header = (ROOT / "book/glossary.md").read_text().split("---")[1]
    sought = yaml.safe_load(header)["sought"]
    assert sought
    assert [label for label in sought if label not in index["labels"]] == []


def test_a_result_says_its_chapter(tab, served):
    """Every chapter has a page "Exercises and oral block"."""
    results(tab, served, "oral block")
    shown = tab.locator("#search-results li", has_text="Exercises and oral block")
    paths = shown.locator(".found-path").all_inner_texts()
    assert len(paths) > 2
    assert len(set(paths)) == len(paths) and all(paths)


def test_a_result_leads_to_a_place_that_exists(served, tab):
    for query in ("permutation", "viterbi", "4.3"):
        for address in results(tab, served, query)[:10]:
            page, _, anchor = address.partition("#")
            assert f'id="{anchor}"' in (SITE / page).read_text(), address


def test_an_extract_is_prose(tab, served):
    """The word is in code and in the text; what is shown of the section is the text."""
    tab.goto(f"{served}search.html?q=viterbi")
    item = tab.locator("#search-results li", has_text="The best of all paths").first
    item.locator("p.context").wait_for()
    text = item.locator("p.context").inner_text()
    assert "assert" not in text and " = " not in text and len(text) > 50


@pytest.mark.parametrize("word", ["constructor", "__proto__", "hasOwnProperty", "toString"])
def test_a_word_that_every_object_of_the_browser_knows_is_a_word(browser, served, word):
    """A table that inherits has these words."""
    tab, faults = browser.new_page(), []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(f"{served}search.html?q={word}")
    tab.locator(".search-summary").filter(has_text="Search found").wait_for()
    tab.close()
    assert faults == []


# ---------------------------------------------------------------- while one types


def test_results_come_while_one_types_and_the_keyboard_reaches_them(browser, base):
    tab, faults = browser.new_page(), []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(base + f"{BEAT}/priors.html")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("learning ra")
    links = tab.locator("#pst-search-dialog .found-link")
    links.first.wait_for()
    tab.keyboard.type("te")
    tab.wait_for_function(
        "document.querySelector('#pst-search-dialog .found-link')?.href.includes('sec-pit-train')"
    )
    status = tab.locator("#pst-search-dialog [role=status]")
    assert re.search(r"found .*\d+ places", status.inner_text())
    focused = "document.activeElement === document.querySelectorAll('#pst-search-dialog {}')[{}]"
    for key, selector, number in (
        ("ArrowDown", ".found-link", 0),
        ("ArrowDown", ".found-link", 1),
        ("ArrowUp", ".found-link", 0),
        ("ArrowUp", "input", 0),
        ("ArrowDown", ".found-link", 0),
    ):
        tab.keyboard.press(key)
        assert tab.evaluate(focused.format(selector, number)), key
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/real-voices.html#sec-pit-train")
    tab.locator(".highlighted").first.wait_for(state="attached")
    tab.close()
    assert faults == []


def test_what_was_typed_before_is_not_shown_for_what_was_typed_after(browser, served):
    """The dialogue forgets results when the field is emptied, and none come late."""
    tab = browser.new_page()
    tab.goto(served + PIT + ".html")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("viterbi")
    tab.locator("#pst-search-dialog .found-link").first.wait_for()
    for _ in "viterbi":
        tab.keyboard.press("Backspace")
    tab.wait_for_function("!document.querySelector('#pst-search-dialog .found-link')")
    assert tab.locator("#pst-search-dialog [role=status]").inner_text() == ""
    tab.keyboard.type("qqzzqq")
    tab.locator("#pst-search-dialog [role=status]").filter(has_text="nothing for").wait_for()
    tab.close()


def test_the_index_comes_only_with_the_first_look_at_the_field(browser, served):
    tab, asked = browser.new_page(), []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(served + PIT + ".html")
    tab.wait_for_load_state("networkidle")
    assert not any("sections.js" in url for url in asked)
    tab.keyboard.press("Control+k")
    tab.wait_for_function("!!window.bookFind")
    assert any("sections.js" in url for url in asked)
    tab.close()


def test_enter_in_the_dialogue_leads_to_the_search_s_page(browser, base):
    tab = browser.new_page()
    tab.goto(base + PIT + ".html")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("viterbi")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/search.html?q=viterbi")
    tab.locator("#search-results li a").first.wait_for()
    tab.close()


def test_a_search_without_scripts_says_what_to_do(browser, served):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{served}search.html?q=viterbi")
    assert "needs JavaScript" in tab.locator("main").inner_text()
    context.close()


def test_the_results_of_the_dialogue_are_accessible(browser, served):
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        tab = context.new_page()
        tab.goto(served + PIT + ".html")
        tab.keyboard.press("Control+k")
        tab.keyboard.type("mask")
        tab.locator("#pst-search-dialog .found-link").first.wait_for()
        tab.keyboard.press("ArrowDown")
        assert axe_findings(tab, ROOT, within=["#pst-search-dialog"]) == []
        context.close()


# ---------------------------------------------------------------- marks


def marked(browser, served, query: str, page: str) -> list[str]:
    """The words that are marked on a page to which a result leads, and who holds them."""
    tab = browser.new_page()
    tab.goto(f"{served}search.html?{urlencode({'q': query})}")
    tab.locator(f'#search-results a[href*="{page}"]').first.click()
    tab.wait_for_load_state()
    tab.wait_for_timeout(100)
    found = tab.eval_on_selector_all(
        ".highlighted", "all => all.map(e => [e.textContent, !!e.closest('.bd-article')])"
    )
    assert all(inside for _, inside in found)
    tab.keyboard.press("Escape")
    assert tab.locator(".highlighted").count() == 0
    tab.close()
    return [word for word, _ in found]


def test_whole_words_are_marked_in_the_article_and_nothing_else(browser, served):
    """188 places were marked of "SI-SDR", "si" in music and cosine among them."""
    words = marked(browser, served, "SI-SDR", "losses-and-masks")
    assert len(words) > 5
    assert {word.lower() for word in words} <= {"si-sdr", "si-sdrs"}


def test_words_that_join_others_and_numbers_are_not_marked(browser, served):
    words = marked(browser, served, "what is the gradient of a minimum", PIT)
    assert {"gradient", "minimum"} <= {word.lower() for word in words}
    assert not {"the", "of", "is", "a"} & {word.lower() for word in words}
    assert marked(browser, served, "equation 4.3", PIT) == []


def test_a_page_that_no_result_led_to_is_not_marked(browser, served):
    tab = browser.new_page()
    tab.goto(f"{served}search.html?q=permutation")
    tab.locator("#search-results li a").first.wait_for()
    tab.goto(served + PIT + ".html")
    tab.wait_for_timeout(100)
    assert tab.locator(".highlighted").count() == 0
    tab.close()
