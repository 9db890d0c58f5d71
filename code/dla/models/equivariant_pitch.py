"""A pitch network that commutes with transposition.

Explained in analysis/melody/equivariance. After PESTO (Riou et al.,
2023): convolutions along log frequency, then a Toeplitz matrix from
bins to bins. Nothing in it has a bias and the level is divided out, so
that zeros stay zeros: what is shifted at the input is shifted at the
output exactly, as long as nothing leaves at an end.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from dla.signals import root

QUIET = 1e-6  # added to the RMS of a frame: silence stays silence
SLOPE = 0.3  # of the leaky ReLU


class Convolution(nn.Conv1d):
    """`nn.Conv1d` along bins as one matrix product.

    Odd kernel, no bias, as many bins out as in. For so few channels
    this takes half the time.
    """

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int
    ):
        super().__init__(
            channels_in,
            channels_out,
            kernel,
            padding=kernel // 2,
            bias=False,
        )

    def forward(
        self, x: Float[Tensor, "batch channel bin"]
    ) -> Float[Tensor, "batch other bin"]:
        (side,), (size,) = self.padding, self.kernel_size
        near = functional.pad(x, (side, side)).unfold(-1, size, 1)
        near = near.transpose(-3, -2).flatten(-2)
        return functional.linear(near, self.weight.flatten(1)).mT


class Toeplitz(nn.Module):
    r"""Linear layer from bins to bins that commutes with shifts.

    .. math:: y_i = \sum_c \sum_j t_c(i - j)\, x_{c j}

    One number for each distance i - j (eq-melody-toeplitz): for each
    channel `bins_in + bins_out - 1` of them, not their product.

    Args:
        channels: summed over.
        bins_in, bins_out: of input and output.
        scale: standard deviation of a whole output at the start, for
            inputs of power one.
    """

    def __init__(
        self,
        channels: int,
        bins_in: int,
        bins_out: int,
        *,
        scale: float = 0.1,
    ):
        super().__init__()
        self.bins_in = bins_in
        start = torch.randn(channels, bins_in + bins_out - 1)
        start = start * scale * (channels * bins_in) ** -0.5
        self.distances = nn.Parameter(start)

    def matrix(self) -> Float[Tensor, "channel bins_out bins_in"]:
        """The matrices: constant along each diagonal."""
        return self.distances.unfold(-1, self.bins_in, 1).flip(-1)

    def forward(
        self, x: Float[Tensor, "*batch channel bins_in"]
    ) -> Float[Tensor, "*batch bins_out"]:
        wide = self.matrix().transpose(0, 1).flatten(1)
        return functional.linear(x.flatten(-2), wide)


@dataclass(frozen=True)
class EquivariantPitchSettings:
    """Sizes."""

    bins: int = 216  # of the spectrum, and of the answer
    channels: int = 16  # C
    kernel: int = 15  # bins that the first convolution sees; odd
    layers: int = 1  # further ones, of one bin each
    templates: int = 1  # channels that the Toeplitz layer sees


class EquivariantPitch(nn.Module):
    """Spectrum of one frame in, logits over bins of pitch out.

    Args:
        settings: sizes.
    """

    def __init__(
        self,
        settings: EquivariantPitchSettings = EquivariantPitchSettings(),
    ):
        super().__init__()
        self.settings = s = settings
        self.first = Convolution(1, s.channels, s.kernel)
        self.layers = nn.ModuleList(
            Convolution(s.channels, s.channels, 1)
            for _ in range(s.layers)
        )
        self.last = Convolution(s.channels, s.templates, 1)
        self.toeplitz = Toeplitz(s.templates, s.bins, s.bins)

    def forward(
        self, spectrum: Float[Tensor, "batch bin"]
    ) -> Float[Tensor, "batch bin"]:
        level = root(spectrum.square().mean(-1, keepdim=True))
        x = (spectrum / (level + QUIET)).unsqueeze(-2)
        x = functional.leaky_relu(self.first(x), SLOPE)
        for layer in self.layers:
            x = x + functional.leaky_relu(layer(x), SLOPE)
        return self.toeplitz(self.last(x))
