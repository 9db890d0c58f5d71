"""A score's tables as MusicXML, for engraving.

What the tables do not hold - slurs, fermatas, repeat signs - is not
in the picture either.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dla import cache
from dla.scores.tables import Score

LETTERS = "FCGDAEB"  # each a fifth above the one before it
ROUNDING = 96  # parts of a quarter: 32nds and triplets of them
MIDDLE = 59.5  # MIDI: lower medians get a bass clef
Staff = Sequence[int]  # rows of one or two parts


def musicxml(
    score: Score,
    *,
    bars: tuple[int, int],
    staves: Sequence[Sequence[int | str]] | None = None,
) -> str:
    """Some bars of a score in MusicXML.

    Args:
        score: from `load` or `from_notes`.
        bars: first and last, by their printed numbers.
        staves: for each staff from the top, one part or two that
            share it; None gives each part its own.

    Raises:
        ValueError: an unknown bar or part, more than two parts on a
            staff, or a part of which notes overlap without beginning
            and ending together.

    >>> from dla.scores import from_notes
    >>> musicxml(from_notes([(0, 4, 60)]), bars=(1, 1)).count("<note")
    1
    """
    start, end = score.quarters(*bars)
    if staves is None:
        staves = [[row] for row in range(len(score.parts))]
    rows = [[score.part(name) for name in staff] for staff in staves]
    if any(len(staff) not in (1, 2) for staff in rows):
        raise ValueError(
            f"a staff holds one part or two, got {staves!r}"
        )
    key = cache.key(
        Path(__file__).read_bytes(),
        repr((start, end, rows, score.parts, score.key)),
        score.notes.tobytes(),
        score.bars.tobytes(),
        score.meters.tobytes(),
    )
    kept = cache.read(key)
    if kept is None:
        kept = _engraved(score, start, end, rows).encode()
        cache.write(key, kept)
    return kept.decode()


def spell(pitch: int, signature: int) -> str:
    """The name of a pitch that a key's neighbourhood suggests.

    On the line of fifths, the twelve names from three below the major
    tonic to eight above it: the scale, the raised notes of minor, and
    the flat third and seventh of major.

    >>> [spell(p, 0) for p in (61, 63, 66, 68, 70)]
    ['C#4', 'E-4', 'F#4', 'G#4', 'B-4']
    >>> spell(71, -5)
    'C-5'
    """
    fifths = pitch * 7 % 12  # C is 0, G 1, ...
    lowest = signature - 3
    place = lowest + (fifths - lowest) % 12
    letter = LETTERS[(place + 1) % 7]
    sharps = (place + 1) // 7
    natural = pitch - sharps
    sign = "#" * sharps if sharps > 0 else "-" * -sharps
    return f"{letter}{sign}{natural // 12 - 1}"


def _engraved(
    score: Score, start: float, end: float, staves: Sequence[Staff]
) -> str:
    from music21 import stream
    from music21.musicxml.m21ToXml import GeneralObjectExporter

    from dla.scores import music21_alone  # noqa: F401

    whole = stream.Score()
    for staff in staves:
        whole.insert(0, _staff(score, start, end, staff))
    exporter = GeneralObjectExporter(whole)
    text = exporter.parse().decode()
    head = re.compile("<identification>.*?</identification>", re.S)
    return head.sub("", text)  # the date


def _staff(score: Score, start: float, end: float, staff: Staff):
    from music21 import clef, key, meter, stream

    part = stream.Part()
    if len(score.parts) > 1 and len(staff) == 1:
        part.partName = score.parts[staff[0]]
    part.partAbbreviation = ""
    inside = (score.bars["onset"] >= start - 1e-6) & (
        score.bars["onset"] < end - 1e-6
    )
    signature = score.key.signature if score.key else 0
    notes = score.notes[np.isin(score.notes["part"], staff)]
    middle = np.median(notes["pitch"]) if len(notes) else 60
    before = None
    for i, bar in enumerate(score.bars[inside]):
        measure = stream.Measure(number=int(bar["number"]))
        if i == 0:
            bass = middle < MIDDLE
            measure.clef = (
                clef.BassClef() if bass else clef.TrebleClef()
            )
            measure.keySignature = key.KeySignature(signature)
        there = score.meters["onset"] <= bar["onset"] + 1e-6
        now = score.meters[there][-1]
        if before is None or now != before:
            measure.timeSignature = meter.TimeSignature(
                f"{now['numerator']}/{now['denominator']}"
            )
        before = now
        _fill(measure, score, bar, staff, signature)
        part.append(measure)
    part.makeBeams(inPlace=True)
    part.makeAccidentals(inPlace=True)
    return part


def _fill(measure, score: Score, bar, staff: Staff, signature: int):
    """The notes and rests of a bar: of two parts, stems up and down."""
    from music21 import stream

    for row, direction in zip(staff, ("up", "down"), strict=False):
        voice = measure
        if len(staff) > 1:
            voice = stream.Voice(id=str(staff.index(row) + 1))
        for element in _elements(score, bar, row, signature):
            if len(staff) > 1 and not element.isRest:
                element.stemDirection = direction
            voice.append(element)
        if voice is not measure:
            measure.insert(0, voice)


def _elements(score: Score, bar, row: int, signature: int) -> list:
    """Notes, chords and rests of one part, one after the other."""
    from music21 import chord, note, tie

    onset, end = bar["onset"], bar["onset"] + bar["duration"]
    notes = score.notes[score.notes["part"] == row]
    stop = notes["onset"] + notes["duration"]
    notes = notes[(notes["onset"] < end - 1e-6) & (stop > onset + 1e-6)]
    spans: dict[tuple, list] = {}
    for n in notes:
        begin, last = n["onset"], n["onset"] + n["duration"]
        span = _grid(max(begin, onset) - onset, min(last, end) - onset)
        spans.setdefault(span, []).append(
            (int(n["pitch"]), begin < onset - 1e-6, last > end + 1e-6)
        )
    elements, at = [], 0
    for (first, last), pitches in sorted(spans.items()):
        if first < at:
            raise ValueError(
                f"{score.parts[row]}: several voices in bar "
                f"{bar['number']}; a picture takes one of each part"
            )
        if first > at:
            elements += _split(note.Rest(quarterLength=first - at))
        names = [spell(p, signature) for p, _, _ in sorted(pitches)]
        if len(names) > 1:
            sound = chord.Chord(names)
        else:
            sound = note.Note(names[0])
        sound.quarterLength = last - first
        pieces = _split(sound)
        _, earlier, later = pitches[0]
        for k, piece in enumerate(pieces):
            back = earlier or k > 0
            forth = later or k < len(pieces) - 1
            if back or forth:
                kind = {(0, 1): "start", (1, 0): "stop"}.get(
                    (back, forth), "continue"
                )
                piece.tie = tie.Tie(kind)
        elements += pieces
        at = last
    length = _grid(0.0, end - onset)[1]
    if length > at:
        elements += _split(note.Rest(quarterLength=length - at))
    return elements


def _grid(*quarters: float) -> tuple:
    """Positions as fractions, on a grid of 96 to the quarter."""
    from fractions import Fraction

    return tuple(
        Fraction(round(float(q) * ROUNDING), ROUNDING) for q in quarters
    )


def _split(element) -> list:
    """A duration that no single sign can write, as several."""
    return list(element.splitAtDurations())
