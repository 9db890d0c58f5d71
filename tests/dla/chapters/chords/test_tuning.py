"""The tuning of a recording: known of tones, whatever their level, and put right."""

import pytest
import torch

from dla import signals
from dla.chapters.chords import corpus
from dla.chapters.chords.keys import key_tests
from dla.chapters.chords.tuning import estimated_cents, retuned_spectrum
from dla.spectral.cqt import cqt, pitch_to_hz


@pytest.fixture(scope="module")
def sharp():
    return key_tests(away=False, tuning=440 * 2 ** (30 / 1200), every=24)[0]


@pytest.mark.parametrize("cents", [-40.0, -10.0, 0.0, 25.0, 45.0])
def test_finds_how_sharp_a_chord_is(cents):
    tones = sum(
        signals.sine(float(pitch_to_hz(p + cents / 100)), seconds=2.0, sample_rate=22050)
        for p in (60, 64, 67)
    )
    spectrum = cqt(
        tones,
        sample_rate=22050,
        f_min=float(pitch_to_hz(corpus.LOWEST)),
        n_bins=216,
        bins_per_octave=36,
        hop_length=2048,
    ).abs()
    assert estimated_cents(spectrum) == pytest.approx(cents, abs=3)
    assert estimated_cents(0.01 * spectrum) == pytest.approx(cents, abs=3)


def test_a_recording_that_is_rendered_sharp_is_found_and_put_right(sharp):
    found = estimated_cents(sharp.spectrum())
    assert found == pytest.approx(30, abs=6)
    right = retuned_spectrum(sharp, found)
    assert right.shape == sharp.spectrum().shape
    assert abs(estimated_cents(right)) < 4


def test_no_change_is_the_spectrum_itself(sharp):
    torch.testing.assert_close(retuned_spectrum(sharp, 0.0), sharp.spectrum())


def test_bins_that_are_no_whole_semitones_are_refused():
    with pytest.raises(ValueError, match=r"\(40, 2\): expected \(bin, frame\), 3 bins a semitone"):
        estimated_cents(torch.ones(40, 2))
