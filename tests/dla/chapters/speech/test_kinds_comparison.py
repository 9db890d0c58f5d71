"""What sounds in the pieces, and how often a voice pauses."""

import pytest
import torch

from dla.chapters.speech import kinds_comparison as module
from dla.protocol import comparison
from dla.reference.omnivad import SoundActivity, times_of


def test_each_piece_has_one_level_and_2_5_s_at_most():
    for piece in module.pieces():
        assert len(piece.waveform) <= 2.5 * module.RATE
        level = 10 * torch.log10(piece.waveform.square().mean())
        assert float(level) == pytest.approx(-23.0, abs=0.01)
    names = [piece.name for piece in module.pieces()]
    assert len(names) == len(set(names))
    assert {piece.case for piece in module.pieces()} == set(module.CASES)


def test_a_voice_over_a_song_is_the_voice_and_the_song_at_their_levels():
    alone = {p.name: p.waveform for p in module.pieces()}
    for piece in module.pieces():
        if piece.case in module.OVER:
            who, song = piece.about.split(", ")
            parts = torch.stack([alone[f"speech: {who}"], alone[f"songs: {song}"]])
            gains = torch.linalg.lstsq(parts.T, piece.waveform[:, None]).solution[:, 0]
            ratio = 20 * torch.log10(gains[0] / gains[1])
            assert float(ratio) == pytest.approx(module.OVER[piece.case], abs=0.01)


def test_pauses_are_counted_against_the_mean_level():
    frame = module.FRAME
    steady = torch.ones(10 * frame)
    assert module.pauses(steady) == 0
    halting = steady.clone()
    halting[: 3 * frame] = 0.1
    assert module.pauses(halting) == pytest.approx(0.3)
    assert module.pauses(100 * halting) == pytest.approx(0.3)
    peaky = torch.full((10 * frame,), 0.3)
    peaky[:frame] = 1.0  # below half of the largest, not of the mean
    assert module.pauses(peaky) == 0


def test_shares_are_those_of_the_frames_called():
    probability = torch.tensor([[0.9, 0.0, 0.6], [0.1, 0.0, 0.4]])
    found = module.score(None, SoundActivity(times_of(2), probability))
    assert (found["speech"], found["singing"], found["music"]) == (0.5, 0.0, 0.5)
    assert found["p(music)"] == pytest.approx(0.5)


def test_what_is_committed_is_of_these_pieces():
    result = comparison.load(module.COMPARISON)
    assert [p["name"] for p in result.pieces] == [p.name for p in module.pieces()]
