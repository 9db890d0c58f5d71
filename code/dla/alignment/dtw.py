"""Dynamic time warping: the cheapest path through a cost matrix.

Not librosa's dtw, because the recursion itself is what the page explains.

Explained in overview/music/invariance-and-alignment.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import checks

STEPS = ((1, 1), (0, 1), (1, 0))  # both advance, column, row
SLOPED = ((1, 1), (1, 2), (2, 1))  # slope between one half and two


class Alignment(NamedTuple):
    """The result of :func:`dtw`."""

    accumulated: Float[Tensor, "N M"]  # cheapest way to each cell
    path: Int[Tensor, "L 2"]  # rows and columns, first to last
    total: Float[Tensor, ""]  # cost of the path


def dtw(
    cost: Float[Tensor, "N M"],
    *,
    steps: Sequence[tuple[int, int]] = STEPS,
) -> Alignment:
    r"""Cheapest warping path from the first cell to the last.

    .. math::
        D(n, m) = C(n, m) + \min_{(a, b)} D(n - a, m - b)

    over the allowed steps (eq-music-dtw-recursion); of equal costs,
    the step that is listed first. All cells of one anti-diagonal
    n + m are computed at once: they do not depend on each other.

    Args:
        cost: :math:`C`, of row n against column m; finite.
        steps: rows and columns that a path may advance at once, not
            negative, not (0, 0). Cells stepped over cost nothing.

    Raises:
        ValueError: an empty or not finite matrix, a step that does
            not advance, or no path of such steps reaches the end.

    >>> cost = torch.tensor([[0.0, 1, 1, 1], [0, 1, 1, 1], [1, 0, 0, 0]])
    >>> alignment = dtw(cost)
    >>> alignment.total, alignment.path.tolist()
    (tensor(0.), [[0, 0], [1, 0], [2, 1], [2, 2], [2, 3]])
    """
    check(cost, steps)
    accumulated = accumulate(
        cost.detach().cpu().double().numpy(), steps
    )
    if not np.isfinite(accumulated[-1, -1]):
        raise ValueError(
            f"no path of steps {tuple(steps)} leads through "
            f"{tuple(cost.shape)} cells from the first to the last"
        )
    path = backtrack(accumulated, steps)
    single = checks.WIDER.get(cost.dtype, cost.dtype)
    result = torch.as_tensor(accumulated).to(cost.device, single)
    return Alignment(result, torch.tensor(path), result[-1, -1])


def accumulate(
    cost: np.ndarray, steps: Sequence[tuple[int, int]]
) -> np.ndarray:
    """Cost of the cheapest way to each cell; infinite if there is none.

    Works on a sheared copy in which the cell (n, m) is at [n + m, n]:
    there an anti-diagonal is a contiguous row.

    Args:
        cost: shape (N, M).
        steps: as for :func:`dtw`.
    """
    rows, columns = cost.shape
    sheared = np.full((rows + columns - 1, rows), np.inf)
    item = sheared.itemsize
    cells = np.lib.stride_tricks.as_strided(
        sheared, cost.shape, ((rows + 1) * item, rows * item)
    )
    cells[:] = cost
    for d in range(1, len(sheared)):
        low, high = max(0, d - columns + 1), min(d, rows - 1) + 1
        best = np.full(high - low, np.inf)
        for a, b in steps:
            first = max(low, a)
            if a + b <= d and first < high:
                before = sheared[d - a - b, first - a : high - a]
                ahead = best[first - low :]
                np.minimum(before, ahead, out=ahead)
        sheared[d, low:high] += best
    return cells.copy()


def backtrack(
    accumulated: np.ndarray, steps: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The path, from the last cell back to where each minimum came from.

    Args:
        accumulated: from :func:`accumulate`.
        steps: as for :func:`dtw`.
    """
    n, m = (size - 1 for size in accumulated.shape)
    path = [(n, m)]
    while (n, m) != (0, 0):
        before = [(n - a, m - b) for a, b in steps if a <= n and b <= m]
        n, m = min(before, key=lambda cell: accumulated[cell])
        path.append((n, m))
    return path[::-1]


def check(
    cost: Float[Tensor, "N M"], steps: Sequence[tuple[int, int]]
) -> None:
    """Refuse what would run and mean nothing."""
    checks.refuse_other_axes("cost", cost, "row", "column")
    if cost.numel() == 0:
        raise ValueError(
            f"a cost matrix of shape {tuple(cost.shape)} has no cells"
        )
    checks.refuse_non_finite(cost=cost)
    for step in steps:
        if min(step) < 0 or max(step) < 1:
            raise ValueError(
                f"step {tuple(step)} does not advance; steps are "
                "(rows, columns), not negative and not (0, 0)"
            )
