"""Laws of alternating projections, and of the way from mel bands back to bins."""

from itertools import pairwise

import torch
from torch.testing import assert_close

from dla import signals
from dla.spectral.griffin_lim import griffin_lim, magnitudes_from_mel
from dla.spectral.mel import mel_matrix
from dla.spectral.stft import stft

GRID = {"n_fft": 256, "hop_length": 64}


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_more_steps_come_nearer_to_the_magnitudes():
    x = signals.noise(rng(), seconds=0.25, sample_rate=8000).double()
    wanted = stft(x, **GRID).abs()
    off = []
    for steps in (0, 1, 3, 10, 30):
        y = griffin_lim(wanted, length=len(x), generator=rng(), steps=steps, **GRID)
        assert y.shape == x.shape
        off.append(float((stft(y, **GRID).abs() - wanted).norm()))
    assert all(b < a for a, b in pairwise(off))


def test_flat_mel_energies_come_back_from_the_bins():
    level = torch.full((2, 20, 3), 10.0).double()
    magnitude = magnitudes_from_mel(level, sample_rate=8000, n_fft=256)
    assert magnitude.shape == (2, 129, 3) and (magnitude >= 0).all()
    matrix = mel_matrix(sample_rate=8000, n_fft=256, n_mels=20).double()
    assert_close(10 * torch.log10(matrix @ magnitude**2), level, atol=0.5, rtol=0.0)
