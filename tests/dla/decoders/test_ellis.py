"""Dynamic programming for beats against every sequence of beats."""

import itertools
import math

import pytest
import torch

from dla.decoders.ellis import ellis, penalty

RATE, BPM = 10.0, 200.0  # three frames per beat; intervals 2 to 6


def value(beats, novelty, tightness):
    gaps = [b - a for a, b in itertools.pairwise(beats)]
    return sum(novelty[b].item() for b in beats) - tightness * sum(
        math.log2(gap / 3) ** 2 for gap in gaps
    )


def sequences(frames):
    """All sequences of frames, not empty, that are two to six frames apart."""

    def grow(beats):
        yield beats
        for gap in range(2, 7):
            if beats[-1] + gap < frames:
                yield from grow([*beats, beats[-1] + gap])

    for first in range(frames):
        yield from grow([first])


@pytest.mark.parametrize("tightness", [0.0, 0.5, 5.0])
@pytest.mark.parametrize("seed", range(5))
def test_no_sequence_is_worth_more(seed, tightness):
    novelty = torch.rand(15, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    best = max(sequences(15), key=lambda beats: value(beats, novelty, tightness))
    found = ellis(novelty, frame_rate=RATE, bpm=BPM, tightness=tightness)
    assert (found * RATE).round().long().tolist() == best


def test_regular_novelty_is_followed_through_a_gap():
    novelty = torch.zeros(200)
    novelty[5::20] = 1.0
    novelty[[85, 105]] = 0.0
    found = ellis(novelty, frame_rate=50.0, bpm=150.0)
    assert (found * 50).round().tolist() == list(range(5, 200, 20))


def test_silence_has_no_beats_and_one_peak_is_one_beat():
    assert len(ellis(torch.zeros(50), frame_rate=50.0, bpm=120.0)) == 0
    assert len(ellis(torch.zeros(0), frame_rate=50.0, bpm=120.0)) == 0
    assert ellis(torch.eye(9)[4], frame_rate=1.0, bpm=20.0).tolist() == [4.0]


def test_penalty_is_the_same_for_double_and_half():
    assert penalty(torch.tensor([4, 8, 16]), 8.0).tolist() == [-1.0, 0.0, -1.0]


def test_refuses_what_has_no_meaning():
    with pytest.raises(ValueError, match="negative or not finite"):
        ellis(torch.tensor([0.0, -1.0]), frame_rate=50.0, bpm=120.0)
    with pytest.raises(ValueError, match="at least two frames"):
        ellis(torch.zeros(9), frame_rate=50.0, bpm=2000.0)
    with pytest.raises(ValueError, match="rewards deviation"):
        ellis(torch.zeros(9), frame_rate=50.0, bpm=120.0, tightness=-1.0)


@pytest.mark.parametrize("tightness", [0.01, 1.0, 100.0])
def test_a_gap_of_two_intervals_is_bridged_by_a_silent_beat(tightness):
    apart = torch.tensor([1.0, 0, 0, 0, 0, 0, 2])
    found = ellis(apart, frame_rate=RATE, bpm=BPM, tightness=tightness)
    assert (found * RATE).round().tolist() == [0, 3, 6]
