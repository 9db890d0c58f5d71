"""Scores against music21 itself, and against the text of a tune."""

import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from dla import scores
from dla.scores import library

CORPUS = Path(find_spec("music21").origin).parent / "corpus"

ABC = "oneill-0733"  # 6/8 with an upbeat, grace notes, and bars divided by a repeat sign


def from_music21(path):
    """Onset, duration, pitch, bar, part of every note, by music21's own tie-stripping."""
    from music21 import converter

    score = converter.parse(path, forceSource=True)
    rows = []
    for k, part in enumerate(score.toSoundingPitch().parts):
        for note in part.stripTies().flatten().notes:
            if note.quarterLength:
                for pitch in note.pitches:
                    place = float(note.offset), float(note.quarterLength)
                    rows.append((*place, pitch.midi, note.measureNumber, k))
    return sorted(rows)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("bwv66.6", "bach/bwv66.6.mxl"),
        ("bwv153.1", "bach/bwv153.1.mxl"),
        ("mozart-k80-3", "mozart/k80/movement3.mxl"),
    ],
)
def test_the_notes_are_those_of_music21(name, file):
    notes = scores.load(name).notes
    fields = [notes[f].tolist() for f in ("onset", "duration", "pitch", "bar", "part")]
    assert sorted(zip(*fields, strict=True)) == from_music21(CORPUS / file)


def test_parts_stay_together_where_one_has_an_overfull_bar():
    """Bar 3 of the first violin is encoded with 119/24 quarters instead of four."""
    score = scores.load("haydn-opus1no1-3")
    assert set(score.bars["duration"]) == {4.0, 2.0} or set(score.bars["duration"]) == {4.0}
    ends = score.notes["onset"] + score.notes["duration"]
    for row in range(4):
        mine = score.notes["part"] == row
        last = score.notes["bar"][mine].max()
        assert last == score.bars["number"][-1] and ends[mine].max() == ends.max()


def test_a_tune_is_read_as_the_abc_text_says():
    text = library._source(library._entry(ABC)).decode()
    score = scores.load(ABC)
    # the first two bars by hand:  B/c/ |   dBG  dBG |  (M:6/8, L:1/8, K:G)
    assert "B/c/ |   dBG  dBG |" in text
    first = score.notes[:8]
    assert first["pitch"].tolist() == [71, 72, 74, 71, 67, 74, 71, 67]
    assert first["onset"].tolist() == [0, 0.25, 0.5, 1, 1.5, 2, 2.5, 3]
    assert first["bar"].tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    np.testing.assert_allclose(first["beat"][:4], [1 + 5 / 3 * 0.5 * 2, 2 + 5 / 6, 1, 4 / 3])
    assert (str(score.key), score.key.source, score.title) == (
        "G major", "annotated", "Welcome To Cork",
    )  # fmt: skip


def test_grace_notes_are_left_out_and_a_divided_bar_counts_on():
    text = library._source(library._entry(ABC)).decode()
    body = text.split("K:G\n")[1]
    assert "{a}" in body and "G2  :|\n|:  G   |" in body
    score = scores.load(ABC)
    without_graces = re.sub(r"\{.*?\}", "", body)
    assert len(score.notes) == len(re.findall("[a-gA-G]", without_graces))
    bars = score.bars
    (divided,) = np.flatnonzero((bars["duration"][:-1] == 2.5) & (bars["duration"][1:] == 0.5))
    upbeat = score.notes[score.notes["bar"] == bars["number"][divided + 1]]
    assert upbeat["beat"].tolist() == pytest.approx([1 + 5 / 3])


def test_chords_are_the_analysts_where_the_chorale_has_its_key():
    from music21 import converter

    score, path = scores.load("bwv269"), CORPUS / "bach/choraleAnalyses/riemenschneider001.rntxt"
    numerals = converter.parse(path, forceSource=True).recurse().getElementsByClass("RomanNumeral")
    asked = [
        (n.figure, n.root().pitchClass, n.bass().pitchClass, {p.pitchClass for p in n.pitches})
        for n in numerals
    ]
    held = [
        (str(c["figure"]), c["root"], c["bass"], set(np.flatnonzero(c["chroma"]).tolist()))
        for c in score.chords
    ]
    assert held == asked
    np.testing.assert_allclose(
        (score.chords["onset"] + score.chords["duration"])[:-1], score.chords["onset"][1:]
    )
    # "m2 I b2 V b3 vi": bar 2 begins at quarter 4
    bar = score.chords[score.chords["onset"] >= 4][:3]
    assert list(zip(bar["onset"], bar["figure"], strict=True)) == [(4, "I"), (5, "V"), (6, "vi")]


def test_an_analysis_in_another_key_is_transposed_and_one_that_fits_nowhere_left_out():
    for name in ("bwv145.5", "bwv184.5", "bwv269"):
        score = scores.load(name)
        fits = []
        for chord in score.chords:
            stop = score.notes["onset"] + score.notes["duration"]
            here = (score.notes["onset"] <= chord["onset"]) & (stop > chord["onset"])
            fits += chord["chroma"][score.notes["pitch"][here] % 12].tolist()
        assert np.mean(fits) > 0.9
    assert (scores.load("bwv145.5").chords["key_tonic"][0], len(scores.load("bwv277").chords)) == (
        6, 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "key"), [("bwv66.6", "F# minor"), ("bwv269", "G major"), ("bwv351", "G dorian")]
)
def test_the_key_is_that_of_signature_and_final_chord(name, key):
    score = scores.load(name)
    assert str(score.key) == key
    if name == "bwv66.6":  # ends in major: the third of the last chord does not decide
        end = score.notes["onset"] + score.notes["duration"]
        last = set(score.notes["pitch"][end == end.max()] % 12)
        assert (6 + 4) % 12 in last and (6 + 3) % 12 not in last
