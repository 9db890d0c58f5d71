r"""Beats against a reference: mir_eval's measures, and kinds of error.

Nothing is measured here but by mir_eval (Raffel et al., 2014); this
file prepares times for it, refuses what it would score in silence, and
says in which way an estimate is wrong. Explained in
analysis/beat-tracking.
"""

import warnings
from collections.abc import Sequence
from numbers import Real
from typing import NamedTuple

import mir_eval
import numpy as np
from torch import Tensor

Times = Tensor | np.ndarray | Sequence[Real]
SLOWEST = 5.0  # s: longer intervals in whole numbers are frames
TOLERANCE = 0.15  # of the interval; 3 against 2 pass within 1/6
ENOUGH = 0.7  # above 2/3, what twice a level scores against it


class BeatScores(NamedTuple):
    """Four measures of one estimate, each from 0 to 1, 1 the best."""

    f_measure: float  # hits within 70 ms
    cmlt: float  # correct metrical level, total
    amlt: float  # allowed metrical levels, total
    information_gain: float  # of bins' logarithm; 41 bins


def beat_scores(
    reference: Times, estimate: Times, *, trim: float = 0.0
) -> BeatScores:
    """F-measure, CMLt, AMLt and information gain, by mir_eval.

    See eq-beat-f, def-beat-continuity and eq-beat-information; with
    mir_eval's own settings: 70 ms for F, 17.5 % of the interval for
    phase and period in the continuity measures, 41 bins.

    Args:
        reference: beat times in s, shape (beat,), two or more.
        estimate: beat times in s, shape (estimate,); none at all
            scores 0 everywhere.
        trim: beats before this time in s are removed from both, by
            `mir_eval.beat.trim_beats`. Here the default keeps all;
            `mir_eval.beat.evaluate` removes the first 5 s. Say which.

    Raises:
        ValueError: not sorted, listed twice, not finite, negative, more than one
            axis, frame numbers instead of seconds, or fewer than two
            beats of reference.

    >>> beats = np.arange(0.5, 10.0, 0.5)
    >>> double = np.arange(0.5, 9.75, 0.25)
    >>> [round(x, 2) for x in beat_scores(beats, double)]
    [0.68, 0.0, 1.0, 0.81]
    """
    reference, estimate = _checked_pair(reference, estimate)
    reference = mir_eval.beat.trim_beats(reference, min_beat_time=trim)
    estimate = mir_eval.beat.trim_beats(estimate, min_beat_time=trim)
    if len(reference) < 2:
        raise ValueError(
            f"{len(reference)} reference beats at or after {trim} s: "
            "an interval takes two; trim less, or take more sound"
        )
    with warnings.catch_warnings():  # that 0 or 1 beats score 0
        warnings.simplefilter("ignore", UserWarning)
        f = mir_eval.beat.f_measure(reference, estimate)
        _, cmlt, _, amlt = mir_eval.beat.continuity(reference, estimate)
        gain = mir_eval.beat.information_gain(reference, estimate)
    return BeatScores(float(f), float(cmlt), float(amlt), float(gain))


def metrical_levels(
    reference: Times,
) -> dict[str, tuple[np.ndarray, ...]]:
    """Other pulses that fit the same music, from a reference.

    Those of mir_eval's AMLt (the beats, between them, twice as many,
    every second one) and those of three: thrice as many, every third.
    Between two beats the new ones are evenly spaced.

    Args:
        reference: beat times in s, shape (beat,), two or more.

    Returns:
        Name of the level -> its pulses, one for each phase.

    Raises:
        ValueError: as `beat_scores`.

    >>> levels = metrical_levels([0.0, 1.0, 2.0, 3.0])
    >>> {name: len(pulses) for name, pulses in levels.items()}
    {'right': 1, 'double': 1, 'half': 2, 'offbeat': 1, 'triple': 1,
     'third': 3}
    >>> levels["offbeat"][0], levels["half"][1]
    (array([0.5, 1.5, 2.5]), array([1., 3.]))
    """
    beats = _checked(reference, "reference")
    if len(beats) < 2:
        raise ValueError(
            f"{len(beats)} reference beats: an interval takes two"
        )

    def divided(by: int) -> np.ndarray:
        position = np.arange(by * (len(beats) - 1) + 1) / by
        return np.interp(position, np.arange(len(beats)), beats)

    return {
        "right": (beats,),
        "double": (divided(2),),
        "half": tuple(beats[k::2] for k in range(2)),
        "offbeat": (divided(2)[1::2],),
        "triple": (divided(3),),
        "third": tuple(beats[k::3] for k in range(3)),
    }


def kind_of_error(
    reference: Times, estimate: Times, *, trim: float = 0.0
) -> str:
    """Which metrical level of the reference an estimate follows.

    The pulse of `metrical_levels` against which mir_eval's F-measure
    is largest, with a window of 15 % of that pulse's median interval
    (so that no level is favoured for being slow or fast). On a tie the
    name that comes first.

    Args:
        reference, estimate, trim: as in `beat_scores`.

    Returns:
        "right", "double", "half", "offbeat", "triple" or "third";
        "other" where no level reaches an F-measure of 0.7: twice the
        tempo of a level scores 2/3 against it (eq-beat-double).

    Raises:
        ValueError: as `beat_scores`.

    >>> beats = np.arange(0.5, 10.0, 0.5)
    >>> kind_of_error(beats, beats[1::2])
    'half'
    >>> kind_of_error(beats, np.arange(0.5, 10.0, 0.37))
    'other'
    """
    reference, estimate = _checked_pair(reference, estimate)
    reference = mir_eval.beat.trim_beats(reference, min_beat_time=trim)
    estimate = mir_eval.beat.trim_beats(estimate, min_beat_time=trim)
    if not len(estimate):
        return "other"
    fit = {
        name: max(_fit(pulse, estimate) for pulse in pulses)
        for name, pulses in metrical_levels(reference).items()
    }
    best = max(fit, key=fit.get)
    return best if fit[best] >= ENOUGH else "other"


def _fit(pulse: np.ndarray, estimate: np.ndarray) -> float:
    """F-measure of a pulse, in a window relative to its interval."""
    if len(pulse) < 2:
        return 0.0
    window = TOLERANCE * float(np.median(np.diff(pulse)))
    return mir_eval.beat.f_measure(
        pulse, estimate, f_measure_threshold=window
    )


def _checked_pair(
    reference: Times, estimate: Times
) -> tuple[np.ndarray, np.ndarray]:
    return _checked(reference, "reference"), _checked(
        estimate, "estimate"
    )


def _checked(times: Times, name: str) -> np.ndarray:
    """Times in s as float64, after checks that guess the slip."""
    if hasattr(times, "detach"):
        times = times.detach().cpu()
    times = np.asarray(times)
    if times.ndim != 1:
        raise ValueError(
            f"{name}: times have one axis, got shape {times.shape}; "
            "did you pass (time, position) rows, or a batch?"
        )
    whole = times.dtype.kind in "iub"
    times = times.astype(np.float64)
    if not np.isfinite(times).all():
        raise ValueError(
            f"{name}: {np.sum(~np.isfinite(times))} of {len(times)} "
            "times are not finite; 0/0 of an empty average?"
        )
    gaps = np.diff(times)
    if (gaps < 0).any():
        raise ValueError(
            f"{name}: times go back after {times[:-1][gaps < 0][0]} s; "
            "sort them, or did you pass intervals, not times?"
        )
    if (gaps == 0).any():
        raise ValueError(
            f"{name}: {times[:-1][gaps == 0][0]} s is listed twice; an "
            "interval of no length has no tempo"
        )
    whole = whole or (times == np.round(times)).all()
    if len(gaps) and whole and np.median(gaps) >= SLOWEST:
        raise ValueError(
            f"{name}: whole numbers {np.median(gaps):.0f} apart look "
            "like frames; divide by the frame rate to get seconds"
        )
    if (times < 0).any():
        raise ValueError(
            f"{name}: {times[0]} s is before the sound begins; did you "
            "subtract a delay, or an excerpt's start?"
        )
    return times
