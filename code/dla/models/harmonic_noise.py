r"""A synthesiser with a gradient: harmonics of one pitch, and filtered noise.

Explained in synthesis/adversarial-diffusion-differentiable/source-filter.
The synthesiser of Engel et al. (2020), which has nothing to learn: what
it is told - a pitch, amplitudes, magnitudes of a filter - comes from a
network.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from dla import checks
from dla.spectral.stft import overlap_add


def harmonic_plus_noise(
    frequency: Float[Tensor, "*batch frame"],
    amplitude: Float[Tensor, "*batch harmonic frame"],
    noise: Float[Tensor, "*batch time"],
    magnitude: Float[Tensor, "*batch freq frame"],
    *,
    sample_rate: int,
    hop_length: int,
) -> Float[Tensor, "*batch time"]:
    """Sum of :func:`harmonics` and :func:`filtered_noise`.

    Args:
        frequency: as in :func:`harmonics`.
        amplitude: as in :func:`harmonics`.
        noise: as in :func:`filtered_noise`; one hop for each frame.
        magnitude: as in :func:`filtered_noise`.
        sample_rate: in Hz.
        hop_length: in samples.

    Raises:
        ValueError: as the two.

    >>> harmonic_plus_noise(
    ...     torch.full((10,), 200.0), torch.ones(3, 10), torch.randn(1280),
    ...     torch.ones(65, 10), sample_rate=16000, hop_length=128).shape
    torch.Size([1280])
    """
    voiced = harmonics(
        frequency,
        amplitude,
        sample_rate=sample_rate,
        hop_length=hop_length,
    )
    return voiced + filtered_noise(
        noise, magnitude, hop_length=hop_length
    )


def harmonics(
    frequency: Float[Tensor, "*batch frame"],
    amplitude: Float[Tensor, "*batch harmonic frame"],
    *,
    sample_rate: int,
    hop_length: int,
) -> Float[Tensor, "*batch time"]:
    r"""Sines at the multiples of one pitch (eq-source-phase).

    .. math::
        x(n) = \sum_{h \ge 1} A_h(n) \sin \Bigl( 2 \pi h
        \sum_{i=1}^{n} \frac{f_0(i)}{F_s} \Bigr)

    Pitch and amplitudes hold at the first samples of the frames and are
    straight lines between them (:func:`between_frames`). The phase is
    summed in double precision and counted modulo one turn, so that
    its error does not grow with time.

    Args:
        frequency: :math:`f_0` in Hz, of each frame.
        amplitude: :math:`A_h`, of harmonics 1, 2, ...; those that
            would alias are left out (:func:`below_nyquist`).
        sample_rate: :math:`F_s` in Hz.
        hop_length: samples from one frame to the next.

    Returns:
        ``hop_length`` samples for each frame.

    Raises:
        ValueError: pitch and amplitudes have different frames.

    >>> x = harmonics(torch.full((2,), 1000.0), torch.ones(1, 2),
    ...               sample_rate=8000, hop_length=4)
    >>> x
    tensor([ 0.0000,  0.7071,  1.0000,  0.7071,  0.0000, -0.7071, -1.0000, -0.7071])
    """
    f, A = (
        checks.as_floats(name, x)
        for name, x in (
            ("frequency", frequency),
            ("amplitude", amplitude),
        )
    )
    if A.shape[-1] != f.shape[-1]:
        raise ValueError(
            f"frequency {tuple(f.shape)} and amplitude "
            f"{tuple(A.shape)} differ in their number of frames"
        )
    A = A * below_nyquist(f, A.shape[-2], sample_rate=sample_rate)
    turns = between_frames(f.double(), hop_length) / sample_rate
    turns = (turns.cumsum(-1) - turns[..., :1]).remainder(1)
    angle = (2 * math.pi * turns).to(A).unflatten(-1, (-1, hop_length))
    number = torch.arange(1, A.shape[-2] + 1, dtype=A.dtype)
    sines = torch.sin(number[:, None] * angle[..., None, :])
    # A line between two frames, of each harmonic: two products by frame.
    share = torch.arange(hop_length, dtype=A.dtype) / hop_length
    after = torch.cat([A[..., 1:], A[..., -1:]], dim=-1)
    this, following = (
        (row.mT[..., None, :] @ sines)[..., 0, :] for row in (A, after)
    )
    return torch.lerp(this, following, share).flatten(-2)


def below_nyquist(
    frequency: Float[Tensor, "*batch frame"],
    count: int,
    *,
    sample_rate: int,
) -> Float[Tensor, "*batch harmonic frame"]:
    r"""One for harmonics that may sound, zero for those that alias.

    Harmonic h may sound at frame m if :math:`h f_0 < F_s / 2` there
    and at both frames beside it: then it does so at all samples to
    which the amplitude of frame m contributes (def-source-mask).

    Args:
        frequency: :math:`f_0` in Hz.
        count: of harmonics.
        sample_rate: :math:`F_s` in Hz.

    >>> below_nyquist(torch.tensor([900.0, 900.0, 1500.0]), 4,
    ...               sample_rate=8000)
    tensor([[1., 1., 1.],
            [1., 1., 1.],
            [1., 0., 0.],
            [1., 0., 0.]])
    """
    f = frequency.detach()
    before = torch.cat([f[..., :1], f[..., :-1]], dim=-1)
    after = torch.cat([f[..., 1:], f[..., -1:]], dim=-1)
    highest = torch.maximum(f, torch.maximum(before, after))
    number = torch.arange(1, count + 1, dtype=f.dtype)[:, None]
    return (number * highest[..., None, :] < sample_rate / 2).to(f)


def between_frames(
    value: Float[Tensor, "*batch frame"], hop_length: int
) -> Float[Tensor, "*batch time"]:
    """Straight lines from frame to frame; the last one is held.

    >>> between_frames(torch.tensor([0.0, 4.0]), 4)
    tensor([0., 1., 2., 3., 4., 4., 4., 4.])
    """
    after = torch.cat([value[..., 1:], value[..., -1:]], dim=-1)
    share = torch.arange(hop_length, dtype=value.dtype) / hop_length
    rows = value[..., None] + (after - value)[..., None] * share
    return rows.flatten(-2)


def filtered_noise(
    noise: Float[Tensor, "*batch time"],
    magnitude: Float[Tensor, "*batch freq frame"],
    *,
    hop_length: int,
) -> Float[Tensor, "*batch time"]:
    r"""Noise through a filter that changes from frame to frame.

    The noise is cut into stretches of one hop, each around the sample
    at which the magnitudes hold; each is convolved with the filter of its frame
    (:func:`frequency_sampled`), and what comes out is added
    (sec-source-noise). The convolution is linear: transforms are
    taken over as many samples as it has.

    Args:
        noise: white, one hop for each frame.
        magnitude: of the filter, at frequencies from zero to half the
            sampling rate in equal steps.
        hop_length: in samples.

    Raises:
        ValueError: the noise is not one hop for each frame.

    >>> x = torch.randn(1280)
    >>> torch.allclose(filtered_noise(x, torch.ones(65, 10), hop_length=128),
    ...                x, atol=1e-5)
    True
    """
    x = checks.as_sound("noise", noise)
    response = frequency_sampled(magnitude)
    frames, taps = response.shape[-2:]
    if x.shape[-1] != frames * hop_length:
        raise ValueError(
            f"noise {tuple(x.shape)} has {x.shape[-1]} samples; "
            f"expected {frames} frames of {hop_length}"
        )
    half = hop_length // 2
    x = pad(x, (half, hop_length - half))
    pieces = x.unflatten(-1, (-1, hop_length))  # one more than frames
    response = torch.cat([response, response[..., -1:, :]], dim=-2)
    size = 1 << (hop_length + taps - 2).bit_length()
    product = torch.fft.rfft(pieces, size) * torch.fft.rfft(
        response, size
    )
    out = overlap_add(torch.fft.irfft(product, size), hop_length)
    start = half + taps // 2
    return out[..., start : start + frames * hop_length]


def frequency_sampled(
    magnitude: Float[Tensor, "*batch freq frame"],
) -> Float[Tensor, "*batch frame tap"]:
    r"""Filters of linear phase with given magnitudes (eq-source-filter).

    The inverse transform of K + 1 real, non-negative numbers is an
    even sequence of 2K; turned so that its middle lies at K, and
    multiplied by a Hann window, it is the response of a filter that
    delays by K samples.

    Args:
        magnitude: at K + 1 frequencies from zero to half the sampling
            rate.

    >>> frequency_sampled(torch.ones(3, 1))
    tensor([[0., 0., 1., 0.]])
    """
    even = torch.fft.irfft(checks.as_floats("magnitude", magnitude).mT)
    taps = even.shape[-1]
    n = torch.arange(taps, dtype=even.dtype)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * n / taps)
    return even.roll(taps // 2, -1) * window
