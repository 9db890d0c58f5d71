"""Batches of excerpts for training a beat tracker, altered as drawn.

Explained in analysis/beat-tracking/network.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dla import checks
from dla.chapters.beat_tracking.excerpts import Excerpt
from dla.chapters.beat_tracking.features import (
    BANDS,
    FRAME_RATE,
    levels,
    with_rise,
)

STRETCH = (0.85, 1.18)  # new frames per old frame
BAND = (90.0, 200.0)  # beats per minute that a band plays
SHIFT = 4  # mel bands, up or down
GAIN = (0.7, 1.3)  # of the compressed levels
HIDDEN = 12  # bands at most that are set to zero


class Item(NamedTuple):
    """An excerpt as the network sees it."""

    level: Float[Tensor, "band frame"]
    beats: Float[Tensor, "beat"]  # s
    downbeat: Bool[Tensor, "beat"]
    stretch: tuple[float, float] = STRETCH  # smallest, largest


def item(
    excerpt: Excerpt, *, stretch: tuple[float, float] = STRETCH
) -> Item:
    """Features and truth of an excerpt."""
    return Item(
        levels(excerpt.waveform),
        excerpt.beats,
        excerpt.positions == 1,
        stretch,
    )


def to_tempi(
    bpm: float,
    slow: float = BAND[0],
    fast: float = BAND[1],
    *,
    slowest: float = 1.2,
) -> tuple[float, float]:
    """Smallest and largest stretch that bring a tempo into a range.

    Args:
        bpm: of the excerpt, beats per minute.
        slow, fast: the range.
        slowest: largest stretch; more would blur the attacks.

    >>> to_tempi(90.0)
    (0.45, 1.0)
    """
    return bpm / fast, min(bpm / slow, slowest)


def mark_frames(
    frames_of: Float[Tensor, "beat"], frames: int, *, widen: int = 0
) -> Float[Tensor, "frame"]:
    """1 at the nearest frame of each beat and its neighbours, else 0.

    Args:
        frames_of: position of each beat in frames, in any order;
            outside is left out.
        frames: length.
        widen: neighbours on either side.

    Raises:
        ValueError: a position that is not finite.

    >>> mark_frames(torch.tensor([1.2, 2.9]), 6)
    tensor([0., 1., 0., 1., 0., 0.])
    >>> mark_frames(torch.tensor([2.0]), 6, widen=1)
    tensor([0., 1., 1., 1., 0., 0.])
    """
    checks.refuse_non_finite(frames_of=frames_of)
    made = torch.zeros(frames)
    nearest = frames_of.round().long()
    for shift in range(-widen, widen + 1):
        there = nearest + shift
        made[there[(there >= 0) & (there < frames)]] = 1.0
    return made


def targets(
    frames_of: Float[Tensor, "beat"],
    downbeat: Bool[Tensor, "beat"],
    frames: int,
) -> Float[Tensor, "2 frame"]:
    """`mark_frames` of all beats, and of those that open a bar.

    Args:
        frames_of: position of each beat in frames; outside is left out.
        downbeat: which of them open a bar.
        frames: length.

    >>> targets(torch.tensor([1.2, 2.9]), torch.tensor([False, True]), 4)
    tensor([[0., 1., 0., 1.],
            [0., 0., 0., 1.]])
    """
    return torch.stack(
        [
            mark_frames(frames_of, frames),
            mark_frames(frames_of[downbeat], frames),
        ]
    )


def alter(
    of: Item, frames: int, generator: torch.Generator
) -> tuple[Float[Tensor, "band frame"], Float[Tensor, "2 frame"]]:
    """A stretched, shifted, partly hidden cut of an excerpt.

    Stretching reads the levels at evenly spaced positions in between
    their frames and moves the beats with them: another tempo without
    another rendering. Outside the excerpt it is silent.
    """
    draw = torch.rand(4, generator=generator).tolist()
    low, high = of.stretch
    factor = low * (high / low) ** draw[0]
    length = of.level.shape[1]
    spare = length - frames / factor
    start = draw[1] * spare
    position = start + torch.arange(frames) / factor
    before = position.floor().clamp(0, length - 1).long()
    after = (before + 1).clamp(max=length - 1)
    part = position - position.floor()
    early, late = (of.level.index_select(1, k) for k in (before, after))
    level = early * (1 - part) + late * part
    level = level * ((position >= 0) & (position <= length - 1))
    whole = torch.randint(
        -SHIFT, SHIFT + 1, (1,), generator=generator
    ).item()
    rows = torch.arange(BANDS) - whole
    there = ((rows >= 0) & (rows < BANDS))[:, None]
    level = level[rows.clamp(0, BANDS - 1)] * there
    level = level * (GAIN[0] + (GAIN[1] - GAIN[0]) * draw[2])
    first = int(draw[3] * BANDS)
    width = torch.randint(HIDDEN, (1,), generator=generator).item()
    band = torch.arange(BANDS)[:, None]
    level = level * ((band < first) | (band >= first + width))
    moved = (of.beats * FRAME_RATE - start) * factor
    return level, targets(moved, of.downbeat, frames)


def batch(
    items: Sequence[Item],
    generator: torch.Generator,
    *,
    size: int = 8,
    frames: int = 768,
) -> tuple[
    Float[Tensor, "batch feature frame"], Float[Tensor, "batch 2 frame"]
]:
    """Features and targets of excerpts drawn with replacement."""
    chosen = torch.randint(len(items), (size,), generator=generator)
    pairs = [
        alter(items[i], frames, generator) for i in chosen.tolist()
    ]
    level, target = (torch.stack(x) for x in zip(*pairs, strict=True))
    return with_rise(level), target
