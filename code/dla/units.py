"""Conversions between units; none of them draws a random number."""

import torch
from jaxtyping import Float
from torch import Tensor


def db(ratio: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    r"""Decibels of a ratio of powers or energies.

    .. math:: 10 \log_{10} r

    Args:
        ratio: of two powers, not of two amplitudes (square these
            first); zero gives minus infinity.

    >>> db(torch.tensor([1.0, 2.0, 100.0]))
    tensor([ 0.00,  3.01, 20.00])
    """
    return 10 * torch.log10(ratio)


def power_ratio(
    decibels: Float[Tensor, "*shape"],
) -> Float[Tensor, "*shape"]:
    r"""Ratio of powers that a level in decibels stands for.

    .. math:: 10^{L / 10}

    Args:
        decibels: level difference :math:`L` in dB.

    >>> power_ratio(torch.tensor([0.0, 3.0, 20.0]))
    tensor([  1.000,   1.995, 100.000])
    """
    return 10 ** (decibels / 10)


def samples(seconds: float, sample_rate: int) -> int:
    """Number of samples in a duration, to the nearest.

    Args:
        seconds: duration in s.
        sample_rate: in Hz.

    Raises:
        ValueError: the duration is negative.

    >>> samples(0.5, 8000)
    4000
    """
    if seconds < 0:
        raise ValueError(f"a duration of {seconds} s is negative")
    return round(seconds * sample_rate)
