"""What published trackers score on parts that play alone, as committed."""

from dla.chapters.melody.alone_comparison import COMPARISON, pieces
from dla.chapters.melody.tracks import kept_track
from dla.measures.melody import melody_scores
from dla.protocol import comparison


def test_its_pieces_are_forty_or_more_held_out_parts():
    assert len(pieces()) >= 40
    assert len({piece.work for piece in pieces()}) > 20


def test_kept_contours_score_what_was_measured():
    """To a few frames: pYIN's grid has pitches half a semitone off; a rounded cent decides."""
    result = comparison.load(COMPARISON)
    for system in COMPARISON.systems:
        for piece, trial in list(zip(pieces(), result.of(system), strict=True))[::10]:
            frequency, voiced = kept_track(trial.kept)
            scores = melody_scores(piece.f0, frequency, voiced)
            assert abs(scores.raw_pitch - trial.values["raw_pitch"]) < 0.025
            assert abs(scores.overall - trial.values["overall"]) < 0.025
            assert abs(scores.voicing_recall - trial.values["voicing_recall"]) < 1e-6
