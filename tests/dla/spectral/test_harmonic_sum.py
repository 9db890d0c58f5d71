"""Harmonic summation is a 1x1 convolution, and the sum over a shifted spectrum."""

import pytest
import torch
from torch.nn import functional

from dla.spectral.harmonic_sum import decaying, harmonic_sum

WEIGHTS = torch.tensor([1.0, 0.8, 0.5])


@pytest.fixture
def magnitude():
    return torch.rand(2, 3, 30, 4, generator=torch.Generator().manual_seed(0))


def test_is_a_convolution_of_size_one(magnitude):
    kernel = WEIGHTS.view(1, 3, 1, 1)
    expected = functional.conv2d(magnitude, kernel).squeeze(1)
    torch.testing.assert_close(harmonic_sum(magnitude, WEIGHTS), expected)


def test_adds_what_lies_a_harmonic_higher_on_one_logarithmic_axis():
    spectrum = torch.rand(60, 5, generator=torch.Generator().manual_seed(1))
    steps = (0, 12, 24)  # harmonics 1, 2, 4 at 12 bins an octave
    stacked = torch.stack([spectrum[s : s + 30] for s in steps])
    total = harmonic_sum(stacked, WEIGHTS)
    for p in range(30):
        by_hand = sum(w * spectrum[p + s] for w, s in zip(WEIGHTS, steps, strict=True))
        torch.testing.assert_close(total[p], by_hand)


def test_weights_decay_and_leave_subharmonics_out():
    w = decaying((0.5, 1, 2, 5), decay=0.5)
    assert w.tolist() == [0.0, 1.0, 0.5, 0.5**4]


def test_refuses_another_number_of_weights(magnitude):
    with pytest.raises(ValueError, match="one weight a harmonic"):
        harmonic_sum(magnitude, torch.ones(1))
