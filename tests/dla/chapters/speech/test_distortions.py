"""What estimates of equal SI-SDR must be."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from dla.chapters.speech.distortions import (
    KINDS,
    band,
    delete_band,
    random_mask,
    six_estimates,
    towards,
)
from dla.losses.si_sdr import si_sdr

RATE = 16000


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def voices(count: int = 3) -> torch.Tensor:
    """Noise with most of its energy at low frequencies, as voices have, float64."""
    x = torch.randn(count, RATE, generator=rng(7), dtype=torch.float64)
    frequency = torch.fft.rfftfreq(RATE, 1 / RATE)
    return torch.fft.irfft(torch.fft.rfft(x) / (1 + frequency / 300) ** 2, RATE)


@pytest.mark.parametrize("level", [-5.0, 0.0, 5.0, 10.0])
def test_every_estimate_has_the_si_sdr_asked_for(level):
    target = voices()
    estimates, weights = six_estimates(
        target, voices().roll(1, 0), level=level, sample_rate=RATE, generator=rng()
    )
    assert estimates.shape == (len(KINDS), 3, RATE)
    found = si_sdr(estimates, target.expand_as(estimates), eps=0.0)
    assert_close(found, torch.full_like(found, level), atol=1e-6, rtol=0.0)
    assert (weights > 0).all()


def test_the_weight_is_one_where_the_degraded_signal_is_just_as_bad_as_wanted():
    target = voices()
    degraded = target.roll(3, -1) + 0.1 * target.flip(-1)
    for e, s in zip(degraded, target, strict=True):
        estimate, weight = towards(e, s, level=si_sdr(e, s, eps=0.0).item())
        assert_close(weight, torch.tensor(1.0).double(), atol=1e-5, rtol=0.0)
        assert_close(estimate, e - e.mean(), atol=1e-4, rtol=0.0)


def test_a_better_level_is_nearer_to_the_target():
    target = voices(1)[0]
    degraded = random_mask(target, keep=0.2, generator=rng())
    weights = [towards(degraded, target, level=level)[1] for level in (0.0, 5.0, 10.0, 30.0)]
    assert all(near < far for far, near in pairwise(weights))


def test_no_weight_turns_a_louder_target_into_a_worse_one():
    target = voices(1)[0]
    with pytest.raises(ValueError, match="no weight above 0 gives 10.0 dB for 1 of 1 signals"):
        towards(2 * target, target, level=10.0)
    with pytest.raises(ValueError, match="target .* holds a silent signal"):
        towards(target, torch.zeros(RATE, dtype=torch.float64), level=10.0)


@pytest.mark.parametrize("keep", [0.3, 0.8])
@pytest.mark.parametrize("hop_length", [128, 64])
def test_a_random_mask_costs_what_the_redundancy_leaves_of_it(keep, hop_length):
    target = torch.randn(8, 4 * RATE, generator=rng(1), dtype=torch.float64)
    masked = random_mask(target, keep=keep, generator=rng(2), hop_length=hop_length)
    wanted = 10 * np.log10(keep / (1 - keep) * 512 / hop_length)
    assert si_sdr(masked, target).mean().item() == pytest.approx(wanted, abs=0.1)


def test_the_deleted_band_ends_where_it_should_and_holds_its_share():
    target = voices()
    left = delete_band(target, share=0.3, top=1000.0, sample_rate=RATE)
    spectrum = torch.fft.rfft(target - left).abs().square()
    gone = torch.fft.rfftfreq(RATE, 1 / RATE) <= 1000
    share = spectrum.sum(-1) / torch.fft.rfft(target).abs().square().sum(-1)
    assert_close(share, torch.full_like(share, 0.3), atol=0.02, rtol=0.0)
    assert spectrum[:, ~gone].max() < 1e-12
    inside = (spectrum > 1e-12).double()
    assert (inside.diff(dim=-1).abs().sum(-1) == 2).all()  # one band: one edge up, one down


def test_refuses_what_is_no_share_and_no_probability():
    with pytest.raises(ValueError, match="a share of 0.9 of the energy is not below 50.0 Hz"):
        delete_band(voices(), share=0.9, top=50.0, sample_rate=RATE)
    with pytest.raises(ValueError, match="keep is a probability, got 20"):
        random_mask(voices(), keep=20, generator=rng())


def test_a_band_keeps_low_tones_and_drops_high_ones():
    n = torch.arange(RATE, dtype=torch.float64)
    low, high = (torch.sin(2 * torch.pi * f * n / RATE) for f in (150.0, 250.0))
    assert_close(band(low + high, top=200.0, sample_rate=RATE), low, atol=1e-9, rtol=0.0)
