"""The HCQT is the CQT, once a harmonic, from another lowest bin."""

import math

import pytest
import torch

from dla.signals import sine
from dla.spectral.cqt import cqt
from dla.spectral.hcqt import frequencies, hcqt

RATE = 16000


@pytest.fixture
def noise():
    return torch.randn(6000, generator=torch.Generator().manual_seed(0))


def test_each_harmonic_is_the_cqt_from_that_multiple_of_the_lowest_frequency(noise):
    both = {"sample_rate": RATE, "n_bins": 20, "bins_per_octave": 12, "hop_length": 400}
    Y = hcqt(noise, harmonics=(0.5, 1, 2, 3), f_min=200.0, resolution=12, **both)
    for row, h in zip(Y, (0.5, 1, 2, 3), strict=True):
        alone = cqt(noise, f_min=200.0 * h, **both).abs()
        torch.testing.assert_close(row, alone, atol=1e-5, rtol=1e-4)


def test_a_coefficient_is_an_inner_product_with_a_windowed_tone(noise):
    m, f = 2000, 3 * 150.0 * 2 ** (5 / 24)
    Y = hcqt(
        noise, sample_rate=RATE, harmonics=(3,), f_min=150.0, n_bins=8, resolution=10,
        hop_length=500,
    )  # fmt: skip
    length = RATE / f / (2 ** (1 / 10) - 1)
    n = torch.arange(-math.ceil(length / 2) + 1, math.ceil(length / 2), dtype=torch.float64)
    window = 0.5 + 0.5 * torch.cos(2 * math.pi * n / length)
    tone = torch.polar(window / window.sum(), -2 * math.pi * f * n / RATE)
    expected = (noise[(m + n).long()].double() * tone).sum().abs()
    assert Y[0, 5, 4].item() == pytest.approx(expected.item(), rel=1e-4)


def test_a_tone_with_two_harmonics_is_at_one_bin_in_both_channels():
    x = sine(200.0, seconds=1.0, sample_rate=RATE) + sine(400.0, seconds=1.0, sample_rate=RATE)
    Y = hcqt(x, sample_rate=RATE, harmonics=(1, 2, 3), f_min=100.0, n_bins=40)
    assert Y[0, :, 15].argmax() == 24
    torch.testing.assert_close(Y[:2, 24, 15], torch.tensor([0.5, 0.5]), atol=5e-3, rtol=0)
    assert Y[1, 0, 15] > 0.49  # the fundamental, as second harmonic of the octave below
    assert Y[2, 24, 15] < 0.05


def test_a_batch_is_its_items(noise):
    options = {"sample_rate": RATE, "n_bins": 12, "hop_length": 700}
    both = hcqt(torch.stack([noise, 2 * noise]), **options)
    torch.testing.assert_close(
        both, torch.stack([hcqt(noise, **options), hcqt(2 * noise, **options)])
    )


def test_more_resolution_separates_two_neighbours():
    x = sine(200.0, seconds=1.0, sample_rate=RATE)
    x = x + sine(200.0 * 2 ** (2 / 12), seconds=1.0, sample_rate=RATE)
    dips = []
    for resolution in (6, 24):
        Y = hcqt(x, sample_rate=RATE, harmonics=(1,), f_min=200.0, n_bins=5, resolution=resolution)
        dips.append((Y[0, 2, 10:20] / Y[0, 0, 10:20]).mean())
    assert dips[1] < 0.3 < dips[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"harmonics": (1, 99)}, "above half"),
        ({"harmonics": (0, 1)}, "positive factors"),
        ({"harmonics": ()}, "positive factors"),
        ({"hop_length": 0}, "does not move"),
    ],
)
def test_refuses_what_has_no_meaning(noise, options, message):
    with pytest.raises(ValueError, match=message):
        hcqt(noise, sample_rate=RATE, **options)


def test_frequencies_are_multiples():
    grid = frequencies(harmonics=(0.5, 1, 3), f_min=50.0, n_bins=13, bins_per_octave=12)
    torch.testing.assert_close(grid[:, 12], torch.tensor([50.0, 100.0, 300.0]).double())
