"""Laws of what the chapter's trainings share."""

import pytest
import torch

from dla.chapters.permutation_invariant_training import trainings
from dla.losses.si_sdr import si_sdr
from dla.spectral.stft import stft
from dla.units import db


@pytest.fixture
def voices():
    g = torch.Generator().manual_seed(0)
    return list(torch.randn(2, 20000, generator=g))


def test_mini_batches_follow_from_their_own_seed(voices):
    alone = trainings.batches(voices, [5], count=2, seconds=0.5)
    beside = trainings.batches(voices, [4, 5], count=2, seconds=0.5)
    for step in range(2):
        magnitude, spectra = beside(step)
        assert torch.equal(magnitude[1:], alone(step)[0])
        assert torch.equal(magnitude, spectra.sum(-3).abs())
        assert not torch.equal(magnitude[0], magnitude[1])


def test_half_of_the_mixture_costs_a_half_if_the_sources_are_orthogonal():
    spectra = torch.zeros(2, 4, 6, dtype=torch.complex64)
    spectra[0, :2], spectra[1, 2:] = 1.0, 1.0j  # no common bin
    errors = trainings.frame_errors(torch.full((2, 4, 6), 0.5), spectra)
    assert errors.shape == (6, 2, 2)
    torch.testing.assert_close(errors.mean(-3), torch.full((2, 2), 0.5))


def test_a_perfect_mask_costs_nothing_and_the_other_one_both_energies():
    spectra = torch.zeros(2, 4, 6, dtype=torch.complex64)
    spectra[0, :2], spectra[1, 2:] = 1.0, 1.0j
    masks = (spectra.abs() > 0).float()
    errors = trainings.frame_errors(masks, spectra).mean(-3)
    torch.testing.assert_close(errors, 2 * (1 - torch.eye(2)))


class Swapping(torch.nn.Module):
    """Hands over the sources' own masks, in the other order, at half the level."""

    def __init__(self, masks):
        super().__init__()
        from dla.models.mask_network import MaskNetworkSettings

        self.settings, self.masks = MaskNetworkSettings(), masks

    def forward(self, magnitude):
        return 0.5 * self.masks.flip(0)


def test_matched_estimates_have_the_order_and_the_level_of_their_sources():
    t = torch.arange(8000) / 8000
    sources = torch.stack([torch.sin(2 * torch.pi * f * t) for f in (500.0, 2000.0)])
    sources = sources * torch.tensor([[1.0], [0.3]])
    spectra = stft(sources)
    masks = (spectra.abs() > spectra.abs().flip(0)).float()
    estimates = trainings.matched(Swapping(masks), sources)
    assert (si_sdr(estimates, sources) > 20).all()
    torch.testing.assert_close(
        db(estimates.square().mean(-1)), db(sources.square().mean(-1)), atol=0.1, rtol=0.0
    )


def test_held_out_mixtures_follow_from_speakers_and_seed():
    first, again, other = (
        trainings.held_out_mixtures("june", "carlo", count=2, seed=s) for s in (1, 1, 2)
    )
    assert first.shape == (2, 2, 24000) and torch.equal(first, again)
    assert not torch.equal(first, other)
