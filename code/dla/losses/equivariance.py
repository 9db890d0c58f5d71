r"""What a network must obey that never sees a label: shifts.

Explained in analysis/melody/equivariance. On a logarithmic axis of
frequency a transposition moves the spectrum by k bins. A pitch
estimator that has no labels is asked to move its answer by as much.
Four ways to ask are here, because they differ in what a network that
says nothing (a uniform answer, a constant) pays: nothing in the first,
something in the others (SPICE: Gfeller et al., 2020; PESTO: Riou et
al., 2023).

All distributions are over bins of log frequency on the last axis; the
second view is the first one, transposed by `shift` bins up.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from dla import checks

TAU = 0.1  # where the Huber loss turns from a square to a line


def shift_bins(
    x: Float[Tensor, "*batch bin"], shift: Int[Tensor, "*batch"]
) -> Float[Tensor, "*batch bin"]:
    r"""Move each row up by its own number of bins; zeros come in.

    .. math:: (S_k x)_i = x_{i - k}, \qquad x_j = 0
        \text{ outside of the bins}

    (def-melody-shift)

    Args:
        x: rows.
        shift: :math:`k`, whole; negative is down.

    Raises:
        ValueError: shifts that are not whole.

    >>> x = torch.tensor([[1.0, 2.0, 3.0]])
    >>> shift_bins(x, torch.tensor([1])), shift_bins(x, torch.tensor([-2]))
    (tensor([[0., 1., 2.]]), tensor([[3., 0., 0.]]))
    """
    if shift.is_floating_point():
        raise ValueError(
            f"shift is {shift.dtype}, expected whole numbers of bins"
        )
    if shift.shape != x.shape[:-1]:
        raise ValueError(
            f"shift {tuple(shift.shape)} and x {tuple(x.shape)}: "
            "expected one shift for each row"
        )
    x = checks.as_floats("x", x)
    bins = x.shape[-1]
    source = torch.arange(bins) - shift[..., None]
    inside = (source >= 0) & (source < bins)
    moved = x.gather(-1, source.clamp(0, bins - 1))
    return torch.where(inside, moved, 0.0)


def squared_equivariance(
    first: Float[Tensor, "*batch bin"],
    second: Float[Tensor, "*batch bin"],
    shift: Int[Tensor, "*batch"],
) -> Float[Tensor, "*batch"]:
    r"""Squared distance of the second answer from the first, moved.

    .. math:: \sum_i \bigl(q_i - (S_k p)_i\bigr)^2

    over the bins to which the shift brings something
    (def-melody-squared). A uniform answer costs nothing.

    Args:
        first, second: distributions :math:`p`, :math:`q`.
        shift: :math:`k`.

    >>> p = torch.full((1, 4), 0.25)
    >>> squared_equivariance(p, p, torch.tensor([1]))
    tensor([0.])
    """
    first, second = _pair(first, second)
    covered = shift_bins(torch.ones_like(first), shift)
    apart = (second - shift_bins(first, shift)) * covered
    return apart.square().sum(-1)


def shifted_cross_entropy(
    first: Float[Tensor, "*batch bin"],
    second: Float[Tensor, "*batch bin"],
    shift: Int[Tensor, "*batch"],
) -> Float[Tensor, "*batch"]:
    r"""Cross-entropy of the second answer to the first one, moved.

    .. math:: -\sum_i (S_k p)_i \log q_i

    averaged with the same in the other direction
    (def-melody-shifted-entropy; PESTO's third term, and with
    :math:`k = 0` its second). Both sides get a gradient.

    Args:
        first, second: *logits*; the softmax is taken here.
        shift: :math:`k`.

    >>> sure = 20 * torch.eye(4)
    >>> shifted_cross_entropy(sure[:1], sure[1:2], torch.tensor([1]))
    tensor([0.0000])
    """
    first, second = _pair(first, second)
    p, q = first.softmax(-1), second.softmax(-1)
    there = shift_bins(p, shift) * second.log_softmax(-1)
    back = shift_bins(q, -shift) * first.log_softmax(-1)
    return -(there + back).sum(-1) / 2


def leaving_share(
    first: Float[Tensor, "*batch bin"],
    second: Float[Tensor, "*batch bin"],
    shift: Int[Tensor, "*batch"],
) -> Float[Tensor, "*batch"]:
    r"""Share of two answers that the shift moves over an end.

    .. math:: 1 - \tfrac12 \sum_i \bigl[ (S_k p)_i + (S_{-k} q)_i \bigr]

    What leaves has no term in :func:`shifted_cross_entropy`: there, an
    answer beside an end is cheaper than one inside, right or wrong.
    At :math:`\log d` each, for :math:`d` bins, both together cost a
    uniform answer :math:`\log d`, whatever the shift.

    Args:
        first, second: distributions :math:`p`, :math:`q`.
        shift: :math:`k`.

    >>> p = torch.full((1, 4), 0.25)
    >>> leaving_share(p, p, torch.tensor([1]))
    tensor([0.2500])
    """
    first, second = _pair(first, second)
    bins = torch.arange(first.shape[-1])
    lost = 0.0
    for answer, by in ((first, shift), (second, -shift)):
        moved = bins + by[..., None]
        outside = (moved < 0) | (moved >= len(bins))
        lost = lost + (answer * outside).sum(-1) / 2
    return lost


def ratio_loss(
    first: Float[Tensor, "*batch bin"],
    second: Float[Tensor, "*batch bin"],
    shift: Int[Tensor, "*batch"],
    *,
    bins_per_octave: int,
    tau: float = TAU,
) -> Float[Tensor, "*batch"]:
    r"""PESTO's first term: the projection must grow by the interval.

    .. math::
        \mathcal{H}_\tau\!\Bigl(\frac{\phi(q)}{\phi(p)} - \alpha^k\Bigr),
        \qquad \phi(p) = \sum_i \alpha^i p_i ,
        \qquad \alpha = 2^{1/B}

    with the Huber loss :math:`\mathcal{H}_\tau`, averaged with the
    same for the ratio's inverse (eq-melody-projection).

    Args:
        first, second: distributions.
        shift: :math:`k`.
        bins_per_octave: :math:`B`.
        tau: of the Huber loss.

    >>> p, q = torch.eye(13)[:1], torch.eye(13)[12:]
    >>> ratio_loss(p, q, torch.tensor([12]), bins_per_octave=12)
    tensor([0.0000])
    """
    first, second = _pair(first, second)
    weight = 2 ** (torch.arange(first.shape[-1]) / bins_per_octave)
    weight = weight.to(first.dtype)
    ratio = (second @ weight) / (first @ weight)
    interval = 2 ** (shift.to(first.dtype) / bins_per_octave)
    there = huber(ratio - interval, tau=tau)
    back = huber(1 / ratio - 1 / interval, tau=tau)
    return (there + back) / 2


def difference_loss(
    first: Float[Tensor, "*batch"],
    second: Float[Tensor, "*batch"],
    shift: Int[Tensor, "*batch"],
    *,
    scale: float = 1.0,
    tau: float = TAU,
) -> Float[Tensor, "*batch"]:
    r"""SPICE's loss: the answers must differ by the shift.

    .. math:: \mathcal{H}_\tau\bigl((y_2 - y_1) - \sigma k\bigr)

    (def-melody-shifted-entropy; eq-melody-constant gives what a
    constant pays).

    Args:
        first, second: one number each, :math:`y_1` and :math:`y_2`.
        shift: :math:`k`.
        scale: :math:`\sigma`, the answer's unit per bin.
        tau: of the Huber loss.

    >>> difference_loss(torch.tensor(3.0), torch.tensor(5.0), torch.tensor(2))
    tensor(0.)
    """
    first, second = _pair(first, second)
    return huber(second - first - scale * shift, tau=tau)


def huber(
    error: Float[Tensor, "*shape"], *, tau: float = TAU
) -> Float[Tensor, "*shape"]:
    r"""Half the square up to tau, from there on a line.

    .. math:: \tfrac12 e^2 \text{ if } |e| \le \tau, \qquad
        \tau |e| - \tfrac12 \tau^2 \text{ else}

    >>> huber(torch.tensor([0.1, 1.0]), tau=0.5)
    tensor([0.0050, 0.3750])
    """
    error = checks.as_floats("error", error)
    return functional.huber_loss(
        error, torch.zeros_like(error), delta=tau, reduction="none"
    )


def _pair(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    checks.refuse_different_shapes(first=first, second=second)
    return (
        checks.as_floats("first", first),
        checks.as_floats("second", second),
    )
