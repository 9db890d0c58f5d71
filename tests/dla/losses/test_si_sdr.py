"""The laws SI-SDR obeys: a value known by hand, invariances, a second derivation, its gradient."""

import numpy as np
import pytest
import torch

from dla.losses.si_sdr import energy, si_sdr


@pytest.fixture
def signals():
    """Noisy estimates of two sources, and the sources: float64, shape (2, 1000)."""
    rng = torch.Generator().manual_seed(0)
    target = torch.randn(2, 1000, generator=rng, dtype=torch.float64)
    return target + 0.3 * torch.randn(2, 1000, generator=rng, dtype=torch.float64), target


def test_orthogonal_noise_at_a_hundredth_of_the_energy_gives_20_db():
    target = torch.tensor([1.0, -1.0, 1.0, -1.0])
    noise = torch.tensor([0.1, 0.1, -0.1, -0.1])
    torch.testing.assert_close(si_sdr(target + noise, target), torch.tensor(20.0))


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0.0), (-3.0, 0.0), (1.0, 0.7)])
def test_ignores_the_gain_and_offset_of_the_estimate(signals, gain, offset):
    estimate, target = signals
    torch.testing.assert_close(si_sdr(gain * estimate + offset, target), si_sdr(estimate, target))


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0.0), (-3.0, 0.0), (1.0, 0.7)])
def test_ignores_the_gain_and_offset_of_the_target(signals, gain, offset):
    estimate, target = signals
    torch.testing.assert_close(si_sdr(estimate, gain * target + offset), si_sdr(estimate, target))


def test_is_symmetric_in_its_arguments(signals):
    estimate, target = signals
    torch.testing.assert_close(si_sdr(estimate, target), si_sdr(target, estimate))


def test_is_a_function_of_the_correlation(signals):
    rho = torch.tensor([np.corrcoef(e, t)[0, 1] for e, t in zip(*signals, strict=True)])
    torch.testing.assert_close(si_sdr(*signals), 10 * torch.log10(rho**2 / (1 - rho**2)))


def test_a_batch_is_a_stack_of_items(signals):
    items = torch.stack([si_sdr(e, t) for e, t in zip(*signals, strict=True)])
    torch.testing.assert_close(si_sdr(*signals), items)
    torch.testing.assert_close(torch.vmap(si_sdr)(*signals), items)


def test_gradient(signals):
    estimate, target = (x[:, :8].clone().requires_grad_() for x in signals)
    assert torch.autograd.gradcheck(si_sdr, (estimate, target))


@pytest.mark.parametrize("estimate", [torch.zeros(8), torch.ones(8), torch.eye(8)[0]])
def test_silence_and_perfection_have_a_finite_gradient(estimate):
    estimate = estimate.clone().requires_grad_()
    si_sdr(estimate, torch.eye(8)[0]).backward()
    assert estimate.grad.isfinite().all()


def test_refuses_shapes_that_would_broadcast():
    with pytest.raises(ValueError, match=r"estimate \(2, 1, 8\) and target \(2, 8\) differ in sh"):
        si_sdr(torch.zeros(2, 1, 8), torch.zeros(2, 8))


def test_energy_of_a_pythagorean_triple():
    torch.testing.assert_close(energy(torch.tensor([[3.0, 4.0]])), torch.tensor([[25.0]]))
