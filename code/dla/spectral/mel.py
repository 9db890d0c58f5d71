"""Mel filterbank: a frequency axis as the ear has it.

Not librosa's or torchaudio's filterbank, because the page reads this code beside its equations, and
gradients pass it.

Explained in overview/speech/mel-and-metrics. The scale and its
constants are those of Slaney's Auditory Toolbox, librosa's default.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, units
from dla.spectral.stft import stft

LINEAR = 200 / 3  # Hz per mel below KNEE
KNEE = 1000.0  # Hz; above it the scale is logarithmic
KNEE_MEL = KNEE / LINEAR  # 15
LOG_STEP = math.log(6.4) / 27  # per mel: 27 mel from 1 to 6.4 kHz


def hz_to_mel(
    frequency: Float[Tensor, "*shape"],
) -> Float[Tensor, "*shape"]:
    """Frequency in mel (Slaney; def-speech-mel).

    Args:
        frequency: in Hz, not negative.

    >>> hz_to_mel(torch.tensor([200.0, 1000.0, 6400.0]))
    tensor([ 3.0, 15.0, 42.0])
    """
    above = torch.log(frequency.clamp(min=KNEE) / KNEE) / LOG_STEP
    return torch.where(
        frequency < KNEE, frequency / LINEAR, KNEE_MEL + above
    )


def mel_to_hz(
    mel: Float[Tensor, "*shape"],
) -> Float[Tensor, "*shape"]:
    """Inverse of :func:`hz_to_mel`.

    Args:
        mel: on Slaney's scale.

    >>> mel_to_hz(torch.tensor([3.0, 15.0, 42.0]))
    tensor([ 200.0, 1000.0, 6400.0])
    """
    above = KNEE * torch.exp(LOG_STEP * (mel - KNEE_MEL))
    return torch.where(mel < KNEE_MEL, mel * LINEAR, above)


def mel_centres(
    *,
    sample_rate: int,
    n_mels: int = 64,
    f_min: float = 0.0,
    f_max: float | None = None,
) -> Float[Tensor, "mel"]:
    """Frequencies in Hz of the peaks of the triangles.

    >>> mel_centres(sample_rate=16000, n_mels=3)
    tensor([ 754.1, 1688.9, 3675.8])
    """
    top = sample_rate / 2 if f_max is None else f_max
    return corners(n_mels, f_min, top)[1:-1].float()


def mel_matrix(
    *,
    sample_rate: int,
    n_fft: int,
    n_mels: int = 64,
    f_min: float = 0.0,
    f_max: float | None = None,
) -> Float[Tensor, "mel freq"]:
    r"""Triangles, evenly spaced in mel (def-speech-mel-matrix).

    Triangle b rises from one corner to the next and falls to the one
    after. Its area over frequency is one, so that white noise has the
    same level in all bands.

    Args:
        sample_rate: in Hz.
        n_fft: window length of the transform in samples.
        n_mels: number of bands.
        f_min: lowest corner in Hz.
        f_max: highest corner in Hz; without it half the sampling rate.

    Raises:
        ValueError: corners out of order or above half the sampling
            rate, or more bands than the transform can tell apart: a
            triangle falls between two bins.

    >>> mel_matrix(sample_rate=16000, n_fft=512).shape
    torch.Size([64, 257])
    """
    top = sample_rate / 2 if f_max is None else f_max
    if not 0 <= f_min < top <= sample_rate / 2:
        raise ValueError(
            f"corners from {f_min} to {top} Hz; expected "
            f"0 <= f_min < f_max <= {sample_rate / 2} Hz, "
            "half the sampling rate"
        )
    bins = torch.arange(n_fft // 2 + 1, dtype=torch.float64)
    frequency = bins * sample_rate / n_fft
    corner = corners(n_mels, f_min, top)
    low, peak, high = (corner[i : i + n_mels, None] for i in range(3))
    rise = (frequency - low) / (peak - low)
    fall = (high - frequency) / (high - peak)
    triangles = torch.minimum(rise, fall).clamp(min=0)
    matrix = triangles * 2 / (high - low)
    empty = (matrix == 0).all(dim=-1).nonzero().flatten().tolist()
    if empty:
        raise ValueError(
            f"{len(empty)} of {n_mels} bands hold no bin (the first is "
            f"band {empty[0]}): bins are {sample_rate / n_fft:.1f} Hz "
            "apart; take fewer bands or a longer n_fft"
        )
    return matrix.float()


def mel_spectrogram(
    waveform: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    n_fft: int = 512,
    hop_length: int = 128,
    n_mels: int = 64,
    f_min: float = 0.0,
    f_max: float | None = None,
) -> Float[Tensor, "*batch mel frame"]:
    r"""Energy in mel bands (def-speech-mel-energy).

    .. math:: E(m, b) = \sum_k \mathbf B_{bk} |X(m, k)|^2

    Args:
        waveform: :math:`x`.
        sample_rate: in Hz.
        n_fft: window length in samples.
        hop_length: in samples.
        n_mels: number of bands.
        f_min: as in :func:`mel_matrix`.
        f_max: as in :func:`mel_matrix`.

    Raises:
        ValueError: as :func:`mel_matrix`.

    >>> mel_spectrogram(torch.zeros(2, 16000), sample_rate=16000).shape
    torch.Size([2, 64, 126])
    """
    waveform = checks.as_sound("waveform", waveform)
    matrix = mel_matrix(
        sample_rate=sample_rate,
        n_fft=n_fft,
        n_mels=n_mels,
        f_min=f_min,
        f_max=f_max,
    ).to(waveform)
    spectrum = stft(waveform, n_fft=n_fft, hop_length=hop_length)
    return matrix @ (spectrum.real.square() + spectrum.imag.square())


def log_mel(
    waveform: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    n_fft: int = 512,
    hop_length: int = 128,
    n_mels: int = 64,
    f_min: float = 0.0,
    f_max: float | None = None,
    offset: float = 1e-6,
) -> Float[Tensor, "*batch mel frame"]:
    r"""Level in mel bands in dB (def-speech-log-mel).

    .. math:: \ell(m, b) = 10 \log_{10} \bigl( E(m, b) + \epsilon \bigr)

    Args:
        waveform: :math:`x`.
        sample_rate: in Hz.
        n_fft: window length in samples.
        hop_length: in samples.
        n_mels: number of bands.
        f_min: as in :func:`mel_matrix`.
        f_max: as in :func:`mel_matrix`.
        offset: :math:`\epsilon > 0`, an energy per band: silence has
            the level :math:`10 \log_{10} \epsilon`.

    Raises:
        ValueError: the offset is not positive, or as
            :func:`mel_matrix`.

    >>> log_mel(torch.zeros(512), sample_rate=16000, n_mels=2)[:, 0]
    tensor([-60., -60.])
    """
    if not offset > 0:
        raise ValueError(
            f"offset must be positive, got {offset}: "
            "the logarithm of silence is minus infinity"
        )
    energy = mel_spectrogram(
        waveform,
        sample_rate=sample_rate,
        n_fft=n_fft,
        hop_length=hop_length,
        n_mels=n_mels,
        f_min=f_min,
        f_max=f_max,
    )
    return units.db(energy + offset)


def corners(
    n_mels: int, f_min: float, f_max: float
) -> Float[Tensor, "corner"]:
    """The n_mels + 2 corners of the triangles in Hz, evenly in mel."""
    ends = torch.tensor([f_min, f_max], dtype=torch.float64)
    low, high = hz_to_mel(ends).tolist()
    grid = torch.linspace(low, high, n_mels + 2, dtype=torch.float64)
    return mel_to_hz(grid)
