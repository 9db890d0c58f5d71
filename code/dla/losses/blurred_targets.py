r"""Targets that are a hill around the true pitch, and their loss.

Explained in analysis/melody/salience. A network for pitch answers for
every bin of a fine axis; the bin beside the right one is nearly right,
and a target of one bin would call it wrong (Kim et al., 2018).
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional


def blurred_targets(
    position: Float[Tensor, "*batch frame"],
    n_bins: int,
    *,
    width: float = 1.0,
) -> Float[Tensor, "*batch bin frame"]:
    r"""A Gaussian hill of height one in each frame (def-melody-target).

    .. math:: y_k = e^{-(k - \pi)^2 / (2 \sigma^2)}

    Args:
        position: :math:`\pi` in bins, not necessarily whole; NaN in
            frames without pitch, whose targets are zero.
        n_bins: bins of the axis.
        width: :math:`\sigma` in bins.

    Raises:
        ValueError: no bins, or a width that is not positive.

    >>> blurred_targets(torch.tensor([1.0, torch.nan]), 3).T
    tensor([[0.6065, 1.0000, 0.6065],
            [0.0000, 0.0000, 0.0000]])
    """
    if n_bins < 1 or not width > 0:
        raise ValueError(
            f"{n_bins} bins and a width of {width}: expected one bin at least, and a positive width"
        )
    bins = torch.arange(n_bins, dtype=position.dtype)[:, None]
    away = (bins - position[..., None, :]) / width
    return torch.exp(-away.square() / 2).nan_to_num(0.0)


def frame_bce(
    logits: Float[Tensor, "*batch bin frame"],
    targets: Float[Tensor, "*batch bin frame"],
) -> Float[Tensor, "*batch"]:
    r"""Binary cross-entropy, summed over bins, mean over frames.

    .. math::
        \mathcal L = - \frac1M \sum_{m,k} y \log s + (1 - y) \log(1 - s)

    (def-melody-bce) with :math:`s` the sigmoid of a logit. Targets
    between zero and one are no labels but means of labels: at its
    optimum :math:`s = \operatorname{E}[y \mid x]` (eq-melody-two-hills).

    Raises:
        ValueError: the shapes differ.

    >>> frame_bce(torch.zeros(1, 2, 5), torch.zeros(1, 2, 5))
    tensor([1.3863])
    """
    if logits.shape != targets.shape:
        raise ValueError(
            f"logits {tuple(logits.shape)} and targets {tuple(targets.shape)} differ in shape"
        )
    each = functional.binary_cross_entropy_with_logits(
        logits, targets, reduction="none"
    )
    return each.sum(-2).mean(-1)
