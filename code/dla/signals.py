"""Signals made and combined: tones, noise, levels, mixtures, rates."""

import math

import torch
from jaxtyping import Float
from scipy.signal import resample_poly
from torch import Tensor

from dla import checks, units

SAMPLE_RATE = 8000  # Hz, telephone band; the rate of the second voices


def sine(
    frequency: float,
    *,
    seconds: float,
    sample_rate: int = SAMPLE_RATE,
    phase: float = 0.0,
) -> Float[Tensor, "time"]:
    r"""Sinusoid of amplitude one, power one half.

    .. math:: x(n) = \sin(2 \pi f n / F_s + \varphi)

    Args:
        frequency: :math:`f` in Hz, below half the sampling rate.
        seconds: duration in s.
        sample_rate: :math:`F_s` in Hz.
        phase: :math:`\varphi` in radians.

    Raises:
        ValueError: the frequency would alias.

    >>> sine(1000.0, seconds=0.0005)
    tensor([0.000, 0.707, 1.000, 0.707])
    """
    if abs(frequency) > sample_rate / 2:
        raise ValueError(
            f"{frequency} Hz is above half the sampling rate of "
            f"{sample_rate} Hz; it would sound as another tone"
        )
    n = torch.arange(units.samples(seconds, sample_rate))
    angle = 2 * math.pi * frequency * n.double() / sample_rate + phase
    return torch.sin(angle).float()


def noise(
    generator: torch.Generator,
    *,
    seconds: float,
    sample_rate: int = SAMPLE_RATE,
) -> Float[Tensor, "time"]:
    """White Gaussian noise of power one.

    Args:
        generator: source of the randomness; it advances.
        seconds: duration in s.
        sample_rate: in Hz.

    >>> noise(torch.Generator().manual_seed(0), seconds=0.01).shape
    torch.Size([80])
    """
    count = units.samples(seconds, sample_rate)
    return torch.randn(count, generator=generator)


def power(x: Float[Tensor, "*batch time"]) -> Float[Tensor, "*batch"]:
    r"""Mean square over time.

    .. math:: P = \frac{1}{N} \sum_n x(n)^2

    >>> power(torch.tensor([3.0, -3.0, 3.0, -3.0]))
    tensor(9.)
    """
    return checks.as_sound("x", x).square().mean(-1)


def rms(x: Float[Tensor, "*batch time"]) -> Float[Tensor, "*batch"]:
    r"""Root mean square over time, in the unit of the signal.

    >>> rms(torch.tensor([3.0, -3.0, 3.0, -3.0]))
    tensor(3.)
    """
    return root(power(x))


def root(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Square root whose slope at zero is zero, not infinite.

    The distance of a thing to itself then has a gradient.

    >>> x = torch.tensor([0.0, 4.0], requires_grad=True)
    >>> root(x).sum().backward()
    >>> x.grad
    tensor([0.0000, 0.2500])
    """
    zero = x == 0
    return torch.where(zero, 1, x).sqrt().masked_fill(zero, 0)


def at_level(
    waveform: Float[Tensor, "*batch time"],
    level: Float[Tensor, "*batch"],
) -> Float[Tensor, "*batch time"]:
    """Scale to a given power.

    Args:
        waveform: not silent.
        level: wanted power in dB relative to power one.

    Raises:
        ValueError: a waveform is silent, or below -140 dB: no gain
            gives it a level, or one that makes rounding heard. (The
            check reads the data: not under ``torch.vmap``.)

    >>> tone = sine(1000.0, seconds=1.0)
    >>> units.db(power(at_level(tone, torch.tensor(-20.0))))
    tensor(-20.00)
    """
    waveform = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=waveform, level=level)
    checks.refuse_silence(waveform=waveform)
    present = power(waveform)
    gain = (units.power_ratio(level) / present).sqrt()
    return gain[..., None] * waveform


def mix(
    sources: Float[Tensor, "*batch source time"],
    *,
    levels: Float[Tensor, "*batch source"],
) -> tuple[
    Float[Tensor, "*batch time"], Float[Tensor, "*batch source time"]
]:
    r"""Sum of sources brought to given levels (def-pit-mixture).

    Args:
        sources: waveforms, none silent.
        levels: power of each in the mixture, in dB relative to one.

    Returns:
        The mixture, and the sources as they are in it: their sum is
        the mixture.

    Raises:
        ValueError: a source is silent.

    >>> low, high = sine(220.0, seconds=1.0), sine(330.0, seconds=1.0)
    >>> tones = torch.stack([low, high])
    >>> mixture, parts = mix(tones, levels=torch.tensor([0.0, -3.0]))
    >>> units.db(power(parts))
    tensor([ 0.00, -3.00])
    """
    parts = at_level(sources, levels)
    return parts.sum(dim=-2), parts


def resample(
    waveform: Float[Tensor, "*batch time"],
    from_rate: int,
    to_rate: int,
) -> Float[Tensor, "*batch time_at_new_rate"]:
    """Change the sampling rate by a polyphase filter (scipy).

    Args:
        waveform: sampled at ``from_rate``.
        from_rate: in Hz, whole.
        to_rate: in Hz, whole; what lies above half of it is removed.

    Returns:
        The waveform, outside the graph: no gradient flows through it.

    >>> resample(sine(440.0, seconds=1.0), 8000, 16000).shape
    torch.Size([16000])
    """
    waveform = checks.as_sound("waveform", waveform)
    shared = math.gcd(from_rate, to_rate)
    result = resample_poly(
        waveform.detach().cpu().numpy(),
        to_rate // shared,
        from_rate // shared,
        axis=-1,
    )
    return torch.as_tensor(result, dtype=waveform.dtype)
