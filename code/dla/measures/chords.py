"""Chord symbols: how they are written, mapped and compared.

Explained in analysis/chords. Symbols are in the syntax of Harte et al.
(2005): "C#:min", "F:maj7/3", "N" where there is no chord, "X" where
there is one that the vocabulary cannot name. What counts as the same
is decided by mir_eval (Raffel et al., 2014), so that a score here is
the score of the literature.
"""

from collections.abc import Sequence
from typing import NamedTuple

import mir_eval
import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla.names import unknown
from dla.spectral.chroma import CLASSES, NAMES

NO_CHORD, OTHER = "N", "X"
QUALITIES = ("maj", "min")
VOCABULARY = (
    *(f"{root}:{quality}" for quality in QUALITIES for root in NAMES),
    NO_CHORD,
)  # 12 major, 12 minor, none: the class of a frame is a row
NONE = len(VOCABULARY) - 1  # class of "N"
IGNORED = -1  # class of what is not scored
LEVELS = (
    "root", "thirds", "majmin", "triads", "sevenths", "tetrads", "mirex",
)  # fmt: skip


class Chords(NamedTuple):
    """Labelled stretches of time, one after the other."""

    intervals: np.ndarray  # (chord, 2), begin and end in s
    labels: list[str]


class Recall(NamedTuple):
    """How much of the time a symbol is right."""

    score: float  # share of the seconds, 0 to 1
    seconds: float  # that were scored


class Segmentation(NamedTuple):
    """How well boundaries agree, whatever the symbols."""

    under: float  # 1: no boundary is missing
    over: float  # 1: no boundary is too many

    @property
    def quality(self) -> float:
        """The smaller of the two.

        >>> Segmentation(0.5, 1.0).quality
        0.5
        """
        return min(self)


def name(pitch_class: int) -> str:
    """Root of a symbol, with sharps.

    >>> name(1)
    'C#'
    """
    return NAMES[pitch_class % CLASSES]


def class_of(label: str) -> int:
    """Row of a symbol in VOCABULARY, or -1.

    A symbol belongs to the triad on its root, whatever it has above
    the fifth: "G:7" is G major. What has neither a major nor a minor
    triad is -1 and is not scored, as in mir_eval's "majmin".

    Raises:
        ValueError: not a chord symbol.

    >>> [class_of(s) for s in ("G:7", "A:min7/b3", "B:dim", "N", "X")]
    [7, 21, -1, 24, -1]
    """
    try:
        root, steps, _ = mir_eval.chord.encode(label)
    except mir_eval.chord.InvalidChordException as error:
        raise ValueError(
            f"{label!r} is no chord symbol; expected such as 'C#:min', "
            "'G:7', 'N' or 'X'"
        ) from error
    if root < 0:
        return NONE if label == NO_CHORD else IGNORED
    for mode, quality in enumerate(QUALITIES):
        triad = mir_eval.chord.quality_to_bitmap(quality)[:8]
        if (steps[:8] == triad).all():
            return CLASSES * mode + int(root)
    return IGNORED


def frame_classes(
    chords: Chords, times: Float[np.ndarray, "frame"]
) -> Int[Tensor, "frame"]:
    """Class of the chord in which each frame's centre lies.

    Args:
        chords: sorted, without overlap.
        times: of the frames in s; -1 outside all chords.

    >>> c = Chords(np.array([[0.0, 1.0], [1.0, 2.0]]), ["C:maj", "N"])
    >>> frame_classes(c, np.array([0.5, 1.0, 1.9, 2.5])).tolist()
    [0, 24, 24, -1]
    """
    begin, end = np.asarray(chords.intervals).T
    classes = np.array([class_of(label) for label in chords.labels])
    which = np.searchsorted(begin, times, side="right") - 1
    inside = (which >= 0) & (times < end[which])
    return torch.from_numpy(np.where(inside, classes[which], IGNORED))


def from_classes(
    classes: Int[Tensor, "frame"], *, frame_rate: float
) -> Chords:
    """Frames as labelled stretches, equal neighbours joined.

    A frame reaches half a frame to both sides of its centre; the first
    begins at 0.

    Raises:
        ValueError: a class that is not in VOCABULARY.

    >>> c = from_classes(torch.tensor([0, 0, 24]), frame_rate=2.0)
    >>> c.labels, c.intervals.tolist()
    (['C:maj', 'N'], [[0.0, 0.75], [0.75, 1.25]])
    """
    there = classes.tolist()
    bad = [k for k in there if not 0 <= k < len(VOCABULARY)]
    if bad:
        raise ValueError(
            f"{len(bad)} of {len(there)} frames have no class of the "
            f"vocabulary (first: {bad[0]}); expected 0 to {NONE}"
        )
    cuts = [0, *(np.flatnonzero(np.diff(there)) + 1), len(there)]
    edges = np.maximum(np.array(cuts) - 0.5, 0.0) / frame_rate
    return Chords(
        np.stack([edges[:-1], edges[1:]], axis=1),
        [VOCABULARY[there[k]] for k in cuts[:-1]],
    )


def weighted_recall(
    reference: Chords, estimate: Chords, *, level: str = "majmin"
) -> Recall:
    r"""Weighted chord symbol recall (def-chords-recall).

    .. math:: \frac{\sum_i d_i\, [\hat y_i \equiv y_i]}{\sum_i d_i}

    over the stretches in which neither reference nor estimate changes
    and the reference is in the vocabulary; :math:`d_i` is their
    duration. Where the estimate says nothing it says "N". A collection
    is scored by :func:`pooled`, since long pieces have more of it.

    Args:
        reference, estimate: in s, any symbols.
        level: which symbols are the same, by mir_eval's name:
            "majmin" compares triads and leaves out what is neither
            major nor minor nor "N".

    Raises:
        ValueError: no such level; or overlapping chords.

    >>> truth = Chords(np.array([[0.0, 3.0], [3.0, 4.0]]), ["C:7", "B:dim"])
    >>> guess = Chords(np.array([[0.0, 2.0], [2.0, 4.0]]), ["C:maj", "G:maj"])
    >>> r = weighted_recall(truth, guess)
    >>> round(r.score, 3), r.seconds
    (0.667, 3.0)
    """
    if level not in LEVELS:
        raise ValueError(unknown("level", level, LEVELS))
    spans, labels = mir_eval.util.adjust_intervals(
        estimate.intervals,
        list(estimate.labels),
        reference.intervals.min(),
        reference.intervals.max(),
        NO_CHORD,
        NO_CHORD,
    )
    spans, truth, guess = mir_eval.util.merge_labeled_intervals(
        reference.intervals, list(reference.labels), spans, labels
    )
    same = getattr(mir_eval.chord, level)(truth, guess)
    seconds = mir_eval.util.intervals_to_durations(spans)[same >= 0]
    total = float(seconds.sum())
    if not total:
        return Recall(float("nan"), 0.0)
    return Recall(
        float((seconds * same[same >= 0]).sum() / total), total
    )


def pooled(recalls: Sequence[Recall]) -> Recall:
    """Recall of a collection: every second counts the same.

    >>> pooled([Recall(1.0, 1.0), Recall(0.5, 3.0), Recall(float("nan"), 0.0)])
    Recall(score=0.625, seconds=4.0)
    """
    there = [r for r in recalls if r.seconds]
    total = sum(r.seconds for r in there)
    right = sum(r.score * r.seconds for r in there)
    return Recall(right / total if there else float("nan"), total)


def segmentation(reference: Chords, estimate: Chords) -> Segmentation:
    r"""One minus the directional Hamming distances (def-chords-segmentation).

    Of each stretch of one side, the part outside the longest piece that
    the other side leaves of it, is counted as lost (Harte, 2010;
    mir_eval). Symbols do not matter, but equal neighbours are joined.

    >>> truth = Chords(np.array([[0.0, 4.0]]), ["C:maj"])
    >>> cut = Chords(np.array([[0.0, 3.0], [3.0, 4.0]]), ["C:maj", "G:maj"])
    >>> segmentation(truth, cut)
    Segmentation(under=1.0, over=0.75)
    """
    spans, labels = mir_eval.util.adjust_intervals(
        estimate.intervals,
        list(estimate.labels),
        reference.intervals.min(),
        reference.intervals.max(),
        NO_CHORD,
        NO_CHORD,
    )
    truth = mir_eval.chord.merge_chord_intervals(
        reference.intervals, list(reference.labels)
    )
    guess = mir_eval.chord.merge_chord_intervals(spans, labels)
    return Segmentation(
        float(mir_eval.chord.underseg(truth, guess)),
        float(mir_eval.chord.overseg(truth, guess)),
    )
