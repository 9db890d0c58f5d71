"""Which notes are written in the passages, and how notes that were heard are counted."""

import numpy as np
import pytest

from dla.chapters.music import notes_comparison as module
from dla.protocol import comparison
from dla.reference.basic_pitch_notes import NOTE


def cases() -> dict[str, list]:
    return {c: [p for p in module.pieces() if p.case == c] for c in module.CASES}


def test_chorales_are_the_same_notes_in_each_setting():
    by = cases()
    assert [len(by[c]) for c in module.CASES] == [6, 6, 6, 1, 1, 1, 1]
    for one, sharp, strings in zip(
        by[module.PIANO], by[module.TUNED], by[module.STRINGS], strict=True
    ):
        assert np.array_equal(one.notes, sharp.notes)
        assert np.array_equal(one.notes, strings.notes)
        assert not np.allclose(one.waveform, sharp.waveform)


def test_repeated_notes_are_of_one_pitch_and_their_pace():
    by = cases()
    for case, step in ((next(iter(module.REPEATED)), 1 / 6), ("C4 every 0.1 s", 0.1)):
        (piece,) = by[case]
        assert set(piece.notes["pitch"]) == {60}
        assert np.diff(piece.notes["onset"]) == pytest.approx(step, abs=1e-6)
    (scale,) = by[module.SCALE]
    assert np.diff(scale.notes["onset"]) == pytest.approx(0.1, abs=1e-6)
    assert set(scale.notes["pitch"]) == {60, 62, 64, 65, 67, 69, 71, 72}


def test_recorded_notes_are_thirty_and_loud_where_they_begin():
    (piece,) = cases()[module.RECORDED]
    assert len(set(piece.notes["pitch"])) == len(piece.notes) == 30
    for note in piece.notes:
        begin = round(note["onset"] * module.RATE)
        assert piece.waveform[begin : begin + 4000].square().mean() > 1e-5


def test_counts_hits_late_hits_and_overtones():
    truth = np.array([(0.0, 1.0, 60), (1.0, 2.0, 62), (2.0, 3.0, 64)], dtype=NOTE)
    piece = module.Passage("x", "y", None, truth)
    heard = np.array([(0.01, 1.0, 60), (0.02, 1.0, 72), (1.1, 2.0, 62), (2.0, 2.5, 65)], dtype=NOTE)
    assert module.score(piece, heard) == {
        "matched": 1,
        "within 0.15 s": 2,
        "notes": 3,
        "found": 4,
        "overtones": 1,
    }
    nothing = module.score(piece, np.zeros(0, dtype=NOTE))
    assert (nothing["matched"], nothing["found"], nothing["overtones"]) == (0, 0, 0)


def test_notes_kept_score_what_was_measured():
    result = comparison.load(module.COMPARISON)
    for system in module.COMPARISON.systems:
        for piece, trial in zip(module.pieces(), result.of(system), strict=True):
            again = module.score(piece, module.notes_kept(trial.kept))
            for name, value in again.items():
                assert value == pytest.approx(trial.values[name], abs=1)


def test_notes_survive_being_kept():
    notes = np.array([(0.25, 0.5, 60), (1.0, 1.5, 64)], dtype=NOTE)
    assert np.array_equal(module.notes_kept(module.keep(None, notes)), notes)


def test_later_keeps_durations_and_what_passes_the_end_comes_first():
    notes = np.array([(1.0, 1.5, 60), (9.0, 9.75, 62)], dtype=NOTE)
    moved = module.later(notes, 2.0, whole=10.0)
    assert moved["onset"].tolist() == [3.0, 1.0] and moved["offset"].tolist() == [3.5, 1.75]
    assert moved["pitch"].tolist() == [60, 62] and notes["onset"].tolist() == [1.0, 9.0]


def test_begun_again_is_within_a_written_note_and_far_from_all_begins():
    written = np.array([(0.0, 1.0, 60), (1.0, 2.0, 60), (0.0, 2.0, 64)], dtype=NOTE)
    begins = {(0.5, 60): 1, (0.1, 60): 0, (0.9, 60): 0, (0.9, 64): 1, (2.5, 64): 0, (0.5, 62): 0}
    for (onset, pitch), wanted in begins.items():
        found = np.array([(onset, onset + 0.1, pitch)], dtype=NOTE)
        assert module.begun_again(written, found) == wanted, (onset, pitch)
