"""Novelty: against a loop, librosa's onset strength, and the laws of its parts."""

import librosa
import numpy as np
import pytest
import torch

from dla.spectral.novelty import compress, spectral_flux, subtract_average


def magnitudes(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(*shape, generator=generator, dtype=torch.float64)


def test_flux_is_the_sum_of_the_rises():
    x = magnitudes(7, 20)
    level = np.log(1 + 10 * x.numpy())
    for m, value in enumerate(spectral_flux(x, gamma=10.0).tolist()):
        before = level[:, max(0, m - 1)]
        assert value == pytest.approx(sum(max(0.0, d) for d in level[:, m] - before))


def test_librosa_takes_the_mean_where_we_take_the_sum():
    x = magnitudes(9, 30)
    theirs = librosa.onset.onset_strength(
        S=compress(x).numpy(), aggregate=np.mean, center=False, detrend=False
    )
    torch.testing.assert_close(spectral_flux(x)[1:] / 9, torch.tensor(theirs)[1:])


@pytest.mark.parametrize("gain", [0.1, 3.0])
def test_a_gain_is_another_gamma(gain):
    x = magnitudes(2, 9, 30)
    louder = spectral_flux(gain * x, gamma=5.0)
    torch.testing.assert_close(louder, spectral_flux(x, gamma=5.0 * gain))


def test_the_end_of_a_tone_is_not_new():
    tone = torch.tensor([[0.0, 0.0, 1.0, 1.0, 0.0, 0.0]])
    assert (spectral_flux(tone) > 0).tolist() == [False, False, True, False, False, False]


def test_flux_of_a_batch_is_that_of_its_items():
    x = magnitudes(4, 9, 30)
    torch.testing.assert_close(spectral_flux(x)[2], spectral_flux(x[2]))


def test_compression_is_linear_below_and_logarithmic_above():
    tiny, large = torch.tensor([1e-6]).double(), torch.tensor([1e6]).double()
    torch.testing.assert_close(compress(tiny, gamma=10.0), 10 * tiny, rtol=1e-4, atol=0.0)
    torch.testing.assert_close(compress(large, gamma=10.0), (10 * large).log())


@pytest.mark.parametrize("radius", [0, 1, 3, 50])
def test_the_average_is_over_the_frames_that_exist(radius):
    x = magnitudes(2, 12)
    for m in range(12):
        around = x[:, max(0, m - radius) : m + radius + 1].mean(-1)
        expected = (x[:, m] - around).clamp_min(0)
        torch.testing.assert_close(subtract_average(x, radius=radius)[:, m], expected)


def test_a_constant_novelty_is_no_novelty():
    flat = subtract_average(torch.full((20,), 3.0), radius=4)
    torch.testing.assert_close(flat, torch.zeros(20))


def test_refuses_a_negative_radius():
    with pytest.raises(ValueError, match="radius of -1 frames"):
        subtract_average(torch.zeros(3), radius=-1)
