r"""Temporal convolutional network for beats and downbeats.

Explained in analysis/beat-tracking/network.

A sequence is computed as a picture of height one, whose channels lie
side by side in memory: the norms then need no copies, and a step of
training takes a quarter less time.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn


@dataclass(frozen=True)
class BeatTCNSettings:
    """Sizes."""

    features: int = 128  # per frame: levels and rises
    channels: int = 32  # C
    kernel: int = 5  # k, odd
    layers: int = 8  # L; dilations 1, 2, 4, ...


class Layer(nn.Module):
    """Norm over channels, dilated convolution, ELU, 1x1; added."""

    def __init__(self, settings: BeatTCNSettings, dilation: int):
        super().__init__()
        c, k = settings.channels, settings.kernel
        self.norm = nn.LayerNorm(c)
        self.filter = nn.Conv2d(
            c, c, (1, k), dilation=dilation,
            padding=(0, dilation * (k // 2)),
        )  # fmt: skip
        self.mix = nn.Conv2d(c, c, 1)

    def forward(
        self, x: Float[Tensor, "batch channel 1 frame"]
    ) -> Float[Tensor, "batch channel 1 frame"]:
        h = self.norm(x.movedim(1, -1)).movedim(-1, 1)
        h = nn.functional.elu(self.filter(h))
        return x + self.mix(h)


class BeatTCN(nn.Module):
    """Features in, two logits a frame out: beat, downbeat."""

    def __init__(self, settings: BeatTCNSettings = BeatTCNSettings()):
        super().__init__()
        s = self.settings = settings
        self.entry = nn.Sequential(
            nn.Conv2d(s.features, s.channels, 1),
            nn.ELU(),
        )
        self.layers = nn.Sequential(
            *(Layer(s, 2**i) for i in range(s.layers))
        )
        self.exit = nn.Conv2d(s.channels, 2, 1)
        nn.init.constant_(self.exit.bias, -3.0)

    def forward(
        self, x: Float[Tensor, "batch feature frame"]
    ) -> Float[Tensor, "batch 2 frame"]:
        picture = x.unsqueeze(2).contiguous(
            memory_format=torch.channels_last
        )
        return self.exit(self.layers(self.entry(picture))).squeeze(2)


def receptive_field(model: BeatTCN) -> int:
    r"""Input frames that one output can depend on (eq-beat-field).

    Read off the model's own convolutions; the norms see one frame.

    .. math:: R = 1 + (k - 1) \sum_l 2^l = 1 + (k - 1)(2^L - 1)

    >>> receptive_field(BeatTCN())
    1021
    """
    return 1 + sum(
        (conv.kernel_size[1] - 1) * conv.dilation[1]
        for conv in model.modules()
        if isinstance(conv, nn.Conv2d)
    )
