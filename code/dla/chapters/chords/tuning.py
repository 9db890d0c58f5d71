r"""How far a recording is from 440 Hz, and its spectrum put right.

Explained in analysis/chords/keys.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dla import cache, checks
from dla.chapters.chords.corpus import (
    BINS,
    HOP,
    LOWEST,
    OCTAVES,
    SAMPLE_RATE,
    Excerpt,
)
from dla.spectral.chroma import CLASSES
from dla.spectral.cqt import cqt, pitch_to_hz

SHARE = BINS // CLASSES  # bins a semitone: 3


def estimated_cents(spectrum: Float[Tensor, "bin frame"]) -> float:
    r"""Deviation from the tempered scale at 440 Hz, -50 to 50 cents.

    Power is summed over the bins that lie alike within their semitone,
    :math:`P_j` with :math:`j = 0, 1, 2`. Over the position that is one
    period of a periodic function; the phase of its first harmonic is
    the deviation (eq-chords-net-cents):

    .. math:: \hat c = \frac{100}{2\pi}
        \arg \sum_j P_j\, e^{2\pi i j / 3}

    Args:
        spectrum: magnitudes, three bins a semitone, the first at the
            centre of one.

    Raises:
        ValueError: bins that are no whole semitones; or not finite.

    >>> spectrum = torch.zeros(216, 2)
    >>> spectrum[3 * 20] = spectrum[3 * 20 + 1] = 1.0
    >>> round(estimated_cents(spectrum), 1)
    16.7
    """
    if spectrum.ndim != 2 or len(spectrum) % SHARE:
        raise ValueError(
            f"spectrum {tuple(spectrum.shape)}: expected (bin, frame), "
            f"{SHARE} bins a semitone"
        )
    spectrum = checks.as_floats("spectrum", spectrum)
    checks.refuse_non_finite(spectrum=spectrum)
    power = spectrum.square().sum(-1).unflatten(0, (-1, SHARE)).sum(0)
    angle = 2 * math.pi * torch.arange(SHARE) / SHARE
    phase = torch.atan2(
        (power * angle.sin()).sum(), (power * angle.cos()).sum()
    )
    return float(phase) * 100 / (2 * math.pi)


def retuned_spectrum(
    excerpt: Excerpt, cents: float
) -> Float[Tensor, "bin frame"]:
    """Its spectrum with all bins moved up; kept on disk.

    Args:
        excerpt: a recording.
        cents: how far; of an estimate, so that its tones lie at the
            centres again.
    """
    key = cache.key(
        "chords retuned 1",
        repr((round(cents, 3), LOWEST, OCTAVES, BINS, HOP)),
        excerpt.waveform.numpy().tobytes(),
    )
    shape = OCTAVES * BINS, 1 + len(excerpt.waveform) // HOP
    if kept := cache.read(key):
        values = torch.frombuffer(bytearray(kept), dtype=torch.float16)
        return values.reshape(shape).float()
    values = cqt(
        excerpt.waveform,
        sample_rate=SAMPLE_RATE,
        f_min=float(pitch_to_hz(LOWEST + cents / 100)),
        n_bins=shape[0],
        bins_per_octave=BINS,
        hop_length=HOP,
    ).abs()
    values = values.to(torch.float16)
    cache.write(key, values.numpy().tobytes())
    return values.float()
