r"""Distance of magnitudes at several window lengths at once.

Explained in synthesis/adversarial-diffusion-differentiable/source-filter.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.spectral.stft import stft

LENGTHS = (256, 512, 1024)  # 16, 32, 64 ms at 16 kHz


def multi_scale_spectral(
    estimate: Float[Tensor, "*batch time"],
    target: Float[Tensor, "*batch time"],
    *,
    lengths: Sequence[int] = LENGTHS,
    overlap: int = 4,
    log_weight: float = 1.0,
    offset: float = 1e-4,
) -> Float[Tensor, "*batch"]:
    r"""Mean absolute difference of magnitudes, and of their logarithms.

    .. math::
        L = \sum_{N} \frac{1}{K_N M_N} \sum_{k,m} \Bigl(
        \bigl| |X_N| - |Y_N| \bigr| + \alpha \Bigl| \ln
        \frac{|X_N| + \epsilon}{|Y_N| + \epsilon} \Bigr| \Bigr)

    (def-source-loss; Engel et al., 2020, there with six lengths from
    64 to 2048). Phases are not compared.

    Args:
        estimate: :math:`x`.
        target: :math:`y`.
        lengths: of the windows, :math:`N` in samples.
        overlap: how many windows hold a sample.
        log_weight: :math:`\alpha`.
        offset: :math:`\epsilon`, which decides how much quiet bins
            count; a sine of full scale has the magnitude N / 4.

    Raises:
        ValueError: the shapes differ.

    >>> x = torch.randn(2, 2000)
    >>> multi_scale_spectral(x, x)
    tensor([0., 0.])
    """
    checks.refuse_different_shapes(estimate=estimate, target=target)
    total = 0.0
    for n_fft in lengths:
        x, y = (
            _magnitude(
                stft(s, n_fft=n_fft, hop_length=n_fft // overlap)
            )
            for s in (estimate, target)
        )
        rest = (x - y).abs()
        if log_weight:
            ratio = torch.log((x + offset) / (y + offset))
            rest = rest + log_weight * ratio.abs()
        total = total + rest.mean((-2, -1))
    return total


def _magnitude(spectrum: Tensor) -> Tensor:
    """Absolute value whose gradient is finite at zero."""
    square = spectrum.real.square() + spectrum.imag.square()
    least = torch.finfo(square.dtype).tiny
    return square.clamp_min(least).sqrt()
