"""What the pictures of a sound show, measured in their pixels."""

import io

import numpy as np
import pytest
from PIL import Image

from dlabook.output import spectrum
from dlabook.output.clip import encode

RATE = 16000


def tone(frequency: float, amplitude: float = 0.5, seconds: float = 1.0) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(round(RATE * seconds)) / RATE)


def pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"), float)


@pytest.mark.parametrize("frequency", [250.0, 1000.0, 3000.0])
def test_a_tone_is_a_line_at_its_place_on_the_axis(frequency):
    rows = pixels(spectrum.spectrogram(tone(frequency), RATE)).mean(axis=1)
    height = 1 - (rows.argmax() + 0.5) / spectrum.HEIGHT
    bin_width = RATE / spectrum.window_size(RATE)
    tolerance = 1 / spectrum.HEIGHT + float(
        spectrum.height_of(frequency + bin_width / 2, RATE) - spectrum.height_of(frequency, RATE)
    )
    assert abs(height - float(spectrum.height_of(frequency, RATE))) <= tolerance


@pytest.mark.parametrize("amplitude", [1.0, 0.1, 0.01])
def test_the_level_of_a_sine_is_its_amplitude(amplitude):
    level = spectrum.levels(tone(1000.0, amplitude), RATE)
    assert np.median(level.max(axis=0)) == pytest.approx(20 * np.log10(amplitude), abs=0.1)


def test_silence_is_the_darkest_colour_and_a_flat_line():
    assert np.ptp(pixels(spectrum.spectrogram(np.zeros(RATE), RATE))) == 0
    assert spectrum.shades(np.array([-200.0, -90.0, -20.0, 0.0])).tolist() == [0, 0, 255, 255]
    assert b'd="M0 50' in spectrum.waveform(np.zeros(RATE))


def test_a_click_is_where_it_sounds():
    sound = np.zeros(RATE)
    sound[RATE // 4] = 0.9
    columns = spectrum.levels(sound, RATE).max(axis=0)
    loudest = np.flatnonzero(columns > columns.max() - 1).mean() / len(columns)
    assert loudest == pytest.approx(0.25, abs=0.01)


def test_a_sound_shorter_than_a_window_is_drawn():
    assert pixels(spectrum.spectrogram(tone(1000.0)[:50], RATE)).shape[0] == spectrum.HEIGHT
    assert spectrum.waveform(tone(1000.0)[:50]).startswith(b"<svg")


def test_the_octaves_of_a_tone_hold_its_power_in_its_own():
    levels = spectrum.octave_levels(tone(1000.0, 0.1), RATE)
    assert levels[spectrum.BANDS.index(1000)] == pytest.approx(20 * np.log10(0.1 / 2**0.5), abs=0.1)
    assert all(x is None or x < -60 for x in levels[:3] + levels[4:])


def test_the_same_sound_gives_the_same_bytes_and_is_drawn_once(tmp_path, monkeypatch):
    mp3 = encode(tone(440.0), RATE)
    first = spectrum.draw(mp3, tmp_path / "a")
    assert spectrum.draw(mp3, tmp_path / "b") == first
    monkeypatch.setattr(spectrum, "spectrogram", lambda *a: pytest.fail("drawn again"))
    assert spectrum.draw(mp3, tmp_path / "a") == first
