r"""How far two spectra are from each other in decibels.

Explained in synthesis/phase-and-likelihood, used in
synthesis/adversarial-diffusion-differentiable/source-filter.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.spectral.stft import stft

OFFSET = 1e-4  # of a magnitude; a sine of full scale has N / 4


def log_spectral_distance(
    estimate: Float[Tensor, "*batch time"],
    target: Float[Tensor, "*batch time"],
    *,
    n_fft: int = 512,
    hop_length: int = 128,
) -> Float[Tensor, "*batch"]:
    r"""Root mean square over bins, mean over frames, in dB; low is good.

    .. math::
        \frac1M \sum_m \Bigl( \frac1K \sum_k \Bigl( 20 \log_{10}
        \frac{|X| + \epsilon}{|Y| + \epsilon} \Bigr)^2 \Bigr)^{1/2}

    (def-phase-lsd). Two independent noises of one spectrum are not at
    zero, but near eight decibels from each other: each bin of each has
    a magnitude of its own.

    Args:
        estimate: :math:`x`.
        target: :math:`y`.
        n_fft: window length in samples.
        hop_length: in samples.

    Raises:
        ValueError: the shapes differ, or a value is not finite.

    >>> x = torch.randn(4000, generator=torch.Generator().manual_seed(0))
    >>> log_spectral_distance(10 * x, x)
    tensor(20.0000)
    """
    checks.refuse_different_shapes(estimate=estimate, target=target)
    levels = []
    for name, s in (("estimate", estimate), ("target", target)):
        s = checks.as_sound(name, s)
        checks.refuse_non_finite(**{name: s})
        magnitude = stft(s, n_fft=n_fft, hop_length=hop_length).abs()
        levels.append(20 * torch.log10(magnitude + OFFSET))
    square = (levels[0] - levels[1]).square().mean(-2)
    least = torch.finfo(square.dtype).tiny
    return square.clamp_min(least).sqrt().mean(-1)
