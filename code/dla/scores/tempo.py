r"""Tempo curves: from quarter notes to seconds and back, exactly.

The tempo :math:`b(q)` in quarters per minute is linear in the position
:math:`q` between breakpoints and constant outside them. The time at
which a position is reached is the integral of :math:`60 / b` from zero.
With :math:`b(q) = b_0 + s (q - q_0)` on a segment,

.. math::
    t(q) = t_0 + \int_{q_0}^{q} \frac{60}{b_0 + s (u - q_0)} \, du
         = t_0 + \frac{60}{s} \log\Big(1 + s \frac{q - q_0}{b_0}\Big),

and :math:`t_0 + 60 (q - q_0) / b_0` where :math:`s = 0`.
"""

import math
from collections.abc import Sequence
from numbers import Real

import numpy as np

from dla.names import unknown

SECONDS_PER_MINUTE = 60.0
STEADY, CURVES = "steady", (
    "steady", "accelerando", "ritardando", "rubato", "fermata",
)  # fmt: skip


class TempoCurve:
    """Position in quarters against time in seconds.

    Args:
        tempo: quarters per minute, or breakpoints (quarter, quarters
            per minute) in order. Two breakpoints at one position make
            a jump.
        origin: position in quarters at which the time is zero.

    Raises:
        ValueError: no breakpoint, positions that go back, or a tempo
            that is not positive and finite.

    >>> curve = TempoCurve([(0.0, 60.0), (8.0, 120.0)])
    >>> curve.time(np.array([0.0, 8.0, 10.0]))
    array([0.   , 5.545, 6.545])
    >>> curve.quarter(curve.time(np.array([3.0])))
    array([3.])
    """

    def __init__(
        self,
        tempo: Real | Sequence[tuple[Real, Real]],
        *,
        origin: Real = 0.0,
    ):
        points = [(0.0, tempo)] if np.ndim(tempo) == 0 else tempo
        points = np.asarray(points, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 2 or not len(points):
            raise ValueError(
                "tempo is a number (quarters per minute) or a list of "
                f"(quarter, quarters per minute), got {tempo!r}"
            )
        position, bpm = points.T
        if not (np.isfinite(points).all() and (bpm > 0).all()):
            raise ValueError(f"tempo must be positive, got {tempo!r}")
        if (np.diff(position) < 0).any():
            raise ValueError(
                f"breakpoints must not go back, got {position.tolist()}"
            )
        # One segment before the first breakpoint, one after the last.
        self.start = np.concatenate([position[:1], position])
        self.bpm = np.concatenate([bpm[:1], bpm])
        length = np.diff(position)
        rise = np.diff(bpm)
        slope = np.divide(
            rise, length, out=np.zeros_like(rise), where=length > 0
        )
        self.slope = np.concatenate([[0.0], slope, [0.0]])
        spans = np.concatenate([[0.0], length])
        passed = _elapsed(spans, self.bpm[:-1], self.slope[:-1])
        self.reached = np.concatenate([[0.0], np.cumsum(passed)])
        self.reached = self.reached - self.time(origin)

    def time(self, quarter):
        """Time in s at which a position is reached: a closed form."""
        quarter = np.asarray(quarter, dtype=np.float64)
        i = _segment(self.start[1:], quarter)
        elapsed = _elapsed(
            quarter - self.start[i], self.bpm[i], self.slope[i]
        )
        return (self.reached[i] + elapsed)[()]

    def quarter(self, time):
        """Position in quarters at a time in s: inverse of `time`."""
        time = np.asarray(time, dtype=np.float64)
        i = _segment(self.reached[1:], time)
        minutes = (time - self.reached[i]) / SECONDS_PER_MINUTE
        slope = np.where(self.slope[i] == 0, 1.0, self.slope[i])
        curved = self.bpm[i] * np.expm1(minutes * slope) / slope
        straight = self.bpm[i] * minutes
        moved = np.where(self.slope[i] == 0, straight, curved)
        return (self.start[i] + moved)[()]


def _segment(starts, at):
    """Number of segments already begun: 0 before the first start."""
    return np.searchsorted(starts, at, side="right")


def _elapsed(quarters, bpm, slope):
    """Seconds for so many quarters from a point of given tempo."""
    safe = np.where(slope == 0, 1.0, slope)
    inside = np.where(slope == 0, 0.0, slope * quarters / bpm)
    curved = np.log1p(inside) / safe
    straight = quarters / bpm
    return SECONDS_PER_MINUTE * np.where(slope == 0, straight, curved)


def tempo_points(
    curve: str,
    bpm: float,
    onsets: np.ndarray,
    unit: float,
    rng: np.random.Generator,
) -> list[tuple[float, float]]:
    """Breakpoints of a `TempoCurve` over given beats.

    - steady: one tempo.
    - accelerando: in a straight line to 1.5 times the tempo at the
      last beat; ritardando: to 1 / 1.5.
    - rubato: a new tempo at every beat, in between straight lines.
      Its logarithm is an autoregressive process with a coefficient of
      0.7 and a standard deviation of 0.2.
    - fermata: on every eighth to twelfth beat the tempo is a third.

    Args:
        curve: one of CURVES.
        bpm: beats per minute at the beginning.
        onsets: beats in quarters.
        unit: quarters per beat.
        rng: for rubato and fermata.

    Returns:
        (quarter, quarters per minute) in order.

    Raises:
        ValueError: no such curve.

    >>> rng = np.random.default_rng(0)
    >>> tempo_points("accelerando", 80.0, np.arange(9), 1.0, rng)
    [(0.0, 80.0), (8.0, 120.0)]
    """
    tempo = bpm * unit
    first, last = float(onsets[0]), float(onsets[-1])
    if curve == "steady":
        return [(first, tempo)]
    if curve in ("accelerando", "ritardando"):
        factor = 1.5 if curve == "accelerando" else 1 / 1.5
        return [(first, tempo), (last, factor * tempo)]
    if curve == "rubato":
        log, points = 0.0, []
        for onset in onsets:
            points.append((float(onset), tempo * math.exp(log)))
            draw = 0.2 * math.sqrt(1 - 0.7**2) * rng.standard_normal()
            log = 0.7 * log + draw
        return points
    if curve == "fermata":
        points, k = [(first, tempo)], int(rng.integers(6, 10))
        while k < len(onsets):
            at = float(onsets[k])
            points += [
                (at, tempo), (at, tempo / 3),
                (at + unit, tempo / 3), (at + unit, tempo),
            ]  # fmt: skip
            k += int(rng.integers(8, 13))
        return points
    raise ValueError(unknown("tempo curve", curve, CURVES))
