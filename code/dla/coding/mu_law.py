"""Companding: few levels, spaced so that quiet sounds get their share.

Explained in synthesis/phase-and-likelihood/autoregression.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import checks

MU = 255.0  # ITU-T G.711, 8 bits


def compress(
    x: Float[Tensor, "*shape"], *, mu: float = MU
) -> Float[Tensor, "*shape"]:
    r"""Companded amplitude (def-auto-mu-law).

    .. math::
        f(x) = \operatorname{sgn}(x)
               \frac{\ln(1 + \mu |x|)}{\ln(1 + \mu)}

    Args:
        x: amplitude relative to full scale, in [-1, 1].
        mu: :math:`\mu > 0`; a value near 0 leaves x as it is.

    >>> compress(torch.tensor([-1.0, 0.0, 0.01, 1.0]))
    tensor([-1.000,  0.000,  0.228,  1.000])
    """
    x = checks.as_floats("x", x)
    return x.sign() * torch.log1p(mu * x.abs()) / math.log1p(mu)


def expand(
    y: Float[Tensor, "*shape"], *, mu: float = MU
) -> Float[Tensor, "*shape"]:
    r"""Inverse of :func:`compress`.

    .. math::
        f^{-1}(y) = \operatorname{sgn}(y)
                    \frac{(1 + \mu)^{|y|} - 1}{\mu}

    >>> expand(compress(torch.tensor([-0.5, 0.01])))
    tensor([-0.50,  0.01])
    """
    y = checks.as_floats("y", y)
    return y.sign() * torch.expm1(y.abs() * math.log1p(mu)) / mu


def encode(
    x: Float[Tensor, "*shape"], *, levels: int = 256, mu: float = MU
) -> Int[Tensor, "*shape"]:
    """Number of the level, 0 to levels - 1, that is nearest after companding.

    The companded range [-1, 1] is cut into `levels` cells of one
    width; amplitudes beyond full scale fall into the outermost ones.

    Args:
        x: amplitude relative to full scale.
        levels: two or more.
        mu: as in :func:`compress`.

    Raises:
        ValueError: fewer than two levels, or x is not finite.

    >>> encode(torch.tensor([-1.0, -1e-6, 1e-6, 1.0]))
    tensor([  0, 127, 128, 255])
    """
    if levels < 2:
        raise ValueError(f"levels must be two or more, got {levels}")
    checks.refuse_non_finite(x=x)
    y = compress(x, mu=mu)
    return ((y + 1) / 2 * levels).floor().long().clamp(0, levels - 1)


def decode(
    code: Int[Tensor, "*shape"], *, levels: int = 256, mu: float = MU
) -> Float[Tensor, "*shape"]:
    """Amplitude in the middle of the (companded) cell.

    Args:
        code: from :func:`encode`.
        levels: as in :func:`encode`.
        mu: as in :func:`compress`.

    Raises:
        ValueError: a code outside 0 to levels - 1.

    >>> decode(torch.tensor([0, 200, 255]))
    tensor([-0.9785,  0.0868,  0.9785])
    """
    outside = int(((code < 0) | (code >= levels)).sum())
    if outside:
        raise ValueError(
            f"{outside} of {code.numel()} codes lie outside "
            f"0 to {levels - 1}: was another number of levels used?"
        )
    return expand((2 * code.double() + 1) / levels - 1, mu=mu).float()
