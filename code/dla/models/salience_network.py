r"""Convolutional network from an HCQT to a salience of pitch.

Explained in analysis/melody/salience. After Bittner et al. (2017),
whose harmonic input it has, but smaller, residual, and with gaps along
the axis of pitch instead of one tall kernel.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn


@dataclass(frozen=True)
class SalienceNetworkSettings:
    """Sizes."""

    harmonics: int = 6  # input channels
    channels: int = 16  # C
    dilations: tuple[int, ...] = (1, 3, 9, 27)  # along pitch, in bins
    spans: tuple[int, ...] = (1, 1, 2, 4)  # along time, in frames


class Layer(nn.Module):
    """ReLU, 3x3 convolution with gaps, ReLU, 1x1; added."""

    def __init__(self, channels: int, dilation: tuple[int, int]):
        super().__init__()
        self.filter = nn.Conv2d(
            channels, channels, 3,
            dilation=dilation, padding=dilation,
        )  # fmt: skip
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(
        self, x: Float[Tensor, "batch channel bin frame"]
    ) -> Float[Tensor, "batch channel bin frame"]:
        h = self.filter(nn.functional.relu(x))
        return x + self.mix(nn.functional.relu(h))


class SalienceNetwork(nn.Module):
    """Compressed HCQT in, one logit out for each bin and frame.

    The weights are the same at all pitches: music a bin higher gives
    salience a bin higher, up to the edges.

    Args:
        settings: sizes.
    """

    def __init__(
        self,
        settings: SalienceNetworkSettings = SalienceNetworkSettings(),
    ):
        super().__init__()
        s = self.settings = settings
        self.entry = nn.Conv2d(s.harmonics, s.channels, 3, padding=1)
        self.layers = nn.Sequential(
            *(
                Layer(s.channels, gaps)
                for gaps in zip(s.dilations, s.spans, strict=True)
            )
        )
        self.exit = nn.Conv2d(s.channels, 1, 1)
        nn.init.constant_(self.exit.bias, -4.0)  # most bins are silent

    def forward(
        self, x: Float[Tensor, "batch harmonic bin frame"]
    ) -> Float[Tensor, "batch bin frame"]:
        h = self.layers(self.entry(x))
        return self.exit(nn.functional.relu(h)).squeeze(1)


def receptive_field(model: SalienceNetwork) -> tuple[int, int]:
    r"""Bins and frames that one output can depend on (def-melody-field).

    .. math:: R = 1 + \sum_l (k_l - 1) d_l

    Read off the model's own convolutions.

    >>> receptive_field(SalienceNetwork())
    (83, 19)
    """
    convolutions = [
        m for m in model.modules() if isinstance(m, nn.Conv2d)
    ]
    return tuple(
        1
        + sum(
            (c.kernel_size[a] - 1) * c.dilation[a] for c in convolutions
        )
        for a in (0, 1)
    )
