"""Levels ignore the gain; their rise is never negative."""

import torch

from dla.chapters.beat_tracking.features import BANDS, levels, with_rise


def test_levels_ignore_the_gain():
    x = torch.randn(8000, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(levels(x), levels(7.0 * x))


def test_rise_is_never_negative_and_starts_at_zero():
    level = torch.rand(BANDS, 9, generator=torch.Generator().manual_seed(0))
    rise = with_rise(level)[BANDS:]
    assert (rise >= 0).all()
    assert (rise[:, 0] == 0).all()
