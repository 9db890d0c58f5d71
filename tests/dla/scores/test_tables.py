"""Laws of the tables: bars, beats, keys; nothing is written to."""

import numpy as np
import pytest

from dla import scores
from dla.scores import tables

ABC = "oneill-0733"  # 6/8 with an upbeat, grace notes, and bars divided by a repeat sign


@pytest.mark.parametrize("name", ["bwv66.6", "bwv17.7", ABC, "ryan-BanjoReel", "haydn-opus1no1-3"])
def test_bars_follow_each_other_and_beats_lie_on_the_meter(name):
    score = scores.load(name)
    bars, beats, notes = score.bars, score.beats, score.notes
    ends = bars["onset"] + bars["duration"]
    np.testing.assert_allclose(ends[:-1], bars["onset"][1:])
    assert len(np.unique(bars["onset"])) == len(bars) and (np.diff(beats["onset"]) > 0).all()
    assert (beats["downbeat"] == (beats["beat"] == 1)).all()
    unit = float(tables.beat_length(*score.meters[0].tolist()[1:]))
    inner = np.diff(beats["onset"])[np.diff(beats["beat"]) == 1]
    np.testing.assert_allclose(inner, unit)
    # a note on a beat has that beat's number
    for onset, beat in zip(beats["onset"], beats["beat"], strict=True):
        assert (notes["beat"][notes["onset"] == onset] == beat).all()
    assert (notes["beat"] >= 1).all() and ends[-1] >= (notes["onset"] + notes["duration"]).max()


def test_compound_meters_have_dotted_beats():
    jig = scores.from_notes([(k / 2, 0.5, 60) for k in range(12)], meter=(6, 8))
    assert jig.beats["onset"].tolist() == [0, 1.5, 3, 4.5]
    assert jig.beats["beat"].tolist() == [1, 2, 1, 2]
    assert jig.notes["beat"][:4].tolist() == pytest.approx([1, 4 / 3, 5 / 3, 2])


def test_keys_move_with_the_transposition():
    key = scores.Key(9, "minor", 0, "given")
    moved = [key.transposed(k) for k in range(12)]
    assert [(k.tonic, k.signature) for k in moved[:4]] == [(9, 0), (10, -5), (11, 2), (0, -3)]
    assert all(-5 <= k.signature <= 6 for k in moved)
    assert all((7 * k.signature + 9) % 12 == k.tonic for k in moved)


def test_tables_cannot_be_written_to():
    score = scores.load("bwv66.6")
    for table in (score.notes, score.bars, score.beats, score.meters, score.chords):
        with pytest.raises(ValueError, match="read-only"):
            table[:] = 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: s.quarters(1, 99), "no bar 99: bwv66.6 has bars 0 to 9"),
        (lambda s: s.part("alto"), "no part 'alto'; there are Soprano, Alto"),
        (lambda s: s.part(4), "no part 4"),
        (lambda s: scores.from_notes([(0, 0, 60)]), "onset and duration"),
        (lambda s: scores.from_notes([(0, 1, 60.5)]), "pitch is a MIDI number"),
        (lambda s: scores.from_notes([(0, 1, 60, 1)]), "part 1: there are 1 parts"),
        (lambda s: scores.from_notes([(0, 1, 60)], key=(0, "dur")), "no mode 'dur'"),
        (lambda s: scores.from_notes([]), "no notes"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_what_would_be_right(call, message):
    with pytest.raises(ValueError, match=message):
        call(scores.load("bwv66.6"))
