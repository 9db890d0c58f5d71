r"""How right a contour of pitch is: five shares of frames.

Explained in analysis/melody. A contour is one frequency per frame, and
for each frame whether there is a melody at all. The measures are those
of Poliner et al. (2007), as mir_eval computes them (Raffel et al.,
2014). Not mir_eval itself, because its functions want cents from
10 Hz, call 10 Hz "no pitch", and take frames that differ in number as
they come; the tests hold this file to it.
"""

from collections.abc import Sequence
from numbers import Real
from typing import NamedTuple

import numpy as np
from torch import Tensor

Contour = Tensor | np.ndarray | Sequence[Real]
TOLERANCE = 50.0  # cents: half a semitone
OCTAVE = 1200.0  # cents


class MelodyScores(NamedTuple):
    """Shares of frames; all but `false_alarm` are best at one."""

    raw_pitch: float  # of the voiced frames: pitch right
    raw_chroma: float  # the same, octaves forgiven
    voicing_recall: float  # of the voiced frames: called voiced
    false_alarm: float  # of the unvoiced frames: called voiced
    overall: float  # of all frames: voicing right, and the pitch too


def melody_scores(
    reference: Contour,
    estimate: Contour,
    voiced: Contour | None = None,
    *,
    tolerance: float = TOLERANCE,
) -> MelodyScores:
    r"""Raw pitch and chroma accuracy, voicing, overall accuracy.

    With the error :math:`e_n` in cents, :math:`v_n` and
    :math:`\hat v_n` one where reference and estimate are voiced:

    .. math::
        \text{RPA} = \frac{\sum_n v_n [\lvert e_n \rvert < 50]}
        {\sum_n v_n}

    (def-melody-rpa); :func:`fold_octaves` comes before the comparison
    for chroma (def-melody-rca); the rest is in def-melody-voicing and
    def-melody-overall. Without a voiced frame the accuracies are 0 and
    the recall 1; without an unvoiced one there is no false alarm: 0.

    Args:
        reference: Hz, shape (frame,); 0 where there is no melody.
        estimate: Hz, shape (frame,), on the same frames; 0 where the
            tracker says nothing. A pitch may be given where it says
            "unvoiced" too: raw accuracies ask for nothing else.
        voiced: what it says of voicing, shape (frame,), 0 or 1; None
            calls voiced what has a frequency.
        tolerance: in cents; an error must be smaller.

    Raises:
        ValueError: shapes that differ, no frame, NaN, negative
            frequencies, a voicing that is no yes or no, or MIDI
            pitches and cents in the place of Hz.

    >>> [round(s, 2) for s in melody_scores([220, 220, 220, 0], [220, 440, 233, 0])]
    [0.33, 0.67, 1.0, 0.0, 0.5]
    """
    truth = _hertz("reference", reference)
    found = _hertz("estimate", estimate)
    said = _voicing(voiced, found)
    shapes = {truth.shape, found.shape, said.shape}
    if len(shapes) > 1 or not truth.size:
        raise ValueError(
            f"reference {truth.shape}, estimate {found.shape} and voiced {said.shape}: expected "
            "one shape (frame,), one frame at least; bring both to the same times: at_times"
        )
    error = cents_between(truth, found)
    right = np.abs(error) < tolerance
    there = truth > 0
    chroma = np.abs(fold_octaves(error)) < tolerance
    return MelodyScores(
        raw_pitch=_share(right, there),
        raw_chroma=_share(chroma, there),
        voicing_recall=_share(said, there, of_none=1.0),
        false_alarm=_share(said, ~there),
        overall=float(np.where(there, said & right, ~said).mean()),
    )


def cents_between(reference: Contour, estimate: Contour) -> np.ndarray:
    r"""Distance of the estimate from the reference, in cents.

    .. math:: e = 1200 \log_2 \frac{\hat f}{f}

    (def-melody-cents); infinite where either is 0.

    >>> cents_between([440.0, 440.0], [880.0, 0.0])
    array([1200.,   inf])
    """
    f, g = _hertz("reference", reference), _hertz("estimate", estimate)
    both = (f > 0) & (g > 0)
    f, g = np.broadcast_arrays(f, g)
    cents = np.full(both.shape, np.inf)
    cents[both] = OCTAVE * np.log2(g[both] / f[both])
    return cents


def fold_octaves(cents: Contour) -> np.ndarray:
    r"""The distance that is left when octaves are forgiven.

    .. math::
        e - 1200 \Bigl\lfloor \frac{e}{1200} + \frac12 \Bigr\rfloor

    (def-melody-rca), from -600 to 600; what is infinite stays so.

    >>> fold_octaves([1230.0, -700.0, 90.0])
    array([ 30., 500.,  90.])
    """
    cents = _array(cents).astype(np.float64)
    octaves = np.floor(cents / OCTAVE + 0.5)
    with np.errstate(invalid="ignore"):
        folded = cents - OCTAVE * octaves
    return np.where(np.isinf(cents), cents, folded)


def at_times(
    times: Contour, values: Contour, wanted: Contour
) -> np.ndarray:
    """A contour at other times: the value of the nearest frame.

    Nothing is interpolated: between two notes an average of two
    pitches is a pitch that nobody played. Of two frames equally near
    the earlier counts; a time beyond the ends by more than half the
    largest gap gets 0.

    Args:
        times: of the frames in s, ascending, shape (frame,).
        values: their frequencies, voicings, ..., shape (frame,).
        wanted: times in s, shape (time,).

    Raises:
        ValueError: shapes that differ, no frame, times that do not
            ascend, or NaN.

    >>> at_times([0.0, 0.1, 0.2], [220.0, 0.0, 330.0], [0.04, 0.19, 0.9])
    array([220., 330.,   0.])
    """
    t, v, at = (_array(x) for x in (times, values, wanted))
    if t.ndim != 1 or t.shape != v.shape or not t.size:
        raise ValueError(
            f"times {t.shape} and values {v.shape}: expected one shape (frame,), one at least"
        )
    for name, x in (("times", t), ("values", v), ("wanted", at)):
        _refuse_bad(name, x)
    gaps = np.diff(t)
    if (gaps <= 0).any():
        raise ValueError(
            f"times do not ascend: {t[:-1][gaps <= 0][0]:g} s is followed by no later one"
        )
    right = np.searchsorted(t, at).clip(1, max(len(t) - 1, 1))
    right = np.minimum(right, len(t) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(at - t[left] <= t[right] - at, left, right)
    reach = gaps.max() / 2 if gaps.size else np.inf
    inside = np.abs(at - t[nearest]) <= reach * (1 + 1e-9)
    return np.where(inside, v[nearest], 0)


def _share(
    hit: np.ndarray, among: np.ndarray, *, of_none: float = 0.0
) -> float:
    return float(hit[among].mean()) if among.any() else of_none


def _array(x: Contour) -> np.ndarray:
    return np.asarray(x.detach().cpu() if hasattr(x, "detach") else x)


def _refuse_bad(name: str, x: np.ndarray) -> None:
    bad = int((~np.isfinite(x)).sum())
    if bad:
        raise ValueError(
            f"{bad} of {x.size} values of {name} are not finite; write 0 where there is no pitch"
        )


def _hertz(name: str, x: Contour) -> np.ndarray:
    f = _array(x).astype(np.float64)
    _refuse_bad(name, f)
    if (f < 0).any():
        raise ValueError(
            f"{name} has a frequency of {f.min():g} Hz; a sign for unvoiced frames goes to "
            "`voiced`, and cents or MIDI pitches become Hz first"
        )
    return f


def _voicing(
    voiced: Contour | None, frequency: np.ndarray
) -> np.ndarray:
    if voiced is None:
        return frequency > 0
    said = _array(voiced)
    if not np.isin(said, (0, 1)).all():
        raise ValueError(
            f"voiced has values from {said.min():g} to {said.max():g}; expected 0 or 1: compare "
            "a probability with a threshold first"
        )
    return said.astype(bool)
