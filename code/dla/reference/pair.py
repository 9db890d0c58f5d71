"""What a measure that compares is given: an estimate and its reference.

A published measure, like a published system, takes samples in single
precision at a rate of its own, and refuses what would broadcast.
"""

import numpy as np
from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.reference.published import as_samples


def as_pair(
    estimate: Float[Tensor, "time"],
    target: Float[Tensor, "time"],
    sample_rate: int,
    *,
    wanted_rate: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Samples of both, not levelled and not aligned.

    Args:
        estimate: one sound, mono.
        target: what it should be, same length.
        sample_rate: Hz, of both.
        wanted_rate: Hz; None leaves the rate as it is.

    Raises:
        ValueError: lengths that differ, a silent target, or as
            :func:`~dla.reference.published.as_samples`.

    >>> import torch
    >>> x = torch.ones(8000)
    >>> [y.shape for y in as_pair(x, x, 8000, wanted_rate=16000)]
    [(16000,), (16000,)]
    """
    given = (estimate, target)
    x, y = (
        as_samples(z, sample_rate, wanted_rate=wanted_rate)
        for z in given
    )
    checks.refuse_different_shapes(estimate=estimate, target=target)
    if not np.square(y, dtype=np.float64).mean() > checks.QUIETEST:
        raise ValueError(
            "a silent target; expected a voice: there is nothing that "
            "the estimate should have kept"
        )
    return x, y
