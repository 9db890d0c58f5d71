"""The pitch-class network with its weights set free: the arm that tells input from weights.

Explained in overview/music/loudness-and-mode.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from dla.models.pitch_class_network import MODES
from dla.spectral.chroma import CLASSES


@dataclass(frozen=True)
class UntiedNetworkSettings:
    """Sizes."""

    channels: int = (
        6  # per pitch class; about as many weights as the shared 24
    )


class UntiedNetwork(nn.Module):
    """Chroma in, 24 logits out; every pitch class has weights of its own.

    The layers of :class:`dla.models.pitch_class_network.PitchClassNetwork`,
    except that a matrix from all classes to all classes takes the place of
    each circulant. It sees the same twelve numbers and does not commute
    with a rotation of them.

    Args:
        settings: sizes.
    """

    def __init__(
        self, settings: UntiedNetworkSettings = UntiedNetworkSettings()
    ):
        super().__init__()
        self.settings = settings
        width = settings.channels * CLASSES
        self.first = nn.Linear(CLASSES, width)
        self.second = nn.Linear(width, width)
        self.decide = nn.Linear(width, len(MODES) * CLASSES)

    def embed(
        self, chroma: Float[Tensor, "*batch 12 frame"]
    ) -> Float[Tensor, "*batch feature"]:
        """What the last layer sees: the mean over time."""
        x = functional.relu(self.first(chroma.mT))
        return functional.relu(self.second(x)).mean(-2)

    def forward(
        self, chroma: Float[Tensor, "*batch 12 frame"]
    ) -> Float[Tensor, "*batch 24"]:
        return self.decide(self.embed(chroma))
