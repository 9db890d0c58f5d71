r"""Scores of many pitches in a frame, from YIN; and melodies that move.

YIN decides in each frame. A path through pitches needs to know what
the second best costs: here every pitch of a grid has a score. Used in
analysis/melody/paths.
"""

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, signals
from dla.sing import HARMONICS
from dla.spectral.yin import compared_frames, difference, normalise

OCTAVE_COST = 0.05  # of the normalised difference, per octave down


def yin_scores(
    waveform: Float[Tensor, "time"],
    grid: Float[Tensor, "pitch"],
    *,
    sample_rate: int,
    frame_length: int = 2048,
    hop_length: int = 512,
    octave_cost: float = OCTAVE_COST,
) -> Float[Tensor, "frame pitch"]:
    r"""Minus the normalised difference at the period of each pitch.

    .. math::
        s_n(f) = -d'_n(F_s / f) - c \log_2 \frac{f_{\max}}{f}

    (def-melody-score), :math:`d'` between two delays on a straight
    line. The second term is what "the first dip counts" is for YIN:
    of delays at which the sound repeats equally well the shortest wins.

    Args:
        waveform: one voice.
        grid: frequencies in Hz, ascending.
        sample_rate: :math:`F_s` in Hz.
        frame_length, hop_length: in samples; frame n tells of the time
            around sample n times the hop.
        octave_cost: :math:`c`.

    Raises:
        ValueError: a grid without pitches, or with one that is not
            between zero and half the sampling rate; a frame that does
            not hold the longest period; NaN.

    >>> from dla.signals import sine
    >>> tone, grid = sine(220.0, seconds=0.5), torch.tensor([110.0, 220.0, 440.0])
    >>> yin_scores(tone, grid, sample_rate=8000).argmax(-1)[3]
    tensor(1)
    """
    checks.refuse_other_axes("waveform", waveform, "time")
    x = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=x)
    inside = (grid > 0) & (grid <= sample_rate / 2)
    if not len(grid) or not inside.all():
        raise ValueError(
            f"grid of {len(grid)} pitches, {int((~inside).sum())} of them outside: expected "
            f"frequencies above 0 and up to half the sampling rate, {sample_rate / 2:g} Hz"
        )
    longest = math.ceil(sample_rate / float(grid.min())) + 1
    frames = compared_frames(
        x,
        frame_length=frame_length,
        hop_length=hop_length,
        shortest=sample_rate / float(grid.max()),
        longest=longest,
    )
    d = normalise(difference(frames, longest=longest))
    lag = (sample_rate / grid).to(d)
    left = lag.floor().long()
    part = lag - left
    value = d[:, left] * (1 - part) + d[:, left + 1] * part
    return -value - octave_cost * (lag / lag.min()).log2()


def yin_evidence(temperature: float, snr: float) -> tuple[float, float]:
    r"""How wide the scores of a tone of `sing` are, and where they point.

    .. math::
        s = \frac{1200}{2 \pi \ln 2} \sqrt{
        \frac{\kappa (1 + \sigma^2 / P)}{\overline{h^2}}} , \qquad
        \frac{1200}{4 \pi^2 \ln 2}
        \frac{\sigma^2}{(P + \sigma^2) \overline{h^2}}

    with :math:`\overline{h^2} = \sum_h p_h h^2` (analysis/melody/paths).

    Args:
        temperature: :math:`\kappa`, over which scores are divided.
        snr: :math:`P / \sigma^2` of white noise, in dB.

    Returns:
        Both in cents: the width of the parabola, and how far above the
        pitch the noise puts its vertex, without octave cost.

    >>> yin_evidence(0.02, 60.0)
    (23.3, 0.0)
    """
    noise = 10 ** (-snr / 10)
    powers = np.square(HARMONICS)
    square = np.average(
        np.arange(1, 1 + len(powers)) ** 2, weights=powers
    )
    unit = 1200 / (2 * math.pi * math.log(2))
    width = unit * math.sqrt(temperature * (1 + noise) / square)
    sharp = unit / (2 * math.pi) * noise / (1 + noise) / square
    return width, float(sharp)


def with_vibrato(
    frequency: np.ndarray,
    *,
    frame_rate: float,
    cents: float,
    rate: float = 6.0,
) -> np.ndarray:
    """A contour that swings by so many cents to both sides.

    Args:
        frequency: Hz per frame; 0 stays 0.
        frame_rate: frames per second.
        cents: the largest distance from the note.
        rate: of the vibrato, in Hz.

    >>> with_vibrato(np.full(3, 440.0), frame_rate=24.0, cents=1200.0)
    array([440., 880., 440.])
    """
    n = np.arange(len(frequency))
    swing = np.sin(2 * np.pi * rate * n / frame_rate)
    return frequency * 2 ** (cents * swing / 1200)


def yodelled(
    frequency: np.ndarray, *, frame_rate: float, seconds: float = 0.14
) -> np.ndarray:
    """A contour that leaps an octave up and back, each so many seconds.

    Raises:
        ValueError: a rate or duration that is not positive.

    >>> yodelled(np.full(4, 220.0), frame_rate=10.0, seconds=0.2)
    array([220., 220., 440., 440.])
    """
    if not (frame_rate > 0 and seconds > 0):
        raise ValueError(
            f"{frame_rate} frames a second, {seconds} s for each: expected positive numbers"
        )
    n = np.arange(len(frequency))
    up = (n // max(1, round(seconds * frame_rate))) % 2
    return frequency * 2.0**up


def in_noise(
    waveform: Float[Tensor, "time"],
    *,
    snr: float,
    generator: torch.Generator,
) -> Float[Tensor, "time"]:
    """White noise added, so many dB below the sound.

    Raises:
        ValueError: a ratio that is no number; silence, which has none;
            NaN.

    >>> x = torch.ones(100000)
    >>> noise = in_noise(x, snr=20.0, generator=torch.Generator().manual_seed(0)) - x
    >>> noise.square().mean()
    tensor(0.010)
    """
    checks.refuse_non_finite(waveform=waveform)
    loud = signals.rms(waveform)
    if math.isnan(snr) or not loud > 0:
        raise ValueError(
            f"{snr} dB of a sound of RMS {loud.item():g}: expected a number, and a sound that "
            "is not silent"
        )
    noise = torch.randn(waveform.shape, generator=generator)
    level = loud * 10 ** (-snr / 20)
    return waveform + level * noise
