"""Beats by dynamic programming with one fixed tempo (Ellis, 2007).

Not librosa's beat tracker, because the page changes its score, one term at a time.

Explained in analysis/beat-tracking and in
analysis/beat-tracking/bar-pointer.
"""

import math

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import checks


def penalty(
    intervals: Int[Tensor, "interval"], expected: float
) -> Float[Tensor, "interval"]:
    r"""What a deviation from the expected interval costs.

    .. math:: P(\delta) = -\bigl(\log_2 (\delta / \hat\delta)\bigr)^2

    Zero at the expected interval, minus one an octave away on either
    side (def-beat-ellis-penalty).

    Args:
        intervals: :math:`\delta`, frames, positive.
        expected: :math:`\hat\delta`, frames.

    >>> penalty(torch.tensor([5, 10, 20]), 10.0)
    tensor([-1., 0., -1.], dtype=torch.float64)
    """
    return -(torch.log2(intervals.double() / expected) ** 2)


def ellis(
    novelty: Float[Tensor, "frame"],
    *,
    frame_rate: float,
    bpm: float,
    tightness: float = 1.0,
) -> Float[Tensor, "beat"]:
    r"""Times of the beats that collect most novelty at one tempo.

    The sequence maximises the sum of the novelty at its beats and of
    :math:`\lambda P(\delta)` over the intervals between them, by

    .. math::
        D(n) = \Delta(n) + \max\Bigl\{0,\;
        \max_\delta \lambda P(\delta) + D(n - \delta)\Bigr\}

    over the intervals from half to twice the expected one
    (eq-beat-ellis). The work is proportional to the frames. Of equal
    sequences the one that ends first, and then the one with the
    shorter last intervals.

    Args:
        novelty: :math:`\Delta`, not negative; at a maximum of about
            one, a tightness of one weighs both parts alike.
        frame_rate: frames per second.
        bpm: expected tempo in beats per minute.
        tightness: :math:`\lambda`, not negative.

    Returns:
        in s, ascending; none where there is no novelty.

    Raises:
        ValueError: a novelty that is negative or not finite, a tempo
            faster than one beat per two frames or not positive, a
            negative tightness.

    >>> novelty = torch.tensor([1.0, 0, 0, 1, 0, 0.2, 0, 0, 0, 1])
    >>> ellis(novelty, frame_rate=10.0, bpm=200.0)
    tensor([0.0, 0.3, 0.6, 0.9], dtype=torch.float64)
    """
    check(novelty, frame_rate, bpm, tightness)
    expected = 60 * frame_rate / bpm
    intervals = torch.arange(
        math.ceil(expected / 2), math.floor(expected * 2) + 1
    )
    reward = tightness * penalty(intervals, expected).numpy()
    values = novelty.detach().cpu().double().numpy()
    best = accumulate(values, intervals.numpy(), reward)
    beats = backtrack(values, best, intervals.numpy(), reward)
    return torch.tensor(beats, dtype=torch.float64) / frame_rate


def accumulate(
    novelty: np.ndarray, intervals: np.ndarray, reward: np.ndarray
) -> np.ndarray:
    r"""D(n), the value of the best sequence that ends in each frame.

    A beat has its predecessor at least the shortest interval before
    it: that many frames do not depend on each other and are computed
    at once.

    Args:
        novelty: shape (frame,).
        intervals: frames, ascending and without gaps.
        reward: of each interval, :math:`\lambda P(\delta)`.
    """
    longest, block = intervals[-1], intervals[0]
    best = np.full(longest + len(novelty), -np.inf)  # silence first
    best[longest:] = novelty
    for start in range(longest, len(best), block):
        frames = np.arange(start, min(start + block, len(best)))
        before = best[frames[:, None] - intervals] + reward
        best[frames] += np.maximum(0, before.max(1))
    return best[longest:]


def backtrack(
    novelty: np.ndarray,
    best: np.ndarray,
    intervals: np.ndarray,
    reward: np.ndarray,
) -> list[int]:
    """Frames of the beats, from the best end to where it starts.

    Args:
        novelty, intervals, reward: as for :func:`accumulate`.
        best: from :func:`accumulate`.
    """
    beats: list[int] = []
    n = int(best.argmax()) if best.max(initial=0) > 0 else -1
    while n >= 0:
        beats.append(n)
        possible = intervals[intervals <= n]
        before = best[n - possible] + reward[: len(possible)]
        if before.max(initial=0) <= 0:
            break
        n -= int(possible[before.argmax()])
    return beats[::-1]


def check(
    novelty: Float[Tensor, "frame"],
    frame_rate: float,
    bpm: float,
    tightness: float,
) -> None:
    """Refuse what would run and mean nothing."""
    checks.refuse_other_axes("novelty", novelty, "frame")
    checks.as_floats("novelty", novelty)
    if not torch.isfinite(novelty).all() or (novelty < 0).any():
        raise ValueError("the novelty is negative or not finite")
    if not 0 < bpm <= 30 * frame_rate:
        raise ValueError(
            f"{bpm} beats per minute at {frame_rate} frames per second: "
            "a beat has to last at least two frames"
        )
    if tightness < 0:
        raise ValueError(
            f"a tightness of {tightness} rewards deviation"
        )
