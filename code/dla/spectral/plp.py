"""Predominant local pulse (Grosche and Mueller, 2011).

Not librosa's plp, because the page shows each of its steps.

Explained in analysis/beat-tracking.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.spectral.stft import overlap_add
from dla.spectral.tempogram import fourier_tempogram, window

ROUNDING = 1e-6  # of the largest magnitude of a tempogram


def plp(
    novelty: Float[Tensor, "*batch frame"],
    *,
    frame_rate: float,
    bpm: Float[Tensor, "tempo"],
    seconds: float = 6.0,
) -> Float[Tensor, "*batch frame"]:
    r"""The pulse that fits a novelty best, frame by frame, added up.

    For each frame the tempo of largest magnitude and its phase make a
    windowed cosine (eq-beat-kernel); the kernels of all frames are
    added, and what is negative is set to zero (def-beat-plp):

    .. math::
        \Gamma(n) = \max\Bigl\{0,\; \sum_m w(n - m) \cos\bigl(
        2\pi f_m n / F_f + \arg C(m, V_m)\bigr)\Bigr\}

    A frame whose whole window is silent adds nothing, and none whose
    largest magnitude is rounding beside that of the whole novelty.

    Args:
        novelty: :math:`\Delta`.
        frame_rate: :math:`F_f` in frames per second.
        bpm: the tempi to choose from, in beats per minute; the finer,
            the less do neighbouring kernels disagree.
        seconds: length of the Hann window in s.

    Returns:
        The pulse curve :math:`\Gamma`; its maxima are the beats. It
        grows with the window's sum and with the agreement of the
        kernels, not with the novelty's level.

    Raises:
        ValueError: as :func:`dla.spectral.tempogram.fourier_tempogram`.

    >>> pulses = torch.zeros(300)
    >>> pulses[10::25] = 1.0
    >>> bpm = torch.arange(60.0, 200.0)
    >>> curve = plp(pulses, frame_rate=50.0, bpm=bpm)
    >>> curve[130:160].argmax() + 130
    tensor(135)
    """
    novelty = checks.as_floats("novelty", novelty)
    tempogram = fourier_tempogram(
        novelty, frame_rate=frame_rate, bpm=bpm, seconds=seconds
    )
    size, best = tempogram.abs().max(-2, keepdim=True)
    heard = size > ROUNDING * size.amax(-1, keepdim=True)
    peak = torch.sgn(tempogram.gather(-2, best)) * heard
    peak = peak[..., 0, :]
    w = window(seconds, frame_rate, novelty)
    half = len(w) // 2
    m = torch.arange(novelty.shape[-1])
    n = m[:, None] + torch.arange(len(w)) - half
    turns = bpm.to(w)[best[..., 0, :]] / (60 * frame_rate)
    angle = 2 * torch.pi * torch.frac(turns[..., None] * n)
    # cos(angle + arg) without the arc: zero where the peak is zero
    kernels = w * (
        peak.real[..., None] * torch.cos(angle)
        - peak.imag[..., None] * torch.sin(angle)
    )
    summed = overlap_add(kernels, 1)
    return summed[..., half : half + len(m)].clamp_min(0)
