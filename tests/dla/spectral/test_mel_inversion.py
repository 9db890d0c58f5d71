"""Mel inversion against scipy's non-negative least squares, frame by frame."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.optimize
import torch

from dla.spectral.mel import mel_matrix, mel_spectrogram
from dla.spectral.mel_inversion import invert_mel

HOW = {"sample_rate": 8000, "n_fft": 256}
MATRIX = mel_matrix(n_mels=30, **HOW).double()


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def energies():
    """Of a sound that fades: they can be met."""
    sound = torch.randn(4000, generator=rng(), dtype=torch.float64)
    fading = sound * torch.linspace(1, 0.01, 4000, dtype=torch.float64)
    return mel_spectrogram(fading, n_mels=30, hop_length=64, **HOW)


def distance(power, energies):
    return (MATRIX @ power - energies).square().sum(0).sqrt()


def test_the_energies_of_a_sound_are_met(energies):
    power = invert_mel(energies, steps=2000, **HOW)
    assert (power >= 0).all()
    assert (distance(power, energies) / energies.square().sum(0).sqrt()).max() < 2e-3


def test_what_cannot_be_met_is_as_near_as_scipys_exact_solution(energies):
    rough = energies * torch.rand(energies.shape, generator=rng(1), dtype=torch.float64) ** 4
    power = invert_mel(rough, steps=3000, **HOW)
    assert (power >= 0).all()
    for frame in range(0, rough.shape[-1], 9):
        # not scipy.optimize.nnls: 1.17.1 returns a distance that its solution
        # does not have where the columns are small, on some processors
        solved = scipy.optimize.lsq_linear(
            MATRIX.numpy(), rough[:, frame].numpy(), bounds=(0, np.inf), method="bvls"
        )
        best = (2 * solved.cost) ** 0.5
        found = distance(power[:, frame : frame + 1], rough[:, frame : frame + 1]).item()
        scale = float(np.linalg.norm(rough[:, frame]))
        assert best / scale > 0.01  # scipy cannot meet them either
        assert found / scale == pytest.approx(best / scale, abs=1e-4)


def test_without_steps_it_is_the_clipped_pseudo_inverse(energies):
    exact = torch.from_numpy(np.linalg.lstsq(MATRIX.numpy(), energies.numpy(), rcond=None)[0])
    torch.testing.assert_close(
        invert_mel(energies, steps=0, **HOW), exact.clamp_min(0), rtol=1e-5, atol=1e-7
    )


def test_steps_come_nearer(energies):
    rough = energies * torch.rand(energies.shape, generator=rng(1), dtype=torch.float64) ** 4
    distances = [
        distance(invert_mel(rough, steps=n, **HOW), rough).sum() for n in (0, 10, 100, 1000)
    ]
    assert all(b < a for a, b in pairwise(distances))


def test_refuses_decibels(energies):
    with pytest.raises(ValueError, match="negative; did you pass decibels"):
        invert_mel(10 * torch.log10(energies / energies.max()), **HOW)
