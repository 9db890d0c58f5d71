"""Scores of pitches are YIN's own values at their periods; sung changes are what they say."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from dla.chapters.melody.candidates import (
    in_noise,
    with_vibrato,
    yin_evidence,
    yin_scores,
    yodelled,
)
from dla.signals import sine
from dla.sing import sing
from dla.spectral.yin import difference, normalise

RATE = 8000


def test_a_score_is_minus_the_normalised_difference_at_the_period_less_a_cost_per_octave():
    x = sine(210.0, seconds=0.4) + 0.5 * sine(420.0, seconds=0.4)
    grid = RATE / torch.tensor([80.0, 40.25, 40.0, 20.0])  # periods in samples
    # the fourth frame, hop 512: W = 2048 - 81, delays about 40 in the middle of 20 to 81
    frame = torch.nn.functional.pad(x, (0, 2048))[1536 - (1967 + 40) // 2 - 1 :][:2048]
    d = normalise(difference(frame[None], longest=81))[0]
    values = torch.stack([d[80], 0.75 * d[40] + 0.25 * d[41], d[40], d[20]])
    octaves = (torch.tensor([80.0, 40.25, 40.0, 20.0]) / 20).log2()
    for cost in (0.0, 0.05):
        found = yin_scores(x, grid, sample_rate=RATE, octave_cost=cost)
        assert found.shape == (1 + len(x) // 512, 4)
        assert_close(found[3], -values - cost * octaves)


def test_the_cost_decides_between_multiples_of_the_period():
    tone = sine(400.0, seconds=0.5)
    grid = torch.tensor([100.0, 200.0, 400.0])
    assert (yin_scores(tone, grid, sample_rate=RATE)[3:5].argmax(-1) == 2).all()


def test_noise_makes_the_evidence_as_wide_and_as_sharp_as_derived():
    """Of a sung tone, by a parabola through the scores; its own error is taken off."""
    near = np.arange(-60.0, 61.0, 5.0)
    tone = sing([220.0] * 130, frame_rate=RATE / 512, sample_rate=RATE)
    grid = 220 * 2 ** (torch.from_numpy(near) / 1200)
    vertex = {}
    for snr in (60.0, -5.0):
        found = np.mean(
            [
                yin_scores(
                    in_noise(tone, snr=snr, generator=torch.Generator().manual_seed(k)),
                    grid,
                    sample_rate=RATE,
                    octave_cost=0.0,
                )[5:-5]
                .mean(0)
                .numpy()
                for k in range(16)
            ],
            0,
        )
        bend, slope, _ = np.polyfit(near, found, 2)
        width, sharp = yin_evidence(0.02, snr)
        vertex[snr] = -slope / (2 * bend)
        assert abs((-0.01 / bend) ** 0.5 / width - 1) < 0.08
    assert abs(vertex[-5.0] - vertex[60.0] - sharp) < 0.25 * sharp


def test_a_vibrato_swings_as_far_and_as_fast_as_asked_and_leaves_rests():
    f = np.r_[np.full(100, 220.0), np.zeros(20)]
    swung = with_vibrato(f, frame_rate=100.0, cents=80.0, rate=5.0)
    cents = 1200 * np.log2(swung[:100] / 220)
    assert abs(cents.max() - 80) < 1e-9 and abs(cents.min() + 80) < 1e-9
    np.testing.assert_allclose(cents[:80], cents[20:100], atol=1e-9)
    assert (swung[100:] == 0).all()


def test_a_yodel_is_the_note_and_its_octave_equally_long():
    up = yodelled(np.full(60, 220.0), frame_rate=50.0, seconds=0.2) / 220
    np.testing.assert_array_equal(up, np.tile([1.0] * 10 + [2.0] * 10, 3))


def test_noise_has_the_level_asked_for():
    x = sine(300.0, seconds=4.0)
    for snr in (-5.0, 20.0):
        noise = in_noise(x, snr=snr, generator=torch.Generator().manual_seed(0)) - x
        ratio = 10 * torch.log10(x.square().mean() / noise.square().mean())
        assert abs(ratio - snr) < 0.2


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (torch.full((8000,), torch.nan), "not finite"),
        (torch.zeros(2, 8000), "expected \\(time\\)"),
    ],
)
def test_refuses(x, words):
    with pytest.raises(ValueError, match=words):
        yin_scores(x, torch.tensor([100.0, 200.0]), sample_rate=RATE)


@pytest.mark.parametrize("grid", [[], [0.0, 100.0], [100.0, 4001.0], [100.0, np.nan]])
def test_refuses_a_grid_that_yin_could_not_search(grid):
    with pytest.raises(ValueError, match="up to half the sampling rate, 4000 Hz"):
        yin_scores(torch.zeros(8000), torch.tensor(grid), sample_rate=RATE)


@pytest.mark.parametrize(("x", "snr"), [(torch.zeros(80), 0.0), (torch.ones(80), np.nan)])
def test_noise_has_no_level_beside_silence_or_without_a_number(x, snr):
    with pytest.raises(ValueError, match="a sound that is not silent"):
        in_noise(x, snr=snr, generator=torch.Generator())


def test_a_yodel_needs_time():
    for wrong in ({"frame_rate": 0.0}, {"frame_rate": 50.0, "seconds": -1.0}):
        with pytest.raises(ValueError, match="expected positive numbers"):
            yodelled(np.full(60, 220.0), **wrong)


def test_refuses_a_frame_that_does_not_hold_the_period():
    with pytest.raises(ValueError, match="longer frames"):
        yin_scores(torch.zeros(8000), torch.tensor([3.0]), sample_rate=RATE)
