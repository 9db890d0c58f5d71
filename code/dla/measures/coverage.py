"""Whether samples reach all that they should: coverage.

Explained in synthesis/adversarial-diffusion-differentiable.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks


def coverage(
    made: Float[Tensor, "item feature"],
    real: Float[Tensor, "other feature"],
    *,
    neighbours: int = 5,
) -> Float[Tensor, ""]:
    r"""Share of the real items that have a made one nearby.

    Nearby is what lies within the distance of the item's k-th nearest
    neighbour among the real ones (Naeem et al., 2020). A generator that
    makes a part of the data perfectly scores the share of that part.
    The value of a perfect one depends on how many it made: compare with
    as many further real items.

    Args:
        made: items of the generator, one a row.
        real: items that it should reach.
        neighbours: k, fewer than there are real items.

    Raises:
        ValueError: too few real items, other features, whole numbers,
            NaN or infinity.

    >>> real = torch.arange(10.0)[:, None]
    >>> coverage(torch.zeros(99, 1), real, neighbours=1)
    tensor(0.2000)
    """
    made, real = (
        checks.as_floats("made", made),
        checks.as_floats("real", real),
    )
    checks.refuse_non_finite(made=made, real=real)
    if made.shape[-1] != real.shape[-1]:
        raise ValueError(
            f"made {tuple(made.shape)} and real {tuple(real.shape)} "
            "differ in features"
        )
    if not 0 < neighbours < len(real):
        raise ValueError(
            f"{neighbours} neighbours among {len(real)} real items"
        )
    radius = torch.cdist(real, real).kthvalue(neighbours + 1).values
    nearest = torch.cdist(real, made).amin(-1)
    return (nearest <= radius).to(real.dtype).mean()
