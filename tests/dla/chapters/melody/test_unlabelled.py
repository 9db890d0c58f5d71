"""The unlabelled training: views, answers, calibration."""

import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from dla.chapters.melody import unlabelled as u
from dla.losses.equivariance import shift_bins


class Peak(nn.Module):
    """A decided network that answers the strongest bin."""

    def forward(self, x):
        return 50 * x


def test_a_tone_an_interval_higher_is_a_spectrum_shifted():
    low = u.inputs(u.harmonic_tone(220.0))[20]
    high = u.inputs(u.harmonic_tone(220.0 * 2 ** (9 / 36)))[20]
    apart = (high[9:180] - low[:171]).abs().mean()
    assert apart < 0.02 < 0.2 * (high[:171] - low[:171]).abs().mean()


def test_bin_reach_of_the_wide_spectrum_is_c2():
    tone = u.harmonic_tone(65.41, amplitudes=[1.0], seconds=2.0)
    assert int(u.inputs(tone)[40].argmax()) == 0


def test_views_are_cropped_shifts():
    wide = torch.rand(3, u.BINS + 2 * u.REACH, generator=torch.Generator().manual_seed(0))
    still = u.crop(wide, torch.zeros(3, dtype=torch.int64))
    k = torch.tensor([4, -16, 16])
    moved = u.crop(wide, k)
    covered = shift_bins(torch.ones_like(still), k)
    assert_close(moved * covered, shift_bins(still, k))


def test_the_filter_keeps_the_pitch_and_changes_the_timbre():
    x = u.spectra(u.harmonic_tone(220.0))[20:21]
    g = torch.Generator().manual_seed(1)
    y = u.equalised(x, g)
    change = torch.log(y / x)[0]
    assert change.std() > 0.1
    assert change.diff().abs().max() < 0.2  # smooth
    louder = (u.equalised(x, g, tilt=0.0) / x)[0]
    assert_close(louder, louder[:1].expand_as(louder))


def test_pairs_say_which_way_the_second_view_moved():
    frames = u.spectra(u.harmonic_tone(220.0))[15:25]
    views, shift = u.pairs(0, size=8, tilt=0.0, source=lambda: frames)(0)
    assert views.shape == (1, 16, u.BINS)
    first, second = views[0].chunk(2)
    assert (second.argmax(-1) - first.argmax(-1)).tolist() == shift[0].tolist()


def test_calibration_makes_the_tone_right_and_its_transpositions():
    constant = u.calibrate(Peak())
    for frequency in (220.0, 220.0 * 2 ** (11 / 36)):
        frames = u.inputs(u.harmonic_tone(frequency))
        f0 = torch.full((len(frames),), frequency)
        cents = u.cents_off(Peak(), frames, f0, constant)
        assert cents[10:30].abs().max() < 5
    assert constant == pytest.approx(math.log2(65.41), abs=0.02)


def test_position_is_the_mean_near_the_peak():
    logits = torch.full((40,), -50.0)
    logits[20], logits[21], logits[35] = 1.0, 1.0, 0.9
    assert_close(u.position(logits), torch.tensor(20.5))


def test_pair_loss_prefers_the_right_shift():
    sure = 30 * torch.eye(u.BINS)
    logits = torch.stack([sure[100], sure[107]])[None]
    right = u.pair_loss(logits, torch.tensor([[7]]))
    assert right < 1e-3 < u.pair_loss(logits, torch.tensor([[6]]))


def test_only_the_charge_makes_leaving_dear():
    sure = 60 * torch.eye(u.BINS)
    away = torch.stack([sure[-1], sure[-1]])[None]  # the second should be 7 bins higher
    shift = torch.tensor([[7]])
    free = u.pair_loss(away, shift, charged=False)
    dear = u.pair_loss(away, shift)
    assert_close(dear - free, torch.tensor([math.log(u.BINS) / 2]))  # one of two leaves
    inside = torch.stack([sure[100], sure[107]])[None]
    assert_close(u.pair_loss(inside, shift), u.pair_loss(inside, shift, charged=False))


def test_losses_without_labels_are_those_of_the_same_pairs(monkeypatch):
    frames = u.spectra(u.harmonic_tone(220.0))[15:25]
    asked = []
    monkeypatch.setattr(u, "unlabelled", lambda side: asked.append(side) or frames)
    loss, leaving = u.unlabelled_losses(Peak())
    assert (loss, leaving) == u.unlabelled_losses(Peak())
    views, shift = u.pairs(0, size=1000, source=lambda: frames)(0)
    assert loss == pytest.approx(float(u.pair_loss(Peak()(views), shift)))
    free = float(u.pair_loss(Peak()(views), shift, charged=False))
    assert leaving == pytest.approx((loss - free) / math.log(u.BINS), abs=1e-5)
    assert set(asked) == {"validation"}
