"""Squared error, the loss that adds over samples, bins and frames.

Used in decomposition/permutation-invariant-training.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks


def squared_error(
    estimate: Float[Tensor, "*batch feature"],
    target: Float[Tensor, "*batch feature"],
) -> Float[Tensor, "*batch"]:
    r"""Squared distance :math:`\|\hat s - s\|^2`, summed, not averaged.

    Args:
        estimate: :math:`\hat s`; a spectrogram enters with its axes
            flattened into one.
        target: :math:`s`, same shape.

    Raises:
        ValueError: the shapes differ (broadcasting would compare the
            wrong signals).

    >>> squared_error(torch.tensor([3.0, 4.0]), torch.zeros(2))
    tensor(25.)
    """
    checks.refuse_different_shapes(estimate=estimate, target=target)
    estimate = checks.as_floats("estimate", estimate)
    target = checks.as_floats("target", target)
    return torch.sum((estimate - target) ** 2, dim=-1)
