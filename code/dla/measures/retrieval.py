r"""How high what was sought stands in a list, and what chance gives.

Explained in comparison/audio-retrieval/indexing. A list is given as the
relevance of its items, best match first. Not ranx or scikit-learn,
because these have no chance values, and the formulas are the page's.
"""

from math import comb

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def reciprocal_rank(
    relevant: Bool[Tensor, "*batch rank"],
) -> Float[Tensor, "*batch"]:
    r"""One over the rank of the first relevant item (def-index-rr).

    Args:
        relevant: whether each item is, best match first.

    Raises:
        ValueError: not yes or no, or a list without a relevant item.

    >>> reciprocal_rank(torch.tensor([False, False, True, True]))
    tensor(0.3333)
    """
    _check(relevant)
    return 1 / (1 + relevant.int().argmax(-1)).float()


def average_precision(
    relevant: Bool[Tensor, "*batch rank"],
) -> Float[Tensor, "*batch"]:
    r"""Mean precision at the ranks of the relevant items (def-index-ap).

    Args:
        relevant: whether each item is, best match first.

    Raises:
        ValueError: as :func:`reciprocal_rank`.

    >>> average_precision(torch.tensor([True, False, True, False]))
    tensor(0.8333)
    """
    _check(relevant)
    found = relevant.cumsum(-1)
    ranks = torch.arange(1, relevant.shape[-1] + 1)
    return (relevant * found / ranks).sum(-1) / found[..., -1]


def chance_reciprocal_rank(items: int, relevant: int = 1) -> float:
    r"""Expected reciprocal rank of a random order (eq-index-rr-chance).

    .. math::
        \sum_{k} \frac1k \binom{N - k}{R - 1} \Big/ \binom{N}{R}

    Args:
        items: :math:`N`, in the list.
        relevant: :math:`R`, how many of them.

    >>> round(chance_reciprocal_rank(4), 4)
    0.5208
    """
    _check_counts(items, relevant)
    ways = (
        comb(items - k, relevant - 1) / k
        for k in range(1, items - relevant + 2)
    )
    return sum(ways) / comb(items, relevant)


def chance_average_precision(items: int, relevant: int = 1) -> float:
    r"""Expected average precision of a random order (eq-index-ap-chance).

    .. math::
        \frac1N \Bigl( H_N + \frac{R - 1}{N - 1} (N - H_N) \Bigr)

    Args:
        items, relevant: as in :func:`chance_reciprocal_rank`.

    >>> chance_average_precision(4, 4)
    1.0
    """
    _check_counts(items, relevant)
    harmonic = sum(1 / k for k in range(1, items + 1))
    if items == 1:
        return 1.0
    more = (relevant - 1) / (items - 1) * (items - harmonic)
    return (harmonic + more) / items


def occurrences(
    neighbours: Int[Tensor, "query rank"], items: int
) -> Int[Tensor, "item"]:
    """In how many lists each item stands (k-occurrence).

    Args:
        neighbours: numbers of the items in each query's list.
        items: how many there are to be found.

    Raises:
        ValueError: a number outside 0 to items - 1.

    >>> occurrences(torch.tensor([[0, 1], [1, 2]]), 4)
    tensor([1, 2, 1, 0])
    """
    outside = int(((neighbours < 0) | (neighbours >= items)).sum())
    if outside:
        raise ValueError(
            f"{outside} of {neighbours.numel()} neighbours lie outside 0 to {items - 1}"
        )
    return neighbours.flatten().bincount(minlength=items)


def skewness(x: Float[Tensor, "item"]) -> Float[Tensor, ""]:
    r"""Third central moment over the cube of the standard deviation.

    .. math::
        \operatorname{E}[(x - \bar x)^3] \big/ \operatorname{E}[(x - \bar x)^2]^{3/2}

    (def-index-skewness), with means over the items.

    Raises:
        ValueError: whole numbers, or all are the same.

    >>> skewness(torch.tensor([0.0, 0.0, 0.0, 4.0]))
    tensor(1.1547)
    """
    if not x.is_floating_point():
        raise ValueError(
            f"x is {str(x.dtype).removeprefix('torch.')}, expected "
            "floating point; pass counts.float()"
        )
    z = x.double() - x.double().mean()
    variance = z.square().mean()
    if variance == 0:
        raise ValueError(
            f"all {x.numel()} values are the same: no skewness"
        )
    return (z.pow(3).mean() / variance**1.5).float()


def _check(relevant: Tensor) -> None:
    if relevant.dtype != torch.bool:
        raise ValueError(
            f"relevant is {str(relevant.dtype).removeprefix('torch.')}, expected yes "
            "or no (bool), best match first: did you pass distances?"
        )
    if not relevant.any(-1).all():
        raise ValueError(
            f"relevant {tuple(relevant.shape)} has a list without a relevant item"
        )


def _check_counts(items: int, relevant: int) -> None:
    if not 1 <= relevant <= items:
        raise ValueError(
            f"expected 1 to {items} relevant items of {items}, got {relevant}"
        )
