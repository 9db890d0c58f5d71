"""How far two sets of samples are apart: the energy distance.

Explained in synthesis/adversarial-diffusion-differentiable. Not the Fréchet distance of image
generation, because that sees means and covariances only, and needs a network that was trained on
something else.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks


def energy_distance(
    x: Float[Tensor, "item feature"],
    y: Float[Tensor, "other feature"],
) -> Float[Tensor, ""]:
    r"""Energy distance of two distributions, estimated from samples of both.

    .. math::
        2 \operatorname{E} \lVert x - y \rVert
        - \operatorname{E} \lVert x - x' \rVert
        - \operatorname{E} \lVert y - y' \rVert

    (def-adversarial-energy; Székely and Rizzo, 2013), with :math:`x'`
    and :math:`y'` second, independent draws. Zero only if both
    distributions are the same; in the unit of the samples. Pairs of an
    item with itself are left out, so that the estimate is unbiased: for
    two samples of one distribution it lies about zero, on both sides.

    Args:
        x: items, one a row.
        y: items of the other set, as many features.

    Raises:
        ValueError: fewer than two items, other features, whole numbers,
            NaN or infinity.

    >>> x = torch.tensor([[0.0], [1.0]])
    >>> energy_distance(x, x + 10)
    tensor(18.)
    """
    x, y = checks.as_floats("x", x), checks.as_floats("y", y)
    checks.refuse_non_finite(x=x, y=y)
    if x.shape[-1] != y.shape[-1]:
        raise ValueError(
            f"x {tuple(x.shape)} and y {tuple(y.shape)} differ in features"
        )
    if min(len(x), len(y)) < 2:
        raise ValueError(
            f"{len(x)} and {len(y)} items; a distance within a set needs two"
        )
    within = torch.pdist(x).mean() + torch.pdist(y).mean()
    return 2 * torch.cdist(x, y).mean() - within
