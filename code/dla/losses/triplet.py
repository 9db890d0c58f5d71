"""Triplet loss: nearer to what belongs than to what does not.

Explained in comparison/audio-retrieval/embeddings.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks


def triplet(
    anchor: Float[Tensor, "*batch item feature"],
    positive: Float[Tensor, "*batch item feature"],
    *,
    margin: float = 0.2,
) -> Float[Tensor, "*batch"]:
    r"""Mean hinge of all triplets of a mini-batch (def-embed-triplet).

    Item i of both belongs together; the positives of the other items
    are its negatives. With squared Euclidean distances D,

    .. math::
        \frac{1}{B (B - 1)} \sum_{i} \sum_{j \ne i}
        \max(0, D_{ii} - D_{ij} + m)

    Args:
        anchor: embeddings of B items, two or more.
        positive: of another version of each.
        margin: m, by which a negative is to be farther.

    Raises:
        ValueError: shapes differ, or there is no negative.

    >>> x = torch.eye(3)
    >>> triplet(x, x), triplet(0 * x, 0 * x)
    (tensor(0.), tensor(0.2000))
    """
    checks.refuse_different_shapes(anchor=anchor, positive=positive)
    items = anchor.shape[-2]
    if items < 2:
        raise ValueError(
            f"a batch of {items} has no negative: give two items or more"
        )
    anchor = checks.as_floats("anchor", anchor)
    positive = checks.as_floats("positive", positive)
    gap = anchor[..., :, None, :] - positive[..., None, :, :]
    distance = gap.square().sum(-1)
    own = distance.diagonal(dim1=-2, dim2=-1)[..., None]
    hinge = (own - distance + margin).clamp(min=0)
    other = ~torch.eye(items, dtype=torch.bool, device=hinge.device)
    hinge = torch.where(other, hinge, torch.zeros_like(hinge))
    return hinge.sum((-2, -1)) / (items * (items - 1))
