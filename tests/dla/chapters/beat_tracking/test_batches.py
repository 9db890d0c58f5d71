"""Beats move with the frames; marked frames are those of the beats."""

import torch

from dla.chapters.beat_tracking.batches import Item, alter, mark_frames
from dla.chapters.beat_tracking.features import BANDS


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


def test_a_frame_is_marked_with_its_neighbours_also_at_the_ends():
    marked = mark_frames(torch.tensor([0.0, 5.0]), 6, widen=1)
    assert marked.tolist() == [1, 1, 0, 0, 1, 1]


def test_half_the_frames_are_double_the_tempo():
    beats = torch.arange(1, 60).double() * 0.4
    level = torch.ones(BANDS, 1200)
    item = Item(level, beats, torch.arange(59) % 4 == 0, stretch=(0.5, 0.5))
    _, target = alter(item, 300, torch.Generator().manual_seed(0))
    assert target[0].nonzero().flatten().diff().unique().tolist() == [10]
