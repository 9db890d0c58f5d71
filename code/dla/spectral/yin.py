r"""YIN: the fundamental frequency from a difference with a delayed copy.

Explained in analysis/melody. A periodic sound equals itself one period
later; YIN looks for the delay at which the difference is small, and
corrects what goes wrong with that: at short delays every sound
resembles itself, and delays are whole samples (de Cheveigné and
Kawahara, 2002). Not librosa.yin, because a reader should see the two
corrections, and because this one is differentiable up to the choice of
the delay and faster.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from dla import checks

THRESHOLD = 0.1  # of the normalised difference (de Cheveigné and Kawahara, 2002)
VOICED = (
    0.2  # aperiodicity below which a frame is voiced (analysis/melody)
)


class Pitch(NamedTuple):
    """The result of :func:`yin`, one value a frame."""

    frequency: Float[Tensor, "*batch frame"]  # Hz
    aperiodicity: Float[
        Tensor, "*batch frame"
    ]  # 0 periodic, about 1 noise


def difference(
    frames: Float[Tensor, "*batch frame time"], *, longest: int
) -> Float[Tensor, "*batch frame lag"]:
    r"""Squared difference of each frame with itself, delayed.

    .. math::
        d(\tau) = \sum_{n=0}^{W-1} \bigl(x(n) - x(n + \tau)\bigr)^2
        = \sum_{n=0}^{W-1} x(n)^2 + \sum_{n=\tau}^{W-1+\tau} x(n)^2 - 2 r(\tau)

    (eq-melody-difference), with :math:`W` so large that
    :math:`n + \tau` stays within the frame. The sum
    :math:`r(\tau) = \sum x(n) x(n + \tau)` is a correlation and comes
    from two Fourier transforms.

    Args:
        frames: :math:`x`, longer than `longest`.
        longest: largest delay :math:`\tau`, in samples.

    Returns:
        Delays from 0 to `longest`.

    Raises:
        ValueError: frames that leave no sample to compare.

    >>> difference(torch.tensor([[1.0, -1.0, 1.0, -1.0]]), longest=2)
    tensor([[0., 8., 0.]])
    """
    frames = checks.as_floats("frames", frames)
    length = frames.shape[-1]
    window = length - longest
    if longest < 1 or window < 1:
        raise ValueError(
            f"frames of {length} samples and delays up to {longest}: "
            "expected longer frames than the longest delay, and one delay at least"
        )
    size = 1 << (length - 1).bit_length()
    whole = torch.fft.rfft(frames, size)
    first = torch.fft.rfft(frames[..., :window], size)
    # delays up to `longest` do not wrap: length <= size
    r = torch.fft.irfft(whole * first.conj(), size)[..., : longest + 1]
    total = functional.pad(frames.double().square().cumsum(-1), (1, 0))
    energy = total[..., window:] - total[..., : longest + 1]
    return (
        (energy[..., :1] + energy - 2 * r.double())
        .clamp_min(0)
        .to(frames.dtype)
    )


def normalise(
    d: Float[Tensor, "*batch lag"],
) -> Float[Tensor, "*batch lag"]:
    r"""The first correction: over the mean of all shorter delays.

    .. math::
        d'(\tau) = \frac{d(\tau)}{\tfrac1\tau \sum_{k=1}^{\tau} d(k)}, \qquad d'(0) = 1

    (eq-melody-cumulative-mean). It begins at one, so that the delay
    zero, where every sound equals itself, is no candidate; and it does
    not depend on the level. One in silence.

    >>> normalise(torch.tensor([0.0, 8.0, 0.0, 8.0]))
    tensor([1.0000, 1.0000, 0.0000, 1.5000])
    """
    lag = torch.arange(1, d.shape[-1], dtype=d.dtype)
    mean = d[..., 1:].cumsum(-1) / lag
    ratio = torch.where(
        mean == 0, 1.0, d[..., 1:] / mean.clamp_min(1e-30)
    )
    return functional.pad(ratio, (1, 0), value=1.0)


def pick_lag(
    d: Float[Tensor, "*batch lag"], *, shortest: int, threshold: float
) -> Int[Tensor, "*batch"]:
    """The first dip below the threshold, or the deepest of all.

    A dip is a delay where the value is smaller than before and not
    larger than after. The first one counts, not the deepest: at twice
    the period the difference is as small.

    >>> pick_lag(torch.tensor([1.0, 0.9, 0.05, 0.5, 0.01, 0.6]), shortest=1, threshold=0.1)
    tensor(2)
    """
    inner = d[..., 1:-1]
    dip = (inner < d[..., :-2]) & (inner <= d[..., 2:])
    dip = functional.pad(dip, (1, 1))
    dip[..., :shortest] = False
    good = dip & (d < threshold)
    first = good.int().argmax(-1)  # of equal values the first
    deepest = d[..., shortest:].argmin(-1) + shortest
    return torch.where(good.any(-1), first, deepest)


def refine(
    d: Float[Tensor, "*batch lag"], lag: Int[Tensor, "*batch"]
) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch"]]:
    r"""The second correction: the vertex of a parabola through three values.

    .. math::
        \hat\tau = \tau + \frac{d(\tau - 1) - d(\tau + 1)}
        {2 \bigl(d(\tau - 1) - 2 d(\tau) + d(\tau + 1)\bigr)}

    (eq-melody-parabola). A value at an end, or one that is no dip, is
    left where it is.

    Returns:
        The delay in samples, and the value at the vertex.

    >>> parabola = (torch.arange(6.0) - 2.25) ** 2 + 0.5
    >>> refine(parabola, torch.tensor(2))
    (tensor(2.2500), tensor(0.5000))
    """
    middle = lag.clamp(1, d.shape[-1] - 2)

    def at(offset: int) -> Tensor:
        return d.gather(-1, (middle + offset)[..., None])[..., 0]

    left, value, right = at(-1), at(0), at(1)
    bend = left - 2 * value + right
    is_dip = (
        (bend > 0)
        & (value <= left)
        & (value <= right)
        & (middle == lag)
    )
    shift = torch.where(
        is_dip, (left - right) / (2 * bend.clamp_min(1e-30)), 0.0
    )
    ends = d.gather(-1, lag[..., None])[..., 0]
    vertex = torch.where(
        is_dip, value - (left - right) * shift / 4, ends
    )
    return lag + shift, vertex


def compared_frames(
    waveform: Float[Tensor, "*batch time"],
    *,
    frame_length: int,
    hop_length: int,
    shortest: float | int,
    longest: int,
) -> Float[Tensor, "*batch frame sample"]:
    r"""Frames whose *compared stretch* lies around sample mH.

    :func:`difference` looks at the first :math:`W` samples of a frame
    and as many :math:`\tau` later: at a stretch of :math:`W + \tau`,
    shorter than the frame for each delay but the longest. Cut around
    mH itself, a frame would tell of a time up to half a period of the
    lowest pitch too early. Here the stretch of the delay in the middle
    of the range (geometric mean) is centred; that of another delay
    :math:`\tau` is half their distance off.

    Args:
        waveform: padded with zeros at its ends.
        frame_length: in samples.
        hop_length: :math:`H` in samples.
        shortest, longest: delays that are asked for, in samples.

    >>> ramp = torch.arange(1000.0)
    >>> shape = {"frame_length": 300, "hop_length": 100}
    >>> frames = compared_frames(ramp, shortest=25, longest=100, **shape)
    >>> frames.shape  # W is 200; for a delay of 50, 250 samples about 500
    torch.Size([11, 300])
    >>> frames[5, 0], frames[5, 249]
    (tensor(375.), tensor(624.))
    """
    waveform = checks.as_sound("waveform", waveform)
    middle = math.sqrt(shortest * longest)
    before = round((frame_length - longest + middle) / 2)
    frames = functional.pad(waveform, (before, frame_length)).unfold(
        -1, frame_length, hop_length
    )
    return frames[..., : 1 + waveform.shape[-1] // hop_length, :]


def yin(
    waveform: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    f_min: float = 65.4,
    f_max: float = 2093.0,
    frame_length: int = 2048,
    hop_length: int = 512,
    threshold: float = THRESHOLD,
) -> Pitch:
    r"""Fundamental frequency of each frame, :math:`F_s / \hat\tau`.

    Frame m tells of the time around sample mH: what is compared for a
    delay in the middle of the range is centred there
    (:func:`compared_frames`). The ends are padded with zeros. The
    defaults are six octaves, C2 to C7.

    Args:
        waveform: one voice.
        sample_rate: :math:`F_s` in Hz.
        f_min, f_max: range in Hz; `f_min` decides the longest delay.
        frame_length: samples of a frame, more than one longest period.
        hop_length: :math:`H` in samples.
        threshold: of the normalised difference, for a dip that counts.

    Returns:
        The frequency, also where nothing is periodic: what to call
        voiced is decided by the aperiodicity, which is one in silence.

    Raises:
        ValueError: a range in the wrong order, above half the sampling
            rate, or of which no period fits into the frame; NaN or
            infinity.

    >>> from dla.signals import sine
    >>> tone = sine(220.0, seconds=0.5, sample_rate=8000)
    >>> yin(tone, sample_rate=8000, f_max=1000.0).frequency[4]
    tensor(220.05)
    """
    if not 0 < f_min < f_max <= sample_rate / 2:
        raise ValueError(
            f"range from {f_min:g} to {f_max:g} Hz at {sample_rate} Hz: expected ascending "
            "limits up to half the sampling rate"
        )
    if hop_length < 1:
        raise ValueError(f"a hop of {hop_length} samples does not move")
    longest = (
        math.ceil(sample_rate / f_min) + 1
    )  # one more, for the parabola
    shortest = max(1, math.floor(sample_rate / f_max))
    if frame_length <= longest:
        raise ValueError(
            f"a frame of {frame_length} samples does not hold a period of {f_min:g} Hz and "
            f"something to compare it with; expected more than {longest} samples"
        )
    x = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=x)
    frames = compared_frames(
        x,
        frame_length=frame_length,
        hop_length=hop_length,
        shortest=shortest,
        longest=longest,
    )
    normalised = normalise(difference(frames, longest=longest))
    lag = pick_lag(normalised, shortest=shortest, threshold=threshold)
    period, aperiodicity = refine(normalised, lag)
    return Pitch(sample_rate / period, aperiodicity.clamp(0, 1))
