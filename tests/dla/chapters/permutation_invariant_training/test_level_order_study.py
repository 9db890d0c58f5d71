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


def test_without_a_rule_either_voice_may_be_the_louder_within_the_bounds():
    draw = levels.free(0)
    spectra = torch.cat([draw(step)[1][0] for step in range(8)])
    loud = units.db(signals.power(istft(spectra, length=8000)))
    difference = loud[:, 0] - loud[:, 1]
    low, high = levels.RANDOM
    assert low - 0.2 < difference.min() < 0 < difference.max() < high + 0.2
    assert difference.std() > 3  # an even spread has (high - low) / sqrt(12), about 7


def test_the_confirmation_trains_seeds_that_no_other_arm_has():
    others = {s for one in levels.STUDIES if one.name != "fixed-order-fresh" for s in one.seeds}
    assert not others.intersection(levels.FRESH)
