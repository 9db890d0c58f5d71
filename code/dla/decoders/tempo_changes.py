"""How the beat interval changes from one beat to the next.

Explained in analysis/beat-tracking/bar-pointer.
"""

from jaxtyping import Float, Int
from torch import Tensor

from dla import checks

CAP = 300.0  # largest lambda fitted: 1 % of tempo costs a factor e^3


def deviations(
    intervals: Int[Tensor, "interval"],
) -> Float[Tensor, "interval interval"]:
    r"""Relative change :math:`|\tau_j / \tau_i - 1|`, from i to j.

    >>> import torch
    >>> deviations(torch.tensor([2, 4]))
    tensor([[0.0, 1.0], [0.5, 0.0]], dtype=torch.float64)
    """
    tau = intervals.double()
    return (tau / tau[:, None] - 1).abs()


def tempo_transition(
    intervals: Int[Tensor, "interval"], transition_lambda: float
) -> Float[Tensor, "interval interval"]:
    r"""Probability of each interval after each interval.

    .. math::
        p(j \mid i) = \frac{e^{-\lambda |\tau_j / \tau_i - 1|}}
        {\sum_{j'} e^{-\lambda |\tau_{j'} / \tau_i - 1|}}

    A row is the interval that ends (def-beat-transition; Krebs et al.,
    2015). At zero all intervals are equally probable.

    Args:
        intervals: :math:`\tau`, frames, positive.
        transition_lambda: :math:`\lambda`, not negative.

    Raises:
        ValueError: a negative lambda, or an interval below one frame.

    >>> import torch
    >>> tempo_transition(torch.tensor([2, 4]), 0.0)
    tensor([[0.5, 0.5], [0.5, 0.5]], dtype=torch.float64)
    """
    if transition_lambda < 0:
        raise ValueError(
            f"lambda {transition_lambda} is negative: it would prefer "
            "changes of tempo"
        )
    if (intervals < 1).any():
        raise ValueError(
            f"intervals {intervals.tolist()} have to be frames, "
            "at least one"
        )
    return (-transition_lambda * deviations(intervals)).softmax(1)


def count_changes(
    times: Float[Tensor, "beat"],
    intervals: Int[Tensor, "interval"],
    *,
    frame_rate: float,
) -> Int[Tensor, "interval interval"]:
    """How often each interval follows each, in annotated beats.

    The times are rounded to frames first, as a decoder has to: steady
    music then changes its interval by a frame now and then. Pairs with
    an interval outside the list are left out.

    Args:
        times: of consecutive beats, in s, ascending.
        intervals: frames, ascending.
        frame_rate: frames per second.

    Raises:
        ValueError: times that do not ascend, or are not finite.

    >>> import torch
    >>> times = torch.tensor([0.0, 0.2, 0.4, 0.7])
    >>> count_changes(times, torch.tensor([2, 3]), frame_rate=10.0)
    tensor([[1, 1], [0, 0]])
    """
    checks.refuse_unsorted(times=times)
    found = (times.double() * frame_rate).round().long().diff()
    is_listed = found[:, None] == intervals
    index = is_listed.long().argmax(1)
    pair = is_listed.any(1)[:-1] & is_listed.any(1)[1:]
    size = len(intervals)
    code = (index[:-1] * size + index[1:])[pair]
    return code.bincount(minlength=size**2).reshape(size, size)


def fit_lambda(
    counts: Float[Tensor, "interval interval"]
    | Int[Tensor, "interval interval"],
    intervals: Int[Tensor, "interval"],
    *,
    cap: float = CAP,
) -> float:
    r"""The lambda under which the counted changes are most probable.

    The logarithm of the likelihood is concave in lambda, and its
    derivative is the number of changes times the difference of two
    means of :math:`|\tau_j/\tau_i - 1|`: expected minus counted
    (eq-beat-lambda). Bisection finds where they agree. If nothing ever
    changes there is no such place, and the cap is returned.

    Args:
        counts: of each interval after each, from
            :func:`count_changes`, their sum over pieces, or expected
            counts.
        intervals: frames.
        cap: largest value returned.

    Raises:
        ValueError: counts that are negative, all zero, or of another
            shape.

    >>> import torch
    >>> fit_lambda(torch.eye(2), torch.tensor([2, 4]))
    300.0
    """
    size = len(intervals)
    if counts.shape != (size, size):
        raise ValueError(
            f"counts {tuple(counts.shape)} for {size} intervals"
        )
    checks.refuse_non_finite(counts=counts)
    if (counts < 0).any() or counts.sum() <= 0:
        raise ValueError("counts are negative, or there are none")
    counts, changes = counts.double(), deviations(intervals)

    def slope(value: float) -> Tensor:
        expected = (tempo_transition(intervals, value) * changes).sum(1)
        return counts.sum(1) @ expected - (counts * changes).sum()

    low, high = 0.0, cap
    if slope(low) <= 0:
        return low
    if slope(high) >= 0:
        return high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if slope(middle) > 0 else (low, middle)
        )
    return (low + high) / 2
