"""Monotonic alignment: which frame belongs to which piece of a known sequence.

Not dtw, because here frames advance one by one, each belongs to one piece, and no piece is left
out: what a text-to-speech system needs to know how long each piece of its text is.

Explained in synthesis/adversarial-diffusion-differentiable/speaking.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import checks


def search(
    cost: Float[Tensor, "piece frame"],
) -> Int[Tensor, "piece"]:
    r"""Durations of the pieces in the cheapest monotonic alignment.

    Monotonic alignment search (Kim et al., 2020; eq-speak-search),
    each piece with at least one frame:

    .. math::
        Q(j, m) = C(j, m) + \min\{Q(j, m - 1),\, Q(j - 1, m - 1)\}

    Of equal costs, the alignment that enters later pieces earlier.

    Args:
        cost: :math:`C`, of frame m in piece j; finite.

    Returns:
        Number of frames of each piece; their sum is that of the frames.

    Raises:
        ValueError: no matrix, fewer frames than pieces, none, or a cost
            that is not finite.

    >>> search(torch.tensor([[0.0, 0, 1, 1], [1, 1, 0, 0]]))
    tensor([2, 2])
    """
    cost = checks.as_floats("cost", cost)
    checks.refuse_other_axes("cost", cost, "piece", "frame")
    pieces, frames = cost.shape
    if not 1 <= pieces <= frames:
        raise ValueError(
            f"cost {tuple(cost.shape)}: {frames} frames for {pieces} "
            "pieces; expected at least one piece, and a frame for each"
        )
    checks.refuse_non_finite(cost=cost)
    c = cost.detach().cpu().double().numpy()
    best = np.full(pieces, np.inf)
    best[0] = c[0, 0]
    before = np.full(pieces, np.inf)
    entered = np.zeros((frames, pieces), dtype=bool)
    for m in range(1, frames):
        before[1:] = best[:-1]
        np.less(before, best, out=entered[m])
        best = c[:, m] + np.minimum(best, before)
    durations = np.zeros(pieces, dtype=np.int64)
    j = pieces - 1
    for m in range(frames - 1, -1, -1):
        durations[j] += 1
        j -= int(entered[m, j])
    return torch.from_numpy(durations)


def regulator(
    durations: Int[Tensor, "piece"] | Sequence[int],
) -> Float[Tensor, "piece frame"]:
    r"""The matrix that holds each piece for its duration.

    :math:`\mathbf R_{jm} = 1` where frame m belongs to piece j, else 0
    (def-speak-regulator): the length regulator of FastSpeech (Ren et
    al., 2019). A row a piece times :math:`\mathbf R` is a row a frame.

    Args:
        durations: :math:`d_j`, frames, not negative.

    Raises:
        ValueError: a negative duration, one that is not whole, or more
            than one axis.

    >>> regulator([2, 1])
    tensor([[1., 1., 0.],
            [0., 0., 1.]])
    """
    d = torch.as_tensor(durations)
    if d.ndim != 1 or d.is_floating_point() or d.is_complex():
        raise ValueError(
            f"durations {tuple(d.shape)} of {d.dtype}; expected whole "
            "numbers of frames, one a piece"
        )
    if (d < 0).any():
        raise ValueError(f"a negative duration: {d.tolist()}")
    return torch.eye(len(d)).repeat_interleave(d, dim=1)
