"""A small network that names the language of a stretch of speech.

Explained in overview/experiments/language. Two convolutions over time
on a log-mel spectrogram, mean and deviation over time, one linear
layer. It has no rule that keeps it from naming the voice instead.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from dla import checks


@dataclass(frozen=True)
class LanguageNetworkSettings:
    """Sizes."""

    bands: int = 40  # of the log-mel spectrogram
    channels: int = 32  # after each convolution
    kernel: int = 5  # frames
    classes: int = 2


class LanguageNetwork(nn.Module):
    """Log-mel spectrogram in, one logit per class out.

    Args:
        settings: sizes.
    """

    def __init__(
        self,
        settings: LanguageNetworkSettings = LanguageNetworkSettings(),
    ):
        super().__init__()
        s = settings
        self.settings = s
        self.first = nn.Conv1d(s.bands, s.channels, s.kernel, stride=2)
        self.second = nn.Conv1d(
            s.channels, s.channels, s.kernel, stride=2
        )
        self.decide = nn.Linear(2 * s.channels, s.classes)

    def embed(
        self, log_mel: Float[Tensor, "batch band frame"]
    ) -> Float[Tensor, "batch feature"]:
        """What the last layer sees: mean and deviation over time."""
        x = functional.relu(self.first(log_mel))
        x = functional.relu(self.second(x))
        mean = x.mean(-1)
        variance = (x - mean[..., None]).square().mean(-1)
        return torch.cat([mean, (variance + 1e-4).sqrt()], dim=-1)

    def forward(
        self, log_mel: Float[Tensor, "batch band frame"]
    ) -> Float[Tensor, "batch class"]:
        return self.decide(self.embed(log_mel))


def without_mean(
    log_mel: Float[Tensor, "*batch band frame"],
) -> Float[Tensor, "*batch band frame"]:
    """Subtract from each band its mean over time.

    A stationary filter that is smooth within a band adds a constant to
    each band of the logarithm; here it is taken out again, whatever it
    was (eq-experiments-centring). The speaker's average spectrum goes
    with it.

    >>> x = torch.tensor([[1.0, 3.0], [5.0, 5.0]])
    >>> without_mean(x)
    tensor([[-1.,  1.],
            [ 0.,  0.]])
    """
    log_mel = checks.as_floats("log_mel", log_mel)
    return log_mel - log_mel.mean(-1, keepdim=True)
