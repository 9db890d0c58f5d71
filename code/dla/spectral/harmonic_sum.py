r"""Harmonic summation: the pitch whose harmonics are strongest together.

Explained in analysis/melody/salience (Hermes, 1988; Salamon and Gómez,
2012 use it for melody). Over the harmonics of an HCQT it is a
convolution of size one with fixed weights.
"""

import torch
from jaxtyping import Float
from torch import Tensor

DECAY = 0.8  # Salamon and Gómez (2012): weight of one harmonic over the one before


def decaying(
    harmonics: tuple[float, ...], *, decay: float = DECAY
) -> Float[Tensor, "harmonic"]:
    r"""Weights of harmonics; what is no harmonic counts nothing.

    .. math:: w_h = \alpha^{h - 1}

    (def-melody-summation), and zero for subharmonics, :math:`h < 1`.

    Args:
        harmonics: factors :math:`h`.
        decay: :math:`\alpha`.

    >>> decaying((0.5, 1.0, 2.0, 3.0))
    tensor([0.0000, 1.0000, 0.8000, 0.6400])
    """
    h = torch.tensor(harmonics, dtype=torch.float32)
    return torch.where(h >= 1, decay ** (h - 1), 0.0)


def harmonic_sum(
    magnitude: Float[Tensor, "*batch harmonic bin frame"],
    weights: Float[Tensor, "harmonic"],
) -> Float[Tensor, "*batch bin frame"]:
    r"""Weighted sum over the axis of harmonics (eq-melody-one-by-one).

    .. math:: S(m, k) = \sum_h w_h Y_h(m, k)

    Args:
        magnitude: :math:`Y_h`, of `hcqt`.
        weights: :math:`w_h`, one a harmonic.

    Raises:
        ValueError: another number of weights than of harmonics.

    >>> harmonic_sum(torch.tensor([[[1.0]], [[2.0]]]), torch.tensor([1.0, 0.5]))
    tensor([[2.]])
    """
    harmonics = magnitude.shape[-3]
    if weights.shape != (harmonics,):
        raise ValueError(
            f"weights {tuple(weights.shape)} for {harmonics} harmonics in "
            f"{tuple(magnitude.shape)}; expected one weight a harmonic"
        )
    w = weights.to(magnitude)[:, None, None]
    return (w * magnitude).sum(-3)
