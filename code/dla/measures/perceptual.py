"""Measures with some of the ear in them (overview/speech).

None of them minds the gain of the estimate. Those that subtract
waveforms give the target the gain that SI-SDR gives it
(:func:`matched`); those that never see the phase compare at equal
power, as a listener does whose clips are played at one level.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, units
from dla.losses.si_sdr import energy
from dla.signals import root
from dla.spectral.mel import mel_spectrogram

# Poles of the weighting in Hz (IEC 61672-1), and the gain that makes
# it 0 dB at 1 kHz.
A_POLES = (20.598997, 107.65265, 737.86223, 12194.217)
A_GAIN = 2.0  # dB


def a_weighting(
    frequency: Float[Tensor, "*shape"],
) -> Float[Tensor, "*shape"]:
    r"""A-weighting in dB: how much a tone counts (def-speech-a).

    .. math::
        \frac{f_4^2 f^4}{(f^2 + f_1^2) \sqrt{(f^2 + f_2^2)
        (f^2 + f_3^2)} (f^2 + f_4^2)}

    is its amplitude, before the gain that sets 1 kHz to 0 dB. It
    follows the ear's sensitivity to *quiet* tones.

    Args:
        frequency: in Hz, whole or not; 0 gives minus infinity.

    >>> a_weighting(torch.tensor([100.0, 1000.0, 4000.0]))
    tensor([-19.1,   0.0,   1.0])
    """
    wide = torch.promote_types(frequency.dtype, torch.float32)
    f2 = frequency.to(wide).square()  # of 16 bits it would not fit
    low, middle, upper, high = (pole**2 for pole in A_POLES)
    amplitude = high * f2.square()
    amplitude = amplitude / ((f2 + low) * (f2 + high))
    amplitude = amplitude / ((f2 + middle) * (f2 + upper)).sqrt()
    return units.db(amplitude.square()) + A_GAIN


def a_weighted(
    waveform: Float[Tensor, "*batch time"], *, sample_rate: int
) -> Float[Tensor, "*batch time"]:
    """The waveform with its spectrum multiplied by the A-weighting.

    Applied to the transform of the whole signal: no phase is turned,
    and the energy is exactly the weighted energy of the spectrum.

    Args:
        waveform: any signal.
        sample_rate: in Hz.

    >>> n = torch.arange(16000)
    >>> hum = torch.sin(2 * math.pi * 100.0 * n / 16000)
    >>> units.db(a_weighted(hum, sample_rate=16000).square().mean())
    tensor(-22.2)
    """
    waveform = checks.as_sound("waveform", waveform)
    length = waveform.shape[-1]
    frequency = torch.fft.rfftfreq(length, 1 / sample_rate).to(waveform)
    gain = units.power_ratio(a_weighting(frequency)).sqrt()
    return torch.fft.irfft(gain * torch.fft.rfft(waveform), length)


def matched(
    estimate: Float[Tensor, "*batch time"],
    target: Float[Tensor, "*batch time"],
) -> tuple[Float[Tensor, "*batch time"], Float[Tensor, "*batch time"]]:
    r"""Estimate and target, centred, the target with its best gain.

    Returns:
        :math:`\hat s` and :math:`\alpha^* s`; their difference is
        orthogonal to :math:`s`, and the ratio of the energies of
        :math:`\alpha^* s` and of the difference is SI-SDR.

    Raises:
        ValueError: the shapes differ, or one of them is silent: no
            gain makes it resemble anything.

    >>> matched(torch.tensor([3.0, -1.0]), torch.tensor([1.0, -1.0]))
    (tensor([ 2., -2.]), tensor([ 2., -2.]))
    """
    estimate, target = _centred(estimate, target)
    gain = (estimate * target).sum(-1, keepdim=True) / energy(target)
    return estimate, gain * target


def _centred(
    estimate: Float[Tensor, "*batch time"],
    target: Float[Tensor, "*batch time"],
) -> tuple[Float[Tensor, "*batch time"], Float[Tensor, "*batch time"]]:
    """Both without their means, if they can be compared.

    Raises:
        ValueError: shapes that differ, whole numbers, values that are
            not finite; or a signal that is silent or constant.
    """
    checks.refuse_different_shapes(estimate=estimate, target=target)
    signals = {"estimate": estimate, "target": target}
    signals = {n: checks.as_sound(n, x) for n, x in signals.items()}
    checks.refuse_non_finite(**signals)
    for name, x in signals.items():
        signals[name] = x - x.mean(dim=-1, keepdim=True)
    checks.refuse_silence(**signals)
    return signals["estimate"], signals["target"]


def segmental_snr(
    estimate: Float[Tensor, "*batch time"],
    target: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    weighted: bool = True,
    segment: float = 0.032,
    limits: tuple[float, float] = (-10.0, 35.0),
    active: float = -40.0,
) -> Float[Tensor, "*batch"]:
    r"""Mean over segments of the signal-to-noise ratio in dB.

    Target and residual are A-weighted and cut into segments without
    overlap; each segment has its own ratio, limited, and the ratios are
    averaged in dB (def-speech-segmental). High is good.

    Args:
        estimate: waveform :math:`\hat s`; its gain does not matter.
        target: reference :math:`s`, same shape.
        sample_rate: in Hz.
        weighted: A-weight both first.
        segment: length of a segment in s; a last, shorter one is left
            out.
        limits: lowest and highest ratio that a segment can have, in dB.
        active: a segment counts if the target's power in it is at
            least this level, in dB relative to the target's loudest segment.

    Raises:
        ValueError: as :func:`matched`, or less than one segment.

    >>> s = torch.tensor([1.0, -1.0, 1.0, -1.0])
    >>> noise = torch.tensor([0.1, 0.1, -0.1, -0.1])
    >>> segmental_snr(
    ...     s + noise, s, sample_rate=4, segment=0.5, weighted=False
    ... )
    tensor(20.00)
    """
    estimate, target = matched(estimate, target)
    residual = estimate - target
    if weighted:
        target = a_weighted(target, sample_rate=sample_rate)
        residual = a_weighted(residual, sample_rate=sample_rate)
    signal = segment_energy(target, segment, sample_rate)
    rest = segment_energy(residual, segment, sample_rate)
    ratio = units.db(signal / rest.clamp(min=1e-30)).clamp(*limits)
    loudest = signal.amax(-1, keepdim=True)
    counts = signal >= units.power_ratio(torch.tensor(active)) * loudest
    return (ratio * counts).sum(-1) / counts.sum(-1)


def segment_energy(
    waveform: Float[Tensor, "*batch time"],
    segment: float,
    sample_rate: int,
) -> Float[Tensor, "*batch segment"]:
    """Energy of each segment of so many seconds, without overlap.

    Raises:
        ValueError: the waveform is shorter than one segment.

    >>> segment_energy(torch.tensor([1.0, 1.0, 2.0, 0.0, 9.0]), 0.5, 4)
    tensor([2., 4.])
    """
    waveform = checks.as_sound("waveform", waveform)
    length = units.samples(segment, sample_rate)
    if not 0 < length <= waveform.shape[-1]:
        raise ValueError(
            f"segments of {length} samples ({segment} s) do not fit "
            f"into {waveform.shape[-1]} samples; is the segment in "
            "seconds?"
        )
    parts = waveform.unfold(-1, length, length)
    return parts.square().sum(-1)


def mel_powers(
    waveform: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    n_mels: int = 40,
) -> Float[Tensor, "*batch mel frame"]:
    """Powers of mel bands, in windows of 32 ms every 16 ms.

    Args:
        waveform: any signal.
        sample_rate: in Hz.
        n_mels: number of bands.

    >>> mel_powers(torch.zeros(2, 16000), sample_rate=16000).shape
    torch.Size([2, 40, 63])
    """
    n_fft = units.samples(0.032, sample_rate)
    return mel_spectrogram(
        waveform,
        sample_rate=sample_rate,
        n_fft=n_fft,
        hop_length=n_fft // 2,
        n_mels=n_mels,
    )


def log_mel_difference(
    estimate: Float[Tensor, "*batch time"],
    target: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    n_mels: int = 40,
    floor: float = -40.0,
) -> Float[Tensor, "*batch mel frame"]:
    """Level of the estimate minus that of the target, band by band.

    Both at the same power (not at the gain of :func:`matched`, which
    depends on phases).

    Args:
        estimate, target: waveforms, same shape.
        sample_rate: in Hz.
        n_mels: number of bands.
        floor: in dB relative to the target's mean band power; this
            power is added to both, so that what is quieter hardly
            counts.

    Raises:
        ValueError: the shapes differ, or one of them is silent.

    >>> s = torch.sin(torch.arange(16000.0))
    >>> log_mel_difference(-3 * s, s, sample_rate=16000).abs().max()
    tensor(0.)
    """
    estimate, target = _centred(estimate, target)
    gain = (energy(estimate) / energy(target)).sqrt()
    target = gain * target
    upper, lower = (
        mel_powers(x, sample_rate=sample_rate, n_mels=n_mels)
        for x in (estimate, target)
    )
    quiet = units.power_ratio(torch.tensor(floor)) * lower.mean(
        (-2, -1), keepdim=True
    )
    return units.db((upper + quiet) / (lower + quiet))


def log_mel_distance(
    estimate: Float[Tensor, "*batch time"],
    target: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    n_mels: int = 40,
    floor: float = -40.0,
) -> Float[Tensor, "*batch"]:
    r"""Distance of two log-mel spectrograms in dB, low is good.

    Root mean square over the bands of a frame, mean over the frames
    (def-speech-mel-distance). It never sees the phase.

    Args:
        estimate, target, sample_rate, n_mels, floor: as
            :func:`log_mel_difference`.

    >>> s = torch.sin(torch.arange(16000.0))
    >>> log_mel_distance(s, s, sample_rate=16000)
    tensor(0.)
    """
    difference = log_mel_difference(
        estimate,
        target,
        sample_rate=sample_rate,
        n_mels=n_mels,
        floor=floor,
    )
    return root(difference.square().mean(-2)).mean(-1)


def mel_cepstral_distance(
    estimate: Float[Tensor, "*batch time"],
    target: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    order: int = 12,
    n_mels: int = 40,
    floor: float = -40.0,
) -> Float[Tensor, "*batch"]:
    r"""Distance of smoothed log-mel spectra in dB, low is good.

    The part of :func:`log_mel_distance` that lies in the cosines
    :math:`1, \dots, K` over the bands (eq-speech-cepstrum): neither the
    level of a frame nor its fine structure counts.

    Args:
        estimate, target, sample_rate, n_mels, floor: as
            :func:`log_mel_difference`.
        order: highest cosine :math:`K`, at most ``n_mels - 1``.

    Raises:
        ValueError: the order is not between 1 and ``n_mels - 1``.

    >>> s = torch.sin(torch.arange(16000.0))
    >>> mel_cepstral_distance(s, s, sample_rate=16000)
    tensor(0.)
    """
    if not 1 <= order < n_mels:
        raise ValueError(
            f"order is between 1 and {n_mels - 1} for {n_mels} mel "
            f"bands, got {order}"
        )
    difference = log_mel_difference(
        estimate,
        target,
        sample_rate=sample_rate,
        n_mels=n_mels,
        floor=floor,
    )
    coefficients = cepstrum(difference)[..., 1 : order + 1, :]
    return root(coefficients.square().sum(-2) / 2).mean(-1)


def cepstrum(
    levels: Float[Tensor, "*batch mel frame"],
) -> Float[Tensor, "*batch mel frame"]:
    r"""Coefficients of a spectrum in cosines over its bands.

    .. math::
        L_b = c_0 + \sum_{k=1}^{B-1} c_k
        \cos \frac{\pi k (b + \tfrac12)}{B}

    (def-speech-cepstrum; a discrete cosine transform of type II up to
    the scaling of each coefficient).

    Args:
        levels: :math:`L_b` in dB.

    >>> cepstrum(torch.full((4, 1), 7.0))[:, 0].round(decimals=3) + 0.0
    tensor([7., 0., 0., 0.])
    """
    levels = checks.as_floats("levels", levels)
    count = levels.shape[-2]
    k = torch.arange(count, dtype=torch.float64)[:, None]
    band = torch.arange(count) + 0.5
    cosines = torch.cos(math.pi * k * band / count) * 2 / count
    cosines[0] /= 2
    return cosines.to(levels) @ levels
