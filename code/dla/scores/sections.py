"""Stretches of a score in one metre, and which pieces are of one tune.

Explained in analysis/beat-tracking/network.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dla.scores.tables import Score, beat_length

METERS = ("2/2", "2/4", "3/4", "4/4", "6/8", "9/8", "12/8")

# Two melodies are taken for one if so many of their first beats agree,
# in order and in some transposition. Of pairs of chorales that have
# nothing to do with each other one in a hundred reaches it: better one
# family too large than one tune on two sides of a split.
OPENING, SHARED = 24, 17  # beats


@dataclass(frozen=True, eq=False)
class Section:
    """A stretch of a score in which the metre does not change."""

    score: Score
    meter: str  # such as "6/8"
    onsets: np.ndarray  # of its beats, in quarters
    positions: np.ndarray  # of its beats in the bar, from 1

    @property
    def unit(self) -> float:
        """Length of a beat in quarters."""
        return float(beat_length(*map(int, self.meter.split("/"))))

    @property
    def beats_per_bar(self) -> int:
        """Beats, not numerators: two in 6/8.

        >>> from dla import scores
        >>> find_section(scores.load("oneill-0867")).beats_per_bar
        2
        """
        return beats_per_bar(self.meter)


def beats_per_bar(meter: str) -> int:
    """How many beats a bar has.

    >>> [beats_per_bar(m) for m in ("2/2", "3/4", "6/8", "9/8")]
    [2, 3, 2, 3]
    """
    numerator, denominator = map(int, meter.split("/"))
    quarters = 4 * numerator / denominator
    return round(quarters / beat_length(numerator, denominator))


def find_section(score: Score, *, least: int = 16) -> Section | None:
    """The longest stretch of whole bars in one of METERS.

    Beats are evenly spaced in quarters, and their positions count
    through every bar; an upbeat may precede. A bar divided or left
    short by a repeat sign ends the stretch, unless both halves make a
    whole.

    Args:
        score: any.
        least: shortest stretch in beats.

    Returns:
        None if there is none so long.

    >>> from dla import scores
    >>> section = find_section(scores.load("bwv66.6"))
    >>> section.meter, len(section.onsets)
    ('4/4', 36)
    """
    which = np.searchsorted(
        score.meters["onset"], score.beats["onset"] + 1e-6, "right"
    )
    meter = score.meters[np.maximum(which - 1, 0)]
    n, d = meter["numerator"], meter["denominator"]
    count = np.array(
        [beats_per_bar(f"{a}/{b}") for a, b in zip(n, d, strict=True)]
    )
    unit = beat_length(n, d)
    onset, position = score.beats["onset"], score.beats["beat"]
    joined = (
        (np.abs(np.diff(onset) - unit[:-1]) < 1e-6)
        & (position[1:] == position[:-1] % count[:-1] + 1)
        & (n[1:] == n[:-1])
        & (d[1:] == d[:-1])
    )
    edges = np.flatnonzero(~np.concatenate([[False], joined, [False]]))
    longest = int(np.argmax(np.diff(edges)))
    start, stop = edges[longest], edges[longest + 1]
    name = f"{n[start]}/{d[start]}"
    if stop - start < least or name not in METERS:
        return None
    return Section(
        score, name, onset[start:stop].copy(), position[start:stop]
    )


def families(pieces: Sequence[Score]) -> list[int]:
    """One number per piece; pieces of one tune share it.

    Two pieces are of one tune if their upper parts open with the same
    nine intervals note by note or the same seven beat by beat, if 17
    of their first 24 beats agree (:func:`shared_beats`), or if their
    titles have the same words; movements of one quartet belong
    together. A tune in another metre or ornamented beyond that is
    missed.

    >>> from dla import scores
    >>> same = scores.load("bwv66.6")
    >>> families([same, scores.load("bwv101.7"), same])
    [0, 1, 0]
    """
    marks = [_marks(piece) for piece in pieces]
    openings = [_on_beats(piece, OPENING) for piece in pieces]
    family = list(range(len(pieces)))
    for i, j in combinations(range(len(pieces)), 2):
        if family[i] == family[j]:
            continue
        alike = pieces[i].collection == pieces[j].collection and (
            pieces[i].collection != "quartets"
            and shared_beats(openings[i], openings[j]) >= SHARED
        )
        if alike or marks[i] & marks[j]:
            old, new = family[j], family[i]
            family = [new if f == old else f for f in family]
    order = list(dict.fromkeys(family))
    return [order.index(f) for f in family]


def shared_beats(
    one: Sequence[int] | np.ndarray, other: Sequence[int] | np.ndarray
) -> int:
    """How much two melodies have in common, whatever their keys.

    The longest common subsequence of their pitch classes, in the
    transposition in which it is longest.

    Args:
        one, other: pitches, one a beat, in semitones.

    >>> shared_beats([60, 62, 64, 65], [67, 69, 70, 71, 72])
    4
    >>> shared_beats([60, 62, 64, 65], [60, 60, 60, 60])
    1
    """
    one, other = np.asarray(one) % 12, np.asarray(other) % 12
    counts = np.bincount(one, minlength=12)
    best = 0
    for shift in range(12):
        moved = (other + shift) % 12
        common = np.minimum(counts, np.bincount(moved, minlength=12))
        if common.sum() <= best:  # no order can be longer than that
            continue
        longest = np.zeros(len(moved) + 1, int)
        for pitch in one:
            taken = longest[:-1] + (moved == pitch)
            longest[1:] = np.maximum.accumulate(
                np.maximum(longest[1:], taken)
            )
        best = max(best, int(longest[-1]))
    return best


def _upper_part(score: Score) -> np.ndarray:
    """Notes of the soprano, or of the first part."""
    rows = range(len(score.parts))
    row = max(rows, key=lambda r: (score.parts[r] == "Soprano", -r))
    return score.notes[score.notes["part"] == row]


def _on_beats(score: Score, count: int) -> np.ndarray:
    """Pitch of the upper part on each of its first beats."""
    notes = _upper_part(score)
    unit = np.diff(score.beats["onset"][:2])[0]
    at = notes["onset"][0] + unit * np.arange(count)
    sounding = np.searchsorted(notes["onset"], at + 1e-6, "right") - 1
    return notes["pitch"][sounding]


def _marks(score: Score) -> set[tuple]:
    """What a piece has in common with others of its tune."""
    if score.collection == "quartets":
        return {("work", score.name.rsplit("-", 1)[0])}
    marks = {
        ("notes", *np.diff(_upper_part(score)["pitch"][:10]).tolist()),
        ("beats", *np.diff(_on_beats(score, 8)).tolist()),
    }
    words = re.findall(r"[a-z]+", score.title.lower())
    kinds = {"the", "a", "reel", "jig", "hornpipe", "no"}
    title = sorted(set(words) - kinds)
    if score.collection == "tunes" and title:
        marks.add(("title", *title))
    return marks
