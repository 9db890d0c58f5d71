"""A distance of magnitudes: what it sees, and what it does not."""

import pytest
import torch
from torch.testing import assert_close

from dla.losses.multi_scale_spectral import multi_scale_spectral
from dla.spectral.stft import stft

X, Z = torch.randn(2, 4000, generator=torch.Generator().manual_seed(0))


def test_it_is_the_sum_of_both_distances_over_the_lengths():
    expected = 0.0
    for N in (128, 512):
        a, b = (stft(s, n_fft=N, hop_length=N // 4).abs() for s in (X, Z))
        ratio = ((a + 0.01) / (b + 0.01)).log().abs()
        expected += ((a - b).abs() + 0.5 * ratio).sum() / a.numel()
    found = multi_scale_spectral(X, Z, lengths=(128, 512), log_weight=0.5, offset=0.01)
    assert_close(found, expected)


def test_phases_do_not_count_and_magnitudes_do():
    assert multi_scale_spectral(-X, X) < 1e-6
    assert multi_scale_spectral(2 * X, X) > 1


def test_without_the_logarithm_it_is_homogeneous():
    one, two = (multi_scale_spectral(g * X, g * Z, log_weight=0.0) for g in (1, 2))
    assert_close(two, 2 * one)


def test_the_gradient_in_silence_is_finite():
    x = torch.zeros(2000, requires_grad=True)
    multi_scale_spectral(x, torch.zeros(2000)).backward()
    assert x.grad.isfinite().all()


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match="differ in shape"):
        multi_scale_spectral(X, Z[:-1])
