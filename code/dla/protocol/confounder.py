"""A confounder of known strength: plant it, cut it, flip it.

Explained in overview/experiments. A target is `labels`, integers from
0; the trace of the collection process is Z, integers from 0, one value
for each way in which an item may be recorded (a channel, a level, a
room). These functions draw Z; rendering an item with its Z is left to
the experiment.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from dla.protocol.statistics import Interval, wilson


def plant(
    labels: Int[Tensor, "item"],
    *,
    rho: float,
    values: int,
    generator: torch.Generator,
    mapping: Sequence[int] | None = None,
) -> Int[Tensor, "item"]:
    r"""Draw a trace Z that goes with the label (eq-experiments-plant).

    With probability :math:`\rho` the collection process sets
    :math:`Z = z(Y)`, otherwise Z is uniform over its K values.

    Two numbers are drawn for every item, whatever the strength. So
    with a generator in the same state, :func:`cut` and :func:`flip`
    differ from this only in the items that the process has set: the
    three test sets are as similar as they can be.

    Args:
        labels: Y, from 0.
        rho: strength, from 0 (cut) to 1 (Z follows from Y).
        values: K, the number of values of Z.
        generator: source of the randomness; it advances.
        mapping: z(0), z(1), ...; without it z(Y) = Y.

    Raises:
        ValueError: a strength outside [0, 1], fewer than two values,
            labels that are no integers from 0, a mapping that is too
            short or leaves the values.

    >>> y = torch.tensor([0, 1, 2, 0, 1, 2])
    >>> g = torch.Generator().manual_seed(0)
    >>> plant(y, rho=1.0, values=3, generator=g)
    tensor([0, 1, 2, 0, 1, 2])
    """
    rho = _strength(rho)
    chosen = _mapped(labels, values, mapping)
    coin = torch.rand(
        len(labels), generator=generator, dtype=torch.float64
    )
    anything = torch.randint(
        values, (len(labels),), generator=generator
    )
    return torch.where(coin < rho, chosen, anything)


def cut(
    labels: Int[Tensor, "item"],
    *,
    values: int,
    generator: torch.Generator,
) -> Int[Tensor, "item"]:
    """Z without the label: uniform, for every item (rho = 0).

    >>> y = torch.zeros(4, dtype=torch.int64)
    >>> cut(y, values=2, generator=torch.Generator().manual_seed(0))
    tensor([1, 1, 1, 0])
    """
    labels = _integers(labels)
    return plant(
        labels,
        rho=0.0,
        values=values,
        generator=generator,
        mapping=[0] * (1 + int(labels.max())),
    )


def new(
    labels: Int[Tensor, "item"],
    *,
    seen: int,
    unseen: int,
    generator: torch.Generator,
) -> Int[Tensor, "item"]:
    """Z among values that no training has seen, without the label.

    Args:
        labels: Y, from 0; only their number matters.
        seen: K; the values 0, ..., K - 1 occur in training.
        unseen: how many values follow them.

    >>> y = torch.zeros(4, dtype=torch.int64)
    >>> g = torch.Generator().manual_seed(0)
    >>> new(y, seen=2, unseen=1, generator=g)
    tensor([2, 2, 2, 2])
    """
    if seen < 1 or unseen < 1:
        raise ValueError(
            f"expected at least one seen and one unseen value, got "
            f"{seen} and {unseen}"
        )
    anything = torch.randint(
        unseen, (len(_integers(labels)),), generator=generator
    )
    return seen + anything


def flip(
    labels: Int[Tensor, "item"],
    *,
    rho: float,
    values: int,
    generator: torch.Generator,
    mapping: Sequence[int] | None = None,
    sigma: Sequence[int] | None = None,
) -> Int[Tensor, "item"]:
    r"""Z tied to the *wrong* label, :math:`Z = z(\sigma(Y))`.

    As strong as in training, and every class has the trace of another
    one.

    Args:
        labels, rho, values, generator, mapping: as in :func:`plant`.
        sigma: the derangement; without it a cyclic shift of the
            classes, the smallest one that changes z of every class.
            Without a mapping the classes end at the largest label
            here: give it if a test set may lack the last one.

    Raises:
        ValueError: as :func:`plant`; or sigma is no permutation of the
            classes, or leaves the trace of a class as it was.

    >>> y = torch.tensor([0, 1, 2, 0, 1, 2])
    >>> g = torch.Generator().manual_seed(0)
    >>> flip(y, rho=1.0, values=3, generator=g)
    tensor([1, 2, 0, 1, 2, 0])
    """
    _mapped(labels, values, mapping)
    if mapping is None:
        classes = 1 + int(labels.max())
        table = list(range(classes))
    else:
        table = [int(z) for z in mapping]
    if sigma is None:
        sigma = _shift(table)
    sigma = [int(s) for s in sigma]
    if sorted(sigma) != list(range(len(table))):
        raise ValueError(
            f"sigma is a permutation of the {len(table)} classes "
            f"0, ..., {len(table) - 1}; got {sigma}"
        )
    stay = [y for y, s in enumerate(sigma) if table[s] == table[y]]
    if stay:
        raise ValueError(
            "a flip changes the trace of every class; with this sigma "
            f"and this mapping it stays for {stay}"
        )
    return plant(
        labels,
        rho=rho,
        values=values,
        generator=generator,
        mapping=[table[s] for s in sigma],
    )


def derangement(classes: int) -> list[int]:
    """A fixed permutation that leaves no class where it was.

    >>> derangement(4)
    [1, 2, 3, 0]
    """
    return _shift(list(range(classes)))


def agreement(rho: float, values: int) -> float:
    r"""P(Z = z(Y)) after planting: :math:`\rho + (1 - \rho) / K`.

    (eq-experiments-plant)

    >>> round(agreement(0.9, 2), 2)
    0.95
    """
    return _strength(rho) + (1 - rho) / _count(values)


def shortcut_accuracy(
    rho: float, *, classes: int, values: int
) -> dict[str, float]:
    r"""Accuracy of a classifier that knows Z and nothing else.

    Equally likely classes, C of them, spread evenly over
    :math:`m = \min(K, C)` values. Deciding for a class that goes with
    Z is right with probability (eq-experiments-shortcut)

    .. math::
        \rho \frac mC + \frac{1 - \rho}{C}, \quad \frac1C, \quad
        \frac1C, \quad \frac{1 - \rho}{C}

    in distribution, cut, with new values, and flipped.

    >>> accuracy = shortcut_accuracy(0.9, classes=2, values=2)
    >>> {name: round(a, 2) for name, a in accuracy.items()}
    {'ID': 0.95, 'cut': 0.5, 'new': 0.5, 'flipped': 0.05}
    """
    chance = 1 / _count(classes, "classes")
    used = min(_count(values), classes)
    luck = (1 - _strength(rho)) * chance
    return {
        "ID": rho * used * chance + luck,
        "cut": chance,
        "new": chance,
        "flipped": luck,
    }


def strength(
    labels: Int[Tensor, "item"],
    trace: Int[Tensor, "item"],
    *,
    values: int,
    mapping: Sequence[int] | None = None,
    level: float = 0.95,
) -> Interval:
    r"""Measure :math:`\rho` back from data (eq-experiments-rho).

    :math:`\hat\rho = (K \hat a - 1) / (K - 1)`, where :math:`\hat a` is
    the share of items with Z = z(Y). The interval is Wilson's for that
    share, mapped in the same way: independent items are assumed. It
    may be negative: a flipped set has less than chance agreement.

    Args:
        labels, values, mapping: as in :func:`plant`.
        trace: Z, from 0, one per item.
        level: of the interval.

    >>> y = torch.tensor([0, 1, 0, 1])
    >>> strength(y, y, values=2).estimate
    1.0
    """
    chosen = _mapped(labels, values, mapping)
    trace = _integers(trace, "trace")
    _same_length(labels, trace)
    share = wilson(
        int((chosen == trace).sum()), len(trace), level=level
    )

    def scaled(a):
        return (values * a - 1) / (values - 1)

    return Interval(
        scaled(share.estimate), scaled(share.low), scaled(share.high)
    )


def cramers_v(
    labels: Int[Tensor, "item"], trace: Int[Tensor, "item"]
) -> float:
    r"""Cramer's V between labels and trace, without knowing z.

    The root of :math:`\chi^2 / (n (\min(C, K) - 1))`. For equally
    likely classes, as many as values, its limit for many items is
    :math:`\rho` (eq-experiments-cramer).

    >>> y = torch.tensor([0, 1, 2, 0, 1, 2])
    >>> round(cramers_v(y, (y + 1) % 3), 6)
    1.0
    """
    joint = contingency(labels, trace).double()
    joint = joint[joint.sum(1) > 0][:, joint.sum(0) > 0]
    smaller = min(joint.shape)
    if smaller < 2:
        raise ValueError(
            "association needs two classes and two values of the "
            f"trace; got {joint.shape[0]} and {joint.shape[1]}"
        )
    joint = joint / joint.sum()
    alone = joint.sum(1, keepdim=True) * joint.sum(0)
    chi2 = ((joint - alone).square() / alone).sum()
    return math.sqrt(float(chi2) / (smaller - 1))


def mutual_information(
    labels: Int[Tensor, "item"], trace: Int[Tensor, "item"]
) -> float:
    """Mutual information of labels and trace in bits, from counts.

    Counts overrate it: without any association its mean is about
    (C - 1) (K - 1) / (2 n ln 2) bits.

    >>> y = torch.tensor([0, 1, 0, 1])
    >>> mutual_information(y, 1 - y), mutual_information(y, y // 2)
    (1.0, 0.0)
    """
    joint = contingency(labels, trace).double()
    joint = joint / joint.sum()
    alone = joint.sum(1, keepdim=True) * joint.sum(0)
    terms = torch.where(
        joint > 0, joint * torch.log2(joint / alone), 0.0
    )
    return max(0.0, float(terms.nansum()))


def planted_information(rho: float, values: int) -> float:
    r"""Bits that Z tells about Y after planting (eq-experiments-bits).

    For K equally likely classes with one value each.

    >>> planted_information(1.0, 4), planted_information(0.0, 4)
    (2.0, 0.0)
    """
    right = agreement(rho, values)
    wrong = (1 - rho) / values
    bits = math.log2(values)
    for p, count in ((right, 1), (wrong, values - 1)):
        bits += count * p * math.log2(p) if p > 0 else 0.0
    return bits


def contingency(
    labels: Int[Tensor, "item"], trace: Int[Tensor, "item"]
) -> Int[Tensor, "label value"]:
    """How many items have which label and which trace.

    >>> contingency(torch.tensor([0, 1, 1]), torch.tensor([1, 0, 1]))
    tensor([[0, 1],
            [1, 1]])
    """
    labels = _integers(labels)
    trace = _integers(trace, "trace")
    _same_length(labels, trace)
    rows, columns = 1 + int(labels.max()), 1 + int(trace.max())
    counts = torch.bincount(
        labels * columns + trace, minlength=rows * columns
    )
    return counts.view(rows, columns)


def _strength(rho: float) -> float:
    if not 0 <= rho <= 1:
        raise ValueError(
            f"rho is a probability, from 0 (cut) to 1, got {rho}"
            + (
                "; is it in percent?"
                if 1 < rho <= 100
                else "; for the opposite sign use flip"
                if -1 <= rho < 0
                else ""
            )
        )
    return rho


def _count(number: int, what: str = "values") -> int:
    if number < 2:
        raise ValueError(f"expected at least two {what}, got {number}")
    return number


def _integers(labels: Tensor, what: str = "labels") -> Tensor:
    if labels.dtype.is_floating_point or labels.dtype.is_complex:
        raise ValueError(
            f"{what} are integers from 0, got {labels.dtype}"
        )
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError(
            f"{what} are one per item, got shape {tuple(labels.shape)}"
        )
    labels = labels.long()
    if int(labels.min()) < 0:
        raise ValueError(
            f"{what} are integers from 0, got {int(labels.min())}"
        )
    return labels


def _mapped(
    labels: Tensor, values: int, mapping: Sequence[int] | None
) -> Tensor:
    """z(Y) for every item, checked."""
    labels, values = _integers(labels), _count(values)
    classes = 1 + int(labels.max())
    if mapping is None:
        if classes > values:
            raise ValueError(
                f"{classes} classes do not fit into {values} values of "
                "the trace: say with `mapping` which value goes with "
                "which class"
            )
        return labels
    table = torch.as_tensor(mapping, dtype=torch.int64)
    if len(table) < classes:
        raise ValueError(
            f"mapping names a value for {len(table)} classes, there "
            f"are {classes}"
        )
    if int(table.min()) < 0 or int(table.max()) >= values:
        raise ValueError(
            f"mapping goes to 0, ..., {values - 1}, got {list(mapping)}"
        )
    return table[labels]


def _shift(table: list[int]) -> list[int]:
    """The smallest cyclic shift of classes that changes every value."""
    size = len(table)
    for step in range(1, size):
        sigma = [(y + step) % size for y in range(size)]
        if all(table[s] != table[y] for y, s in enumerate(sigma)):
            return sigma
    raise ValueError(
        f"no cyclic shift of {size} classes with the values {table} "
        "changes the value of each: name a derangement"
    )


def _same_length(labels: Tensor, trace: Tensor) -> None:
    if len(labels) != len(trace):
        raise ValueError(
            f"{len(labels)} labels and {len(trace)} traces: one of "
            "each per item expected"
        )
