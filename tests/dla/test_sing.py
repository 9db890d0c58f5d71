"""A contour is sung at its own pitch, in its own time, without clicks."""

import numpy as np
import pytest
import torch

from dla.sing import sing, with_song
from dla.spectral.yin import yin

RATE, FRAMES = 8000, 50.0


def found(tone):
    return yin(tone, sample_rate=RATE, f_max=1000.0, frame_length=1024, hop_length=160)


def test_a_tracker_hears_the_contour_that_was_sung():
    contour = 220.0 * 2 ** (np.sin(np.arange(100) / 8) / 24)  # half a semitone, slowly
    heard = found(sing(contour, frame_rate=FRAMES, sample_rate=RATE))
    cents = 1200 * np.log2(heard.frequency[6:94].numpy() / contour[6:94])
    assert np.abs(cents).max() < 10


@pytest.mark.parametrize("last", [220.0, 400.0])
def test_a_sine_is_its_phase_integral_gliding_over_steps_and_leaping_over_leaps(last):
    contour = np.array([200.0, 200.0, last, last])
    tone = sing(contour, frame_rate=20.0, sample_rate=RATE, harmonics=(1.0,)).numpy()
    n = np.arange(1600) / 400  # frames
    between = 200 * (last / 200) ** (n - 1) if last < 230 else np.where(n < 1.5, 200.0, last)
    f = np.select([n < 1, n < 2], [200.0, between], last)
    expected = 0.5 * np.sin(2 * np.pi * np.cumsum(f / RATE))
    np.testing.assert_allclose(tone[200:-200], expected[200:-200], atol=1e-4)


def test_rests_are_silent_and_leaps_do_not_glide():
    contour = np.repeat([220.0, 0.0, 220.0, 440.0], 25)
    tone = sing(contour, frame_rate=FRAMES, sample_rate=RATE)
    assert tone[4000:7900].abs().max() == 0  # half a frame before and after belongs to the notes
    heard = found(tone).frequency[55:95].numpy()
    near = np.minimum(np.abs(heard - 220), np.abs(heard - 440)) < 5
    assert (~near).sum() <= 6  # frames that hear both
    quiet = sing([220.0] * 50, voiced=[1] * 25 + [0] * 25, frame_rate=FRAMES, sample_rate=RATE)
    assert quiet[4100:].abs().max() == 0 and quiet[:3800].abs().max() > 0.1


def test_starts_and_ends_without_a_click_and_stays_below_one_half():
    tone = sing(np.repeat([0.0, 100.0, 0.0], 20), frame_rate=FRAMES, sample_rate=RATE)
    assert tone.abs().max() <= 0.5
    first = int(tone.nonzero()[0])
    assert tone[first : first + 8].abs().max() < 0.2 * tone.abs().max()


def test_harmonics_are_multiples_with_their_amplitudes():
    both = sing([100.0] * 50, frame_rate=FRAMES, sample_rate=RATE, harmonics=(0.0, 1.0, 0.5))
    spectrum = torch.fft.rfft(both).abs()
    assert spectrum.argmax() == 200
    assert abs(spectrum[300] / spectrum[200] - 0.5) < 0.02 and spectrum[100] < 1


def test_what_would_alias_is_left_out():
    tone = sing([3000.0] * 50, frame_rate=FRAMES, sample_rate=RATE)
    spectrum = torch.fft.rfft(tone).abs()
    assert spectrum.argmax() == 3000 and spectrum[:2900].max() < 0.01 * spectrum.max()


def test_is_as_long_as_the_sound_it_is_sung_over_and_at_the_level_asked_for():
    sound = 0.05 * torch.randn(9000, generator=torch.Generator().manual_seed(0))
    rms = {}
    for level in (0.0, 6.0):
        both = with_song(sound, [220.0] * 100, frame_rate=FRAMES, sample_rate=RATE, level=level)
        assert both.shape == sound.shape
        rms[level] = (both - sound).square().mean().sqrt() / sound.square().mean().sqrt()
    assert abs(rms[0.0] - 1) < 1e-4 and abs(rms[6.0] - 10**0.3) < 1e-3


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sing([], frame_rate=50.0, sample_rate=RATE), "one at least"),
        (lambda: sing([[220.0]], frame_rate=50.0, sample_rate=RATE), r"expected \(frame,\)"),
        (lambda: sing([np.nan], frame_rate=50.0, sample_rate=RATE), "not finite"),
        (lambda: sing([-1.0], frame_rate=50.0, sample_rate=RATE), "cannot be sung"),
        (lambda: sing([220.0], frame_rate=0.0, sample_rate=RATE), "positive rates"),
        (lambda: sing([220.0], voiced=[1, 1], frame_rate=50.0, sample_rate=RATE), "one shape"),
    ],
)
def test_refuses(call, words):
    with pytest.raises(ValueError, match=words):
        call()
