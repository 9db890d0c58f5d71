"""Intervals over trainings and groups together."""

import torch
from jaxtyping import Float
from torch import Tensor

from dla.protocol.statistics import (
    Groups,
    Interval,
    group_sums,
    normal_quantile,
)


def crossed_bootstrap(
    a: Float[Tensor, "seed item"],
    b: Float[Tensor, "other item"],
    groups: Groups | None = None,
    *,
    generator: torch.Generator,
    resamples: int = 2000,
    level: float = 0.95,
) -> Interval:
    """Interval of mean(a) - mean(b), over trainings and over groups.

    Each resample draws the trainings of a, those of b, and the groups
    of the items, which both share, all with replacement. The first
    two count what another training would have given, the third what
    other groups would (eq-experiments-components). From few trainings
    it is a little short: by the factor sqrt((S - 1) / S) of theirs.

    Args:
        a, b: one number for each training and item, the same items in
            both; for an accuracy 1 right, 0 wrong.
        groups: the piece, speaker or recording of each item. Without
            it every item is a group of its own.
        generator: source of the randomness; it advances.
        resamples: how often to draw.
        level: of confidence.

    Raises:
        ValueError: other items in a than in b, fewer than two
            trainings, NaN, fewer than two groups, no resamples.

    >>> a = torch.tensor([[1.0, 1, 0, 1], [1, 1, 1, 1]])
    >>> b = torch.tensor([[0.0, 0, 0, 1], [0, 0, 0, 1]])
    >>> g = torch.Generator().manual_seed(0)
    >>> drop = crossed_bootstrap(a, b, ["x", "x", "y", "y"], generator=g)
    >>> f"{drop:.2f}"
    '0.62 [0.00, 1.00]'
    """
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"a {tuple(a.shape)} and b {tuple(b.shape)} are not paired:"
            " expected the same items in the second dimension"
        )
    for name, table in (("a", a), ("b", b)):
        if len(table) < 2:
            raise ValueError(
                f"{name} {tuple(table.shape)} has {len(table)} training:"
                " fewer than two say nothing about other trainings"
            )
    if resamples < 1:
        raise ValueError(f"expected resamples, got {resamples}")
    normal_quantile(level)  # refuses a level that is none
    sums_a, sums_b = (
        torch.stack([group_sums(row, groups)[0] for row in table])
        for table in (a, b)
    )
    sizes = group_sums(a[0], groups)[1]
    drawn = [
        _drawn(count, resamples, generator)
        for count in (len(a), len(b), len(sizes))
    ]
    items = drawn[2] @ sizes
    means = [
        (share @ sums * drawn[2]).sum(1) / items / len(sums)
        for share, sums in zip(drawn, (sums_a, sums_b), strict=False)
    ]
    tail = (1 - level) / 2
    low, high = (means[0] - means[1]).quantile(
        torch.tensor([tail, 1 - tail]).double()
    )
    estimate = a.double().mean() - b.double().mean()
    return Interval(float(estimate), float(low), float(high))


def _drawn(
    count: int, resamples: int, generator: torch.Generator
) -> Float[Tensor, "resample {count}"]:
    """How often each of some things is in each resample."""
    picked = torch.randint(
        count, (resamples, count), generator=generator
    )
    zeros = torch.zeros(resamples, count, dtype=torch.float64)
    return zeros.scatter_add(
        1, picked, torch.ones_like(picked, dtype=torch.float64)
    )
