"""The search finds sections: words, symbols, labels, authors, functions; served, as files."""

import pytest
from places import SITE

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
    "librosa.beat.beat_track": [f"{BEAT}.html#sec-beat-classical"],
    "transpositions": [
        "book/overview/music/invariance-and-alignment.html#sec-music-circulant",
        "book/analysis/chords/network.html#sec-chords-net-ring",  # weights shared over them
    ],
    "gradient of the minimum": [f"{PIT}.html#sec-pit-gradient"],
    "dilated convolution": [f"{PIT}/conv-tasnet.html#sec-pit-tasnet"],
    "Gaussian window": [f"{SPEECH}.html#sec-speech-window"],
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
    tab.goto(f"{base}search.html?q=" + query.replace("\\", "%5C"))
    tab.wait_for_selector("#search-results li a")
    tab.wait_for_timeout(200)
    found = tab.eval_on_selector_all("#search-results li a", "all => all.map(a => a.href)")
    tab.remove_listener("pageerror", note)
    assert faults == []
    return [address.removeprefix(base) for address in found]


@pytest.mark.parametrize("query", QUERIES)
def test_the_right_section_is_among_the_first(query, base, tab):
    found = results(tab, base, query)[:FIRST]
    assert any(result.startswith(right) for result in found for right in QUERIES[query]), found


def test_a_result_leads_to_a_place_that_exists(served, tab):
    for address in results(tab, served, "permutation")[:10]:
        page, _, anchor = address.partition("#")
        page = page.split("?")[0]
        assert not anchor or f'id="{anchor}"' in (SITE / page).read_text(), address


def test_an_extract_is_prose(tab, served):
    """The word is in code and in the text; what is shown of the section is the text."""
    tab.goto(f"{served}search.html?q=viterbi")
    item = tab.locator("#search-results li", has_text="The best of all paths").first
    item.locator("p.context").wait_for()
    text = item.locator("p.context").inner_text()
    assert "assert" not in text and " = " not in text and len(text) > 50


@pytest.mark.parametrize("word", ["constructor", "__proto__", "hasOwnProperty", "toString"])
def test_a_word_that_every_object_of_the_browser_knows_is_a_word(browser, served, word):
    """Sphinx looks words up in objects that inherit: "constructor" ended the search."""
    tab, faults = browser.new_page(), []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(f"{served}search.html?q={word}")
    tab.locator(".search-summary").filter(has_text="Search").wait_for()
    tab.close()
    assert faults == []
