"""Griffin and Lim's iteration against librosa's, and the laws of the two projections."""

import math

import librosa
import numpy as np
import pytest
import torch

from dla.spectral.griffin_lim import (
    griffin_lim,
    spectral_convergence,
    squared_norm,
    with_magnitude,
)
from dla.spectral.stft import project_consistent, stft

GRID = {"n_fft": 256, "hop_length": 64}
LENGTH = 6000


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def sound():
    """A gliding buzz in some noise, float64: neither stationary nor white."""
    t = torch.arange(LENGTH, dtype=torch.float64) / 8000
    phase = 2 * math.pi * (120 * t + 60 * t**2)
    buzz = sum(torch.sin(h * phase) / h for h in range(1, 12))
    return 0.2 * buzz + 0.01 * torch.randn(LENGTH, generator=rng(), dtype=torch.float64)


@pytest.fixture
def magnitude(sound):
    return stft(sound, **GRID).abs()


def librosas(magnitude, *, steps, momentum, length=LENGTH, **grid):
    return librosa.griffinlim(
        magnitude.numpy(),
        n_iter=steps,
        momentum=momentum,
        init=None,
        length=length,
        **(grid or GRID),
    )


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("steps", [1, 2, 25])
def test_is_librosas_sample_by_sample(magnitude, steps, momentum):
    ours = griffin_lim(magnitude, length=LENGTH, steps=steps, momentum=momentum, **GRID)
    theirs = librosas(magnitude, steps=steps, momentum=momentum)
    np.testing.assert_allclose(ours.numpy(), theirs, atol=1e-7)


@pytest.mark.parametrize("momentum", [0.0, 0.99])
def test_in_single_precision_it_comes_as_near_as_librosas(magnitude, momentum):
    single = magnitude.float()
    ours = griffin_lim(single, length=LENGTH, steps=32, momentum=momentum, **GRID)
    theirs = torch.from_numpy(librosas(single, steps=32, momentum=momentum))
    one, other = (spectral_convergence(x, single, **GRID) for x in (ours, theirs))
    assert abs(one - other) < 0.01  # dB


@pytest.mark.parametrize("momentum", [0.0, 0.99])
def test_is_not_slower_than_librosas(momentum, cpu_seconds):
    """One and a half allows for a busy machine."""
    grid = {"n_fft": 512, "hop_length": 128}
    sound = torch.randn(32000, generator=rng())
    magnitude = stft(sound, **grid).abs()
    how = {"steps": 16, "momentum": momentum, "length": 32000, **grid}

    ours = cpu_seconds(lambda: griffin_lim(magnitude, **how))
    assert ours < 1.5 * cpu_seconds(lambda: librosas(magnitude, **how))


def test_without_momentum_the_distance_never_rises(magnitude):
    phase = 2 * math.pi * torch.rand(magnitude.shape, generator=rng(1), dtype=torch.float64)
    distances = []

    def watch(step, spectrum, consistent):
        distances.append(squared_norm(spectrum - consistent, n_fft=256))

    griffin_lim(magnitude, length=LENGTH, steps=40, phase=phase, watch=watch, **GRID)
    distances = torch.stack(distances)
    assert len(distances) == 40
    assert (distances.diff() <= 0).all()
    assert distances[-1] < 0.2 * distances[0]


def test_what_is_watched_has_the_magnitudes_and_is_consistent(magnitude):
    def watch(step, spectrum, consistent):
        torch.testing.assert_close(spectrum.abs(), magnitude)
        projected = project_consistent(spectrum, length=LENGTH, **GRID)
        torch.testing.assert_close(consistent, projected)

    griffin_lim(magnitude, length=LENGTH, steps=3, momentum=0.9, watch=watch, **GRID)


def test_from_its_own_phase_a_sound_stays(sound, magnitude):
    phase = stft(sound, **GRID).angle()
    kept = griffin_lim(magnitude, length=LENGTH, phase=phase, steps=5, momentum=0.9, **GRID)
    torch.testing.assert_close(kept, sound)
    assert spectral_convergence(kept, magnitude, **GRID) < -250


def test_keeping_the_phase_is_the_nearest_array_of_these_magnitudes():
    spectrum = torch.randn(9, 5, generator=rng(), dtype=torch.complex128)
    magnitude = torch.rand(9, 5, generator=rng(1), dtype=torch.float64)
    nearest = with_magnitude(spectrum, magnitude)
    torch.testing.assert_close(nearest.abs(), magnitude)
    turned = nearest * torch.exp(1j * torch.linspace(-3, 3, 20))[:, None, None]
    distance = (turned - spectrum).abs()
    assert (distance >= (nearest - spectrum).abs() - 1e-12).all()


def test_where_nothing_says_the_phase_it_is_zero():
    nothing, wanted = torch.zeros(3) + 0j, torch.tensor([1.0, 0.0, 2.0])
    torch.testing.assert_close(with_magnitude(nothing, wanted), wanted + 0j)
    tiny = torch.tensor([1e-42 + 0j])
    assert with_magnitude(tiny, torch.ones(1)).abs().isfinite().all()


@pytest.mark.parametrize("n_fft", [8, 9])
def test_the_norm_counts_both_halves_of_a_spectrum(n_fft):
    x = torch.randn(3, n_fft, generator=rng(), dtype=torch.float64)
    both, kept = torch.fft.fft(x).mT, torch.fft.rfft(x).mT
    torch.testing.assert_close(squared_norm(kept, n_fft=n_fft), both.abs().square().sum())


@pytest.mark.parametrize("gain", [0.0, 0.5, 0.9])
def test_a_gain_costs_its_own_distance(sound, magnitude, gain):
    found = spectral_convergence(gain * sound, magnitude, **GRID)
    assert found.item() == pytest.approx(20 * math.log10(1 - gain), abs=1e-6)


def test_refuses_what_is_no_magnitude(sound, magnitude):
    with pytest.raises(ValueError, match="complex; did you pass the transform"):
        griffin_lim(stft(sound, **GRID), length=LENGTH, **GRID)
    with pytest.raises(ValueError, match="negative; did you pass decibels"):
        griffin_lim(20 * torch.log10(magnitude), length=LENGTH, **GRID)
    with pytest.raises(ValueError, match="momentum must not be negative"):
        griffin_lim(magnitude, length=LENGTH, momentum=-0.1, **GRID)
    with pytest.raises(ValueError, match="differ in shape"):
        griffin_lim(magnitude, length=LENGTH, phase=magnitude[:, :3], **GRID)
