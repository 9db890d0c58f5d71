r"""Cross entropy that does not mind a few frames (Foscarin et al., 2024).

Explained in analysis/beat-tracking/network.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import logsigmoid, max_pool1d

from dla import checks

TOLERANCE = 3  # frames; 60 ms at 50 frames per second


def spread(
    x: Float[Tensor, "*batch frame"], radius: int
) -> Float[Tensor, "*batch frame"]:
    r"""Largest value of the frames that are at most so far away.

    .. math:: \bar x_m = \max_{|j| \le r} x_{m + j}

    At the ends, of the frames that exist.

    Args:
        radius: :math:`r` in frames.

    Raises:
        ValueError: a negative radius.

    >>> import torch
    >>> spread(torch.tensor([0.0, 0.0, 1.0, 0.0, 0.0]), 1)
    tensor([0., 1., 1., 1., 0.])
    """
    if radius < 0:
        raise ValueError(f"a radius of {radius} frames is negative")
    x = checks.as_floats("x", x)
    rows = x.reshape(-1, 1, x.shape[-1])
    pooled = max_pool1d(rows, 2 * radius + 1, stride=1, padding=radius)
    return pooled.reshape(x.shape)


def weighted_bce(
    logits: Float[Tensor, "*batch frame"],
    targets: Float[Tensor, "*batch frame"],
    *,
    weight: float = 1.0,
) -> Float[Tensor, "*batch"]:
    r"""Binary cross entropy per frame, beats weighted (def-beat-bce).

    .. math::
        -\frac{1}{N_f} \sum_m \bigl[ \beta\, y_m \log \sigma(z_m)
        + (1 - y_m) \log (1 - \sigma(z_m)) \bigr]

    Args:
        logits: :math:`z_m`.
        targets: :math:`y_m`, from 0 to 1.
        weight: :math:`\beta` of a beat.

    Raises:
        ValueError: the shapes differ.

    >>> import torch
    >>> weighted_bce(torch.zeros(4), torch.tensor([0.0, 1.0, 0.0, 0.0]))
    tensor(0.6931)
    """
    logits, targets = _checked(logits, targets)
    positive = weight * targets * logsigmoid(logits)
    negative = (1 - targets) * logsigmoid(-logits)
    return -(positive + negative).mean(-1)


def shift_tolerant_bce(
    logits: Float[Tensor, "*batch frame"],
    targets: Float[Tensor, "*batch frame"],
    *,
    weight: float = 1.0,
    tolerance: int = TOLERANCE,
) -> Float[Tensor, "*batch"]:
    r"""Cross entropy of the best frame near each beat.

    After Foscarin, Schlüter and Widmer (2024); def-beat-tolerant, with
    :math:`\bar z` the logits spread by r frames and :math:`\bar y` the
    targets spread by 2r:

    .. math::
        -\frac{1}{N_f} \sum_m \bigl[ \beta\, y_m \log \sigma(\bar z_m)
        + (1 - \bar y_m) \log (1 - \sigma(\bar z_m)) \bigr]

    A frame within r of a beat is answerable to the beat only, any
    other to the windows without a beat only (eq-beat-tiling). With
    tolerance 0 this is :func:`weighted_bce`.

    A peak without a beat is punished in 2r + 1 windows, one on a beat
    rewarded once: what is learned are the odds of a beat times
    weight / (2r + 1) (eq-beat-tolerant-odds). With a weight of 2r + 1
    the answer is a probability; with 1 it understates.

    Args:
        logits: :math:`z_m`.
        targets: :math:`y_m`, 1 at beats and 0 elsewhere, of any dtype.
        weight: :math:`\beta` of a beat.
        tolerance: :math:`r` in frames.

    Raises:
        ValueError: the shapes differ, or a negative tolerance.

    >>> import torch
    >>> late = torch.tensor([-9.0, -9.0, -9.0, 9.0, -9.0, -9.0, -9.0])
    >>> beat = torch.tensor([0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    >>> shift_tolerant_bce(late, beat, tolerance=1) < 0.001
    tensor(True)
    >>> shift_tolerant_bce(late, beat, tolerance=0) > 2
    tensor(True)
    """
    logits, targets = _checked(logits, targets)
    near = spread(logits, tolerance)
    around = spread(targets, 2 * tolerance)
    positive = weight * targets * logsigmoid(near)
    negative = (1 - around) * logsigmoid(-near)
    return -(positive + negative).mean(-1)


def _checked(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Both in one precision; targets may come as whole numbers."""
    checks.refuse_different_shapes(logits=logits, targets=targets)
    logits = checks.as_floats("logits", logits)
    return logits, targets.to(logits)
