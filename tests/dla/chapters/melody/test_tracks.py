"""A track at other frames than its own, scored and kept."""

import pytest
import torch

from dla.chapters.melody import tracks
from dla.chapters.melody.corpus import Piece
from dla.reference.published import PitchTrack


@pytest.fixture
def piece():
    f0 = torch.tensor([0.0, 220.0, 220.0, 440.0, 0.0])
    return Piece("a", "w", "tunes", "melody", "oboe", 60.0, torch.zeros(2048 + 1), f0)


def track(frequency: list[float], voiced: list[bool], *, step: float) -> PitchTrack:
    times = step * torch.arange(len(frequency), dtype=torch.float64)
    said = torch.tensor(voiced)
    return PitchTrack(times, torch.tensor(frequency), said, said.float())


def test_the_truth_itself_scores_one(piece):
    own = track(piece.f0.tolist(), (piece.f0 > 0).tolist(), step=float(piece.times[1]))
    scores = tracks.score_track(piece, own)
    assert scores.pop("false_alarm") == 0
    assert set(scores.values()) == {1.0}


def test_frames_twice_as_dense_are_taken_where_they_are_nearest(piece):
    step = float(piece.times[1]) / 2
    double = torch.repeat_interleave(piece.f0, 2)
    shifted = track(double.tolist(), (double > 0).tolist(), step=step)
    assert tracks.score_track(piece, shifted)["overall"] == 1.0


def test_pitch_counts_where_the_tracker_says_unvoiced(piece):
    own = track([110.0, 220.0, 220.0, 220.0, 110.0], [False] * 5, step=float(piece.times[1]))
    scores = tracks.score_track(piece, own)
    assert scores["raw_pitch"] == pytest.approx(2 / 3) and scores["raw_chroma"] == 1.0
    assert scores["voicing_recall"] == 0 and scores["overall"] == pytest.approx(2 / 5)


def test_what_is_kept_is_the_track_to_a_cent(piece):
    voiced = [False, True, True, True, False]
    own = track([101.0, 221.3, 220.0, 440.0, 330.0], voiced, step=float(piece.times[1]))
    frequency, said = tracks.kept_track(tracks.keep_track(piece, own))
    assert (1200 * torch.log2(frequency / own.frequency)).abs().max() <= 0.51
    assert said.tolist() == [float(v) for v in voiced]


def test_a_piece_is_described_by_what_makes_it_one(piece):
    assert tracks.describe_piece(piece)["name"] == "a, melody, oboe, 60.0 a minute"
    assert tracks.sound_of(piece) == (piece.waveform, 22050)
