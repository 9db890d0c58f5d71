"""Clicks: where they are, how high, how loud, and that nothing clips."""

import math

import numpy as np
import pytest
import torch

from dla import signals
from dla.sonify import BEAT, DOWNBEAT, clicks, with_clicks

RATE = 22050


def onsets(sound: torch.Tensor) -> list[float]:
    """Times in s at which a sound begins after 100 ms of silence."""
    loud = (sound.abs() > 1e-6).nonzero()[:, 0].tolist()
    return [
        n / RATE for before, n in zip([-RATE, *loud], loud, strict=False) if n - before > RATE // 10
    ]


def strongest(sound: torch.Tensor) -> float:
    """Frequency in Hz of the largest bin of a click."""
    return int(torch.fft.rfft(sound, RATE).abs().argmax())


def test_clicks_begin_at_the_times_given_in_any_order():
    sound = clicks([1.5, 0.25, 0.75], seconds=2.0, sample_rate=RATE)
    np.testing.assert_allclose(onsets(sound), [0.25, 0.75, 1.5], atol=2 / RATE)


def test_a_downbeat_is_one_higher_click_and_no_other():
    beats = [0.25, 0.75, 1.25]
    sound = clicks(beats, seconds=2.0, sample_rate=RATE, downbeats=[0.755])
    starts = onsets(sound)
    np.testing.assert_allclose(starts, [0.25, 0.755, 1.25], atol=2 / RATE)
    tones = [strongest(sound[round(t * RATE) : round((t + 0.2) * RATE)]) for t in starts]
    np.testing.assert_allclose(tones, [BEAT, DOWNBEAT, BEAT], atol=10)


def test_a_downbeat_away_from_all_beats_is_clicked_too():
    sound = clicks([0.25], seconds=1.0, sample_rate=RATE, downbeats=[0.5])
    assert len(onsets(sound)) == 2


def test_clicks_outside_the_sound_are_left_out_and_the_last_is_cut():
    sound = clicks([-0.5, 0.5, 0.99, 1.0, 7.0], seconds=1.0, sample_rate=RATE)
    np.testing.assert_allclose(onsets(sound), [0.5, 0.99], atol=2 / RATE)
    assert len(sound) == RATE


def test_one_click_has_peak_one():
    assert float(clicks([0.1], seconds=1.0, sample_rate=RATE).abs().max()) == pytest.approx(1)


@pytest.mark.parametrize("gain", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("level", [0.0, 12.0])
def test_the_peak_of_a_click_is_relative_to_the_level_of_the_sound(gain, level):
    tone = gain * signals.sine(440.0, seconds=1.0, sample_rate=RATE)
    added = with_clicks(tone, [0.5], sample_rate=RATE, level=level) - tone
    wanted = gain * math.sqrt(0.5) * 10 ** (level / 20)
    assert float(added.abs().max()) == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize("gain", [0.0, 0.5, 1.0, 2.5])
def test_never_clips_and_keeps_the_balance(gain):
    tone = gain * signals.sine(440.0, seconds=1.0, sample_rate=RATE)
    heard = with_clicks(tone, [0.2, 0.5], sample_rate=RATE)
    assert float(heard.abs().max()) <= 1 + 1e-6
    quiet = with_clicks(0.01 * tone, [0.2, 0.5], sample_rate=RATE)
    alike = torch.nn.functional.cosine_similarity(heard, quiet, dim=0)
    assert gain == 0 or float(alike) == pytest.approx(1)


def test_silence_gets_clicks_that_are_heard():
    heard = with_clicks(torch.zeros(RATE), [0.5], sample_rate=RATE)
    assert float(heard.abs().max()) == pytest.approx(0.5)


def test_the_waveform_is_left_as_it_was_and_without_beats_nothing_is_added():
    tone = 0.5 * signals.sine(440.0, seconds=1.0, sample_rate=RATE)
    before = tone.clone()
    assert with_clicks(tone, [], sample_rate=RATE).equal(before)
    with_clicks(tone, [0.5], sample_rate=RATE)
    assert tone.equal(before)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_times_are_lists_arrays_or_tensors(kind):
    sound = clicks(kind([0.25, 0.5]), seconds=1.0, sample_rate=RATE, downbeats=kind([0.25]))
    assert sound.equal(clicks([0.25, 0.5], seconds=1.0, sample_rate=RATE, downbeats=[0.25]))


def test_refuses_times_that_are_all_outside():
    with pytest.raises(
        ValueError, match="all 2 times, 25 to 50, lie outside 0 to 1 s; are they fr"
    ):
        clicks([25, 50], seconds=1.0, sample_rate=RATE)


def test_refuses_times_that_are_not_finite():
    with pytest.raises(ValueError, match="1 of 2 times are not finite"):
        clicks([0.5, math.nan], seconds=1.0, sample_rate=RATE)


def test_downbeats_inside_are_enough_where_the_beats_are_outside():
    sound = clicks([5.0], seconds=1.0, sample_rate=RATE, downbeats=[0.5])
    np.testing.assert_allclose(onsets(sound), [0.5], atol=2 / RATE)
