"""Sums and maxima over all paths of a chain of states.

Explained in analysis/chords. A path visits one state per frame; its
score is the sum of what its states score in their frames and of what
its transitions score. Hidden Markov models and conditional random
fields ask the same four things of it: the sum over all paths
(forward), the share of a state (forward and backward), the best path
(Viterbi), and the gradient of the sum, which is that share. All is in
the log domain and in double precision; what no path reaches is -inf.

The loops are compiled (numba): a frame needs the one before it, so a
loop of tensor operations would pay for a call in each frame.
"""

import math
from typing import NamedTuple, no_type_check

import numba
import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

TINY = 1e-280  # a sum below it may have lost terms to underflow


class Path(NamedTuple):
    """A best path of each item, and its score."""

    states: Int[Tensor, "*batch frame"]
    score: Float[Tensor, "*batch"]  # nat


class Marginals(NamedTuple):
    """Shares of all paths, each weighted by exp of its score."""

    states: Float[Tensor, "*batch frame state"]  # rows sum to one
    pairs: Float[
        Tensor, "*batch state state"
    ]  # from, to; over all frames


@numba.njit(cache=True)
@no_type_check
def _log_sum(a, b):
    """Of a + b, exactly: slower, for what would underflow."""
    top = -np.inf
    for k in range(len(a)):
        top = max(top, a[k] + b[k])
    if top == -np.inf:
        return top
    total = 0.0
    for k in range(len(a)):
        total += math.exp(a[k] + b[k] - top)
    return top + math.log(total)


@numba.njit(cache=True)
@no_type_check
def _advance(scores, matrix, weights):
    """For each j the log of the sum over i of exp(scores[i] + matrix[j, i])."""
    states = len(scores)
    out = np.empty(states)
    top = scores.max()
    if top == -np.inf:
        out[:] = -np.inf
        return out
    shares = np.exp(scores - top)
    for j in range(states):
        total = 0.0
        for i in range(states):
            total += weights[j, i] * shares[i]
        out[j] = (
            top + math.log(total)
            if total > TINY
            else _log_sum(scores, matrix[j])
        )
    return out


@numba.njit(cache=True)
@no_type_check
def _forward(emission, transition, initial):
    items, frames = emission.shape[:2]
    out = np.empty_like(emission)
    matrix = np.ascontiguousarray(transition.T)
    weights = np.exp(matrix)
    for item in range(items):
        out[item, 0] = initial + emission[item, 0]
        for n in range(1, frames):
            out[item, n] = _advance(out[item, n - 1], matrix, weights)
            out[item, n] += emission[item, n]
    return out


@numba.njit(cache=True)
@no_type_check
def _backward(emission, transition):
    items, frames = emission.shape[:2]
    out = np.empty_like(emission)
    weights = np.exp(transition)
    for item in range(items):
        out[item, frames - 1] = 0.0
        for n in range(frames - 2, -1, -1):
            after = out[item, n + 1] + emission[item, n + 1]
            out[item, n] = _advance(after, transition, weights)
    return out


@numba.njit(cache=True)
@no_type_check
def _pairs(before, after, transition, total):
    items, frames, states = before.shape
    out = np.zeros((items, states, states))
    for item in range(items):
        if total[item] == -np.inf:
            continue
        for n in range(1, frames):
            for i in range(states):
                if before[item, n - 1, i] == -np.inf:
                    continue
                for j in range(states):
                    score = (
                        before[item, n - 1, i]
                        + transition[i, j]
                        + after[item, n, j]
                    )
                    out[item, i, j] += math.exp(score - total[item])
    return out


@numba.njit(cache=True)
@no_type_check
def _viterbi(emission, transition, initial):
    items, frames, states = emission.shape
    paths = np.empty((items, frames), np.int64)
    best = np.empty(items)
    came = np.empty((frames, states), np.int32)
    matrix = np.ascontiguousarray(transition.T)
    for item in range(items):
        score = initial + emission[item, 0]
        for n in range(1, frames):
            now = np.empty(states)
            for j in range(states):
                top, which = -np.inf, 0
                for i in range(states):
                    value = score[i] + matrix[j, i]
                    if value > top:  # of equal ones the first state
                        top, which = value, i
                now[j] = top + emission[item, n, j]
                came[n, j] = which
            score = now
        state = int(score.argmax())
        best[item] = score[state]
        for n in range(frames - 1, -1, -1):
            paths[item, n] = state
            if n:
                state = came[n, state]
    return paths, best


class _Chain(NamedTuple):
    """Checked input as double arrays, the leading axes as one."""

    emission: np.ndarray  # (item, frame, state)
    transition: np.ndarray
    initial: np.ndarray
    batch: torch.Size


def _checked(
    emission: Float[Tensor, "*batch frame state"],
    transition: Float[Tensor, "state state"],
    initial: Float[Tensor, "state"] | None,
) -> _Chain:
    if emission.ndim < 2 or not all(emission.shape[-2:]):
        raise ValueError(
            f"emission {tuple(emission.shape)}: expected (..., frame, state), one of each at least"
        )
    states = emission.shape[-1]
    if initial is None:
        initial = torch.zeros(states)
    if transition.shape != (states, states) or initial.shape != (
        states,
    ):
        raise ValueError(
            f"transition {tuple(transition.shape)} and initial {tuple(initial.shape)} for "
            f"{states} states: expected ({states}, {states}), from and to, and ({states},)"
        )
    named = {
        "emission": emission,
        "transition": transition,
        "initial": initial,
    }
    for name, scores in named.items():
        wrong = int((scores.isnan() | (scores == math.inf)).sum())
        if wrong:
            raise ValueError(
                f"{wrong} of {scores.numel()} scores of {name} are NaN or +inf; expected "
                "logarithms (-inf forbids a state or a transition)"
            )
    arrays = [
        x.detach().cpu().double().contiguous() for x in named.values()
    ]
    flat = arrays[0].reshape(-1, *emission.shape[-2:])
    return _Chain(
        flat.numpy(),
        arrays[1].numpy(),
        arrays[2].numpy(),
        emission.shape[:-2],
    )


def forward(
    emission: Float[Tensor, "*batch frame state"],
    transition: Float[Tensor, "state state"],
    initial: Float[Tensor, "state"] | None = None,
) -> Float[Tensor, "*batch frame state"]:
    r"""Log of the sum over all paths that end in a state at a frame.

    .. math::
        \alpha_n(j) = \phi_n(j) + \log \sum_i
        \exp\bigl(\alpha_{n-1}(i) + A_{ij}\bigr), \qquad
        \alpha_0(j) = \pi_j + \phi_0(j)

    (eq-chords-forward). The time grows as frames times states squared.

    Args:
        emission: :math:`\phi_n(j)`, what a state scores in a frame.
        transition: :math:`A_{ij}`, from and to.
        initial: :math:`\pi_j`; zero if left out.

    Raises:
        ValueError: shapes that do not fit, NaN or +inf.

    >>> half = torch.full((2, 2), 0.5).log()
    >>> forward(torch.zeros(3, 2), half, torch.tensor([0.0, -torch.inf]))[-1].exp()
    tensor([0.5000, 0.5000], dtype=torch.float64)
    """
    c = _checked(emission, transition, initial)
    return torch.from_numpy(_forward(*c[:3])).reshape(emission.shape)


def backward(
    emission: Float[Tensor, "*batch frame state"],
    transition: Float[Tensor, "state state"],
) -> Float[Tensor, "*batch frame state"]:
    r"""Log of the sum over all ways to go on from a state at a frame.

    .. math::
        \beta_n(i) = \log \sum_j
        \exp\bigl(A_{ij} + \phi_{n+1}(j) + \beta_{n+1}(j)\bigr), \qquad
        \beta_{N-1}(i) = 0

    (eq-chords-backward).

    >>> backward(torch.zeros(3, 2), torch.zeros(2, 2)).exp()[:, 0]
    tensor([4., 2., 1.], dtype=torch.float64)
    """
    c = _checked(emission, transition, None)
    return torch.from_numpy(
        _backward(c.emission, c.transition)
    ).reshape(emission.shape)


def marginals(
    emission: Float[Tensor, "*batch frame state"],
    transition: Float[Tensor, "state state"],
    initial: Float[Tensor, "state"] | None = None,
) -> Marginals:
    r"""Shares of the states in each frame, and of the transitions.

    .. math::
        P(y_n = j) = \exp\bigl(\alpha_n(j) + \beta_n(j) - \log Z\bigr)

    (eq-chords-marginal). Both are zero for an item that no path gets
    through.

    >>> marginals(torch.tensor([[0.0, 0.0], [0.0, 1.0]]), torch.zeros(2, 2)).states
    tensor([[0.5000, 0.5000],
            [0.2689, 0.7311]], dtype=torch.float64)
    """
    c = _checked(emission, transition, initial)
    before, after = (
        _forward(*c[:3]),
        _backward(c.emission, c.transition),
    )
    total = torch.from_numpy(before[:, -1]).logsumexp(-1)
    with np.errstate(invalid="ignore"):
        states = np.exp(before + after - total.numpy()[:, None, None])
    states[total.numpy() == -np.inf] = 0.0
    pairs = _pairs(
        before, after + c.emission, c.transition, total.numpy()
    )
    return Marginals(
        torch.from_numpy(states).reshape(emission.shape),
        torch.from_numpy(pairs).reshape(*c.batch, *transition.shape),
    )


class _LogPartition(torch.autograd.Function):
    """The sum over all paths; its gradient is the marginals."""

    @staticmethod
    def forward(ctx, emission, transition, initial):
        ctx.save_for_backward(emission, transition, initial)
        c = _checked(emission, transition, initial)
        total = torch.from_numpy(_forward(*c[:3])[:, -1]).logsumexp(-1)
        return total.reshape(c.batch).to(emission.device)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        emission, transition, initial = ctx.saved_tensors
        states, pairs = (
            x.to(emission.device) for x in marginals(*ctx.saved_tensors)
        )
        weight = grad.double()[..., None, None]
        states, pairs = states * weight, pairs * weight
        return (
            states.to(emission.dtype),
            pairs.reshape(-1, *transition.shape)
            .sum(0)
            .to(transition.dtype),
            states[..., 0, :]
            .reshape(-1, len(initial))
            .sum(0)
            .to(initial.dtype),
        )


def log_partition(
    emission: Float[Tensor, "*batch frame state"],
    transition: Float[Tensor, "state state"],
    initial: Float[Tensor, "state"] | None = None,
) -> Float[Tensor, "*batch"]:
    r"""Log of the sum over all paths, in nat; can be differentiated once.

    .. math::
        \log Z = \log \sum_{y} \exp \Bigl( \pi_{y_0} + \sum_n \phi_n(y_n)
        + \sum_{n>0} A_{y_{n-1} y_n} \Bigr)

    (eq-chords-partition). For probabilities it is the log-likelihood
    of a hidden Markov model. Its gradient in :math:`\phi_n(j)` is
    :math:`P(y_n = j)`, and in :math:`A_{ij}` the expected number of
    these transitions (eq-chords-gradient).

    >>> log_partition(torch.zeros(3, 2), torch.zeros(2, 2)).exp()
    tensor(8., dtype=torch.float64)
    """
    if initial is None:
        initial = emission.new_zeros(emission.shape[-1:])
    return _LogPartition.apply(emission, transition, initial)


def path_score(
    states: Int[Tensor, "*batch frame"],
    emission: Float[Tensor, "*batch frame state"],
    transition: Float[Tensor, "state state"],
    initial: Float[Tensor, "state"] | None = None,
) -> Float[Tensor, "*batch"]:
    r"""What one path scores: the exponent in :func:`log_partition`.

    Args:
        states: :math:`y`, one a frame.

    Raises:
        ValueError: a path of another shape, or states that there are
            not.

    >>> path_score(torch.tensor([0, 1]), torch.tensor([[1.0, 0.0], [0.0, 2.0]]), -torch.eye(2))
    tensor(3.)
    """
    if states.shape != emission.shape[:-1]:
        raise ValueError(
            f"states {tuple(states.shape)} for emission {tuple(emission.shape)}: "
            f"expected {tuple(emission.shape[:-1])}"
        )
    size = emission.shape[-1]
    if ((states < 0) | (states >= size)).any():
        raise ValueError(
            f"states from {int(states.min())} to {int(states.max())}: there are 0 to {size - 1}"
        )
    score = emission.gather(-1, states[..., None])[..., 0].sum(-1)
    score = score + transition[states[..., :-1], states[..., 1:]].sum(
        -1
    )
    return score if initial is None else score + initial[states[..., 0]]


def viterbi(
    emission: Float[Tensor, "*batch frame state"],
    transition: Float[Tensor, "state state"],
    initial: Float[Tensor, "state"] | None = None,
) -> Path:
    r"""A path of the largest score, and that score.

    The maximum in place of the sum of :func:`forward`
    (eq-chords-viterbi). Of equal scores the first state counts.

    Raises:
        ValueError: as :func:`forward`; an item that no path gets
            through.

    >>> emission = torch.tensor([[2.0, 0.0], [0.0, 1.0], [2.0, 0.0]])
    >>> viterbi(emission, torch.tensor([[0.0, -1.0], [-1.0, 0.0]])).states
    tensor([0, 0, 0])
    """
    c = _checked(emission, transition, initial)
    paths, best = _viterbi(*c[:3])
    lost = np.flatnonzero(best == -np.inf)
    if len(lost):
        raise ValueError(
            f"no path gets through item {int(lost[0])} of {len(best)}: every one meets a "
            "score of -inf; check forbidden transitions and emissions of probability zero"
        )
    states = torch.from_numpy(paths).reshape(emission.shape[:-1])
    return Path(states, torch.from_numpy(best).reshape(c.batch))
