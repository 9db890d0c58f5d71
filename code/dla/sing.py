r"""A contour of pitch made audible: sung back, alone or over a sound.

Used in analysis/melody. What an ear notices at once, a leap of an
octave, a vibrato that was ironed out, a voice that sings through a
rest, is a few per cent of the frames in a score.
"""

import math
from collections.abc import Sequence
from numbers import Real

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, signals

Contour = Tensor | np.ndarray | Sequence[Real]
HARMONICS = (1.0, 0.5, 0.33, 0.25)  # amplitudes: a dull organ
FADE = 0.01  # s, at both ends of a voiced stretch


def sing(
    frequency: Contour,
    *,
    frame_rate: float,
    sample_rate: int,
    length: int | None = None,
    voiced: Contour | None = None,
    harmonics: Sequence[float] = HARMONICS,
) -> Float[Tensor, "time"]:
    r"""A harmonic tone that follows a contour; its phase is continuous.

    .. math::
        s(n) = \sum_h a_h \sin\bigl(h \varphi(n)\bigr), \qquad
        \varphi(n) = 2 \pi \sum_{k \le n} \frac{f(k)}{F_s}

    (def-melody-sung). Between the centres of two frames the frequency
    moves on a straight line in log-frequency; at more than three
    semitones, or beside an unvoiced frame, it stays until the middle
    between them, and leaps. Frame 0 is centred on sample 0.

    Args:
        frequency: Hz per frame, shape (frame,); 0 is silent.
        frame_rate: frames per second.
        sample_rate: :math:`F_s` in Hz.
        length: in samples; None takes all frames.
        voiced: 0 silences a frame, shape (frame,).
        harmonics: :math:`a_1, a_2, \dots`; what would lie above half
            the sampling rate is left out. ``(1.0,)`` is a sine.

    Returns:
        A tone with a peak of at most one half.

    Raises:
        ValueError: no frame, shapes that differ, NaN, a negative
            frequency, a rate that is not positive.

    >>> sing([100.0] * 50, frame_rate=50.0, sample_rate=8000).shape
    torch.Size([8000])
    """
    f = _contour("frequency", frequency)
    on = _contour(
        "voiced", np.ones(len(f)) if voiced is None else voiced
    )
    if f.shape != on.shape or not len(f):
        raise ValueError(
            f"frequency {f.shape} and voiced {on.shape}: expected one shape (frame,), one at least"
        )
    if frame_rate <= 0 or sample_rate <= 0:
        raise ValueError(
            f"{frame_rate} frames and {sample_rate} samples a second: expected positive rates"
        )
    if (f < 0).any():
        raise ValueError(
            f"a frequency of {f.min():g} Hz cannot be sung; expected Hz, and 0 for silence"
        )
    f = np.where(on > 0, f, 0.0)
    if length is None:
        length = round(len(f) * sample_rate / frame_rate)
    position = np.arange(length) * (frame_rate / sample_rate)
    heard = _between(f, position)
    phase = 2 * math.pi * np.cumsum(heard / sample_rate)
    tone = np.zeros(length)
    for h, amplitude in enumerate(harmonics, start=1):
        audible = h * heard < sample_rate / 2
        tone += amplitude * audible * np.sin(h * phase)
    tone *= _faded(heard > 0, round(FADE * sample_rate))
    return torch.from_numpy(
        0.5 * tone / max(float(np.abs(harmonics).sum()), 1e-9)
    ).float()


def with_song(
    waveform: Float[Tensor, "time"],
    frequency: Contour,
    *,
    frame_rate: float,
    sample_rate: int,
    voiced: Contour | None = None,
    level: float = 0.0,
) -> Float[Tensor, "time"]:
    """A sound with its contour sung over it, in time.

    Args:
        waveform: one channel, full scale 1.
        frequency, frame_rate, voiced: as in :func:`sing`.
        sample_rate: in Hz.
        level: of the song over the sound, both as RMS over the whole,
            in dB.

    Raises:
        ValueError: as :func:`sing`, or a waveform that is not finite,
            or has channels.

    >>> tone = 0.5 * signals.sine(220.0, seconds=1.0)
    >>> with_song(tone, [220.0] * 50, frame_rate=50.0, sample_rate=8000).shape
    torch.Size([8000])
    """
    checks.refuse_other_axes("waveform", waveform, "time")
    waveform = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=waveform)
    song = sing(
        frequency,
        frame_rate=frame_rate,
        sample_rate=sample_rate,
        length=len(waveform),
        voiced=voiced,
    )
    loud, sung = signals.rms(waveform), signals.rms(song)
    if loud > 0 and sung > 0:
        song = song * (loud / sung) * 10 ** (level / 20)
    heard = waveform + song
    return heard / max(1.0, float(heard.abs().max()))


def _contour(name: str, values: Contour) -> np.ndarray:
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(
            f"{name} has shape {x.shape}, expected (frame,)"
        )
    bad = int((~np.isfinite(x)).sum())
    if bad:
        raise ValueError(
            f"{bad} of {x.size} values of {name} are not finite; write 0 where there is no pitch"
        )
    return x


def _between(f: np.ndarray, position: np.ndarray) -> np.ndarray:
    """The frequency at fractional frames; 0 beyond the last frame's half."""
    left = np.floor(position).astype(int).clip(0, len(f) - 1)
    right = np.minimum(left + 1, len(f) - 1)
    part = position - left
    a, b = f[left], f[right]
    held = np.where(part < 0.5, a, b)
    both = (a > 0) & (b > 0)
    ratio = np.where(
        both, np.divide(b, a, where=both, out=np.ones_like(a)), 1.0
    )
    glides = both & (np.abs(np.log2(ratio)) <= 0.25)
    return np.where(glides, a * ratio ** part.clip(0, 1), held)


def _faded(on: np.ndarray, samples: int) -> np.ndarray:
    """One where it sounds, with straight ramps inside each stretch."""
    if samples < 1 or not len(on):
        return on.astype(float)
    edges = np.flatnonzero(np.diff(np.r_[False, on, False].astype(int)))
    gain = np.zeros(len(on))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        count = np.arange(end - start)
        ramp = np.minimum(count + 1, (end - start) - count)
        gain[start:end] = np.minimum(ramp / samples, 1.0)
    return gain
