"""What is measured on recordings, on sounds whose levels are known."""

import math

import pytest
import torch

from dla.chapters.adversarial_diffusion_differentiable import recorded_tones as recorded

RATE = 8000


def tone(f0, amplitudes, size=400):
    t = torch.arange(size) / RATE
    return sum(
        a * torch.cos(2 * math.pi * f0 * h * t + h) for h, a in enumerate(amplitudes, start=1)
    )


def test_the_amplitudes_of_harmonics_come_back_whatever_their_phases():
    given = [1.0, 0.3, 0.05, 0.4]
    found = recorded.harmonics(tone(200.0, given), 200.0, sample_rate=RATE)
    assert len(found) == 19  # below 4 kHz
    torch.testing.assert_close(found[:4], torch.tensor(given), atol=1e-4, rtol=0)
    assert found[4:].max() < 1e-4


@pytest.mark.parametrize("f0", [131.0, 183.3, 219.0])
def test_the_pitch_is_found_between_the_bounds(f0):
    found = recorded.pitch(tone(f0, [0.3, 1.0, 0.5, 0.2]), 120.0, 235.0, sample_rate=RATE)
    assert found == pytest.approx(f0, rel=5e-3)


def test_an_envelope_is_straight_between_its_points_and_level_outside():
    e = recorded.Envelope(torch.tensor([100.0, 200.0]), torch.tensor([0.0, -10.0]))
    f = torch.tensor([50.0, 125.0, 150.0, 900.0])
    torch.testing.assert_close(e(f), torch.tensor([0.0, -2.5, -5.0, -10.0]))


@pytest.mark.parametrize("speaker", recorded.PITCH)
def test_every_vowel_has_a_level_at_each_harmonic_and_a_pitch_inside_the_bounds(speaker):
    low, high = recorded.PITCH[speaker]
    for letter in recorded.VOWELS:
        f0, e = recorded.vowel(speaker, letter)
        assert low < f0 < high
        assert e.levels.max() == 0 and e.levels.min() >= recorded.LOWEST
        torch.testing.assert_close(e.frequencies, f0 * torch.arange(1.0, len(e.levels) + 1))


def test_an_i_has_a_valley_where_an_a_has_none():
    for speaker in ("carlo", "june"):
        a, i = (recorded.vowel(speaker, letter)[1] for letter in "ai")
        around = torch.linspace(700.0, 1400.0, 8)
        assert (a(around) - i(around)).mean() > 15


@pytest.mark.parametrize("name", recorded.STRUCK)
def test_ratios_of_a_struck_sound_start_at_one_and_rise(name):
    e = recorded.struck(name)
    assert e.frequencies[0] == 1 and (e.frequencies.diff() > 0).all()
    assert e.levels.max() == 0 and e.levels.min() > recorded.WEAKEST
    assert 2 <= len(e.levels) <= recorded.PARTIALS


def test_a_cowbell_is_not_harmonic():
    ratio = recorded.struck("drum_cowbell").frequencies
    strong = recorded.struck("drum_cowbell").levels.argmax()
    assert abs(ratio[strong] - ratio[strong].round()) > 0.4
