"""What can be read off a representation: a linear probe.

Explained in overview/experiments. Read it beside the same probe on an
untrained network: what can be decoded need not be used.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from dla import checks


def linear_probe(
    seen: Float[Tensor, "item feature"],
    labels: Int[Tensor, "item"],
    asked: Float[Tensor, "question feature"],
    *,
    ridge: float = 1.0,
) -> Int[Tensor, "question"]:
    """Fit a linear rule to some items and apply it to others.

    Least squares on one-hot labels. Features are standardised with the
    mean and deviation of the items that it is fitted to; the penalty
    is on the weights of these, not on the offset.

    Args:
        seen: features to fit to.
        labels: their classes, from 0.
        asked: features to decide on; of other items.
        ridge: penalty on the squared weights.

    Returns:
        The class of each row of `asked`.

    Raises:
        ValueError: fewer than two classes, or a label for not each
            item, or features that are not finite.

    >>> x = torch.tensor([[0.0], [1.0], [4.0], [5.0]])
    >>> y = torch.tensor([0, 0, 1, 1])
    >>> linear_probe(x, y, torch.tensor([[-1.0], [6.0]]))
    tensor([0, 1])
    """
    if len(seen) != len(labels):
        raise ValueError(
            f"{len(seen)} items and {len(labels)} labels: expected one "
            "label per item"
        )
    if len(labels.unique()) < 2:
        raise ValueError(
            "a probe needs two classes to tell apart, got "
            f"{labels.unique().tolist()}"
        )
    checks.refuse_non_finite(seen=seen, asked=asked)
    seen = checks.as_floats("seen", seen)
    mean, spread = seen.mean(0), seen.std(0).clamp(min=1e-6)
    x = ((seen - mean) / spread).double()
    goal = one_hot(labels.long()).double()
    penalty = ridge * torch.eye(x.shape[1], dtype=torch.float64)
    weights = torch.linalg.solve(x.T @ x + penalty, x.T @ goal)
    score = ((asked - mean) / spread).double() @ weights + goal.mean(0)
    return score.argmax(-1)
