"""Beats made audible: clicks alone, and clicks over a sound.

Used in analysis/beat-tracking.
"""

import math
from collections.abc import Sequence
from numbers import Real

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, signals, units

Times = Tensor | np.ndarray | Sequence[Real]
BEAT, DOWNBEAT = 1000.0, 1600.0  # Hz, of the clicks
LASTING = 0.06  # s, of a click
DECAY = 0.012  # s, to 1/e of the amplitude
SAME = 0.02  # s: a beat so near a downbeat is that downbeat


def clicks(
    times: Times,
    *,
    seconds: float,
    sample_rate: int,
    downbeats: Times = (),
) -> Float[Tensor, "time"]:
    r"""Decaying tones of peak one at given times, silence between.

    .. math::
        c(t) = \sin(2 \pi f t)\, e^{-t / \theta}, \qquad t \ge 0

    Times outside the sound are left out: the beats of a whole piece
    may be given with an excerpt of it.

    Args:
        times: of the beats in s, any order; one listed twice is
            clicked once.
        seconds: duration in s.
        sample_rate: in Hz.
        downbeats: times in s that get a higher click; a beat within
            20 ms of one is not clicked again.

    Raises:
        ValueError: a time that is not finite, or all of them outside
            the sound (frame numbers instead of seconds?).

    >>> clicks([0.5], seconds=1.0, sample_rate=8000)[3999:4002]
    tensor([0.0000, 0.0000, 0.7145])
    """
    beats, high = _times(times), _times(downbeats)
    if len(high):
        distance = np.abs(beats[:, None] - high).min(1)
        beats = beats[distance > SAME]
    every = np.concatenate([beats, high])
    inside = (every >= 0) & (every < seconds)
    if len(every) and not inside.any():
        raise ValueError(
            f"all {len(every)} times, {every.min():g} to "
            f"{every.max():g}, lie outside 0 to {seconds:g} s; are "
            "they frames? subtract the start of the excerpt?"
        )
    length = units.samples(seconds, sample_rate)
    tail = units.samples(LASTING, sample_rate)
    out = torch.zeros(length + tail)
    for where, frequency in ((beats, BEAT), (high, DOWNBEAT)):
        tone = signals.sine(
            frequency, seconds=LASTING, sample_rate=sample_rate
        )
        fade = torch.arange(tail) / (sample_rate * DECAY)
        tone = tone * torch.exp(-fade)
        tone = tone / tone.abs().max()
        for time in where[(where >= 0) & (where < seconds)]:
            start = round(float(time) * sample_rate)
            out[start : start + tail] += tone
    return out[:length]


def with_clicks(
    waveform: Float[Tensor, "time"],
    times: Times,
    *,
    sample_rate: int,
    downbeats: Times = (),
    level: float = 9.0,
) -> Float[Tensor, "time"]:
    """A sound with a click at each beat, a higher one at downbeats.

    The peak of a click is `level` above the sound's RMS, whatever the
    sound's own level; if the sum would exceed full scale, the whole is
    lowered, so that it never clips.

    Args:
        waveform: one channel, full scale 1.
        times, downbeats: in s, as in :func:`clicks`.
        sample_rate: in Hz.
        level: of the clicks' peak over the RMS of the sound, in dB;
            over silence the peak is one half.

    Raises:
        ValueError: as :func:`clicks`, or a waveform that is not
            finite or has channels.

    >>> tone = 0.9 * signals.sine(440.0, seconds=1.0)
    >>> heard = with_clicks(tone, [0.25, 0.75], sample_rate=8000)
    >>> heard.shape, bool(heard.abs().max() <= 1)
    (torch.Size([8000]), True)
    """
    checks.refuse_other_axes("waveform", waveform, "time")
    waveform = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=waveform)
    tones = clicks(
        times,
        seconds=len(waveform) / sample_rate,
        sample_rate=sample_rate,
        downbeats=downbeats,
    )
    loudness = float(signals.rms(waveform))
    peak = loudness * 10 ** (level / 20) if loudness else 0.5
    heard = waveform + peak * tones
    return heard / max(1.0, float(heard.abs().max()))


def _times(times: Times) -> np.ndarray:
    """Times as float64, finite, each once."""
    if hasattr(times, "detach"):
        times = times.detach().cpu()
    times = np.asarray(times, dtype=np.float64).reshape(-1)
    if not np.isfinite(times).all():
        bad = sum(not math.isfinite(t) for t in times)
        raise ValueError(f"{bad} of {len(times)} times are not finite")
    return np.unique(times)
