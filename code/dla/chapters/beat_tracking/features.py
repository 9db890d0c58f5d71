r"""What a beat tracker hears: levels on a mel axis, and their rise.

Explained in analysis/beat-tracking/network.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, signals
from dla.spectral.mel import mel_spectrogram
from dla.spectral.novelty import compress

HOP = 441  # samples: 50 frames per second at 22.05 kHz
FRAME_RATE = 50.0  # Hz
WINDOW = 2048  # samples, 93 ms
BANDS = 64
LOWEST, HIGHEST = 30.0, 10000.0  # Hz, corners of the mel bands


def levels(
    waveform: Float[Tensor, "*batch time"], *, gamma: float = 1.0
) -> Float[Tensor, "*batch band frame"]:
    r"""Compressed magnitudes in mel bands (def-beat-levels).

    .. math::
        Y(m, b) = \log\Bigl(1 + \gamma \frac{\sqrt{E(m, b)}}
        {\overline{\sqrt{E}}}\Bigr)

    The mean in the denominator, over all bands and frames, makes the
    gain of the recording drop out. Frame m is centred on 20 m
    milliseconds.

    Args:
        waveform: at 22.05 kHz, not silent.
        gamma: :math:`\gamma` of the compression.

    Raises:
        ValueError: a waveform is silent or not finite.

    >>> levels(torch.ones(22050)).shape
    torch.Size([64, 51])
    """
    waveform = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=waveform)
    checks.refuse_silence(waveform=waveform)
    energy = mel_spectrogram(
        waveform,
        sample_rate=22050,
        n_fft=WINDOW,
        hop_length=HOP,
        n_mels=BANDS,
        f_min=LOWEST,
        f_max=HIGHEST,
    )
    magnitude = signals.root(energy)
    mean = magnitude.mean((-2, -1), keepdim=True)
    return compress(magnitude / mean, gamma=gamma)


def with_rise(
    level: Float[Tensor, "*batch band frame"],
) -> Float[Tensor, "*batch feature frame"]:
    r"""Levels, and below them their half-wave rectified difference.

    .. math:: \max\{0,\; Y(m, b) - Y(m - 1, b)\}

    The first frame has no past; its rise is 0.

    >>> with_rise(torch.tensor([[0.0, 2.0, 1.0]]))
    tensor([[0., 2., 1.],
            [0., 2., 0.]])
    """
    level = checks.as_floats("level", level)
    rise = torch.diff(level, dim=-1).clamp_min(0)
    rise = torch.nn.functional.pad(rise, (1, 0))
    return torch.cat([level, rise], dim=-2)
