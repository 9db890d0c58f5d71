"""Chords of a score, by a rule that looks at one beat at a time.

Explained in analysis/chords. For scores that nobody has analysed: what
sounds in a beat votes for its triad. `agreement` says how often an
analyst names the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dla.measures.chords import NO_CHORD, OTHER, name
from dla.scores.tables import PITCH_CLASSES, Score

QUALITIES = {  # semitones above the root
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
}
_MEMBERS = np.array(  # classes of the 36 triads, roots within qualities
    [
        [(root + step) % len(PITCH_CLASSES) for step in steps]
        for steps in QUALITIES.values()
        for root in range(len(PITCH_CLASSES))
    ]
)
SYMBOLS = {"major": "maj", "minor": "min", "diminished": "dim",
           "augmented": "aug"}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """How an annotator decides; the defaults are the rule."""

    beats: int = 1  # that are judged together
    on_beat: float = 2.0  # weight of the first half; the second has 1
    bass: float = 0.1  # bonus, if the bass has the root throughout
    covered: float = 0.7  # share of the weight that is on the triad


RULE = Style()


class ScoredChord(NamedTuple):
    """A chord of a score and where it is."""

    onset: float  # quarters from the beginning of the piece
    offset: float
    label: str  # in the syntax of Harte: "C#:min", "N", "X"


def by_rule(score: Score, style: Style = RULE) -> list[ScoredChord]:
    """One chord a beat, equal neighbours joined.

    A pitch class weighs as long as it sounds in the beat, all parts
    summed, and twice in the first half of it. A triad scores the share
    of the weight that is on its three classes, and a tenth more if its
    root is the bass throughout. The best of 36 (major, minor,
    diminished) is the chord, unless less than 0.7 of the weight is on
    it: then it is "X", a chord that the rule does not know. Where
    nothing sounds, there is none: "N".

    Args:
        score: with one or more parts; the last is the bass.
        style: other weights than these; other units than one beat
            begin at a downbeat.

    >>> from dla import scores
    >>> rows = [(0, 1, 48, 3), (0, 1, 64, 1), (0, 1, 67, 0), (1, 1, 50, 3), (1, 1, 64, 0)]
    >>> names = ["Soprano", "Alto", "Tenor", "Bass"]
    >>> [c.label for c in by_rule(scores.from_notes(rows, parts=names))][:2]
    ['C:maj', 'X']
    """
    first = int(np.argmax(score.beats["downbeat"])) % style.beats
    onsets = score.beats["onset"][first :: style.beats]
    if first:
        onsets = np.append(score.beats["onset"][0], onsets)
    ends = np.append(onsets[1:], score.duration)
    found: list[ScoredChord] = []
    for begin, end in zip(onsets, ends, strict=True):
        label = _best_triad(score, begin, end, style)
        if found and found[-1].label == label:
            begin = found.pop().onset
        found.append(ScoredChord(float(begin), float(end), label))
    return found


def by_analyst(score: Score) -> list[ScoredChord]:
    """The triads of the roman numerals that a person wrote.

    Sevenths and inversions are left out of the symbol: a triad has a
    root and one of four qualities, anything else is "X".

    Raises:
        ValueError: nobody has analysed this score.
    """
    if not len(score.chords):
        raise ValueError(
            f"{score.name} has no analysis: use by_rule, or one of HUMAN"
        )
    found: list[ScoredChord] = []
    for row in score.chords:
        quality = SYMBOLS.get(str(row["quality"]))
        label = (
            f"{name(int(row['root']))}:{quality}" if quality else OTHER
        )
        begin = float(row["onset"])
        end = begin + float(row["duration"])
        if found and found[-1].label == label:
            begin = found.pop().onset
        found.append(ScoredChord(begin, end, label))
    return found


class Agreement(NamedTuple):
    """How a rule's chords compare with an analyst's."""

    same: float  # of the quarters that both call major or minor
    decided: float  # of what the analyst calls major or minor
    quarters: float  # that the analyst calls major or minor


def agreement(score_list: Sequence[Score]) -> Agreement:
    """Share of the quarters in which rule and analyst say the same.

    Args:
        score_list: analysed ones.
    """
    same = both = there = 0.0
    for score in score_list:
        rule, person = by_rule(score), by_analyst(score)
        for mine in person:
            if not mine.label.endswith(("maj", "min")):
                continue
            there += mine.offset - mine.onset
            for other in rule:
                shared = min(mine.offset, other.offset) - max(
                    mine.onset, other.onset
                )
                if shared > 0 and other.label.endswith(("maj", "min")):
                    both += shared
                    same += shared * (mine.label == other.label)
    return Agreement(same / both, both / there, there)


def _best_triad(
    score: Score, begin: float, end: float, style: Style
) -> str:
    middle = (begin + end) / 2
    weight = (style.on_beat - 1) * _sounding(score, begin, middle)
    weight = weight + _sounding(score, begin, end)
    if weight.sum() < 1e-9:
        return NO_CHORD
    weight = weight / weight.sum()
    bass = _sounding(score, begin, end, part=len(score.parts) - 1)
    bass = bass / max(bass.sum(), 1e-9)
    shares = weight[_MEMBERS].sum(1)
    values = shares + style.bass * np.tile(bass, len(QUALITIES))
    best, found = -1.0, 0
    for k, value in enumerate(values.tolist()):
        if value > best + 1e-9:  # of equal ones the first
            best, found = value, k
    if shares[found] < style.covered:
        return OTHER
    quality, root = divmod(found, len(PITCH_CLASSES))
    return f"{name(root)}:{list(QUALITIES)[quality]}"


def _sounding(
    score: Score, begin: float, end: float, part: int | None = None
) -> np.ndarray:
    """Quarters for which each pitch class sounds, parts summed."""
    notes = score.notes
    if part is not None:
        notes = notes[notes["part"] == part]
    first = np.maximum(notes["onset"], begin)
    last = np.minimum(notes["onset"] + notes["duration"], end)
    weight = np.zeros(12)
    np.add.at(weight, notes["pitch"] % 12, np.maximum(last - first, 0))
    return weight
