"""Tempograms: how much of a novelty repeats at which tempo, and when.

Not librosa's tempogram, because the page shows each of its steps.

Explained in analysis/beat-tracking.
"""

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn.functional import pad

from dla import checks
from dla.spectral.stft import cut, hann


def fourier_tempogram(
    novelty: Float[Tensor, "*batch frame"],
    *,
    frame_rate: float,
    bpm: Float[Tensor, "tempo"],
    seconds: float = 6.0,
) -> Complex[Tensor, "*batch tempo frame"]:
    r"""Windowed Fourier transform of the novelty, tempo by tempo.

    .. math::
        C(m, V) = \sum_n \Delta(n)\, w(n - m)\,
        e^{-2\pi i f n / F_f}, \qquad f = V / 60\,\mathrm{s}

    (def-beat-tempogram). Phases refer to frame 0, not to the window.
    Frames beyond the ends count as zero.

    Args:
        novelty: :math:`\Delta`.
        frame_rate: :math:`F_f` in frames per second.
        bpm: tempi :math:`V` in beats per minute, any grid.
        seconds: length of the Hann window :math:`w` in s.

    Raises:
        ValueError: a tempo of more than one beat per two frames, which
            would alias, or none above zero; a window of no frames; a
            novelty that is not finite.

    >>> pulses = torch.zeros(500)
    >>> pulses[::25] = 1.0  # two a second at 50 frames per second
    >>> bpm = torch.tensor([90.0, 120.0, 150.0])
    >>> C = fourier_tempogram(pulses, frame_rate=50.0, bpm=bpm)
    >>> C[:, 250].abs()
    tensor([0.0000, 6.0000, 0.0000])
    """
    check_tempi(bpm, frame_rate)
    novelty = checks.as_sound("novelty", novelty)
    checks.refuse_non_finite(novelty=novelty)
    w = window(seconds, frame_rate, novelty)
    half = len(w) // 2
    frames = cut(pad(novelty, (half, half)), len(w), 1) * w
    frames = frames[..., : novelty.shape[-1], :]
    turns = bpm.to(w) / (60 * frame_rate)  # per frame
    j = torch.arange(len(w)).to(w) - half
    m = torch.arange(novelty.shape[-1]).to(w)
    inside = -2 * torch.pi * j[:, None] * turns  # around the centre
    parts = torch.complex(
        frames @ torch.cos(inside), frames @ torch.sin(inside)
    )
    phase = -2 * torch.pi * torch.frac(m[:, None] * turns)
    return (parts * torch.polar(torch.ones_like(phase), phase)).mT


def autocorrelation_tempogram(
    novelty: Float[Tensor, "*batch frame"],
    *,
    frame_rate: float,
    seconds: float = 6.0,
) -> Float[Tensor, "*batch lag frame"]:
    r"""Autocorrelation of the windowed novelty, lag by lag.

    .. math::
        A(m, \ell) = \sum_n \Delta(n) w(n - m)\,
        \Delta(n + \ell) w(n + \ell - m)

    (def-beat-autocorrelation). Lag :math:`\ell` frames is the tempo
    :math:`60 F_f / \ell`; :func:`lag_bpm` gives it.

    Args:
        novelty: :math:`\Delta`.
        frame_rate: :math:`F_f` in frames per second.
        seconds: length of the Hann window :math:`w` in s; as many lags
            as it has frames.

    Raises:
        ValueError: a window of no frames, or a novelty that is not
            finite.

    >>> pulses = torch.zeros(500)
    >>> pulses[::25] = 1.0
    >>> A = autocorrelation_tempogram(pulses, frame_rate=50.0)
    >>> A[[25, 50], 250] / A[0, 250]
    tensor([0.955, 0.832])
    """
    novelty = checks.as_sound("novelty", novelty)
    checks.refuse_non_finite(novelty=novelty)
    w = window(seconds, frame_rate, novelty)
    half = len(w) // 2
    frames = cut(pad(novelty, (half, half)), len(w), 1) * w
    frames = frames[..., : novelty.shape[-1], :]
    spectrum = torch.fft.rfft(frames, n=2 * len(w))
    power = spectrum.abs().square()
    return torch.fft.irfft(power, n=2 * len(w))[..., : len(w)].mT


def lag_bpm(
    lags: Float[Tensor, "lag"], *, frame_rate: float
) -> Float[Tensor, "lag"]:
    r"""Tempo in beats per minute whose interval is a lag.

    .. math:: V = 60 F_f / \ell

    Args:
        lags: :math:`\ell` in frames; lag 0 is an infinite tempo.
        frame_rate: :math:`F_f` in frames per second.

    >>> lag_bpm(torch.tensor([25.0, 50.0]), frame_rate=50.0)
    tensor([120.,  60.])
    """
    return 60 * frame_rate / lags


def window(
    seconds: float, frame_rate: float, like: Float[Tensor, "..."]
) -> Float[Tensor, "window"]:
    """Hann window of an even number of frames, its peak in the middle.

    Raises:
        ValueError: fewer than two frames.

    >>> window(0.08, 50.0, torch.zeros(1))
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    length = 2 * round(seconds * frame_rate / 2)
    if length < 2:
        raise ValueError(
            f"a window of {seconds} s has {length} frames at "
            f"{frame_rate} frames per second"
        )
    return hann(length, like)


def check_tempi(bpm: Float[Tensor, "tempo"], frame_rate: float) -> None:
    """Refuse tempi that alias or are none."""
    fastest = 30 * frame_rate
    if not ((bpm > 0) & (bpm <= fastest)).all():
        raise ValueError(
            f"tempi of {bpm.min():g} to {bpm.max():g} beats per minute; "
            f"{frame_rate:g} frames per second allow 0 to {fastest:g}: "
            "did you pass Hz, or seconds per beat?"
        )
