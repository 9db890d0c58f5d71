"""Phases for given magnitudes, by alternating projections.

Not librosa's, because that accelerates by momentum, for which the
chapter's inequality does not hold. Explained in overview/speech.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, signals
from dla.spectral.mel import mel_matrix
from dla.spectral.stft import istft, project_consistent


def griffin_lim(
    magnitude: Float[Tensor, "*batch freq frame"],
    *,
    length: int,
    n_fft: int,
    hop_length: int,
    generator: torch.Generator,
    steps: int = 30,
) -> Float[Tensor, "*batch time"]:
    """A sound whose transform has nearly these magnitudes.

    (Griffin and Lim, 1984; eq-speech-griffin-lim)

    Args:
        magnitude: wanted, not negative.
        length: of the sound in samples.
        n_fft: window length of the transform in samples.
        hop_length: in samples.
        generator: draws the phases of the start; it advances.
        steps: of projecting.

    >>> g = torch.Generator().manual_seed(0)
    >>> griffin_lim(torch.ones(129, 8), length=1000, n_fft=256,
    ...             hop_length=128, generator=g).shape
    torch.Size([1000])
    """
    magnitude = checks.as_floats("magnitude", magnitude)
    turn = torch.rand(
        magnitude.shape, generator=generator, dtype=torch.float32
    )
    spectrum = torch.polar(
        magnitude, (2 * math.pi * turn).to(magnitude)
    )
    grid = {"n_fft": n_fft, "hop_length": hop_length}
    for _ in range(steps):
        near = project_consistent(spectrum, length=length, **grid)
        spectrum = torch.polar(magnitude, near.angle())
    return istft(spectrum, length=length, **grid)


def magnitudes_from_mel(
    level: Float[Tensor, "*batch mel frame"],
    *,
    sample_rate: int,
    n_fft: int,
) -> Float[Tensor, "*batch freq frame"]:
    """Magnitudes of the bins that give mel bands nearly these levels.

    The shortest solution for the energies, without its negative part.

    Args:
        level: of the bands, in dB.
        sample_rate: in Hz.
        n_fft: window length of the transform in samples.

    >>> magnitudes_from_mel(torch.zeros(40, 3), sample_rate=16000,
    ...                     n_fft=512).shape
    torch.Size([257, 3])
    """
    level = checks.as_floats("level", level)
    matrix = mel_matrix(
        sample_rate=sample_rate, n_fft=n_fft, n_mels=level.shape[-2]
    )
    back = torch.linalg.pinv(matrix).to(level)
    return signals.root((back @ 10 ** (level / 10)).clamp(min=0))
