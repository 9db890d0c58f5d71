"""Chroma: pitch with the octave divided out (overview/music).

Not librosa's chroma, because no gradient passes that.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.spectral.cqt import C1_HZ, cqt, hz_to_pitch

CLASSES = 12  # pitch classes, C = 0, C sharp = 1, ..., B = 11
NAMES = (
    "C",
    "C#",
    "D",
    "D#",
    "E",
    "F",
    "F#",
    "G",
    "G#",
    "A",
    "A#",
    "B",
)
SILENCE = 1e-8  # norm below which a frame has no direction


def fold(
    magnitude: Float[Tensor, "*batch bin frame"],
    *,
    f_min: float = C1_HZ,
    bins_per_octave: int = 12,
) -> Float[Tensor, "*batch 12 frame"]:
    r"""Sum the bins that are whole octaves apart (def-music-chroma).

    .. math:: c(m, q) = \sum_{k :\, q(k) = q} |X(m, k)|

    A bin belongs to the pitch class that it is nearest to; one half
    way between two goes to the upper. Row 0 is C.

    Args:
        magnitude: of a constant-Q transform, or its square, or its
            logarithm.
        f_min: centre of bin 0 in Hz; it must be a pitch of the
            tempered scale, to within a tenth of a semitone.
        bins_per_octave: of the transform, a multiple of twelve.

    Raises:
        ValueError: bins that cannot be shared out evenly; or bin 0 is
            between two pitches.

    >>> two_octaves = torch.arange(24.0)[:, None]
    >>> fold(two_octaves)[:3, 0]
    tensor([12., 14., 16.])
    """
    if bins_per_octave % CLASSES:
        raise ValueError(
            f"{bins_per_octave} bins per octave are not a multiple of "
            f"the {CLASSES} pitch classes"
        )
    lowest = hz_to_pitch(f_min).item()
    if abs(lowest - round(lowest)) > 0.1:
        raise ValueError(
            f"f_min = {f_min:.2f} Hz is pitch {lowest:.2f}, between "
            "two of the tempered scale; give the nominal frequency, "
            "as in dla.spectral.cqt.pitch_to_hz(24.0)"
        )
    magnitude = checks.as_floats("magnitude", magnitude)
    k = torch.arange(magnitude.shape[-2])
    semitones = (k * CLASSES / bins_per_octave + 0.5).floor().long()
    pitch_class = (round(lowest) + semitones) % CLASSES
    shape = (*magnitude.shape[:-2], CLASSES, magnitude.shape[-1])
    return magnitude.new_zeros(shape).index_add(
        -2, pitch_class.to(magnitude.device), magnitude
    )


def normalise(
    features: Float[Tensor, "*batch feature frame"],
    *,
    norm: float = 2.0,
) -> Float[Tensor, "*batch feature frame"]:
    r"""Each frame divided by its norm; silence becomes uniform.

    .. math:: c(m) / \| c(m) \|

    The uniform vector is the only one of norm one (and no negative
    entry) that every circular shift leaves alone, so that normalising
    still commutes with transposition (eq-music-normalise).

    Args:
        features: for example chroma; not negative.
        norm: 1, 2 or ``math.inf``, any p-norm.

    Raises:
        ValueError: features that are not finite: their norm would
            hide it.

    >>> normalise(torch.tensor([[3.0, 0.0], [4.0, 0.0]]))
    tensor([[0.6000, 0.7071],
            [0.8000, 0.7071]])
    """
    features = checks.as_floats("features", features)
    checks.refuse_non_finite(features=features)
    size = torch.linalg.vector_norm(
        features, ord=norm, dim=-2, keepdim=True
    )
    ones = torch.ones_like(features)
    flat = ones / torch.linalg.vector_norm(
        ones, ord=norm, dim=-2, keepdim=True
    )
    return torch.where(
        size > SILENCE, features / size.clamp_min(SILENCE), flat
    )


def chroma(
    waveform: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    hop_length: int = 512,
    bins_per_octave: int = 36,
    f_min: float = C1_HZ,
    octaves: int = 7,
    tuning: float = 440.0,
    norm: float | None = 2.0,
) -> Float[Tensor, "*batch 12 frame"]:
    """Chroma of a waveform: constant-Q transform, fold, normalise.

    Args:
        waveform: mono.
        sample_rate: in Hz.
        hop_length: in samples.
        bins_per_octave: a multiple of twelve; with 36, a tone that is
            up to half a semitone out of tune stays in its class.
        f_min: nominal centre of the lowest bin in Hz, at 440 Hz.
        octaves: how many, from ``f_min`` upwards.
        tuning: frequency of A4 in Hz that the bins are moved to.
        norm: see :func:`normalise`; None leaves the levels.

    Raises:
        ValueError: as :func:`dla.spectral.cqt.cqt` and :func:`fold`,
            or a waveform that is not finite.

    >>> from dla.signals import sine
    >>> tone = sine(440.0, seconds=1.0, sample_rate=8000)
    >>> c = chroma(tone, sample_rate=8000, octaves=6, hop_length=4000)
    >>> NAMES[c[:, 1].argmax()]
    'A'
    """
    checks.refuse_non_finite(waveform=waveform)
    spectrum = cqt(
        waveform,
        sample_rate=sample_rate,
        f_min=f_min * tuning / 440.0,
        n_bins=octaves * bins_per_octave,
        bins_per_octave=bins_per_octave,
        hop_length=hop_length,
    )
    result = fold(
        spectrum.abs(), f_min=f_min, bins_per_octave=bins_per_octave
    )
    return result if norm is None else normalise(result, norm=norm)
