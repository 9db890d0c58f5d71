"""music21's streams as plain tables; nothing of music21 gets out.

Imported only when a piece is not in the cache: music21 is slow.
"""

import re
from collections.abc import Sequence
from statistics import median_low

import numpy as np
from music21 import (
    abcFormat,
    converter,
    harmony,
    metadata,
    stream,
)
from music21.abcFormat import translate

from dla.scores import music21_alone  # noqa: F401
from dla.scores.tables import BAR, CHORD, METER, MODES, Key, tabulate

GOOD_FIT = 0.85  # eighteen analyses reach 0.93, two only 0.67


def musicxml(path: str) -> stream.Score:
    """A file of music21's corpus, parsed afresh."""
    score = converter.parse(path, forceSource=True)
    score.toSoundingPitch(inPlace=True)  # a copy takes as long again
    return score


class _UnbeamedPart(stream.Part):
    """A part that is read, not engraved."""

    def makeBeams(self, *, inPlace=False, **_):
        return None if inPlace else self


def abc(text: str) -> stream.Score:
    """One tune in ABC notation, without beams.

    `converter.parse` makes them, which is two thirds of a tune's 33 ms
    and cannot be turned off there; its own parts take another class.
    """
    tune = abcFormat.ABCFile().readstr(text)
    head, *voices = tune.splitByVoice()
    score = stream.Score()
    score.metadata = metadata.Metadata(title=tune.getTitle())
    for voice in [head + v for v in voices] or [head]:
        part = _UnbeamedPart()
        score.append(translate.abcToStreamPart(voice, inputM21=part))
    return score


def roman(text: str) -> stream.Score:
    """One analysis in RomanText."""
    return converter.parse(text, format="romantext", forceSource=True)


def tables(
    score: stream.Score,
    *,
    written_meters: Sequence[str] | None = None,
    printed_numbers: bool = True,
    key_annotated: bool = False,
) -> dict:
    """Everything about a score but its chords.

    Args:
        score: parsed, at sounding pitch.
        written_meters: time signatures that the source has; music21
            invents others for incomplete bars of ABC tunes.
        printed_numbers: keep the bars' numbers; otherwise count from
            1, an upbeat from 0.
        key_annotated: the source names tonic and mode.
    """
    parts = list(score.parts)
    measures = [
        list(p.getElementsByClass(stream.Measure)) for p in parts
    ]
    meters = _meters(parts[0], written_meters)
    bars = _bars(measures)
    rows = [
        row
        for i, part in enumerate(measures)
        for row in _rows(part, bars, i)
    ]
    bars = bars[bars["duration"] > 0]
    if not printed_numbers:
        _, numerator, denominator = meters[0]
        upbeat = (
            bars["duration"][0] < 4 * numerator / denominator - 1e-6
        )
        bars["number"] = np.arange(len(bars)) + (0 if upbeat else 1)
    placed = tabulate(rows, bars, meters)
    alone = "melody" if len(parts) == 1 else None
    names = _unique(
        [p.partName or alone or f"part {i + 1}"
         for i, p in enumerate(parts)]
    )  # fmt: skip
    return {
        "title": title(score),
        "parts": names,
        "key": _key(score, placed["notes"], key_annotated),
        **placed,
    }


def chords(
    analysis: stream.Score, bars: np.ndarray, notes: np.ndarray
) -> np.ndarray:
    """Roman numerals of an analysis, placed by bar number and position.

    Each lasts until the next. The analysis may have been made of an
    edition in another key: it is transposed to where most notes that
    sound at a chord's onset belong to it. One that fits nowhere
    (another edition's bars) is left out.
    """
    rows = []
    for measure in analysis.recurse().getElementsByClass(
        stream.Measure
    ):
        there = bars[bars["number"] == measure.number]
        if not len(there):
            continue
        begin, last = there["onset"][0], there[-1]
        end = last["onset"] + last["duration"]
        for numeral in measure.getElementsByClass("RomanNumeral"):
            onset = begin + float(numeral.offset)
            if onset >= end:
                continue
            classes = np.zeros(12, bool)
            classes[[p.pitchClass for p in numeral.pitches]] = True
            key = numeral.key
            rows.append(
                (onset, 0.0, numeral.figure, key.tonic.pitchClass,
                 key.mode, numeral.root().pitchClass,
                 numeral.bass().pitchClass, numeral.quality, classes)
            )  # fmt: skip
    table = np.array(rows, dtype=CHORD)
    table.sort(order="onset")
    final = bars["onset"][-1] + bars["duration"][-1]
    table["duration"] = np.diff(table["onset"], append=final)
    table = table[table["duration"] > 0]
    shifts = [(_fit(table, notes, k), -k) for k in range(12)]
    fit, lower = max(shifts)
    for field in ("key_tonic", "root", "bass"):
        table[field] = (table[field] - lower) % 12
    table["chroma"] = np.roll(table["chroma"], -lower, axis=1)
    return table if fit >= GOOD_FIT else table[:0]


def _fit(chords: np.ndarray, notes: np.ndarray, shift: int) -> float:
    """Share of the notes at chord onsets that belong to the chords."""
    chroma = np.roll(chords["chroma"], shift, axis=1)
    begun = notes["onset"] <= chords["onset"][:, None] + 1e-6
    stop = notes["onset"] + notes["duration"]
    sounding = begun & (stop > chords["onset"][:, None] + 1e-6)
    row, note = np.nonzero(sounding)
    return float(chroma[row, notes["pitch"][note] % 12].mean())


def _bars(measures: Sequence[Sequence[stream.Measure]]) -> np.ndarray:
    """Where bars lie: each as long as in most of the parts.

    Some encodings have an overfull bar in one part, after which the
    parts would run apart.
    """
    lengths = []
    for part in measures:
        onsets = [float(m.offset) for m in part]
        last = onsets[-1] + float(part[-1].duration.quarterLength)
        lengths.append(np.diff(onsets, append=last))
    duration = [
        median_low(column) for column in zip(*lengths, strict=True)
    ]
    onset = np.cumsum([0.0, *duration[:-1]])
    number = [m.number for m in measures[0]]
    return np.array(
        list(zip(onset, duration, number, strict=True)), dtype=BAR
    )


def _rows(
    measures: Sequence[stream.Measure], bars: np.ndarray, row: int
) -> list[tuple]:
    """Onset, duration, pitch and part of each note, ties merged.

    What an overfull bar has too much is left out.
    """
    found = []
    for measure, bar in zip(measures, bars, strict=True):
        for element in measure.recurse().notes:
            if isinstance(element, harmony.Harmony):
                continue
            offset = float(element.getOffsetInHierarchy(measure))
            room = bar["duration"] - offset
            duration = min(float(element.quarterLength), room)
            if duration <= 1e-6:  # a grace note, or no room
                continue
            for single in getattr(element, "notes", [element]):
                tie = single.tie or element.tie
                found.append(
                    (bar["onset"] + offset, duration,
                     int(single.pitch.midi), tie.type if tie else "")
                )  # fmt: skip
    found.sort(key=lambda note: note[:3])
    merged: list[list] = []
    tied: dict[int, list] = {}  # pitch -> a note waiting for its rest
    for onset, duration, pitch, tie in found:
        waiting = tied.pop(pitch, None)
        joins = (
            waiting is not None
            and tie in ("stop", "continue")
            and abs(waiting[0] + waiting[1] - onset) < 1e-6
        )
        if joins:
            waiting[1] = onset + duration - waiting[0]
            note = waiting
        else:
            note = [onset, duration, pitch, row]
            merged.append(note)
        if tie in ("start", "continue"):
            tied[pitch] = note
    return [tuple(note) for note in merged]


def _meters(part: stream.Part, written: Sequence[str] | None):
    rows = []
    for signature in part.recurse().getElementsByClass("TimeSignature"):
        if written is None or signature.ratioString in written:
            onset = float(signature.getOffsetInHierarchy(part))
            pair = signature.numerator, signature.denominator
            if not rows or rows[-1][1:] != pair:
                rows.append((onset, *pair))
    return np.array(rows or [(0.0, 4, 4)], dtype=METER)


def _key(
    score: stream.Score, notes: np.ndarray, annotated: bool
) -> Key:
    """From the source, or from the signature and the final chord."""
    first = score.recurse().getElementsByClass("KeySignature").first()
    sharps = first.sharps if first is not None else 0
    if annotated and first is not None:
        tonic = first.tonic.pitchClass
        return Key(tonic, first.mode, sharps, "annotated")
    end = (notes["onset"] + notes["duration"]).max()
    last = notes[notes["onset"] + notes["duration"] > end - 1e-6]
    tonic = final_root(last["pitch"])
    degree = (tonic - 7 * sharps) % 12
    names = {distance: mode for mode, distance in MODES.items()}
    return Key(
        tonic,
        names.get(degree, "other"),
        sharps,
        "signature and final chord",
    )


def final_root(pitches: np.ndarray) -> int:
    """Root of a triad, perhaps without third or fifth; else the bass.

    >>> final_root(np.array([57, 66, 74])), final_root(np.array([43]))
    (2, 7)
    """
    classes = {int(p) % 12 for p in pitches}
    bass = int(min(pitches)) % 12
    for root in (bass, *sorted(classes)):
        above = {(c - root) % 12 for c in classes}
        if 7 in above and above in ({0, 7}, {0, 3, 7}, {0, 4, 7}):
            return root
    return bass


def title(score: stream.Score) -> str:
    """In one line; empty if the source has none."""
    found = score.metadata and score.metadata.title
    return re.sub(r"\s+", " ", found or "").strip()


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Two parts of one name get numbers."""
    again = [n for n in names if names.count(n) > 1]
    count = dict.fromkeys(again, 0)
    out = []
    for name in names:
        if name in count:
            count[name] += 1
            name = f"{name} {count[name]}"
        out.append(name)
    return tuple(out)
