"""Laws of planted activations: flaws that do not know the tempo."""

import numpy as np
import pytest
import torch

from dla.chapters.beat_tracking import planted
from dla.decoders.bar_pointer import beat_intervals
from dla.decoders.peaks import pick_peaks


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def performance(curve: str, seed: int = 0) -> torch.Tensor:
    return planted.played(curve, bpm=100.0, beats=24, rng=np.random.default_rng(seed))


def hits(times: torch.Tensor, beats: torch.Tensor) -> torch.Tensor:
    """Whether each beat has a time within 50 ms."""
    return (times[:, None] - beats).abs().amin(0) < 0.05


def test_beats_follow_the_tempo_curve():
    steady = performance("steady")
    torch.testing.assert_close(steady.diff(), torch.full((23,), 0.6, dtype=torch.float64))
    held = performance("fermata").diff() / 0.6
    assert held.max().item() == pytest.approx(3.0) and held.min().item() == pytest.approx(1.0)


def test_the_same_beats_are_missing_whatever_the_tempo():
    flaws = planted.Flaws(jitter=0.0, floor=0.0, extra=0.0, missing=0.4)
    found = []
    for curve in ("steady", "rubato"):
        beats = performance(curve)
        activation = planted.plant_activation(beats, generator=dice(3), flaws=flaws)
        found.append(hits(pick_peaks(activation, frame_rate=50.0, threshold=0.2), beats))
    assert torch.equal(*found) and 0 < found[0].sum() < 24


def test_false_peaks_are_halfway_and_as_frequent_as_asked():
    flaws = planted.Flaws(missing=1.0, extra=0.3, jitter=0.0, floor=0.0)
    beats = 0.5 + 0.5 * torch.arange(2000)
    activation = planted.plant_activation(beats, generator=dice(), flaws=flaws)
    times = pick_peaks(activation, frame_rate=50.0, threshold=0.1)
    assert ((times % 0.5 - 0.25).abs() < 0.03).all()
    assert len(times) / 2000 == pytest.approx(0.3, abs=0.05)


def test_an_activation_is_a_probability_and_ends_a_second_after_the_last_beat():
    activation = planted.plant_activation(torch.tensor([0.5, 1.0, 2.0]), generator=dice())
    assert len(activation) == 150
    assert activation.min() >= 0.001 and activation.max() <= 0.999


def test_refuses_a_single_beat():
    with pytest.raises(ValueError, match="1 beats"):
        planted.plant_activation(torch.tensor([1.0]), generator=dice())


def test_local_tempo_prefers_the_interval_that_is_there():
    activation = torch.full((600,), 0.01)
    activation[::30] = 0.9
    intervals = beat_intervals(70.0, 180.0, frame_rate=50.0)
    weights = planted.local_tempo(activation, intervals)
    assert weights.shape == (600, len(intervals)) and (weights > 0).all()
    assert intervals[weights[300].argmax()] == 30
