r"""From a salience to a pitch between the bins.

Explained in analysis/melody/salience (Mauch and Dixon, 2014; Kim et
al., 2018).
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import checks

REACH = 2  # bins to either side


class AveragedPeak(NamedTuple):
    """A position in bins and the salience at the peak, per frame."""

    position: Float[Tensor, "*batch frame"]
    height: Float[Tensor, "*batch frame"]


def average_peak(
    salience: Float[Tensor, "*batch bin frame"],
    *,
    peak: Int[Tensor, "*batch frame"] | None = None,
    reach: int = REACH,
) -> AveragedPeak:
    r"""Mean position around the largest bin, weighted by salience.

    .. math::
        \hat \pi = \frac{\sum_{\lvert k - k^* \rvert \le r} s_k k}
        {\sum_{\lvert k - k^* \rvert \le r} s_k}, \qquad
        k^* = \operatorname{arg\,max}_k s_k

    (def-melody-average). Where all is zero, the position is that of
    the peak.

    Args:
        salience: not negative.
        peak: :math:`k^*`, where a search has chosen it; without it the
            largest bin of each frame.
        reach: :math:`r` in bins.

    Raises:
        ValueError: a salience that is negative (logits, say) or not
            finite, a
            negative reach, or a peak beyond the bins.

    >>> average_peak(torch.tensor([[0.0], [0.5], [1.0], [0.5], [0.0]])).position
    tensor([2.])
    """
    checks.refuse_non_finite(salience=salience)
    if (salience < 0).any():
        raise ValueError(
            f"a salience of {salience.min():g}: expected none below zero; "
            "did you pass logits or decibels?"
        )
    if reach < 0:
        raise ValueError(f"reach in bins, not negative, got {reach}")
    bins = salience.shape[-2]
    if peak is None:
        peak = salience.argmax(-2)
    elif ((peak < 0) | (peak >= bins)).any():
        raise ValueError(
            f"a peak at bin {int(peak.max())}: there are bins 0 to {bins - 1}"
        )
    k = torch.arange(bins)[:, None]
    near = (k - peak[..., None, :]).abs() <= reach
    weight = torch.where(near, salience, 0.0)
    total = weight.sum(-2)
    mean = (weight * k).sum(-2) / total.clamp_min(1e-30)
    height = salience.gather(-2, peak[..., None, :]).squeeze(-2)
    return AveragedPeak(torch.where(total > 0, mean, peak), height)
