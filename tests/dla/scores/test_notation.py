"""Spelling and MusicXML, read back by music21."""

import pytest

from dla import scores
from dla.scores import notation


@pytest.mark.parametrize("signature", range(-5, 7))
def test_spelling_keeps_the_pitch_and_the_scale_needs_no_accidentals(signature):
    from music21 import key, pitch

    for midi_pitch in range(40, 80):
        assert pitch.Pitch(notation.spell(midi_pitch, signature)).midi == midi_pitch
    asked = {p.name for p in key.KeySignature(signature).getScale("major").pitches}
    tonic = 7 * signature % 12 + 60
    assert {notation.spell(tonic + k, signature)[:-1] for k in (0, 2, 4, 5, 7, 9, 11)} == asked


@pytest.mark.parametrize("bars", [(0, 2), (3, 3), (8, 9)])
def test_musicxml_holds_the_notes_of_the_bars(bars):
    from music21 import converter

    score = scores.load("bwv66.6")
    inside = (score.notes["bar"] >= bars[0]) & (score.notes["bar"] <= bars[1])
    asked = score.notes[inside]
    for staves in (None, [("Soprano", "Alto"), ("Tenor", "Bass")]):
        text = notation.musicxml(score, bars=bars, staves=staves)
        written = [
            (measure.number, float(note.getOffsetInHierarchy(measure)), note.pitch.midi)
            for part in converter.parse(text, format="musicxml").parts
            for measure in part.getElementsByClass("Measure")
            for note in measure.recurse().notes
            if note.tie is None or note.tie.type == "start"
        ]
        begun = dict(zip(score.bars["number"], score.bars["onset"], strict=False))
        assert sorted(written) == sorted(
            (n["bar"], n["onset"] - begun[n["bar"]], n["pitch"]) for n in asked
        )
