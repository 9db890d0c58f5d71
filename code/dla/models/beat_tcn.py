r"""Temporal convolutional network for beats and downbeats.

Explained in analysis/beat-tracking/network.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn


@dataclass(frozen=True)
class Settings:
    """Sizes."""

    features: int = 128  # per frame: levels and rises
    channels: int = 32  # C
    kernel: int = 5  # k, odd
    layers: int = 8  # L; dilations 1, 2, 4, ...


class Layer(nn.Module):
    """Norm over channels, dilated convolution, ELU, 1x1; added."""

    def __init__(self, settings: Settings, dilation: int):
        super().__init__()
        c, k = settings.channels, settings.kernel
        self.norm = nn.LayerNorm(c)
        self.filter = nn.Conv1d(
            c, c, k, dilation=dilation, padding=dilation * (k // 2)
        )
        self.mix = nn.Conv1d(c, c, 1)

    def forward(
        self, x: Float[Tensor, "batch channel frame"]
    ) -> Float[Tensor, "batch channel frame"]:
        h = self.norm(x.mT).mT
        h = nn.functional.elu(self.filter(h))
        return x + self.mix(h)


class BeatTCN(nn.Module):
    """Features in, two logits a frame out: beat, downbeat."""

    def __init__(self, settings: Settings = Settings()):
        super().__init__()
        s = self.settings = settings
        self.entry = nn.Sequential(
            nn.Conv1d(s.features, s.channels, 1),
            nn.ELU(),
        )
        self.layers = nn.Sequential(
            *(Layer(s, 2**i) for i in range(s.layers))
        )
        self.exit = nn.Conv1d(s.channels, 2, 1)
        nn.init.constant_(self.exit.bias, -3.0)

    def forward(
        self, x: Float[Tensor, "batch feature frame"]
    ) -> Float[Tensor, "batch 2 frame"]:
        return self.exit(self.layers(self.entry(x)))


def receptive_field(model: BeatTCN) -> int:
    r"""Input frames that one output can depend on (eq-beat-field).

    Read off the model's own convolutions; the norms see one frame.

    .. math:: 1 + (k - 1) \sum_l d_l = 1 + (k - 1)(2^L - 1)

    >>> receptive_field(BeatTCN())
    1021
    """
    return 1 + sum(
        (conv.kernel_size[0] - 1) * conv.dilation[0]
        for conv in model.modules()
        if isinstance(conv, nn.Conv1d)
    )
