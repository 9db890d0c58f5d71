"""Permutation-invariant training: the loss of an unordered set.

Explained in decomposition/permutation-invariant-training. Everywhere,
``pairwise[..., i, j]`` is the loss of estimate i against source j, and
``order[..., i]`` is the source given to estimate i.
"""

import math
from collections.abc import Callable
from itertools import permutations

import torch
from jaxtyping import Float, Int64, Shaped
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from dla import checks


def pairwise_loss(
    loss: Callable[[Tensor, Tensor], Tensor],
    estimates: Float[Tensor, "*batch estimate feature"],
    sources: Float[Tensor, "*batch source feature"],
) -> Float[Tensor, "*batch estimate source"]:
    r"""Every estimate against every source (def-pit-pairwise).

    Args:
        loss: takes an estimate and a target of the same shape
            "... feature" and returns "..."; lower is better.
        estimates: :math:`\hat s_i`; a spectrogram enters with its axes
            flattened into one.
        sources: :math:`s_j`; their number may differ.

    Raises:
        ValueError: the shapes differ in more than the number of
            signals.

    >>> from dla.losses.squared_error import squared_error
    >>> tones = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    >>> pairwise_loss(squared_error, tones, tones)
    tensor([[0., 5.],
            [5., 0.]])
    """
    apart = [s.shape[:-2] + s.shape[-1:] for s in (estimates, sources)]
    if apart[0] != apart[1]:
        raise ValueError(
            f"estimates {tuple(estimates.shape)} and "
            f"sources {tuple(sources.shape)} may differ only in the "
            "last axis but one, the number of signals"
        )
    rows = estimates[..., :, None, :]
    columns = sources[..., None, :, :]
    return loss(*torch.broadcast_tensors(rows, columns))


def permutation_losses(
    pairwise: Float[Tensor, "*batch estimate source"],
) -> tuple[
    Float[Tensor, "*batch permutation"],
    Int64[Tensor, "permutation estimate"],
]:
    r"""The mean loss of every order, and the orders themselves.

    All :math:`C!` of them, the identity first, in the order of
    ``itertools.permutations``.

    Args:
        pairwise: loss :math:`D_{ij}` of estimate i against source j.

    Raises:
        ValueError: the matrix is not square.

    >>> losses, orders = permutation_losses(
    ...     torch.tensor([[0.0, 1.0], [4.0, 9.0]])
    ... )
    >>> losses, orders.tolist()
    (tensor([4.5, 2.5]), [[0, 1], [1, 0]])
    """
    pairwise = checked_square(pairwise)
    count = pairwise.shape[-1]
    estimate = torch.arange(count, device=pairwise.device)
    orders = torch.tensor(
        list(permutations(range(count))), device=pairwise.device
    )
    return pairwise[..., estimate, orders].mean(-1), orders


def pit(
    pairwise: Float[Tensor, "*batch estimate source"],
) -> tuple[Float[Tensor, "*batch"], Int64[Tensor, "*batch estimate"]]:
    r"""Permutation-invariant loss by trying every order.

    Yu et al. (2017), over whole utterances Kolbaek et al. (2017);
    def-pit-loss:

    .. math::
        \min_{\pi \in \mathfrak S_C}
        \frac{1}{C} \sum_{i=1}^{C} D_{i\,\pi(i)}

    The gradient is that of the cheapest order; among equally cheap
    ones, one is taken. Costs :math:`C!`: see :func:`pit_assignment`.

    Args:
        pairwise: loss :math:`D_{ij}` of estimate i against source j,
            in any unit; lower is better.

    Returns:
        The loss in the same unit, and the order: entry i is the
        source given to estimate i.

    Raises:
        ValueError: the matrix is not square.

    >>> pit(torch.tensor([[3.0, 4.0, 6.0],
    ...                   [0.0, 6.0, 6.0],
    ...                   [3.0, 1.0, 2.0]]))
    (tensor(2.), tensor([1, 0, 2]))
    """
    losses, orders = permutation_losses(pairwise)
    loss, best = losses.min(dim=-1, keepdim=True)
    estimate = torch.arange(orders.shape[-1], device=best.device)
    return loss.squeeze(-1), orders[best, estimate]


def pit_assignment(
    pairwise: Float[Tensor, "*batch estimate source"],
) -> tuple[Float[Tensor, "*batch"], Int64[Tensor, "*batch estimate"]]:
    r"""The same as :func:`pit`, as a linear assignment problem.

    Shortest augmenting paths find the order in :math:`O(C^3)` outside
    the graph (scipy, after Crouse, 2016; eq-pit-assignment); the
    gradient flows through the entries picked. Works on whole tensors
    only, not under ``torch.vmap``.

    Args:
        pairwise: loss :math:`D_{ij}` of estimate i against source j.

    Returns:
        The loss, and the order: entry i is the source given to
        estimate i.

    Raises:
        ValueError: the matrix is not square, or not finite.

    >>> pit_assignment(torch.tensor([[3.0, 4.0, 6.0],
    ...                              [0.0, 6.0, 6.0],
    ...                              [3.0, 1.0, 2.0]]))
    (tensor(2.), tensor([1, 0, 2]))
    """
    pairwise = checked_square(pairwise)
    checks.refuse_non_finite(pairwise=pairwise)
    matrices = pairwise.detach().cpu().reshape(-1, *pairwise.shape[-2:])
    orders = [linear_sum_assignment(m)[1].tolist() for m in matrices]
    order = torch.tensor(
        orders, dtype=torch.int64, device=pairwise.device
    ).reshape(pairwise.shape[:-1])
    chosen = pairwise.gather(-1, order[..., None]).squeeze(-1)
    return chosen.mean(-1), order


def frame_pit(
    pairwise: Float[Tensor, "*batch frame estimate source"],
) -> tuple[
    Float[Tensor, "*batch"], Int64[Tensor, "*batch frame estimate"]
]:
    r"""Permutation-invariant loss with a new order in every frame.

    A lower bound of the utterance-level loss ``pit(pairwise.mean(-3))``
    that leaves the tracking of the voices unsolved (Yu et al., 2017;
    eq-pit-exchange).

    Args:
        pairwise: loss of estimate i against source j in each frame.

    Returns:
        The loss, averaged over frames, and the order in every frame.

    Raises:
        ValueError: the matrices are not square.

    >>> swap = torch.tensor([[[0.0, 1.0], [1.0, 0.0]],
    ...                      [[1.0, 0.0], [0.0, 1.0]]])
    >>> frame_pit(swap)[0], pit(swap.mean(-3))[0]
    (tensor(0.), tensor(0.5000))
    """
    loss, order = pit(pairwise)
    return loss.mean(-1), order


def soft_pit(
    pairwise: Float[Tensor, "*batch estimate source"],
    *,
    beta: float,
) -> Float[Tensor, "*batch"]:
    r"""Permutation-invariant loss with a soft minimum.

    After Yousefi et al. (2019); def-pit-soft:

    .. math::
        -\frac{1}{\beta} \log \frac{1}{C!} \sum_{\pi}
        \exp\Bigl(-\beta\, \frac{1}{C} \sum_i D_{i\,\pi(i)}\Bigr)

    Every order takes part with its posterior weight. The :math:`1/C!`
    makes small :math:`\beta` give the average over the orders; large
    :math:`\beta` gives :func:`pit`.

    Args:
        pairwise: loss :math:`D_{ij}` of estimate i against source j.
        beta: inverse temperature in one over the unit of the loss,
            positive.

    Raises:
        ValueError: the matrix is not square, or beta is not positive.

    >>> pairwise = torch.tensor([[0.0, 1.0], [4.0, 9.0]])
    >>> soft_pit(pairwise, beta=1e-3), soft_pit(pairwise, beta=1e3)
    (tensor(3.50), tensor(2.50))
    """
    if not beta > 0:
        raise ValueError(f"beta must be positive, got {beta}")
    losses, orders = permutation_losses(pairwise)
    total = torch.logsumexp(-beta * losses, dim=-1)
    return -(total - math.log(len(orders))) / beta


def reorder(
    estimates: Shaped[Tensor, "..."],
    order: Int64[Tensor, "*batch estimate"],
) -> Shaped[Tensor, "..."]:
    r"""Move estimate i to the place of the source that it was given.

    Args:
        estimates: signals "*batch estimate ...", with any axes after
            the estimates.
        order: from :func:`pit`.

    Raises:
        ValueError: the leading axes differ.

    >>> reorder(torch.tensor([10, 20, 30]), torch.tensor([1, 2, 0]))
    tensor([30, 10, 20])
    """
    if estimates.shape[: order.ndim] != order.shape:
        raise ValueError(
            f"estimates {tuple(estimates.shape)} do not start with "
            f"the axes of order {tuple(order.shape)}"
        )
    place = order.argsort(dim=-1)
    inner = (1,) * (estimates.ndim - order.ndim)
    index = place.reshape(place.shape + inner).expand(estimates.shape)
    return estimates.gather(order.ndim - 1, index)


def checked_square(
    pairwise: Shaped[Tensor, "..."],
) -> Float[Tensor, "..."]:
    """`pairwise`; refuse what is not one source per estimate."""
    shape = tuple(pairwise.shape)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ValueError(
            f"pairwise {shape} does not end in a square: expected as "
            "many estimates as sources (*batch estimate source)"
        )
    return checks.as_floats("pairwise", pairwise)
