"""A network that commutes with transposition: key from chroma.

Every layer is a circular convolution over the twelve pitch classes,
every nonlinearity acts on each class alike. What is shifted at the
input is shifted at the output, by construction and not by training.
Explained in overview/music/loudness-and-mode.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from dla.spectral.chroma import CLASSES, NAMES

MODES = ("major", "minor")
KEYS = tuple(f"{name} {mode}" for mode in MODES for name in NAMES)


def key_class(
    tonic: Int[Tensor, "*item"], mode: Int[Tensor, "*item"]
) -> Int[Tensor, "*item"]:
    """Number of a key among the 24: twelve major, twelve minor.

    Args:
        tonic: pitch class, C = 0.
        mode: 0 is major, 1 is minor.

    >>> KEYS[key_class(torch.tensor(9), torch.tensor(1))]
    'A minor'
    """
    return CLASSES * mode + tonic


def tonic_and_mode(
    key: Int[Tensor, "*item"],
) -> tuple[Int[Tensor, "*item"], Int[Tensor, "*item"]]:
    """The inverse of :func:`key_class`.

    >>> tonic_and_mode(torch.tensor([0, 21]))
    (tensor([0, 9]), tensor([0, 1]))
    """
    return key % CLASSES, key // CLASSES


class CircularConvolution(nn.Module):
    r"""Linear layer that commutes with circular shifts.

    .. math:: y_o(q) = b_o + \sum_i \sum_{r=0}^{11} w_{oi}(r)\,
        x_i\bigl((q - r) \bmod 12\bigr)

    By eq-music-circulant there is no other linear layer that does. The
    kernel is as long as the circle, so nothing is out of its reach.

    Args:
        inputs: channels in.
        outputs: channels out.
    """

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        scale = (inputs * CLASSES) ** -0.5
        kernel = torch.randn(outputs, inputs, CLASSES)
        self.kernel = nn.Parameter(scale * kernel)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(
        self, x: Float[Tensor, "*batch inputs 12 frame"]
    ) -> Float[Tensor, "*batch outputs 12 frame"]:
        q = torch.arange(CLASSES, device=x.device)
        circulant = self.kernel[..., (q[:, None] - q) % CLASSES]
        y = torch.einsum("oiqp,...ipm->...oqm", circulant, x)
        return y + self.bias[:, None, None]


@dataclass(frozen=True)
class PitchClassNetworkSettings:
    """Sizes."""

    channels: int = 24  # after each of the two hidden layers


class PitchClassNetwork(nn.Module):
    """Chroma in, 24 logits out: twelve major keys, twelve minor keys.

    One kernel finds all twelve major tonics, another all twelve minor
    ones: transposing the music by g semitones moves the logits of each
    mode g places round the circle (eq-music-logits).

    Args:
        settings: sizes.
    """

    def __init__(
        self,
        settings: PitchClassNetworkSettings = PitchClassNetworkSettings(),
    ):
        super().__init__()
        self.settings = settings
        width = settings.channels
        self.first = CircularConvolution(1, width)
        self.second = CircularConvolution(width, width)
        self.decide = CircularConvolution(width, len(MODES))

    def embed(
        self, chroma: Float[Tensor, "*batch 12 frame"]
    ) -> Float[Tensor, "*batch channel 12"]:
        """What the last layer sees: the mean over time."""
        x = functional.relu(self.first(chroma.unsqueeze(-3)))
        return functional.relu(self.second(x)).mean(-1)

    def forward(
        self, chroma: Float[Tensor, "*batch 12 frame"]
    ) -> Float[Tensor, "*batch 24"]:
        x = self.embed(chroma).unsqueeze(-1)
        return self.decide(x).squeeze(-1).flatten(-2)
