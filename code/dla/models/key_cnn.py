"""A convolutional network on log frequency: key from a CQT.

The black box beside dla.models.pitch_class_network. Its convolutions
share their weights over pitch; its last layer does not, and has to
learn each of the 24 keys by itself. Explained in
overview/music/loudness-and-mode.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class KeyCNNSettings:
    """Sizes."""

    bins: int = 180  # of the constant-Q transform
    bins_per_semitone: int = 3
    reach: int = 25  # bins that the first convolution sees; odd
    context: int = 5  # semitones that the second one sees; odd
    channels: int = 8  # after each convolution
    classes: int = 24


class KeyCNN(nn.Module):
    """Constant-Q magnitudes in, 24 logits out.

    The first convolution looks at `reach` bins around every semitone,
    the second at `context` semitones; then the mean over time and one
    linear layer. Written as windows times a matrix, which is a
    convolution, and under ``torch.vmap`` faster than one.

    Args:
        settings: sizes.
    """

    def __init__(self, settings: KeyCNNSettings = KeyCNNSettings()):
        super().__init__()
        self.settings = s = settings
        self.first = nn.Linear(s.reach, s.channels)
        self.second = nn.Linear(s.channels * s.context, s.channels)
        semitones = s.bins // s.bins_per_semitone
        self.decide = nn.Linear(semitones * s.channels, s.classes)

    def embed(
        self, magnitude: Float[Tensor, "*batch bin frame"]
    ) -> Float[Tensor, "*batch feature"]:
        """What the last layer sees: the mean over time."""
        s = self.settings
        x = windows(magnitude.mT, s.reach, s.bins_per_semitone)
        x = functional.relu(self.first(x))  # frame semitone channel
        x = windows(x.mT, s.context, 1).transpose(-3, -2).flatten(-2)
        x = functional.relu(self.second(x))
        return x.flatten(-2).mean(-2)

    def forward(
        self, magnitude: Float[Tensor, "*batch bin frame"]
    ) -> Float[Tensor, "*batch class"]:
        return self.decide(self.embed(magnitude))


def windows(
    x: Float[Tensor, "*batch place"], width: int, step: int
) -> Float[Tensor, "*batch window tap"]:
    """Windows around every `step`-th place, zeros beyond the ends.

    >>> import torch
    >>> windows(torch.tensor([1.0, 2.0, 3.0, 4.0]), 3, 2)
    tensor([[0., 1., 2.],
            [2., 3., 4.]])
    """
    half = width // 2
    return functional.pad(x, (half, half)).unfold(-1, width, step)
