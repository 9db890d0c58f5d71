"""The player in headless Chromium, served and from file://: what loads when, what sounds where."""

import base64
import contextlib
import itertools
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from places import DLABOOK

from dlabook.host.browser import Server
from dlabook.output import spectrum
from dlabook.output.clip import Clips
from dlabook.reader.player import player as markup

RATE = 16000
SAMPLE = 1 / 44100  # s, of the sound card's clock
# Each start of a sound as [time of the context, place in the sound, loops, from, to].
RECORD_STARTS = """
  window.starts = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (when, place) {
    starts.push([when, place, this.loop, this.loopStart, this.loopEnd]);
    return start.call(this, when, place);
  };
"""
# Where the cursor crosses waveform and spectrogram of the chosen version, as shares of their width.
COVERED = """
  () => {
    const cursor = document.querySelector(".clips-cursor").getBoundingClientRect();
    const chosen = document.querySelector(".clip > input:checked").closest(".clip");
    return [".clip-wave", ".clip-spectrum"].map(name => {
      const box = chosen.querySelector(name).getBoundingClientRect();
      const inside = cursor.top <= box.top + 1 && cursor.bottom >= box.bottom - 1;
      return inside ? (cursor.left + cursor.width / 2 - box.left) / box.width : null;
    });
  }
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    time = np.arange(3 * RATE) / RATE
    rows = {
        "low": np.sin(2 * np.pi * 440 * time),
        "high": np.sin(2 * np.pi * 880 * time),
        "short": np.sin(2 * np.pi * 660 * time[: 2 * RATE]),
    }
    folder = tmp_path_factory.mktemp("player")
    write_page(folder, Clips(rows, sample_rate=RATE).rows())
    return folder


def write_page(folder: Path, rows: list[dict]) -> None:
    """Two players of the same sounds on one page, with the book's scripts and styles."""
    for name in ("_sounds", markup.SCRIPTS):
        (folder / name).mkdir()
    for place in ("reader/player/player", "site/static/book"):
        for kind in (".js", ".css"):
            path = (DLABOOK / place).with_suffix(kind)
            shutil.copyfile(path, folder / path.name)
    (folder / "bar.jpg").write_bytes(spectrum.colour_bar())
    for k, row in enumerate(rows):
        mp3 = base64.b64decode(row.pop("mp3"))
        drawn = spectrum.draw(mp3, folder / "drawings")
        (folder / "_sounds" / f"{k}.mp3").write_bytes(mp3)
        (folder / markup.SCRIPTS / f"{k}.js").write_text(markup.sound_script(mp3, str(k)))
        for kind, suffix in (("waveform", "svg"), ("spectrogram", "jpg")):
            (folder / f"{k}.{suffix}").write_bytes(drawn[kind])
            row[kind] = f"{k}.{suffix}"
        row |= {"source": f"_sounds/{k}.mp3", "peak": drawn["peak"], "bands": drawn["bands"]}
    players = [
        markup.player(rows, number=number, colour_bar="bar.jpg", note="Played at one level.")
        for number in (1, 2)
    ]
    (folder / "index.html").write_text(
        '<!DOCTYPE html><html lang="en" data-theme="light"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        "<style>.visually-hidden { position: absolute; clip-path: inset(50%) }</style>"
        '<link rel="stylesheet" href="book.css"><link rel="stylesheet" href="player.css">'
        '<script defer src="book.js"></script><script defer src="player.js"></script>'
        f'<body><main class="bd-content">{"".join(players)}</main></body></html>',
        encoding="utf-8",
    )


@contextlib.contextmanager
def opened(browser, site, scheme="http", **options):
    """The page in a tab whose ``sounds`` lists the requests for sounds, ``faults`` the errors."""
    server = Server(site)
    context = browser.new_context(**options)
    tab = context.new_page()
    tab.sounds, tab.faults = [], []
    tab.on("request", lambda r: tab.sounds.append(r.url) if "_sound" in r.url else None)
    tab.on("pageerror", lambda error: tab.faults.append(str(error)))
    tab.add_init_script(RECORD_STARTS)
    tab.goto(server.base if scheme == "http" else (site / "index.html").as_uri())
    yield tab
    context.close()
    server.shutdown()
    assert tab.faults == []


def state(tab, expression):
    return tab.evaluate(f"document.querySelector('.clips').player.{expression}")


def play(tab):
    tab.locator(".clips-sheet").first.focus()
    tab.keyboard.press("Space")
    tab.wait_for_function("document.querySelector('.clips').player.now() > 0.2")


schemes = pytest.mark.parametrize("scheme", ["http", "file"])


@schemes
def test_no_sound_is_loaded_before_it_is_used_and_then_only_that_player_s(browser, site, scheme):
    with opened(browser, site, scheme) as tab:
        tab.evaluate("scrollTo(0, document.body.scrollHeight)")
        tab.wait_for_timeout(200)
        assert tab.sounds == []
        play(tab)
        tab.wait_for_timeout(200)
        assert len(tab.sounds) == len(set(tab.sounds)) == 3


@schemes
def test_the_cursor_runs_in_waveform_and_spectrogram(browser, site, scheme):
    with opened(browser, site, scheme) as tab:
        before = tab.evaluate(COVERED)
        play(tab)
        after = tab.evaluate(COVERED)
        assert before == pytest.approx([0, 0], abs=0.01)
        assert after[0] == pytest.approx(after[1], abs=0.01)
        assert 0.02 < after[0] < 0.9


@schemes
def test_a_digit_switches_at_the_very_sample_that_was_next(browser, site, scheme):
    with opened(browser, site, scheme) as tab:
        play(tab)
        for digit in "231":
            tab.keyboard.press(digit)
            tab.wait_for_timeout(120)
        starts = tab.evaluate("starts")
        assert len(starts) == 4
        for when, place, *_ in starts[1:]:
            assert place - starts[0][1] == pytest.approx(when - starts[0][0], abs=SAMPLE)
        assert state(tab, "voice.version") == 0
        assert tab.locator(".clips-said").first.inner_text().startswith("1, low: 3.0 seconds")


def test_all_versions_are_as_long_as_the_longest(browser, site):
    with opened(browser, site) as tab:
        play(tab)
        tab.wait_for_timeout(200)
        lengths = tab.evaluate(
            "Promise.all(document.querySelector('.clips').player.buffers)"
            ".then(all => all.map(buffer => buffer.duration))"
        )
        assert lengths == pytest.approx([3.0] * 3, abs=SAMPLE)


@schemes
def test_a_loop_returns(browser, site, scheme):
    with opened(browser, site, scheme) as tab:
        tab.locator(".clips-sheet").first.focus()
        for key in ("Home", "ArrowRight", *["Shift+ArrowRight"] * 4, "l", "Space"):
            tab.keyboard.press(key)
        tab.wait_for_function("starts.length > 0")
        assert tab.evaluate("starts")[0][2:] == pytest.approx([True, 0.1, 0.5])
        places = []
        for _ in range(25):
            places.append(state(tab, "now()"))
            tab.wait_for_timeout(40)
        assert min(places) >= 0.1 - 1e-9 and max(places) < 0.5
        assert any(later < earlier for earlier, later in itertools.pairwise(places))
        tab.keyboard.press("l")  # plays on from there
        tab.wait_for_function("document.querySelector('.clips').player.now() > 0.6")


def test_drawing_across_the_pictures_marks_and_loops(browser, site):
    with opened(browser, site) as tab:
        box = tab.locator(".clips-touch").first.bounding_box()
        x = lambda share: box["x"] + share * box["width"]  # noqa: E731
        y = box["y"] + box["height"] - 20
        tab.mouse.move(x(0.25), y)
        tab.mouse.down()
        tab.mouse.move(x(0.5), y, steps=5)
        tab.mouse.up()
        assert state(tab, "region") == pytest.approx([0.75, 1.5], abs=0.02)
        assert tab.locator(".clips-loop").first.get_attribute("aria-pressed") == "true"
        tab.mouse.click(x(0.8), y)  # beside the mark: it goes, and so does the loop
        assert state(tab, "now()") == pytest.approx(2.4, abs=0.02)
        assert state(tab, "region") is None and not state(tab, "loop")


def test_a_finger_marks_scrolls_and_removes_the_mark(browser, site):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with opened(browser, site, **phone) as tab:
        protocol = tab.context.new_cdp_session(tab)
        box = tab.locator(".clips-touch").first.bounding_box()
        middle = box["y"] + box["height"] / 2

        def draw(*points):
            for k, (x, y) in enumerate(points):
                kind = "touchMove" if k else "touchStart"
                touch = {"type": kind, "touchPoints": [{"x": x, "y": y}]}
                protocol.send("Input.dispatchTouchEvent", touch)
            protocol.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

        draw(*[(box["x"] + share * box["width"], middle) for share in (0.25, 0.3, 0.4, 0.5)])
        assert state(tab, "region") == pytest.approx([0.75, 1.5], abs=0.1)
        assert tab.evaluate("scrollY") == 0
        draw(*[(box["x"] + 60, middle - up) for up in (0, 20, 60, 120, 200)])
        tab.wait_for_function("scrollY > 50")
        assert state(tab, "region") == pytest.approx([0.75, 1.5], abs=0.1)
        tab.locator(".clips-unmark").first.tap()
        assert state(tab, "region") is None and not state(tab, "loop")
        assert not tab.locator(".clips-unmark").first.is_visible()


def test_what_is_sought_in_a_loop_stays_in_it(browser, site):
    """Beyond its end browsers differ in what sounds; the cursor must not say otherwise."""
    with opened(browser, site) as tab:
        tab.evaluate("document.querySelector('.clips').player.setRegion([0.5, 1])")
        tab.locator(".clips-sheet").first.focus()
        for key in ("l", "Space"):
            tab.keyboard.press(key)
        tab.wait_for_function("starts.length > 0")
        tab.keyboard.press("End")
        tab.keyboard.press("Home")
        tab.wait_for_function("starts.length > 2")
        assert [start[1] for start in tab.evaluate("starts")[1:]] == pytest.approx([0.999, 0.5])


def test_a_sound_that_was_gone_plays_when_it_is_back(browser, site):
    with opened(browser, site) as tab:
        gone = re.compile("_sounds")
        tab.route(gone, lambda route: route.fulfill(status=404))
        tab.locator(".clips-play").first.click()
        tab.wait_for_function("document.querySelector('.clips-said').textContent")
        tab.unroute(gone)
        tab.locator(".clips-play").first.click()
        tab.wait_for_function("document.querySelector('.clips').player.now() > 0.2")


def test_a_version_that_is_gone_is_said_when_it_is_chosen(browser, site):
    with opened(browser, site) as tab:
        tab.route(re.compile("_sounds/1"), lambda route: route.fulfill(status=404))
        play(tab)
        tab.keyboard.press("2")
        tab.locator(".clips-time").filter(has_text="cannot be played").first.wait_for()


def test_a_browser_that_gives_no_sound_is_said(browser, site):
    with opened(browser, site) as tab:
        tab.evaluate("() => { AudioContext.prototype.resume = () => new Promise(() => {}); }")
        tab.locator(".clips-play").first.click()
        tab.locator(".clips-time").filter(has_text="device for sound").first.wait_for()
        assert tab.locator(".clips-play").first.inner_text() == "Play"


NO_WEB_AUDIO = """() => {
  for (const name of ["AudioContext", "webkitAudioContext"]) delete window[name];
}"""
REFUSES_WEB_AUDIO = """() => {
  window.AudioContext = class { constructor() { throw new DOMException("no"); } };
}"""


def test_without_web_audio_the_browser_s_controls_serve(browser, site):
    """Lockdown Mode of iOS, the safest level of Tor: no button says Pause over silence."""
    with opened(browser, site) as tab:
        tab.add_init_script(f"({NO_WEB_AUDIO})()")
        tab.reload()
        assert tab.locator(".clips audio").first.is_visible()
        assert not tab.locator(".clips-play").first.is_visible()
        assert "no Web Audio" in tab.locator(".clips-note").first.inner_text()
        tab.locator(".clips label").nth(1).click()  # the pictures of a version are chosen as ever
        assert tab.locator(".clip-spectrum").nth(1).is_visible()


def test_web_audio_that_is_refused_gives_way_to_the_browser_s_controls(browser, site):
    with opened(browser, site) as tab:
        tab.evaluate(REFUSES_WEB_AUDIO)
        tab.locator(".clips-play").first.click()
        tab.wait_for_function("document.querySelector('.clips audio').currentTime > 0.2")
        assert not tab.locator(".clips-play").first.is_visible()


def test_a_phone_is_asked_for_playback_before_the_first_sound(browser, site):
    """Or the switch for ringing silences the book as well (Safari 16.4 and newer)."""
    with opened(browser, site) as tab:
        tab.evaluate(
            """() => Object.defineProperty(navigator, "audioSession",
               { value: { type: "auto" }, configurable: true })"""
        )
        assert tab.evaluate("navigator.audioSession.type") == "auto"
        play(tab)
        assert tab.evaluate("navigator.audioSession.type") == "playback"


# An old Safari; the audio elements that scripts make are kept in `made`.
OLD_SAFARI = """
  Object.defineProperty(navigator, "vendor", { value: "Apple Computer, Inc." });
  window.made = [];
  window.Audio = new Proxy(Audio, {
    construct: (target, given) => made[made.push(new target(...given)) - 1] });
"""


def test_an_older_phone_hears_silence_in_an_audio_element_as_long_as_a_player_plays(browser, site):
    """Web Audio sounds beside it, whatever the switch says."""
    with opened(browser, site) as tab:
        tab.add_init_script(OLD_SAFARI)
        tab.reload()
        play(tab)
        assert tab.evaluate(
            "made.length === 1 && made[0].loop && !made[0].paused && !made[0].muted"
        )
        assert tab.evaluate("made[0].duration") == pytest.approx(0.5, abs=0.01)
        tab.locator(".clips-play").nth(1).click()  # the other player: the same silence goes on
        tab.wait_for_function("document.querySelectorAll('.clips')[1].player.voice !== null")
        assert tab.evaluate("made.length === 1 && !made[0].paused")
        tab.locator(".clips-play").nth(1).click()
        assert tab.evaluate("made[0].paused")


def test_other_browsers_play_no_silence(browser, site):
    with opened(browser, site) as tab:
        tab.add_init_script(OLD_SAFARI.replace("Apple Computer, Inc.", "Google Inc."))
        tab.reload()
        play(tab)
        assert tab.evaluate("made") == []


def test_space_and_arrows(browser, site):
    with opened(browser, site) as tab:
        sheet = tab.locator(".clips-sheet").first
        sheet.focus()
        for _ in range(5):
            tab.keyboard.press("ArrowRight")
        tab.keyboard.press("ArrowLeft")
        assert state(tab, "now()") == pytest.approx(0.4)
        assert sheet.get_attribute("aria-valuetext") == "0.40 of 3.00 seconds"
        tab.keyboard.press("Space")
        tab.wait_for_function("document.querySelector('.clips').player.now() > 0.5")
        tab.keyboard.press("Space")
        rest = state(tab, "now()")
        tab.wait_for_timeout(100)
        assert state(tab, "now()") == rest
        tab.keyboard.press("End")
        assert state(tab, "now()") == 3.0


def test_keys_outside_a_player_are_the_page_s(browser, site):
    with opened(browser, site) as tab:
        tab.keyboard.press("Space")
        tab.keyboard.press("2")
        tab.wait_for_timeout(100)
        assert tab.evaluate("starts") == [] and state(tab, "chosen") == 0


def test_one_player_silences_the_other(browser, site):
    with opened(browser, site) as tab:
        play(tab)
        tab.locator(".clips-play").nth(1).click()
        tab.wait_for_function("document.querySelectorAll('.clips')[1].player.voice !== null")
        assert state(tab, "voice") is None
        assert tab.locator(".clips-play").first.inner_text() == "Play"


def test_without_scripts_there_are_native_controls_and_pictures(browser, site):
    with opened(browser, site, java_script_enabled=False) as tab:
        assert tab.locator(".clips audio").first.is_visible()
        assert not tab.locator(".clips-play").first.is_visible()
        assert tab.locator(".clip-spectrum").first.is_visible()
        tab.locator(".clips label").nth(1).click()
        assert not tab.locator(".clip-spectrum").first.is_visible()
        assert tab.locator(".clip-spectrum").nth(1).is_visible()


def test_a_sound_that_is_gone_is_said(browser, site):
    with opened(browser, site) as tab:
        tab.route(re.compile("_sounds"), lambda route: route.fulfill(status=404))
        tab.locator(".clips-play").first.click()
        tab.wait_for_function("document.querySelector('.clips-said').textContent")
        assert "cannot be played" in tab.locator(".clips-said").first.inner_text()
        assert tab.locator(".clips-play").first.inner_text() == "Play"


@pytest.mark.parametrize("width", [390, 1280])
def test_no_label_of_an_axis_leaves_the_player(browser, site, width):
    with opened(browser, site, viewport={"width": width, "height": 800}) as tab:
        outside = tab.evaluate("""() => 
          [...document.querySelectorAll(".clips-axes :not(:has(*))")].filter(e => {
          const box = e.getBoundingClientRect(), all = e.closest(".clips").getBoundingClientRect();
          return box.left < all.left || box.right > all.right || box.bottom > all.bottom;
        }).map(e => e.outerHTML)""")
        assert outside == []


@pytest.mark.parametrize(
    ("seconds", "places", "step"),
    [
        (3.0, [0, 0.5, 1, 1.5, 2, 2.5], 0.1),
        (0.5, [0, 0.1, 0.2, 0.3, 0.4], 0.02),
        (60.0, [0, 10, 20, 30, 40, 50], 2.0),
    ],
)
def test_marks_and_steps_are_round(seconds, places, step):
    assert markup.marks(seconds) == pytest.approx(places)
    assert markup.step(seconds) == pytest.approx(step)


@pytest.mark.parametrize(
    ("bands", "others", "said"),
    [
        ([-30.0, -40.0], [-30.0, -42.0], "within 3 dB in every octave"),
        ([-30.0, -40.0], [-30.0, -52.0], "12 dB stronger around 250 Hz"),
        ([-30.0, None], [-30.0, -52.0], "18 dB weaker around 250 Hz"),
        ([None, None], [None, None], "within 3 dB in every octave"),
    ],
)
def test_what_differs_is_said_in_words(bands, others, said):
    assert markup.difference(bands, others) == said
