"""Estimates that are wrong in different ways and equal in SI-SDR.

The six kinds of overview/speech/metric-and-ear: what a separator, a
channel or a room may do to a voice, each brought to a given SI-SDR.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, units
from dla.acoustics import reverb
from dla.losses.si_sdr import energy
from dla.spectral.stft import istft, stft

KINDS = (
    "white residual",
    "residual below 200 Hz",
    "other talker",
    "musical noise",
    "deleted band",
    "reverberation",
)
LOW = 200.0  # Hz, upper edge of the low residual
BAND_TOP = 1000.0  # Hz, upper edge of the deleted band
T60 = 0.5  # s, of the room
WINDOW, HOP = 512, 128  # samples, of the transform that is masked


def six_estimates(
    target: Float[Tensor, "voice time"],
    other: Float[Tensor, "voice time"],
    *,
    level: float,
    sample_rate: int,
    generator: torch.Generator,
) -> tuple[
    Float[Tensor, "kind voice time"], Float[Tensor, "kind voice"]
]:
    """One estimate of each of the KINDS, all with one SI-SDR.

    Args:
        target: voices, none silent.
        other: what another talker says meanwhile, for each voice.
        level: SI-SDR in dB of every estimate.
        sample_rate: in Hz.
        generator: source of noise, masks and room; it advances.

    Returns:
        The estimates, and the weight that :func:`towards` gave to each
        degraded signal.

    >>> g = torch.Generator().manual_seed(0)
    >>> voices = torch.randn(2, 8000, generator=g)
    >>> estimates, weights = six_estimates(
    ...     voices, voices.flip(0), level=5.0, sample_rate=8000,
    ...     generator=g,
    ... )
    >>> estimates.shape, weights.shape
    (torch.Size([6, 2, 8000]), torch.Size([6, 2]))
    """
    target = checks.as_sound("target", target)
    noise = torch.randn(target.shape, generator=generator).to(target)
    low = band(noise, top=LOW, sample_rate=sample_rate)
    wrong = float(units.power_ratio(torch.tensor(-level)))
    room = reverb.response(generator, t60=T60, sample_rate=sample_rate)
    degraded = torch.stack(
        [
            target + noise,
            target + low,
            target + other,
            random_mask(
                target,
                keep=1 / (1 + WINDOW / HOP * wrong),
                generator=generator,
            ),
            delete_band(
                target,
                share=wrong / (1 + wrong),
                top=BAND_TOP,
                sample_rate=sample_rate,
            ),
            reverb.reverberate(target, room),
        ]
    )
    return towards(degraded, target.expand_as(degraded), level=level)


def towards(
    degraded: Float[Tensor, "*batch time"],
    target: Float[Tensor, "*batch time"],
    *,
    level: float,
) -> tuple[Float[Tensor, "*batch time"], Float[Tensor, "*batch"]]:
    r"""Mix target and degraded signal to a given SI-SDR, exactly.

    .. math::
        \hat s = (1 - \lambda) s + \lambda d , \qquad
        \lambda = \frac{r}{q + r (1 - \alpha_d)}

    with :math:`r = 10^{-L/20}`, :math:`\alpha_d` the gain of the target
    in the degraded signal and :math:`q` the norm of the rest relative
    to the target (eq-speech-weight).

    Args:
        degraded: :math:`d`, wrong in any way: the target plus a
            residual, or what a system made of the target.
        target: :math:`s`, same shape.
        level: wanted SI-SDR :math:`L` in dB.

    Returns:
        The estimate, centred, and :math:`\lambda`: at most 1 if the
        degraded signal is as bad as wanted or worse; above 1 what is
        wrong with it is exaggerated.

    Raises:
        ValueError: a silent target, or no positive weight gives this
            level (a degraded signal that is the target but for its
            gain; one that has the target in it too loud).

    >>> s = torch.tensor([1.0, -1.0, 1.0, -1.0])
    >>> residual = torch.tensor([1.0, 1.0, -1.0, -1.0])
    >>> estimate, weight = towards(s + residual, s, level=20.0)
    >>> weight, estimate - s
    (tensor(0.1000), tensor([ 0.1000,  0.1000, -0.1000, -0.1000]))
    """
    degraded = checks.as_sound("degraded", degraded)
    target = checks.as_sound("target", target)
    checks.refuse_non_finite(degraded=degraded, target=target)
    degraded = degraded - degraded.mean(dim=-1, keepdim=True)
    target = target - target.mean(dim=-1, keepdim=True)
    checks.refuse_silence(target=target)
    gain = (degraded * target).sum(-1, keepdim=True) / energy(target)
    rest = energy(degraded - gain * target) / energy(target)
    wrong = 10 ** (-level / 20)  # in double precision
    below = rest.sqrt() + wrong * (1 - gain)
    if (below <= 1e-6 * wrong).any():
        raise ValueError(
            f"no weight above 0 gives {level} dB for "
            f"{int((below <= 1e-6 * wrong).sum())} of {below.numel()} "
            "signals; is the degraded signal just louder?"
        )
    weight = wrong / below
    return target + weight * (degraded - target), weight.squeeze(-1)


def random_mask(
    waveform: Float[Tensor, "*batch time"],
    *,
    keep: float,
    generator: torch.Generator,
    n_fft: int = WINDOW,
    hop_length: int = HOP,
) -> Float[Tensor, "*batch time"]:
    """Keep each bin of the transform with a probability, or drop it.

    What is left are short tones that come and go: musical noise.

    Args:
        waveform: any signal.
        keep: probability p, between 0 and 1.
        generator: source of the mask; it advances.
        n_fft, hop_length: of the transform, in samples.

    >>> x = torch.linspace(-1.0, 1.0, 1000)
    >>> g = torch.Generator().manual_seed(0)
    >>> same = random_mask(x, keep=1.0, generator=g)
    >>> torch.allclose(same, x, atol=1e-5)
    True
    """
    if not 0 <= keep <= 1:
        raise ValueError(f"keep is a probability, got {keep}")
    spectrum = stft(waveform, n_fft=n_fft, hop_length=hop_length)
    kept = torch.rand(spectrum.shape, generator=generator) < keep
    return istft(
        kept.to(waveform) * spectrum,
        length=waveform.shape[-1],
        n_fft=n_fft,
        hop_length=hop_length,
    )


def delete_band(
    waveform: Float[Tensor, "*batch time"],
    *,
    share: float,
    top: float,
    sample_rate: int,
) -> Float[Tensor, "*batch time"]:
    """Delete the band that ends at `top` and holds so much energy.

    Args:
        waveform: any signal.
        share: of the waveform's energy that is deleted, from 0 to 1.
        top: upper edge of the band in Hz; the lower edge depends on
            the waveform.
        sample_rate: in Hz.

    Raises:
        ValueError: a share out of range, or less energy below `top`.

    >>> n = torch.arange(8000)
    >>> low = torch.sin(2 * torch.pi * 100 * n / 8000)
    >>> high = torch.sin(2 * torch.pi * 500 * n / 8000)
    >>> left = delete_band(
    ...     low + 0.9 * high, share=0.5, top=1000.0, sample_rate=8000
    ... )
    >>> torch.allclose(left, low, atol=1e-3)
    True
    """
    waveform = checks.as_sound("waveform", waveform)
    length = waveform.shape[-1]
    spectrum = torch.fft.rfft(waveform)
    checks.refuse_non_finite(waveform=waveform)
    power = spectrum.abs().square()
    frequency = torch.fft.rfftfreq(length, 1 / sample_rate)
    below = power * (frequency <= top)
    if not (below.sum(-1) >= share * power.sum(-1)).all() or share < 0:
        raise ValueError(
            f"a share of {share} of the energy is not below {top} Hz"
        )
    above_it = below.flip(-1).cumsum(-1).flip(-1)
    inside = above_it <= share * power.sum(-1, keepdim=True)
    inside = inside & (frequency <= top)
    return torch.fft.irfft(spectrum * ~inside, length)


def band(
    waveform: Float[Tensor, "*batch time"],
    *,
    top: float,
    sample_rate: int,
) -> Float[Tensor, "*batch time"]:
    """What lies below a frequency, cut with a rectangle.

    Args:
        waveform: any signal.
        top: upper edge in Hz.
        sample_rate: in Hz.

    >>> n = torch.arange(8000)
    >>> low = torch.sin(2 * torch.pi * 100 * n / 8000)
    >>> high = torch.sin(2 * torch.pi * 500 * n / 8000)
    >>> left = band(low + high, top=200.0, sample_rate=8000)
    >>> torch.allclose(left, low, atol=1e-3)
    True
    """
    waveform = checks.as_sound("waveform", waveform)
    length = waveform.shape[-1]
    spectrum = torch.fft.rfft(waveform)
    frequency = torch.fft.rfftfreq(length, 1 / sample_rate)
    return torch.fft.irfft(spectrum * (frequency <= top), length)
