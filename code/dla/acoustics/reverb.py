"""Reverberation without a room: decaying noise (overview/speech)."""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, units


def response(
    generator: torch.Generator,
    *,
    t60: float,
    sample_rate: int,
    tail_energy: float = 1.0,
    seconds: float | None = None,
) -> Float[Tensor, "tap"]:
    r"""Impulse response: a direct sound and a tail of decaying noise.

    The direct sound is one at sample 0. From sample 1 on follows white
    Gaussian noise under an envelope that loses 60 dB of energy in
    :math:`T_{60}` (def-speech-reverb); late reverberation of a real
    room resembles it, its early reflections do not.

    .. math::
        h(n) = \delta(n) + c\, u(n)\, 10^{-3n / (T_{60} F_s)}

    Args:
        generator: source of the noise; it advances.
        t60: reverberation time :math:`T_{60}` in s.
        sample_rate: :math:`F_s` in Hz.
        tail_energy: energy of the tail relative to the direct sound.
            It sets :math:`c`: this draw has that energy exactly.
        seconds: length of the response; one :math:`T_{60}` by default,
            after which the tail is 60 dB down.

    Raises:
        ValueError: a time that is not positive, a negative energy, or
            a response without room for a tail.

    >>> h = response(
    ...     torch.Generator().manual_seed(0), t60=0.3, sample_rate=16000
    ... )
    >>> h[0], h[1:].square().sum(), len(h)
    (tensor(1.), tensor(1.000), 4800)
    """
    if t60 <= 0:
        raise ValueError(
            f"t60 is a time in seconds above 0, got {t60}; "
            "for no reverberation set tail_energy=0"
        )
    if tail_energy < 0:
        raise ValueError(
            f"tail_energy is a ratio of energies, got {tail_energy}; "
            "a level in decibels goes through units.power_ratio first"
        )
    taps = units.samples(
        t60 if seconds is None else seconds, sample_rate
    )
    if taps < 2:
        raise ValueError(
            f"a response of {taps} samples has no room for a tail"
        )
    n = torch.arange(1, taps)
    tail = torch.randn(taps - 1, generator=generator)
    tail = tail * 10 ** (-3 * n / (t60 * sample_rate))
    tail = tail * (tail_energy / tail.square().sum()).sqrt()
    return torch.cat([torch.ones(1), tail])


def reverberate(
    waveform: Float[Tensor, "*batch time"],
    response: Float[Tensor, "tap"],
) -> Float[Tensor, "*batch time"]:
    r"""Convolve with a response, by FFT; what rings on is cut off.

    .. math:: y(n) = \sum_l h(l)\, x(n - l)

    Args:
        waveform: :math:`x`.
        response: :math:`h`, aligned so that sample 0 is the direct
            sound; the result then is not late.

    >>> echo = torch.tensor([1.0, 0.0, 0.5])
    >>> reverberate(torch.tensor([1.0, 0.0, 0.0, 2.0]), echo)
    tensor([1.000, 0.000, 0.500, 2.000])
    """
    waveform = checks.as_sound("waveform", waveform)
    response = checks.as_sound("response", response)
    length = waveform.shape[-1]
    padded = length + response.shape[-1] - 1
    spectrum = torch.fft.rfft(waveform, padded)
    spectrum = spectrum * torch.fft.rfft(response.to(waveform), padded)
    return torch.fft.irfft(spectrum, padded)[..., :length]


def energy_decay(
    response: Float[Tensor, "tap"],
) -> Float[Tensor, "tap"]:
    r"""Energy still to come, in dB relative to all of it.

    Schroeder's backward integration, :math:`10 \log_{10}
    (\sum_{l \ge n} h(l)^2 / \sum_l h(l)^2)`: a line for an exponential
    decay, smooth where the response itself is noise.

    Raises:
        ValueError: a silent response has no decay.

    >>> energy_decay(torch.tensor([1.0, 1.0, 1.0, 1.0]))
    tensor([ 0.00, -1.25, -3.01, -6.02])
    """
    response = checks.as_sound("response", response)
    checks.refuse_non_finite(response=response)
    checks.refuse_silence(response=response)
    left = response.square().flip(-1).cumsum(-1).flip(-1)
    return units.db(left / left[..., :1])
