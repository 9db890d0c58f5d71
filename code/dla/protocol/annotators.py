r"""Several people label the same items: how far do they agree?

Explained in analysis/chords/annotators. The share of the annotators
that gave item t the label y is :math:`q_t(y)`; what can be said of
their agreement follows from it. Not crowd-kit, because that asks for
tables of tasks and workers; here each annotator labels all items.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

Labels = Int[Tensor, "annotator item"]


def label_shares(
    labels: Labels, *, classes: int
) -> Float[Tensor, "item class"]:
    r"""Share of the annotators for each label, :math:`q_t(y)`.

    Args:
        labels: from 0 to classes - 1.
        classes: how many labels there are.

    Raises:
        ValueError: labels that there are not, or no annotators.

    >>> label_shares(torch.tensor([[0], [0], [2], [0]]), classes=3)
    tensor([[0.7500, 0.0000, 0.2500]], dtype=torch.float64)
    """
    _refuse_others(labels, classes)
    counts = torch.nn.functional.one_hot(labels, classes).sum(0)
    return counts.double() / len(labels)


def pairwise_agreement(labels: Labels) -> float:
    r"""How often two different annotators say the same, on average.

    .. math:: \frac{1}{T} \sum_t \frac{n \sum_y q_t(y)^2 - 1}{n - 1}

    (eq-chords-agreement) for n annotators. One annotator, scored
    against another, has this score on average.

    Raises:
        ValueError: fewer than two annotators.

    >>> pairwise_agreement(torch.tensor([[0, 1], [0, 1], [0, 2]]))
    0.6667
    """
    if len(labels) < 2:
        raise ValueError(
            f"labels {tuple(labels.shape)}: expected (annotator, item) "
            "with two annotators or more"
        )
    n = len(labels)
    q = label_shares(labels, classes=int(labels.max()) + 1)
    return float((n * q.square().sum(1) - 1).mean() / (n - 1))


def best_score(labels: Labels) -> float:
    r"""The best score against an annotator drawn at random.

    .. math:: \frac1T \sum_t \max_y q_t(y)

    (eq-chords-ceiling): what a majority of the annotators scores.

    >>> best_score(torch.tensor([[0, 1], [0, 1], [0, 2]]))
    0.8333
    """
    q = label_shares(labels, classes=int(labels.max()) + 1)
    return float(q.max(1).values.mean())


def majority(
    labels: Labels, *, generator: torch.Generator
) -> Int[Tensor, "item"]:
    """The label of most annotators; a draw decides between equals.

    Args:
        labels: of all annotators.
        generator: source of the draws; it advances.

    >>> g = torch.Generator().manual_seed(0)
    >>> majority(torch.tensor([[3, 1], [3, 1], [0, 1]]), generator=g)
    tensor([3, 1])
    """
    q = label_shares(labels, classes=int(labels.max()) + 1)
    tie = torch.rand(q.shape, generator=generator)
    return (q + 0.5 / len(labels) * tie).argmax(1)


class Consensus(NamedTuple):
    """What Dawid and Skene's model makes of the labels."""

    posterior: Float[Tensor, "item class"]  # of the true label
    confusion: Float[Tensor, "annotator class class"]  # true, given
    prior: Float[Tensor, "class"]
    log_likelihood: list[float]  # after each step, in nat


def dawid_skene(
    labels: Labels,
    *,
    classes: int,
    steps: int = 30,
    smoothing: float = 0.01,
) -> Consensus:
    r"""True labels and each annotator's habits, by EM.

    Each item has a true label from a prior :math:`\pi`, and annotator
    a gives it the label l with probability :math:`\theta_a(y, l)`,
    independently of the others (Dawid and Skene, 1979):

    .. math::
        r_t(y) \propto \pi(y) \prod_a \theta_a(y, l_{at}), \qquad
        \theta_a(y, l) \propto \sum_{t :\, l_{at} = l} r_t(y)

    (eq-chords-em). The start is the shares of the labels.

    Args:
        labels: of all annotators.
        classes: how many labels there are.
        steps: of EM.
        smoothing: added to each count, so that what was not seen stays
            possible; with zero, the likelihood never falls.

    Raises:
        ValueError: labels that there are not, or no steps.

    >>> x = torch.tensor([[0, 1, 0, 1], [0, 1, 0, 1], [1, 1, 0, 1]])
    >>> dawid_skene(x, classes=2).posterior.argmax(1)
    tensor([0, 1, 0, 1])
    """
    if steps < 1:
        raise ValueError(f"expected one step or more, got {steps}")
    posterior = label_shares(labels, classes=classes)
    given = torch.nn.functional.one_hot(labels, classes).double()
    history = []
    for _ in range(steps):
        prior = posterior.mean(0)
        counts = torch.einsum("ty,atl->ayl", posterior, given)
        counts = counts + smoothing
        rows = counts.sum(-1, keepdim=True)
        uniform = torch.full_like(counts, 1 / classes)
        confusion = torch.where(rows > 0, counts / rows, uniform)
        joint = prior.log() + torch.einsum(
            "atl,ayl->ty", given, confusion.log().clamp(min=-1e9)
        )
        total = joint.logsumexp(1)
        posterior = (joint - total[:, None]).exp()
        history.append(float(total.sum()))
    return Consensus(posterior, confusion, prior, history)


def _refuse_others(labels: Labels, classes: int) -> None:
    if labels.ndim != 2 or not labels.numel():
        raise ValueError(
            f"labels {tuple(labels.shape)}: expected (annotator, item)"
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        raise ValueError(
            f"labels from {low} to {high}: there are 0 to {classes - 1}; "
            "leave items out that are not scored"
        )
