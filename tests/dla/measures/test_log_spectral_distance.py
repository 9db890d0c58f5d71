"""Log-spectral distance: a gain is its decibels, two noises are not near."""

import pytest
import torch
from torch.testing import assert_close

from dla.measures.log_spectral_distance import log_spectral_distance
from dla.spectral.stft import stft

X, Z = torch.randn(2, 16000, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("decibels", [-6.0, 3.0])
def test_a_gain_is_at_its_decibels(decibels):
    found = log_spectral_distance(10 ** (decibels / 20) * X, X)
    assert found.item() == pytest.approx(abs(decibels), abs=1e-3)


def test_it_is_the_mean_over_frames_of_roots_over_bins():
    a, b = (20 * torch.log10(stft(s, n_fft=512, hop_length=128).abs() + 1e-4) for s in (X, Z))
    roots = [((a[:, m] - b[:, m]) ** 2).mean() ** 0.5 for m in range(a.shape[1])]
    assert_close(log_spectral_distance(X, Z), torch.stack(roots).mean())


def test_two_noises_of_one_spectrum_are_eight_decibels_apart():
    # the logarithm of an exponential has the variance pi^2 / 6
    expected = 10 / torch.log(torch.tensor(10.0)) * (2 * torch.pi**2 / 6) ** 0.5
    assert log_spectral_distance(X, Z).item() == pytest.approx(expected.item(), rel=0.03)


def test_it_is_symmetric_and_zero_for_a_sound_with_itself():
    assert_close(log_spectral_distance(X, Z), log_spectral_distance(Z, X))
    assert log_spectral_distance(X, X) < 1e-6
