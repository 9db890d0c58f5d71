"""Phases for given magnitudes: Griffin and Lim's iteration, and its fast variant.

Not librosa.griffinlim, because a page watches every step, and the start is an argument. The tests
hold it to librosa's result, and to its time.

Explained in overview/speech/ideas and synthesis/phase-and-likelihood.
"""

from collections.abc import Callable

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from dla import checks
from dla.spectral.stft import istft, stft


def griffin_lim(
    magnitude: Float[Tensor, "*batch freq frame"],
    *,
    length: int,
    n_fft: int = 512,
    hop_length: int = 128,
    window: Float[Tensor, "n_fft"] | None = None,
    steps: int = 32,
    momentum: float = 0.0,
    phase: Float[Tensor, "*batch freq frame"] | None = None,
    watch: Callable[[int, Tensor, Tensor], None] | None = None,
) -> Float[Tensor, "*batch time"]:
    r"""Waveform whose transform has nearly these magnitudes.

    Projects in turn onto the consistent arrays, :math:`C_j = P_C Y_j`,
    and onto those with the magnitudes A (Griffin and Lim, 1984;
    eq-phase-alternate); with momentum :math:`\alpha` the phases are
    taken from a point beyond (Perraudin et al., 2013; def-phase-fast):

    .. math::
        Y_{j+1} = A\, e^{i \arg (C_j + \alpha (C_j - C_{j-1}))}

    Args:
        magnitude: :math:`A`, not negative, as of :func:`stft`.
        length: of the waveform in samples.
        n_fft: as in :func:`stft`.
        hop_length: as in :func:`stft`.
        window: as in :func:`stft`.
        steps: number of times there and back.
        momentum: :math:`\alpha`; 0 for the algorithm of 1984, 0.99 is
            usual for the fast one. The distance to consistency is
            sure not to rise for 0 only.
        phase: to start from, in radians; zero if none is given.
        watch: called in each step with its number, :math:`Y_j` and
            :math:`C_j`.

    Raises:
        ValueError: a magnitude that is negative, complex or not
            finite, a momentum below zero, or as :func:`istft`.

    >>> A = stft(torch.randn(4096), n_fft=512).abs()
    >>> griffin_lim(A, length=4096, steps=2).shape
    torch.Size([4096])
    """
    magnitude = checks.as_floats("magnitude", magnitude)
    _refuse_what_is_no_magnitude(magnitude)
    if momentum < 0:
        raise ValueError(f"momentum must not be negative: {momentum}")
    if phase is None:
        phase = torch.zeros_like(magnitude)
    checks.refuse_different_shapes(phase=phase, magnitude=magnitude)
    grid = {
        "n_fft": n_fft,
        "hop_length": hop_length,
        "window": window,
    }
    spectrum = torch.polar(magnitude, phase.to(magnitude))
    before = None
    for step in range(steps):
        consistent = stft(
            istft(spectrum, length=length, **grid), **grid
        )
        if watch is not None:
            watch(step, spectrum, consistent)
        beyond = consistent
        if before is not None and momentum > 0:
            beyond = torch.lerp(before, consistent, 1 + momentum)
        spectrum = with_magnitude(beyond, magnitude)
        before = consistent
    return istft(spectrum, length=length, **grid)


def with_magnitude(
    spectrum: Complex[Tensor, "*shape"],
    magnitude: Float[Tensor, "*shape"],
) -> Complex[Tensor, "*shape"]:
    r"""Nearest array that has these magnitudes: the phases are kept.

    .. math:: P_A Y = A \, Y / |Y|

    Where :math:`Y` is zero all phases are equally near, and the result
    has phase zero.

    >>> with_magnitude(torch.tensor([3.0 + 4.0j]), torch.tensor([10.0]))
    tensor([6.+8.j])
    """
    size = spectrum.abs()
    unit = spectrum / size.clamp_min(torch.finfo(size.dtype).tiny)
    return magnitude * torch.where(size == 0, 1.0, unit)


def spectral_convergence(
    waveform: Float[Tensor, "*batch time"],
    magnitude: Float[Tensor, "*batch freq frame"],
    *,
    n_fft: int = 512,
    hop_length: int = 128,
    window: Float[Tensor, "n_fft"] | None = None,
) -> Float[Tensor, "*batch"]:
    r"""Distance of magnitudes relative to those wanted, in dB; lower is better.

    The usual score of phase retrieval (def-phase-convergence), here
    in the two-sided norm, in which the projections are orthogonal:

    .. math::
        20 \log_{10} \frac{\| A - |\mathcal F x| \|}{\| A \|}

    Args:
        waveform: :math:`x`.
        magnitude: :math:`A`, wanted.
        n_fft: as in :func:`stft`.
        hop_length: as in :func:`stft`.
        window: as in :func:`stft`.

    Raises:
        ValueError: the magnitudes are zero, or those of the waveform
            have another shape.

    >>> x = torch.randn(4096)
    >>> spectral_convergence(0.5 * x, stft(x, n_fft=512).abs())
    tensor(-6.02)
    """
    magnitude = checks.as_floats("magnitude", magnitude)
    waveform = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=waveform, magnitude=magnitude)
    grid = {
        "n_fft": n_fft,
        "hop_length": hop_length,
        "window": window,
    }
    found = stft(waveform, **grid).abs()
    checks.refuse_different_shapes(found=found, magnitude=magnitude)
    checks.refuse_silence(magnitude=magnitude.flatten(-2))
    rest = squared_norm(magnitude - found, n_fft=n_fft)
    ratio = rest / squared_norm(magnitude, n_fft=n_fft)
    least = torch.finfo(ratio.dtype).eps ** 2
    return 10 * torch.log10(ratio.clamp_min(least))


def squared_norm(
    spectrum: Tensor, *, n_fft: int
) -> Float[Tensor, "*batch"]:
    r"""Energy of both halves of a spectrum (def-speech-onesided).

    An interior bin stands for its mirror image too.

    Args:
        spectrum: real or complex, axes "... freq frame".
        n_fft: window length; it tells whether the last bin has a
            mirror image.

    >>> squared_norm(torch.ones(3, 5), n_fft=4)
    tensor(20.)
    """
    energy = spectrum.abs().square().sum(-1)
    twice = energy[..., 1 : (n_fft + 1) // 2].sum(-1)
    return energy.sum(-1) + twice


def _refuse_what_is_no_magnitude(magnitude: Tensor) -> None:
    """Raise for complex, negative and non-finite magnitudes."""
    if magnitude.is_complex():
        raise ValueError(
            f"magnitude {tuple(magnitude.shape)} is complex; "
            "did you pass the transform? Take its absolute value"
        )
    checks.refuse_non_finite(magnitude=magnitude)
    negative = int((magnitude < 0).sum())
    if negative:
        raise ValueError(
            f"{negative} of {magnitude.numel()} magnitudes are "
            "negative; did you pass decibels?"
        )
