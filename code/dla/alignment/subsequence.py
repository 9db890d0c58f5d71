"""Subsequence dynamic time warping: where in a long row is a short one?

Not librosa's dtw, because the recursion itself is what the page explains.

Explained in comparison/audio-retrieval/indexing.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla.alignment.dtw import SLOPED, check


class Occurrence(NamedTuple):
    """The result of :func:`subsequence_dtw`."""

    matching: Float[
        Tensor, "M"
    ]  # cheapest path that ends at each column
    path: Int[
        Tensor, "L 2"
    ]  # rows and columns of the best, first to last
    total: Float[Tensor, ""]  # its cost


def subsequence_dtw(
    cost: Float[Tensor, "N M"],
    *,
    steps: Sequence[tuple[int, int]] = SLOPED,
) -> Occurrence:
    r"""Cheapest warping of all rows onto some run of columns.

    .. math::
        D(0, m) = C(0, m), \qquad
        D(n, m) = C(n, m) + \min_{(a, b)} D(n - a, m - b)

    (eq-index-subsequence): a path may begin and end at any column. The
    last row of :math:`D` is the matching function. Infinite where no
    path of these steps ends.

    Args:
        cost: :math:`C`, of frame n of the query against frame m of
            what is searched; finite, not negative.
        steps: rows and columns that a path may advance at once. Cells
            stepped over cost nothing. Of (0, b) only (0, 1).

    Raises:
        ValueError: an empty, negative or not finite matrix, a step
            that does not advance, or no path fits.

    >>> cost = torch.tensor([[1.0, 0, 1, 1, 1], [1, 1, 0, 1, 1], [1, 1, 1, 0, 1]])
    >>> found = subsequence_dtw(cost)
    >>> found.total, found.path.tolist()
    (tensor(0.), [[0, 1], [1, 2], [2, 3]])
    """
    check(cost, steps)
    if (cost < 0).any():
        raise ValueError(
            f"{int((cost < 0).sum())} of {cost.numel()} costs are "
            "negative: did you pass similarities? Expected distances"
        )
    C = cost.detach().cpu().double().numpy()
    D = accumulate(C, steps)
    end = int(D[-1].argmin())
    if not np.isfinite(D[-1, end]):
        raise ValueError(
            f"no path of steps {tuple(steps)} leads through "
            f"{C.shape} cells from the first row to the last"
        )
    path = [(len(C) - 1, end)]
    while path[-1][0] > 0:
        n, m = path[-1]
        before = [(n - a, m - b) for a, b in steps if a <= n and b <= m]
        path.append(min(before, key=lambda cell: D[cell]))
    matching = torch.as_tensor(D[-1]).to(cost.device, torch.float32)
    return Occurrence(matching, torch.tensor(path[::-1]), matching[end])


def accumulate(
    cost: np.ndarray, steps: Sequence[tuple[int, int]]
) -> np.ndarray:
    """Cost of the cheapest way from the first row to each cell.

    One row of cells at a time. Along a row, (0, 1) is a running
    minimum: the way that enters the row at column j and goes on to m
    costs what it cost to enter, plus a difference of cumulated sums.

    Args:
        cost: shape (N, M).
        steps: as for :func:`subsequence_dtw`.
    """
    D = np.full(cost.shape, np.inf)
    D[0] = cost[0]
    for n in range(1, len(cost)):
        for a, b in steps:
            if 0 < a <= n and b < cost.shape[1]:
                ahead = D[n, b:]
                np.minimum(
                    ahead, D[n - a, : cost.shape[1] - b], out=ahead
                )
        if (0, 1) in steps:
            run = np.cumsum(cost[n])
            enter = D[n] - (run - cost[n])
            D[n] = run + np.minimum.accumulate(enter)
        else:
            D[n] += cost[n]
    return D
