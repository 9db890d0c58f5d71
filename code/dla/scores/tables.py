"""A score as plain tables: notes, bars, beats, key and chords."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np

from dla.names import unknown

# Positions and durations are in quarter notes from the beginning of
# the piece, pitches are MIDI numbers (60 is middle C), pitch classes
# count semitones above C.
NOTE = np.dtype(
    [
        ("onset", "f8"),
        ("duration", "f8"),
        ("pitch", "i8"),
        ("part", "i8"),  # row of Score.parts
        ("bar", "i8"),  # number as printed; an upbeat's is 0
        ("beat", "f8"),  # position in the bar, in beats, from 1
    ]
)
BEAT = np.dtype(
    [("onset", "f8"), ("bar", "i8"), ("beat", "i8"), ("downbeat", "?")]
)
BAR = np.dtype([("onset", "f8"), ("duration", "f8"), ("number", "i8")])
METER = np.dtype(
    [("onset", "f8"), ("numerator", "i8"), ("denominator", "i8")]
)
CHORD = np.dtype(
    [
        ("onset", "f8"),
        ("duration", "f8"),
        ("figure", "U16"),  # roman numeral
        ("key_tonic", "i8"),  # pitch class; the key in which the
        ("key_mode", "U16"),  # numeral is meant: "major" or "minor"
        ("root", "i8"),  # pitch class
        ("bass", "i8"),  # pitch class
        ("quality", "U16"),  # of the triad: major, minor, ...
        ("chroma", "?", 12),  # pitch classes that belong to the chord
    ]
)
PITCH_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A",
                 "Bb", "B")  # fmt: skip
MODES = {  # tonic in semitones above that of the major key
    "major": 0,
    "dorian": 2,
    "phrygian": 4,
    "lydian": 5,
    "mixolydian": 7,
    "minor": 9,
    "locrian": 11,
}


@dataclass(frozen=True)
class Key:
    """Tonic and mode of a piece, and how they are known."""

    tonic: int  # pitch class
    mode: str  # of MODES, or "other"
    signature: int  # sharps, or minus the number of flats
    source: str  # "annotated", or the rule that found it

    def __str__(self) -> str:
        return f"{PITCH_CLASSES[self.tonic]} {self.mode}"

    @property
    def third(self) -> str:
        """Major or minor, by the third above the tonic.

        >>> Key(2, "dorian", 0, "annotated").third
        'minor'
        """
        bright = ("major", "lydian", "mixolydian")
        return "major" if self.mode in bright else "minor"

    def transposed(self, semitones: int) -> "Key":
        """The key so many semitones higher, least accidentals.

        >>> str(Key(9, "minor", 0, "annotated").transposed(3))
        'C minor'
        """
        tonic = (self.tonic + semitones) % 12
        fifths = (self.signature + 7 * semitones + 5) % 12 - 5
        return Key(tonic, self.mode, fifths, self.source)


@dataclass(frozen=True, eq=False)
class Score:
    """One piece. Tables are sorted by onset and cannot be written to.

    Beats are those of the time signature: of 6/8, 9/8 and 12/8 the
    dotted quarter, otherwise the denominator.
    """

    name: str
    title: str
    composer: str
    collection: str
    parts: tuple[str, ...]  # highest first, as printed
    notes: np.ndarray  # of NOTE, ties merged, no grace notes
    bars: np.ndarray  # of BAR, repeats not expanded
    beats: np.ndarray  # of BEAT
    meters: np.ndarray  # of METER
    chords: np.ndarray  # of CHORD; empty where nobody annotated them
    key: Key | None

    def __post_init__(self):
        for table in (
            self.notes,
            self.bars,
            self.beats,
            self.meters,
            self.chords,
        ):
            table.flags.writeable = False

    def __repr__(self) -> str:
        return (
            f"<{self.name}: {self.title!r}, {len(self.notes)} notes, "
            f"{len(self.parts)} parts, {len(self.bars)} bars, "
            f"{self.key}>"
        )

    @property
    def duration(self) -> float:
        """Length in quarters, to the end of the last bar."""
        return float(self.bars["onset"][-1] + self.bars["duration"][-1])

    def part(self, name: int | str) -> int:
        """Row of a part in `parts`.

        Raises:
            ValueError: no such part; the message says which are near.
        """
        if name in self.parts:
            return self.parts.index(name)
        whole = isinstance(name, int | np.integer)
        if whole and 0 <= name < len(self.parts):
            return int(name)
        raise ValueError(unknown("part", name, self.parts))

    def quarters(self, first: int, last: int) -> tuple[float, float]:
        """Where bars begin and end, by their printed numbers.

        Raises:
            ValueError: a bar that is not there.
        """
        number = self.bars["number"]
        for wanted in (first, last):
            if wanted not in number:
                raise ValueError(
                    f"no bar {wanted}: {self.name} has bars "
                    f"{number.min()} to {number.max()}"
                )
        start = self.bars["onset"][number == first][0]
        final = self.bars[number == last][-1]
        end = final["onset"] + final["duration"]
        if end <= start:
            raise ValueError(f"bar {last} ends before bar {first}")
        return float(start), float(end)


def from_notes(
    notes: Sequence[Sequence[Real]],
    *,
    name: str = "example",
    parts: Sequence[str] = ("melody",),
    meter: tuple[int, int] = (4, 4),
    pickup: Real = 0.0,
    key: tuple[int, str] | None = None,
) -> Score:
    """A score from rows (onset, duration, pitch) or with a part's row.

    Args:
        notes: onset and duration in quarters, MIDI pitch and, unless
            there is one part, the part's row in `parts`.
        name: says which score it is in messages and pictures.
        meter: time signature.
        pickup: length of an upbeat in quarters.
        key: pitch class of the tonic, and mode.

    Raises:
        ValueError: a row of another length, a duration that is not
            positive, a part or a pitch that is not there.

    >>> scale = [60, 62, 64, 65, 67, 69, 71, 72]
    >>> rows = [(i, 1.0, p) for i, p in enumerate(scale)]
    >>> from_notes(rows, key=(0, "major"))
    <example: 'example', 8 notes, 1 parts, 2 bars, C major>
    """
    if not len(notes):
        raise ValueError("no notes")
    for row in notes:
        if len(row) not in (3, 4):
            raise ValueError(
                "a note is (onset, duration, pitch) or (onset, "
                f"duration, pitch, part), got {row!r}"
            )
        onset, duration, pitch, part = (*row, 0)[:4]
        if not (onset >= 0 and duration > 0):
            raise ValueError(
                f"onset and duration in quarters, got {row!r}"
            )
        if pitch != int(pitch) or not 0 <= pitch <= 127:
            raise ValueError(
                f"pitch is a MIDI number from 0 to 127, got {pitch!r}"
            )
        if part not in range(len(parts)):
            raise ValueError(
                f"part {part!r}: there are {len(parts)} parts"
            )
    rows = [(*row, 0)[:4] for row in notes]
    meters = np.array([(0.0, *meter)], dtype=METER)
    full = 4.0 * meter[0] / meter[1]
    end = max(onset + duration for onset, duration, _, _ in rows)
    starts = np.arange(0.0, end - pickup - 1e-9, full) + pickup
    bars = [(s, full, i + 1) for i, s in enumerate(starts)]
    if pickup:
        bars.insert(0, (0.0, pickup, 0))
    return Score(
        name=name,
        title=name,
        composer="",
        collection="",
        parts=tuple(parts),
        chords=np.empty(0, CHORD),
        key=key and Key(*key, _signature(*key), "given"),
        **tabulate(rows, np.array(bars, dtype=BAR), meters),
    )


def tabulate(
    rows: Sequence[tuple[Real, Real, Real, Real]],
    bars: np.ndarray,
    meters: np.ndarray,
) -> dict[str, np.ndarray]:
    """Notes with their place in the bar, and the beats.

    A bar shorter than its time signature is an upbeat if it is the
    first, or the completion of the bar before it if that one is short
    too and both make a whole (a bar divided by a repeat sign): its
    positions then count on from there. Any other begins on beat 1.

    Args:
        rows: onset, duration (quarters), pitch, part.
        bars: of BAR.
        meters: of METER; the first applies from the beginning.
    """
    which = _last_begun(meters["onset"], bars["onset"])
    meter = meters[which]
    full = 4.0 * meter["numerator"] / meter["denominator"]
    unit = beat_length(meter["numerator"], meter["denominator"])
    short = bars["duration"] < full - 1e-6
    shift = np.zeros(len(bars))  # quarters already passed in the bar
    for i in np.flatnonzero(short):
        if i == 0:
            shift[i] = full[i] - bars["duration"][i]
        elif short[i - 1]:
            whole = bars["duration"][i - 1] + bars["duration"][i]
            if shift[i - 1] == 0 and abs(whole - full[i]) < 1e-6:
                shift[i] = bars["duration"][i - 1]
    notes = np.zeros(len(rows), NOTE)
    for name, column in zip(
        ("onset", "duration", "pitch", "part"),
        zip(*rows, strict=True),
        strict=True,
    ):
        notes[name] = column
    i = _last_begun(bars["onset"], notes["onset"])
    inside = notes["onset"] - bars["onset"][i] + shift[i]
    notes["bar"] = bars["number"][i]
    notes["beat"] = 1 + inside / unit[i]
    beats = []
    for bar, offset, u in zip(bars, shift, unit, strict=True):
        first = int(np.ceil(offset / u - 1e-6))
        last = (offset + bar["duration"]) / u - 1e-6
        beats += [
            (
                bar["onset"] + n * u - offset,
                bar["number"],
                n + 1,
                n == 0,
            )
            for n in range(first, int(np.ceil(last)))
        ]
    return {
        "notes": np.sort(notes, order=["onset", "part", "pitch"]),
        "bars": bars,
        "beats": np.array(beats, dtype=BEAT),
        "meters": meters,
    }


def beat_length(numerator, denominator):
    """Length of a beat in quarters.

    >>> [float(beat_length(n, d)) for n, d in ((3, 4), (2, 2), (6, 8))]
    [1.0, 2.0, 1.5]
    """
    numerator, denominator = (
        np.asarray(numerator),
        np.asarray(denominator),
    )
    threes = (numerator > 3) & (numerator % 3 == 0) & (denominator >= 8)
    return np.where(threes, 3, 1) * 4.0 / denominator


def _last_begun(starts: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Row of the last start that is not later; rounding forgiven."""
    row = np.searchsorted(starts, at + 1e-6, side="right") - 1
    return np.maximum(row, 0)


def _signature(tonic: int, mode: str) -> int:
    """Sharps of a key, from -5 to 6."""
    if mode not in MODES:
        raise ValueError(unknown("mode", mode, tuple(MODES)))
    return (7 * (tonic - MODES[mode]) + 5) % 12 - 5
