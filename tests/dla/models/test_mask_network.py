"""Laws of the mask network, and of the loss that needs no waveform."""

import pytest
import torch

from dla.models.mask_network import (
    MaskNetwork,
    MaskNetworkSettings,
    compressed,
    energy,
    masked_si_sdr,
    separate,
)
from dla.spectral.stft import stft
from dla.train import seeded

SMALL = MaskNetworkSettings(channels=8, hidden=12, blocks=3)


@pytest.fixture
def network():
    return seeded(lambda: MaskNetwork(SMALL), 0).double()


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_masks_are_shares_of_the_mixture(network):
    shares = network(noise(3, 129, 20).abs())
    assert shares.shape == (3, 2, 129, 20)
    assert (shares >= 0).all()
    torch.testing.assert_close(shares.sum(1), torch.ones(3, 129, 20, dtype=torch.float64))


@pytest.mark.parametrize("length", [2000, 2047])
def test_estimates_sum_to_the_mixture(network, length):
    mixture = noise(3, length)
    torch.testing.assert_close(separate(network, mixture).sum(-2), mixture)


def test_level_of_the_mixture_has_no_effect_on_the_masks(network):
    magnitude = noise(129, 20).abs()
    torch.testing.assert_close(network(1e-3 * magnitude), network(magnitude), rtol=1e-5, atol=1e-6)


def test_features_have_zero_mean_and_unit_variance_over_each_mixture():
    magnitude = noise(3, 129, 20).abs() * torch.tensor([1.0, 10.0, 1e-3]).view(3, 1, 1)
    features = compressed(magnitude)
    torch.testing.assert_close(features.mean((1, 2)), torch.zeros(3, dtype=torch.float64))
    torch.testing.assert_close(
        features.std((1, 2)), torch.ones(3, dtype=torch.float64), rtol=1e-5, atol=0
    )


def test_features_rank_the_bins_of_a_mixture_as_the_magnitudes_do():
    magnitude = noise(129, 20).abs()
    assert torch.equal(compressed(magnitude).flatten().argsort(), magnitude.flatten().argsort())


def test_a_batch_is_a_stack_of_items_and_leading_axes_are_free(network):
    magnitude = noise(2, 3, 129, 20).abs()
    items = torch.stack([torch.stack([network(x) for x in row]) for row in magnitude])
    torch.testing.assert_close(network(magnitude), items)


def test_exchanging_the_rows_of_the_last_layer_exchanges_the_masks(network):
    magnitude = noise(129, 20).abs()
    before = network(magnitude)
    last = network.exit[-1]
    with torch.no_grad():
        for p in (last.weight, last.bias):
            p.copy_(p.unflatten(0, (2, -1)).flip(0).flatten(0, 1))
    torch.testing.assert_close(network(magnitude), before.flip(0))


def test_a_frame_of_the_masks_hears_as_far_as_the_dilations_reach(network):
    # the blocks alone: the input's normalisation sees everything
    x = noise(1, 60, SMALL.channels).requires_grad_()
    slope = torch.autograd.grad(network.blocks(x)[0, 30].sum(), x)[0]
    frames = slope.abs().sum(-1)[0].nonzero()[:, 0]
    assert (frames[0], frames[-1]) == (30 - 7, 30 + 7)  # dilations 1, 2, 4


def test_silence_gives_finite_masks(network):
    assert network(torch.zeros(129, 20, dtype=torch.float64)).isfinite().all()


def si_sdr_of_vectors(estimate, target):
    """The slow way, on spectra written as real vectors."""
    a, b = (torch.view_as_real(x).flatten() for x in (estimate, target))
    rho2 = torch.dot(a, b) ** 2 / (torch.dot(a, a) * torch.dot(b, b))
    return 10 * torch.log10((rho2 + 1e-4) / (1 - rho2 + 1e-4))


def test_masked_si_sdr_is_that_of_the_masked_spectra():
    spectra = stft(noise(2, 3, 1000))
    shares = noise(2, 3, *spectra.shape[-2:]).abs()
    fast = masked_si_sdr(shares, spectra)
    for b in range(2):
        for i in range(3):
            for j in range(3):
                slow = si_sdr_of_vectors(shares[b, i] * spectra[b].sum(0), spectra[b, j])
                torch.testing.assert_close(fast[b, i, j], slow)


def test_masked_si_sdr_gradient():
    spectra = stft(noise(2, 40), n_fft=8, hop_length=4)
    shares = noise(2, *spectra.shape[-2:]).abs().requires_grad_()
    assert torch.autograd.gradcheck(lambda m: masked_si_sdr(m, spectra), shares)


def test_masked_si_sdr_of_silence_and_of_perfection_is_finite():
    spectra = torch.stack([stft(noise(1000)), torch.zeros(129, 8, dtype=torch.complex128)])
    shares = torch.tensor([1.0, 0.0], dtype=torch.float64).view(2, 1, 1)
    shares = shares.expand(2, 129, 8).clone().requires_grad_()
    value = masked_si_sdr(shares, spectra)
    value.sum().backward()
    assert value.isfinite().all() and shares.grad.isfinite().all()
    torch.testing.assert_close(value[0, 0].item(), 40.0, atol=0.1, rtol=0)


def test_energy_is_the_squared_magnitude():
    spectrum = stft(noise(500))
    torch.testing.assert_close(energy(spectrum), spectrum.abs() ** 2)
