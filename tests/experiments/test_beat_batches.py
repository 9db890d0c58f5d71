"""Beats move with the frames; levels of silence stay silent."""

import torch

from dla.experiments.beat_batches import Item, alter
from dla.spectral.beat_features import BANDS, levels, with_rise


def test_beats_stay_on_their_frames_under_every_alteration():
    beats = torch.arange(1, 20).double() * 0.4
    level = torch.zeros(BANDS, 400)
    level[:, (beats * 50).long()] = 1.0
    item = Item(level, beats, torch.arange(19) % 4 == 0)
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        seen, target = alter(item, 300, generator)
        heard = seen.sum(0)
        at = target[0].nonzero().flatten()
        at = at[(at > 0) & (at < 299)]
        assert len(at) >= 10
        assert all(heard[m - 1 : m + 2].max() > 0 for m in at)
        assert (target[1] <= target[0]).all()


def test_levels_ignore_the_gain():
    x = torch.randn(8000, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(levels(x), levels(7.0 * x))


def test_rise_is_never_negative_and_starts_at_zero():
    level = torch.rand(BANDS, 9, generator=torch.Generator().manual_seed(0))
    rise = with_rise(level)[BANDS:]
    assert (rise >= 0).all()
    assert (rise[:, 0] == 0).all()


def test_half_the_frames_are_double_the_tempo():
    beats = torch.arange(1, 60).double() * 0.4
    level = torch.ones(BANDS, 1200)
    item = Item(level, beats, torch.arange(59) % 4 == 0, stretch=(0.5, 0.5))
    _, target = alter(item, 300, torch.Generator().manual_seed(0))
    assert target[0].nonzero().flatten().diff().unique().tolist() == [10]
