"""A listening test in headless Chromium: it is blind, fair, exact, and nothing leaves the page."""

import csv
import io
import itertools
import json
import math
import re
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from docutils import nodes
from kernel_of_the_book import book_kernel
from places import DLABOOK, ROOT
from small_site import UNEXECUTED, build, configure, visitor, write

from dla.protocol import abx
from dlabook.host.browser import Server, axe_findings
from dlabook.output.abx import ABX
from dlabook.output.clip import Clips
from dlabook.output.nodes import listening_test
from dlabook.reader.listening import listening
from dlabook.run.executed import executed_path
from dlabook.source.chapters import executable_chapters

RATE = 8000
PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
---

# Page

```{code-cell} python
one_pair()
```

```{code-cell} python
two_pairs()
```

```{code-cell} python
Clips()
```
"""
# Rows of the sounds of a page in the order in which they began, whoever plays them.
RECORD_PLAYS = """
  window.plays = [];
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    const files = [...document.querySelectorAll(".clip > audio")].map(audio => audio.src);
    const begun = play.call(this);
    begun.then(() => plays.push(files.indexOf(this.src)), () => {});
    return begun;
  };
"""
REFUSE = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }})"


def sound(seed: int, seconds: float = 1.5) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(round(RATE * seconds))


OUTPUTS = [
    ABX({"recording": sound(0), "vocoder": sound(1)}, sample_rate=RATE, trials=12, seed=5),
    ABX(
        {
            "digits": {"recording": sound(2), "vo,coder": sound(3)},
            "letters": {"recording": sound(4), "vo,coder": sound(5)},
        },
        sample_rate=RATE,
        trials=7,
    ),
    Clips({"long": sound(6, 3.0)}, sample_rate=RATE),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Folder of a site of two pages, one of which has two tests and a player."""
    root = tmp_path_factory.mktemp("book")
    extensions = [
        "dlabook.site.outputs",
        "dlabook.site.directives",
        "dlabook.site.executed",
        "dlabook.reader.player.player",
        "dlabook.reader.listening.listening",
        "dlabook.reader.preview.preview",
    ]
    style = (
        f"html_static_path = [{str(DLABOOK / 'site/static')!r}]\nhtml_css_files = ['book.css']\n"
    )
    more = f"nb_execution_mode = 'cache'\nhtml_theme = 'sphinx_book_theme'\n{UNEXECUTED}{style}"
    configure(root, extensions, more)
    write(root, "_toc.yml", "format: jb-book\nroot: index\nchapters:\n- file: other\n")
    write(root, "requirements.txt", "")
    write(root, "index.md", f"{PAGE}\n```{{toctree}}\nother\n```\n")
    write(root, "other.md", "# Another page\n")
    (chapter,) = executable_chapters(root)
    notebook = chapter.notebook()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    with book_kernel():
        for cell, output in zip(code, OUTPUTS, strict=True):
            data = output._repr_mimebundle_()
            cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    write(root, executed_path(chapter).relative_to(root).as_posix(), nbformat.writes(notebook))
    assert build(root).warnings == ""
    return root / "_build/html"


@pytest.fixture
def tab(browser, site):
    """The page, read from the disk."""
    with visitor(browser, "listening.js") as tab:
        tab.add_init_script(RECORD_PLAYS)
        visit(tab, site)
        yield tab


def visit(tab, site):
    tab.goto((site / "index.html").as_uri())


def box(tab, number=0):
    return tab.locator(".abx").nth(number)


def begin(tab, number=0, seed=None):
    if seed is not None:
        box(tab, number).get_by_label("Seed").fill(str(seed))
    box(tab, number).get_by_role("button", name="Start").click()
    box(tab, number).get_by_text("Trial 1 of").wait_for()


def hear(tab, key) -> int:
    """The row that a key plays."""
    tab.evaluate("plays.length = 0")
    tab.keyboard.press(key)
    tab.wait_for_function("plays.length && document.querySelector('[aria-pressed=true]')")
    (row,) = tab.evaluate("plays")
    return row


def listen(tab) -> tuple[int, int, int]:
    return hear(tab, "a"), hear(tab, "b"), hear(tab, "x")


def take(tab, number=0, *, seed=None, trials=12, right=lambda trial: True) -> list[tuple]:
    """A whole test by a listener who knows; rows of A, B and X of each trial."""
    begin(tab, number, seed)
    heard = []
    for trial in range(trials):
        a, b, x = listen(tab)
        assert x in (a, b) and a != b
        heard.append((a, b, x))
        tab.keyboard.press("1" if (x == a) == right(trial) else "2")
    return heard


def told(tab, number=0) -> str:
    return box(tab, number).inner_text()


def saved(tab, kind) -> str:
    with tab.expect_download() as download:
        tab.get_by_role("button", name=f"Save as {kind}").first.click()
    return download.value.path().read_text(encoding="utf-8")


# ---------------------------------------------------------------- the numbers


def test_script_and_library_compute_the_same(tab):
    counts = [(k, n) for n in (5, 7, 12, 16, 40, 200) for k in range(0, n + 1, 1 + n // 12)]
    theirs = tab.evaluate(
        """counts => counts.map(([k, n]) => [bookListening.tail(k, n, 0.5),
        ...bookListening.interval(k, n)])""",
        counts,
    )
    for (k, n), numbers in zip(counts, theirs, strict=True):
        interval = abx.clopper_pearson(k, n)
        ours = [abx.binomial_p_value(k, n), interval.low, interval.high]
        assert numbers == pytest.approx(ours, rel=1e-12, abs=1e-15), (k, n)
    for n in range(5, 201):
        power = [tab.evaluate("([n, p]) => bookListening.power(n, p)", [n, p]) for p in (0.7, 0.9)]
        assert tab.evaluate("n => bookListening.critical(n)", n) == abx.critical_number(n)
        assert power == pytest.approx([abx.binomial_power(n, p) for p in (0.7, 0.9)], abs=1e-12)


def test_number_of_trials_and_power_stand_there_before_the_test(tab):
    assert "12 trials with two sounds" in told(tab)
    assert "10 of 12 right are needed: guessing gets there with p = 0.019" in told(tab)
    power = [f"{abx.binomial_power(12, p):.2f}" for p in (0.7, 0.9)]
    assert f"in 70 % of the trials: {power[0]}; in 90 % of the trials: {power[1]}." in told(tab)
    assert "one level (RMS), both as MP3" in told(tab)


def generator(seed: int):
    """mulberry32 with Python's numbers."""
    state, mask = seed, 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & mask
        bits = ((state ^ state >> 15) * (state | 1)) & mask
        bits ^= (bits + (((bits ^ bits >> 7) * (bits | 61)) & mask)) & mask
        yield (bits ^ bits >> 14) / 2**32


def plan(seed: int, trials: int, pairs: int) -> list[tuple[int, bool, bool]]:
    """Pair, swapped, X is A; as the script draws them."""
    draw = generator(seed)
    order = [k % pairs for k in range(trials)]
    for k in range(trials - 1, 0, -1):
        other = int(next(draw) * (k + 1))
        order[k], order[other] = order[other], order[k]
    return [(pair, next(draw) < 0.5, next(draw) < 0.5) for pair in order]


@pytest.mark.parametrize("seed", [0, 1, 5, 2**31, 2**32 - 1])
def test_the_seed_alone_decides_what_is_drawn(tab, seed):
    drawn = tab.evaluate(
        """seed => bookListening.plan(seed, 23, 3).map(
        ({pair, swapped, xIsA}) => [pair, swapped, xIsA])""",
        seed,
    )
    assert [tuple(trial) for trial in drawn] == plan(seed, 23, 3)


def test_x_is_a_fair_coin_whatever_else_was_drawn():
    """Over seeds that follow each other, as readers take them; four standard errors."""
    drawn = [plan(seed, 16, 3) for seed in range(2000)]
    trials = [trial for test in drawn for trial in test]

    def assert_fair(coins):
        assert abs(np.mean(coins) - 0.5) < 4 * math.sqrt(0.25 / len(coins))

    for k in range(16):
        assert_fair([test[k][2] for test in drawn])
        assert_fair([test[k][1] for test in drawn])
    assert_fair([swapped for _, swapped, _ in trials])
    assert_fair([x_is_a for *_, x_is_a in trials])
    assert_fair([swapped == x_is_a for _, swapped, x_is_a in trials])
    for test in drawn:
        counts = np.bincount([pair for pair, *_ in test], minlength=3)
        assert counts.max() - counts.min() == 1
    assert_fair([a[2] == b[2] for test in drawn for a, b in itertools.pairwise(test)])
    first = np.bincount([test[0][0] for test in drawn]) / len(drawn)
    assert first == pytest.approx([6 / 16, 5 / 16, 5 / 16], abs=0.05)


# ---------------------------------------------------------------- a test, taken


def test_one_who_hears_it_is_right_in_all_trials_and_p_is_exact(tab):
    heard = take(tab)
    assert [(a, b, x) for a, b, x in heard] == [
        ((1, 0) if swapped else (0, 1)) + ((x_is_a != swapped) ^ 1,)
        for _, swapped, x_is_a in plan(5, 12, 1)
    ]
    assert box(tab).get_by_role("status").inner_text() == "12 of 12 right, p < 0.001."
    assert "guessing is rejected at the level 0.05" in told(tab)
    assert tab.evaluate("document.activeElement.ariaLabel") == "Result"


def test_the_same_seed_repeats_the_test_and_another_does_not(tab, site):
    first = take(tab, seed=9)
    visit(tab, site)
    assert take(tab, seed=9) == first
    box(tab).get_by_role("button", name="Another test").click()
    assert box(tab).get_by_label("Seed").input_value() == "10"
    assert take(tab) != first


def test_what_was_wrong_counts_and_no_difference_found_is_not_none_there(tab):
    take(tab, right=lambda trial: trial < 9)
    assert "9 of 12 right, p = 0.073." in told(tab)
    interval = abx.clopper_pearson(9, 12)
    assert f"interval {interval.low:.2f} to {interval.high:.2f} (Clopper" in told(tab)
    assert "10 were needed: the test found no difference. That does not show that" in told(tab)


def test_each_pair_has_its_count(tab):
    heard = take(tab, 1, seed=2, trials=7, right=lambda trial: trial % 2 == 0)
    pairs = ["digits" if a in (2, 3) else "letters" for a, _, _ in heard]
    rows = [row.inner_text().split("\t") for row in box(tab, 1).locator("tbody tr").all()]
    assert rows == [
        [
            name,
            f"{sum(p == name and k % 2 == 0 for k, p in enumerate(pairs))} of {pairs.count(name)}",
        ]
        for name in ("digits", "letters")
    ]
    assert sorted(pairs.count(name) for name in ("digits", "letters")) == [3, 4]


def test_more_looks_are_counted_with_what_guessing_gains_by_them(tab):
    take(tab)
    assert "One look, decided on beforehand" in told(tab)
    once = abx.binomial_p_value(10, 12)
    assert f"One of five such tests does with probability {1 - (1 - once) ** 5:.0%}".replace(
        "%", " %"
    ) in told(tab)
    take(tab, 1, trials=7)
    other = abx.binomial_p_value(abx.critical_number(7), 7)
    both = 1 - (1 - once) * (1 - other)
    assert "This was test 2 on this page" in told(tab, 1)
    assert f"at least one of 2 passes with probability {100 * both:.0f} %" in told(tab, 1)


def test_x_is_to_be_heard_in_each_trial_before_an_answer(tab):
    begin(tab)
    for key in "ab":
        tab.keyboard.press("1")
        assert "Trial 1 of 12. Listen to X first." in told(tab)
        hear(tab, key)
    hear(tab, "x")
    tab.keyboard.press("1")
    tab.keyboard.press("1")  # pressed twice by mistake
    assert "Trial 2 of 12. Listen to X first." in told(tab)


def test_a_test_that_was_stopped_has_no_result(tab):
    begin(tab)
    listen(tab)
    tab.keyboard.press("1")
    box(tab).get_by_role("button", name="Stop the test").click()
    assert "A test that was not finished has no result." in told(tab)
    assert not box(tab).locator(".abx-result").is_visible()
    assert tab.evaluate("document.activeElement.textContent") == "Start"
    take(tab)
    assert "One look" in told(tab)


def test_by_finger_as_by_key(tab):
    begin(tab)
    for k in range(12):
        tab.evaluate("plays.length = 0")
        for name in "ABX":
            box(tab).get_by_role("button", name=f"Play {name}").click()
            tab.wait_for_function("n => plays.length === n", arg="ABX".index(name) + 1)
        a, _, x = tab.evaluate("plays")
        box(tab).get_by_role("button", name="X is A" if x == a else "X is B").click()
        if k < 11:
            assert f"Trial {k + 2} of 12." in told(tab)
    assert "12 of 12 right" in told(tab)


def test_a_second_press_stops_and_the_end_releases_the_button(tab):
    begin(tab)
    pressed = box(tab).locator("[aria-pressed=true]")
    hear(tab, "x")
    tab.keyboard.press("x")
    assert pressed.count() == 0
    hear(tab, "b")
    tab.wait_for_function("!document.querySelector('.abx [aria-pressed=true]')")
    assert tab.evaluate("plays").count(0) + tab.evaluate("plays").count(1) == 1


def test_keys_outside_the_test_are_the_page_s(tab):
    begin(tab)
    tab.evaluate("document.activeElement.blur()")
    tab.evaluate("plays.length = 0")
    for key in "abx12":
        tab.keyboard.press(key)
    assert tab.evaluate("plays") == [] and "Trial 1 of 12." in told(tab)


def test_a_seed_that_is_none_begins_nothing(tab):
    for seed in ("", "-1", "4294967296", "1.5"):
        box(tab).get_by_label("Seed").fill(seed)
        box(tab).get_by_role("button", name="Start").click()
        assert not box(tab).locator(".abx-trial").is_visible()


# ---------------------------------------------------------------- blind


def test_nothing_in_the_document_tells_the_trials_apart(tab):
    """Not before a sound, not while A, B or X sounds, not after an answer: but for the count."""
    article = "document.querySelector('.bd-article').outerHTML"
    begin(tab)
    states = {}
    coins = set()
    for trial in range(12):
        seen = [tab.evaluate(article)]
        heard = []
        for key in "abx":
            heard.append(hear(tab, key))
            seen.append(tab.evaluate(article))
        a, _, x = heard
        coins.add((a, x == a))
        if trial < 11:
            tab.keyboard.press("1")
        for k, state in enumerate(seen):
            assert f"Trial {trial + 1} of 12" in state
            states.setdefault(k, set()).add(state.replace(f"Trial {trial + 1} of", "Trial k of"))
    assert len(coins) == 4  # all cases were there
    assert [len(states[k]) for k in range(4)] == [1, 1, 1, 1]


def test_the_player_with_the_names_is_out_of_sight_while_a_test_runs(tab):
    names = box(tab).locator(".clip-label").first
    assert names.is_visible()
    begin(tab)
    assert not names.is_visible()
    assert "recording" not in box(tab).locator(".abx-trial").inner_text()
    box(tab).get_by_role("button", name="Stop the test").click()
    assert names.is_visible()


# ---------------------------------------------------------------- nothing leaves the page


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_test_asks_for_its_sounds_and_sends_nothing(browser, site, scheme):
    server = Server(site)
    with visitor(browser, "listening.js") as tab:
        tab.add_init_script(RECORD_PLAYS)
        asked = []
        tab.goto(server.base if scheme == "http" else (site / "index.html").as_uri())
        tab.wait_for_load_state("networkidle")
        base = tab.url.removesuffix("index.html")
        tab.on("request", lambda request: asked.append(request))
        begin(tab)
        for request in asked:
            assert request.method == "GET" and request.post_data is None
            assert re.fullmatch(re.escape(base) + r"_sounds/[0-9a-f]+\.mp3", request.url)
        assert len({request.url for request in asked}) == 2
        asked.clear()
        for _ in range(12):
            listen(tab)
            tab.keyboard.press("1")
        saved(tab, "JSON"), saved(tab, "CSV")
        box(tab).get_by_role("button", name="Copy").click()
        tab.wait_for_timeout(200)
        sounds = [r for r in asked if r.url.endswith(".mp3") and r.method == "GET"]
        others = [r.url for r in asked if r not in sounds and not r.url.startswith("blob:")]
        assert others == [] and {r.post_data for r in sounds} <= {None}
        assert tab.evaluate("Object.keys(localStorage).filter(key => /abx|listen/.test(key))") == []
    server.shutdown()


def test_the_script_names_no_way_to_send(site):
    script = (DLABOOK / "reader/listening/listening.js").read_text(encoding="utf-8")
    assert not re.search(r"fetch|XMLHttp|sendBeacon|WebSocket|EventSource|https?:|Storage", script)
    assert len(script.encode()) < 16_000


def test_what_is_saved_holds_the_test_and_its_result(tab):
    heard = take(tab, 1, seed=2, trials=7, right=lambda trial: trial != 3)
    kept = json.loads(saved(tab, "JSON"))
    assert {key: kept[key] for key in ("seed", "trials", "right", "needed", "version")} == {
        "seed": 2, "trials": 7, "right": 6, "needed": 7, "version": 1,
    }  # fmt: skip
    assert kept["p_value"] == abx.binomial_p_value(6, 7)
    assert kept["power"]["0.9"] == pytest.approx(abx.binomial_power(7, 0.9), abs=1e-12)
    rows = list(csv.DictReader(io.StringIO(saved(tab, "CSV"))))
    labels = [
        "recording (digits)",
        "vo,coder (digits)",
        "recording (letters)",
        "vo,coder (letters)",
    ]
    assert [[row["A"], row["B"], row["X"]] for row in rows] == [
        [labels[row - 2] for row in trial] for trial in heard
    ]
    assert [row["right"] for row in rows] == ["false" if k == 3 else "true" for k in range(7)]
    assert [(row["answer"] == row["X"]) for row in rows] == [k != 3 for k in range(7)]
    assert [
        {**row, "trial": int(row["trial"]), "right": row["right"] == "true"} for row in rows
    ] == (kept["answers"])


def test_a_browser_that_copies_nothing_marks_the_answers(tab):
    take(tab)
    tab.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    box(tab).get_by_role("button", name="Copy").click()
    box(tab).get_by_text("your answers are marked below").wait_for()
    assert tab.evaluate("getSelection().toString()").startswith("trial,pair,A,B,X,answer,right")


def test_a_copy_is_what_is_saved(tab):
    take(tab)
    tab.evaluate(
        """() => Object.defineProperty(navigator, "clipboard",
        {value: {writeText: async text => { window.copied = text; }}})"""
    )
    box(tab).get_by_role("button", name="Copy").click()
    box(tab).get_by_text("Copied.").wait_for()
    assert json.loads(tab.evaluate("copied")) == json.loads(saved(tab, "JSON"))


def test_refused_storage_breaks_nothing(tab, site):
    tab.add_init_script(REFUSE)
    visit(tab, site)
    take(tab)
    assert "12 of 12 right" in told(tab)


# ---------------------------------------------------------------- beside the players


def test_what_begins_silences_what_played(tab):
    """A player and a test of one page never sound together."""
    tab.locator(".clips-play").nth(2).click()
    tab.wait_for_function("document.querySelectorAll('.clips')[2].player.voice")
    begin(tab)
    assert tab.evaluate("document.querySelectorAll('.clips')[2].player.voice") is None
    tab.locator(".clips-play").nth(2).click()
    tab.wait_for_function("document.querySelectorAll('.clips')[2].player.voice")
    box(tab).get_by_role("button", name="Play X").click()
    tab.wait_for_function("document.querySelector('.abx [aria-pressed=true]')")
    assert tab.evaluate("document.querySelectorAll('.clips')[2].player.voice") is None
    tab.evaluate("for (const button of document.querySelectorAll('.clips-play')) button.blur()")
    hear_while = """() => { const press = k =>
        document.querySelectorAll(".abx [data-play=B]")[k].click();
        press(0); document.querySelectorAll(".clips-play")[2].click();
        return document.querySelectorAll(".abx [aria-pressed=true]").length; }"""
    assert tab.evaluate(hear_while) == 0


def test_a_sound_that_is_gone_is_said(browser, site):
    server = Server(site)
    with visitor(browser, "listening.js") as tab:
        tab.route(re.compile(r"\.mp3$"), lambda route: route.fulfill(status=404))
        tab.goto(server.base)
        begin(tab)
        tab.keyboard.press("x")
        box(tab).get_by_text("Trial 1 of 12. This sound cannot be played").wait_for()
        tab.keyboard.press("1")
        assert "Listen to X first" in told(tab)
    server.shutdown()


def test_the_player_in_a_test_looks_like_any_other(tab):
    styles = """() => [...document.querySelectorAll(".clips")].map(clips =>
      [".clip > input", ".clips-play", ".clips-note", ".clips-keys p", ".clip-label"].map(name => {
        const { minHeight, margin, padding, font, color, border, backgroundColor } =
          getComputedStyle(clips.querySelector(name));
        return { minHeight, margin, padding, font, color, border, backgroundColor };
      }))"""
    first, _, other = tab.evaluate(styles)
    assert first == other


# ---------------------------------------------------------------- everywhere else


def test_without_scripts_and_in_print_the_sounds_are_there_with_their_names(browser, tab, site):
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    visit(plain, site)
    assert box(plain).locator("audio").first.is_visible()
    assert "recording" in told(plain) and "needs scripts; the sounds below do not" in told(plain)
    assert not box(plain).get_by_role("button", name="Start").is_visible()
    context.close()
    begin(tab)
    tab.emulate_media(media="print")
    assert box(tab).locator(".clip-label").first.is_visible()
    assert not box(tab).get_by_role("button", name="Stop the test").is_visible()


def test_a_page_without_a_test_loads_nothing_for_one(site):
    assert "listening.js" in (site / "index.html").read_text()
    assert "listening" not in (site / "other.html").read_text()


def test_a_preview_shows_no_test():
    """Nothing can be activated in one: it is shown on whatever page."""
    preview = SimpleNamespace(shown_on=None, body=[])
    with pytest.raises(nodes.SkipNode):
        listening.visit_listening_test(preview, listening_test("", test=OUTPUTS[0].test()))
    assert preview.body == []


def test_names_are_text_wherever_they_stand():
    test = {"trials": 5, "seed": 0, "pairs": [[0, 1]], "names": ["<b>\"a\"</b> & 'b'"]}
    markup = listening.opening(test, 1)
    assert "<b>" not in markup and 'data-names="[&quot;&lt;b&gt;\\&quot;a' in markup


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_in_any_state_and_nothing_is_cut_off(browser, site, theme, width):
    phone = {"has_touch": True, "is_mobile": True} if width == 390 else {}
    context = browser.new_context(viewport={"width": width, "height": 844}, **phone)
    tab = context.new_page()
    tab.add_init_script(RECORD_PLAYS)
    visit(tab, site)

    def look():
        tab.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        assert axe_findings(tab, ROOT, within=[".abx"]) == []
        wide = """() => [...document.querySelectorAll(".abx :not(pre *)")].filter(e =>
            e.getBoundingClientRect().width && !e.closest(".visually-hidden") &&
            e.getBoundingClientRect().right >
              e.closest(".abx").getBoundingClientRect().right + 1).map(e => e.outerHTML)"""
        assert tab.evaluate(wide) == []
        small = """() => [...document.querySelectorAll(".abx > :not(.clips) button")].filter(e =>
            e.getBoundingClientRect().width && e.getBoundingClientRect().height < 43)
            .map(e => e.outerHTML)"""
        assert tab.evaluate(small) == []

    look()
    begin(tab, 1)
    look()
    hear(tab, "x")
    look()
    tab.keyboard.press("1")
    for _ in range(6):
        hear(tab, "x")
        tab.keyboard.press("1")
    box(tab, 1).get_by_text("Your answers").click()
    look()
    context.close()
