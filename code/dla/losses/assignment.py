"""The linear assignment problem by shortest augmenting paths.

Written to be read and counted; scipy's ``linear_sum_assignment`` is the
same idea in C. Explained in
decomposition/permutation-invariant-training.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Assignment:
    """The cheapest order, the proof that it is, and what it took."""

    order: list[int]  # order[i] is the source given to estimate i
    u: list[float]  # price of each estimate, unit of the loss
    v: list[float]  # price of each source, unit of the loss
    scans: int  # entries of the matrix that were looked at


def assign(pairwise: Sequence[Sequence[float]]) -> Assignment:
    r"""Cheapest order, by a primal-dual algorithm.

    Estimates enter one by one. Each searches, as Dijkstra's algorithm
    does, the shortest way over reduced losses
    :math:`D_{ij} - u_i - v_j \ge 0` to a source that is still free,
    and the estimates on the way move on by one. The prices
    :math:`u, v` prove the result optimal (eq-pit-dual). Looks at
    :math:`O(C^3)` entries (eq-pit-operations).

    Args:
        pairwise: square matrix, loss of estimate i against source j.

    Raises:
        ValueError: the matrix is not square, or not finite.

    >>> losses = [[3.0, 4.0, 6.0], [0.0, 6.0, 6.0], [3.0, 1.0, 2.0]]
    >>> found = assign(losses)
    >>> found.order, sum(found.u) + sum(found.v)
    ([1, 0, 2], 6.0)
    """
    count = len(pairwise)
    if any(len(row) != count for row in pairwise):
        raise ValueError(
            f"pairwise has {count} rows of "
            f"{[len(row) for row in pairwise]} entries: not square"
        )
    if not all(math.isfinite(loss) for row in pairwise for loss in row):
        raise ValueError(
            f"pairwise {pairwise} is not finite everywhere"
        )
    u, v, scans = [0.0] * count, [0.0] * count, 0
    owner: list[int | None] = [None] * count  # estimate at source j
    for new in range(count):
        distance, before = [math.inf] * count, [None] * count
        reached, here, i = set(), None, new
        while i is not None:
            beyond = [j for j in range(count) if j not in reached]
            for j in beyond:
                scans += 1
                reduced = pairwise[i][j] - u[i] - v[j]
                if reduced < distance[j]:
                    distance[j], before[j] = reduced, here
            nearest = min(beyond, key=distance.__getitem__)
            step = distance[nearest]
            u[new] += step
            for j in reached:
                u[owner[j]] += step
                v[j] -= step
            for j in beyond:
                distance[j] -= step
            reached.add(nearest)
            here, i = nearest, owner[nearest]
        while here is not None:
            back = before[here]
            owner[here] = new if back is None else owner[back]
            here = back
    order = [owner.index(i) for i in range(count)]
    return Assignment(order, u, v, scans)
