"""Conv-TasNet: separation without a Fourier transform.

Luo and Mesgarani (2019), in the structure of their best network.
Explained in decomposition/permutation-invariant-training.
"""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from dla import checks
from dla.models.tcn import TCN, TCNSettings


@dataclass(frozen=True)
class ConvTasNetSettings:
    """Sizes, with the letters of the paper; its values: PAPER."""

    sources: int = 2  # C
    filters: int = 64  # N, of the encoder and of the decoder
    length: int = 16  # L, of a filter in samples: 2 ms at 8 kHz
    tcn: TCNSettings = field(default_factory=TCNSettings)

    @property
    def stride(self) -> int:
        """Samples between frames: half a filter."""
        return self.length // 2


PAPER = (
    ConvTasNetSettings(  # Luo and Mesgarani (2019), table II, best row
        filters=512,
        tcn=TCNSettings(
            channels=128, hidden=512, skip=128, blocks=8, repeats=3
        ),
    )
)


class ConvTasNet(nn.Module):
    """Encoder, masks, decoder; all three learned.

    Linear encoder and sigmoid masks, as in the paper's best network.
    The masks need not sum to one, nor the estimates to the mixture.
    """

    def __init__(
        self, settings: ConvTasNetSettings = ConvTasNetSettings()
    ):
        super().__init__()
        self.settings = s = settings
        self.encoder = nn.Conv1d(
            1, s.filters, s.length, stride=s.stride, bias=False
        )
        self.separator = TCN(s.filters, s.sources, s.tcn)
        self.decoder = nn.ConvTranspose1d(
            s.filters, 1, s.length, stride=s.stride, bias=False
        )

    def forward(
        self, mixture: Float[Tensor, "batch time"]
    ) -> Float[Tensor, "batch source time"]:
        mixture = checks.as_sound("mixture", mixture)
        s, length = self.settings, mixture.shape[-1]
        # whole frames, and every sample in equally many of them
        margin = s.length - s.stride
        padding = (margin, margin + -length % s.stride)
        padded = functional.pad(mixture, padding)
        frames = self.encoder(padded.unsqueeze(-2))
        masks = torch.sigmoid(self.separator(frames))
        masked = (masks * frames.unsqueeze(-3)).flatten(0, 1)
        decoded = self.decoder(masked).unflatten(0, (-1, s.sources))
        return decoded[..., 0, margin : margin + length]


def receptive_field(model: ConvTasNet) -> int:
    r"""Input samples that one frame of the masks can depend on.

    Read off the model's own convolutions (eq-pit-receptive): F frames
    of the separator, each L samples long, one stride apart.

    .. math::
        (F - 1) \tfrac{L}{2} + L, \qquad F = 1 + \sum_b (P_b - 1)\, d_b

    The normalisations are left out; they see everything.

    >>> receptive_field(ConvTasNet(PAPER)) / 8000  # s
    1.532
    """
    frames = 1 + sum(
        (conv.kernel_size[0] - 1) * conv.dilation[0]
        for conv in model.separator.modules()
        if isinstance(conv, nn.Conv1d)
    )
    encoder = model.encoder
    return (frames - 1) * encoder.stride[0] + encoder.kernel_size[0]


def parameter_count(settings: ConvTasNetSettings) -> int:
    """Parameters of a ConvTasNet, by hand (eq-pit-parameters).

    >>> parameter_count(PAPER)
    5050545
    """
    n, c, s = settings.filters, settings.sources, settings.tcn
    b, h, k = s.channels, s.hidden, s.skip
    block = (
        (b * h + h)  # widen
        + (s.kernel * h + h)  # filter each channel
        + (h * (b + k) + b + k)  # narrow: residual path and skip
        + 2 * (1 + 2 * h)  # two PReLUs, two norms
    )
    entry = 2 * n + (n * b + b)
    exit = 1 + (k * c * n + c * n)
    bases = 2 * n * settings.length
    return bases + entry + s.repeats * s.blocks * block + exit
