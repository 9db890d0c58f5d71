"""How sure can one be: intervals, resampling by groups, variances.

Not scipy's bootstrap, because that resamples items: here groups are drawn, and all that belongs to
one with it.

Explained in overview/experiments/statistics. An item is what a model
is asked once; a group (a piece, a speaker, a recording) is what was
collected at once. What is resampled is the group.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import torch
from jaxtyping import Float
from torch import Tensor

Groups = Sequence[Hashable] | Tensor


@dataclass(frozen=True)
class Interval:
    """An estimate between the ends of its confidence interval."""

    estimate: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """Distance of the ends."""
        return self.high - self.low

    def __contains__(self, value: float) -> bool:
        """Whether the interval covers a value."""
        return self.low <= value <= self.high

    def __format__(self, spec: str) -> str:
        """Each number by the same format.

        >>> f"{Interval(0.5, 0.25, 0.75):.2f}"
        '0.50 [0.25, 0.75]'
        """
        return (
            f"{self.estimate:{spec}} "
            f"[{self.low:{spec}}, {self.high:{spec}}]"
        )


def binomial_error(share: float, trials: int) -> float:
    r"""Standard error :math:`\sqrt{p (1 - p) / n}` of a share.

    (eq-experiments-binomial)

    >>> binomial_error(0.5, 100)
    0.05
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, got {share}")
    if trials < 1:
        raise ValueError(f"expected at least one trial, got {trials}")
    return math.sqrt(share * (1 - share) / trials)


def wilson(
    successes: int, trials: int, *, level: float = 0.95
) -> Interval:
    r"""Wilson's interval for a share of independent trials.

    All p that a score test does not reject (eq-experiments-wilson;
    Wilson, 1927):

    .. math::
        \frac{\hat p + \frac{u^2}{2n} \pm u \sqrt{
        \frac{\hat p (1 - \hat p)}{n} + \frac{u^2}{4 n^2}}}
        {1 + \frac{u^2}{n}}

    Args:
        successes: between 0 and trials.
        trials: n, at least one.
        level: of confidence, between 0 and 1.

    Raises:
        ValueError: more successes than trials, or fewer than none, or
            not a whole number of them.

    >>> f"{wilson(83, 100):.3f}"
    '0.830 [0.745, 0.891]'
    """
    if trials < 1:
        raise ValueError(f"expected at least one trial, got {trials}")
    if not 0 <= successes <= trials or successes % 1:
        raise ValueError(
            f"{successes} successes in {trials} trials; is it a share?"
        )
    p, n, u = successes / trials, trials, normal_quantile(level)
    centre = p + u**2 / (2 * n)
    half = u * math.sqrt(p * (1 - p) / n + u**2 / (4 * n**2))
    scale = 1 + u**2 / n
    low = (centre - half) / scale if successes else 0.0
    high = (centre + half) / scale if successes < trials else 1.0
    return Interval(p, low, high)


def normal_quantile(level: float) -> float:
    """u such that a standard normal is within +-u at this level.

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    if not 0 < level < 1:
        raise ValueError(
            f"a level of confidence lies between 0 and 1, got {level}"
            + ("; is it in percent?" if 1 < level < 100 else "")
        )
    return NormalDist().inv_cdf((1 + level) / 2)


def paired_bootstrap(
    a: Float[Tensor, "item"],
    b: Float[Tensor, "item"],
    groups: Groups | None = None,
    *,
    generator: torch.Generator,
    resamples: int = 2000,
    level: float = 0.95,
) -> Interval:
    """Interval of mean(a) - mean(b), both measured on the same items.

    The differences of the items are resampled, all of a group at once
    (eq-experiments-pairing). Several seeds: give the mean over seeds
    of each item; the interval is then over groups, for these seeds.

    Args:
        a, b: one number per item; for an accuracy 1 right, 0 wrong.
        groups: the piece, speaker or recording of each item (names or
            numbers). Without it every item is a group of its own:
            say so only if that is how they were collected.
        generator: source of the randomness; it advances.
        resamples: how often to draw.
        level: of confidence.

    Raises:
        ValueError: different lengths, NaN, fewer than two groups.

    >>> a = torch.tensor([1.0, 1.0, 0.0, 1.0])
    >>> b = torch.tensor([0.0, 1.0, 0.0, 0.0])
    >>> g = torch.Generator().manual_seed(0)
    >>> drop = paired_bootstrap(a, b, ["x", "x", "y", "y"], generator=g)
    >>> f"{drop:.2f}"
    '0.50 [0.50, 0.50]'
    """
    if a.shape != b.shape:
        raise ValueError(
            f"a {tuple(a.shape)} and b {tuple(b.shape)} are not paired:"
            " expected one number of each per item"
        )
    _refuse_nan(a, "a")
    _refuse_nan(b, "b")
    return bootstrap(
        a.double() - b.double(),
        groups,
        generator=generator,
        resamples=resamples,
        level=level,
    )


def bootstrap(
    values: Float[Tensor, "item"],
    groups: Groups | None = None,
    *,
    generator: torch.Generator,
    resamples: int = 2000,
    level: float = 0.95,
) -> Interval:
    """Percentile interval of a mean, resampling whole groups.

    Each resample draws as many groups as there are, with replacement,
    and takes the mean over all their items (Efron, 1979).

    Args:
        values: one number per item.
        groups, generator, resamples, level: as in
            :func:`paired_bootstrap`.

    Raises:
        ValueError: NaN, a group for not each item, fewer than two
            groups (from one group nothing can be learned about
            others), no resamples.

    >>> g = torch.Generator().manual_seed(0)
    >>> f"{bootstrap(torch.arange(100.0), generator=g):.0f}"
    '50 [44, 55]'
    """
    if resamples < 1:
        raise ValueError(f"expected resamples, got {resamples}")
    tail = (1 - level) / 2
    normal_quantile(level)  # refuses a level that is none
    sums, sizes = group_sums(values, groups)
    draws, count = [], len(sums)
    for start in range(0, resamples, max(1, 1_000_000 // count)):
        rows = min(max(1, 1_000_000 // count), resamples - start)
        picked = torch.randint(
            count, (rows, count), generator=generator
        )
        draws.append(sums[picked].sum(1) / sizes[picked].sum(1))
    means = torch.cat(draws)
    low, high = means.quantile(torch.tensor([tail, 1 - tail]).double())
    return Interval(
        float(sums.sum() / sizes.sum()), float(low), float(high)
    )


def group_sums(
    values: Float[Tensor, "item"], groups: Groups | None = None
) -> tuple[Float[Tensor, "group"], Float[Tensor, "group"]]:
    """Sum of the values and number of the items of each group.

    Groups come in the order of their first item.

    Raises:
        ValueError: as :func:`bootstrap`.
    """
    values = _refuse_nan(values, "values").double()
    if groups is None:
        index, count = torch.arange(len(values)), len(values)
    else:
        names = (
            groups.tolist() if isinstance(groups, Tensor) else groups
        )
        if len(names) != len(values):
            raise ValueError(
                f"{len(values)} items and {len(names)} groups: "
                "expected the group of each item"
            )
        number = {
            name: k for k, name in enumerate(dict.fromkeys(names))
        }
        index = torch.tensor([number[name] for name in names])
        count = len(number)
    if count < 2:
        raise ValueError(
            f"{len(values)} items in {count} group: fewer than two "
            "groups say nothing about other groups"
        )
    zeros = torch.zeros(count, dtype=torch.float64)
    return (
        zeros.index_add(0, index, values),
        zeros.index_add(0, index, torch.ones_like(values)),
    )


def cluster_error(
    values: Float[Tensor, "item"], groups: Groups | None = None
) -> float:
    r"""Standard error of the mean if groups, not items, were drawn.

    What the bootstrap over groups simulates, without drawing
    (eq-experiments-cluster):

    .. math::
        \frac1N \sqrt{\frac{G}{G-1}
        \sum_g n_g^2 (\bar v_g - \bar v)^2}

    >>> x = torch.tensor([1.0, 1.0, 0.0, 0.0])
    >>> round(cluster_error(x, ["a", "a", "b", "b"]), 3)
    0.5
    >>> round(cluster_error(x), 3)
    0.289
    """
    sums, sizes = group_sums(values, groups)
    mean = sums.sum() / sizes.sum()
    squares = (sums - sizes * mean).square().sum()
    factor = len(sums) / (len(sums) - 1)
    return float((factor * squares).sqrt() / sizes.sum())


def intraclass_correlation(
    values: Float[Tensor, "item"], groups: Groups
) -> float:
    """How alike two items of one group are, from a one-way table.

    Mean squares between and within groups, with the usual average
    size for groups of unequal size. 1: a group repeats one value;
    0: groups are arbitrary; it may come out negative.

    Raises:
        ValueError: as :func:`bootstrap`; or no group has two items; or
            all values are equal.

    >>> x = torch.tensor([1.0, 1.0, 0.0, 0.0])
    >>> intraclass_correlation(x, ["a", "a", "b", "b"])
    1.0
    """
    sums, sizes = group_sums(values, groups)
    count, total = len(sums), float(sizes.sum())
    if total == count:
        raise ValueError(
            f"{count} groups of one item each: nothing to compare in "
            "a group"
        )
    mean = sums.sum() / total
    between = (sizes * (sums / sizes - mean).square()).sum()
    around = (values.double() - mean).square().sum()
    if float(around) == 0.0:
        raise ValueError("all values are equal: no variance to share")
    within = (around - between).clamp(min=0.0) / (total - count)
    between = between / (count - 1)
    size = (total - float(sizes.square().sum()) / total) / (count - 1)
    return float((between - within) / (between + (size - 1) * within))


def design_effect(size: float, icc: float) -> float:
    r"""Factor on the variance of a mean, :math:`1 + (n - 1) \kappa`.

    For groups of n items with intraclass correlation
    :math:`\kappa` (eq-experiments-design).

    >>> design_effect(100.0, 0.2)
    20.8
    """
    if size < 1:
        raise ValueError(f"a group has at least one item, got {size}")
    if not -1 <= icc <= 1:
        raise ValueError(f"a correlation is within +-1, got {icc}")
    return 1 + (size - 1) * icc


@dataclass(frozen=True)
class Components:
    """Variances of a crossed table of seeds and items."""

    seed: float  # of the seeds' expected scores
    item: float  # of the items' expected scores
    rest: float  # interaction of seed and item, and noise

    def of_mean(self, *, seeds: int, items: int) -> float:
        """Variance of the mean over a table of that size.

        (eq-experiments-components)

        >>> c = Components(seed=4.0, item=9.0, rest=12.0)
        >>> c.of_mean(seeds=2, items=3)
        7.0
        """
        if seeds < 1 or items < 1:
            raise ValueError(
                f"expected seeds and items, got {seeds} and {items}"
            )
        return (
            self.seed / seeds
            + self.item / items
            + self.rest / (seeds * items)
        )


def variance_components(
    table: Float[Tensor, "seed item"],
) -> Components:
    """Variance of seeds, of items and the rest, by mean squares.

    Unbiased, and so possibly below zero (eq-experiments-squares).

    Args:
        table: score of every seed on every item.

    Raises:
        ValueError: fewer than two seeds or items, NaN.

    >>> variance_components(torch.tensor([[0.0, 2.0], [1.0, 3.0]]))
    Components(seed=0.5, item=2.0, rest=0.0)
    """
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError(
            "expected a table of at least two seeds and two items, got "
            f"shape {tuple(table.shape)}"
        )
    table = _refuse_nan(table, "table").double()
    seeds, items = table.shape
    mean = table.mean()
    rows, columns = table.mean(1), table.mean(0)
    rest = table - rows[:, None] - columns + mean
    square = rest.square().sum() / ((seeds - 1) * (items - 1))
    return Components(
        seed=float(rows.var() - square / items),
        item=float(columns.var() - square / seeds),
        rest=float(square),
    )


def _refuse_nan(values: Tensor, what: str) -> Tensor:
    """The values, unless one of them is not a number."""
    bad = int((~values.double().isfinite()).sum())
    if bad:
        raise ValueError(
            f"{bad} of {values.numel()} numbers of {what} are not "
            "finite: an undefined score is no score; leave the item "
            "out of both or define it"
        )
    return values
