"""Each ideal mask against a brute-force search of the least-squares problem that it solves."""

import itertools
import math

import pytest
import torch

from dla.spectral.masks import (
    complex_mask,
    ideal_binary_mask,
    ideal_ratio_mask,
    phase_sensitive_mask,
    wiener_mask,
)

GRID = torch.linspace(-3.0, 3.0, 6001, dtype=torch.float64)  # steps of 0.001
REAL = [ideal_binary_mask, ideal_ratio_mask, wiener_mask, phase_sensitive_mask]


def spectra(count: int) -> torch.Tensor:
    """Random complex bins, shape (count, 5, 4)."""
    rng = torch.Generator().manual_seed(count)
    return torch.randn(count, 5, 4, generator=rng, dtype=torch.complex128)


def best_on_grid(error: torch.Tensor) -> torch.Tensor:
    """The grid value with the least error; the grid is the last axis."""
    return GRID[error.argmin(-1)]


def test_binary_mask_is_the_best_of_zero_and_one_for_two_sources():
    sources = spectra(2)
    mixture = sources.sum(0)
    take, leave = (mixture - sources).abs(), sources.abs()
    torch.testing.assert_close(ideal_binary_mask(sources), (take < leave).double())


@pytest.mark.parametrize("count", [2, 3, 4])
def test_binary_masks_share_out_the_bins_by_magnitude(count):
    sources = spectra(count)
    mask = ideal_binary_mask(sources)
    torch.testing.assert_close(mask.sum(0), torch.ones(5, 4, dtype=torch.float64))
    torch.testing.assert_close((mask * sources.abs()).sum(0), sources.abs().amax(0))


@pytest.mark.parametrize("count", [2, 3])
def test_ratio_mask_is_best_when_magnitudes_add(count):
    magnitude = spectra(count).abs()
    error = (magnitude[..., None] - GRID * magnitude.sum(0)[..., None]).square()
    torch.testing.assert_close(
        ideal_ratio_mask(spectra(count)), best_on_grid(error), atol=5.01e-4, rtol=0.0
    )


@pytest.mark.parametrize("count", [2, 3])
def test_wiener_mask_is_best_on_average_over_phases(count):
    """Four phases a right angle apart, for each source, average like the uniform ones."""
    sources = spectra(count)
    error = torch.zeros(count, 5, 4, len(GRID), dtype=torch.float64)
    for turns in itertools.product(range(4), repeat=count):
        turned = sources * torch.tensor([1j**t for t in turns]).to(sources)[:, None, None]
        error += (turned[..., None] - GRID * turned.sum(0)[..., None]).abs().square()
    torch.testing.assert_close(wiener_mask(sources), best_on_grid(error), atol=5.01e-4, rtol=0.0)


@pytest.mark.parametrize("count", [2, 3])
def test_phase_sensitive_mask_is_the_best_real_mask(count):
    sources = spectra(count)
    sources = sources + 3 * torch.exp(1j * torch.rand(5, 4).double())  # no tiny mixtures
    error = (sources[..., None] - GRID * sources.sum(0)[..., None]).abs().square()
    torch.testing.assert_close(
        phase_sensitive_mask(sources), best_on_grid(error), atol=5.01e-4, rtol=0.0
    )


def test_phase_sensitive_mask_is_the_cosine_of_its_name():
    sources = spectra(2)
    mixture = sources.sum(0)
    cosine = torch.cos(sources.angle() - mixture.angle())
    torch.testing.assert_close(
        phase_sensitive_mask(sources), sources.abs() / mixture.abs() * cosine
    )


def test_complex_mask_leaves_no_error():
    sources = spectra(3)
    torch.testing.assert_close(complex_mask(sources) * sources.sum(0), sources)


@pytest.mark.parametrize("mask", [*REAL, complex_mask])
def test_masks_of_one_bin_sum_to_one(mask):
    total = mask(spectra(3)).sum(0)
    torch.testing.assert_close(total, torch.ones_like(total))


@pytest.mark.parametrize("mask", [*REAL, complex_mask])
def test_a_batch_is_a_stack_of_items(mask):
    batch = torch.stack([spectra(3), 1j * spectra(3).flip(0)])
    torch.testing.assert_close(mask(batch)[1], mask(batch[1]))


@pytest.mark.parametrize("mask", REAL[1:])
def test_silence_gets_the_mask_zero(mask):
    silence = torch.zeros(2, 1, 1, dtype=torch.complex64)
    torch.testing.assert_close(mask(silence), torch.zeros(2, 1, 1))


@pytest.mark.parametrize("mask", REAL)
def test_masks_depend_on_phase_only_where_they_say_so(mask):
    """A turn of one source alone changes the phase-sensitive mask, no other real mask."""
    sources = spectra(2)
    turned = torch.stack([sources[0], sources[1] * complex(math.cos(1), math.sin(1))])
    same = torch.allclose(mask(turned), mask(sources))
    assert same == (mask is not phase_sensitive_mask)
