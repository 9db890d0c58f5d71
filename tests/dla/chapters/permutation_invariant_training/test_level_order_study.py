"""The rule is planted in the training mixtures, and only a fixed order sees it."""

import pytest
import torch

from dla import signals, units
from dla.chapters.permutation_invariant_training import level_order_study as levels
from dla.chapters.permutation_invariant_training.separation_study import upit_loss
from dla.spectral.stft import istft


@pytest.mark.parametrize(("draw", "difference"), [(levels.near, 3.0), (levels.far, 10.0)])
def test_the_first_voice_is_always_so_much_louder(draw, difference):
    _, spectra = draw(0)(0)
    loud = units.db(signals.power(istft(spectra[0], length=8000)))
    torch.testing.assert_close(
        loud[:, 0] - loud[:, 1], torch.full((3,), difference), atol=0.2, rtol=0.0
    )


def test_exchanged_outputs_change_the_loss_of_the_fixed_order_only():
    _, spectra = levels.near(0)(0)
    masks = torch.rand(1, 3, 2, *spectra.shape[-2:], generator=torch.Generator().manual_seed(0))
    other = masks.flip(2)
    assert torch.equal(upit_loss(masks, spectra), upit_loss(other, spectra))
    first, second = (levels.fixed_order_loss(m, spectra) for m in (masks, other))
    assert not torch.allclose(first, second)
