"""Attention as a layer for sequences: one block, and where things are.

Not torch's fused kernel, because the page reads this code beside its
equations and looks at the weights; torch's is the tests' oracle.

Explained in overview/music/attention.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn


@dataclass(frozen=True)
class AttentionSettings:
    """Sizes of a block."""

    channels: int = 64  # d, of the residual path
    heads: int = 4  # H
    hidden: int = 128  # of the layer that works frame by frame

    def __post_init__(self):
        if self.channels % self.heads:
            raise ValueError(
                f"{self.channels} channels and {self.heads} heads; "
                "each head needs the same number of channels"
            )


def attend(
    query: Float[Tensor, "*batch frame feature"],
    key: Float[Tensor, "*batch place feature"],
    value: Float[Tensor, "*batch place channel"],
    *,
    visible: Bool[Tensor, "frame place"] | None = None,
) -> tuple[
    Float[Tensor, "*batch frame channel"],
    Float[Tensor, "*batch frame place"],
]:
    """Weighted means of the values, and the weights (def-music-attend).

    Args:
        query: what each frame looks for.
        key: what each place offers.
        value: what is averaged.
        visible: places that a frame may look at; without it, all.

    Raises:
        ValueError: queries and keys of different lengths, or a frame
            that may look nowhere.

    >>> x = torch.eye(3)[None]
    >>> mean, weights = attend(x, x, x)
    >>> weights.shape, bool((weights.sum(-1) - 1).abs().max() < 1e-6)
    (torch.Size([1, 3, 3]), True)
    """
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"query {tuple(query.shape)} and key {tuple(key.shape)} "
            "differ in their last axis"
        )
    score = query @ key.mT / math.sqrt(query.shape[-1])
    if visible is not None:
        if not visible.any(-1).all():
            raise ValueError(
                f"{int((~visible.any(-1)).sum())} of {len(visible)} "
                "frames may look at no place"
            )
        score = score.masked_fill(~visible, -math.inf)
    weights = score.softmax(-1)
    return weights @ value, weights


class SelfAttention(nn.Module):
    """Each frame asks all frames, several times side by side.

    Args:
        settings: sizes.
    """

    def __init__(
        self, settings: AttentionSettings = AttentionSettings()
    ):
        super().__init__()
        self.heads = settings.heads
        self.ask = nn.Linear(settings.channels, 3 * settings.channels)
        self.join = nn.Linear(settings.channels, settings.channels)

    def split(
        self, x: Float[Tensor, "*batch frame channel"]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values: "*batch head frame feature"."""
        asked = self.ask(x).unflatten(-1, (3, self.heads, -1))
        return asked.movedim(-3, 0).transpose(-3, -2).unbind(0)

    def forward(
        self,
        x: Float[Tensor, "*batch frame channel"],
        visible: Bool[Tensor, "frame frame"] | None = None,
    ) -> Float[Tensor, "*batch frame channel"]:
        mean, _ = attend(*self.split(x), visible=visible)
        return self.join(mean.transpose(-3, -2).flatten(-2))


class AttentionBlock(nn.Module):
    """Attention over frames, then a small network for each frame.

    Both add to their normalised input's residual path (Vaswani et al.,
    2017; norms before, as in present systems).

    Args:
        settings: sizes.
    """

    def __init__(
        self, settings: AttentionSettings = AttentionSettings()
    ):
        super().__init__()
        s = settings
        self.norm = nn.LayerNorm(s.channels)
        self.attention = SelfAttention(s)
        self.each = nn.Sequential(
            nn.LayerNorm(s.channels),
            nn.Linear(s.channels, s.hidden),
            nn.ReLU(),
            nn.Linear(s.hidden, s.channels),
        )

    def forward(
        self,
        x: Float[Tensor, "*batch frame channel"],
        visible: Bool[Tensor, "frame frame"] | None = None,
    ) -> Float[Tensor, "*batch frame channel"]:
        x = x + self.attention(self.norm(x), visible)
        return x + self.each(x)


def positions(
    frames: int, channels: int, *, longest: float = 10000.0
) -> Float[Tensor, "frame channel"]:
    """Sines and cosines of the frame's number (def-music-positions).

    Args:
        frames: how many.
        channels: of each; even.
        longest: wavelength of the slowest pair over 2 pi, in frames.

    >>> positions(2, 4)[0]
    tensor([0., 1., 0., 1.])
    """
    if channels % 2:
        raise ValueError(
            f"{channels} channels; expected an even number: a sine and "
            "a cosine of each frequency"
        )
    pair = torch.arange(channels // 2, dtype=torch.float64)
    turn = torch.outer(
        torch.arange(frames, dtype=torch.float64),
        longest ** (-2 * pair / channels),
    )
    return torch.stack([turn.sin(), turn.cos()], -1).flatten(1).float()
