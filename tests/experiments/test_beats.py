"""Laws of the material: flaws that do not know the tempo, traces that change nothing else."""

import numpy as np
import pytest
import torch

from dla.decoders.bar_pointer import Settings, beat_intervals, decode
from dla.decoders.peaks import pick_peaks
from dla.decoders.tempo_changes import fit_lambda
from dla.experiments import beats as material


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def performance(curve: str, seed: int = 0) -> torch.Tensor:
    return material.played(curve, bpm=100.0, beats=24, rng=np.random.default_rng(seed))


def hits(times: torch.Tensor, beats: torch.Tensor) -> torch.Tensor:
    """Whether each beat has a time within 50 ms."""
    return (times[:, None] - beats).abs().amin(0) < 0.05


def test_beats_follow_the_tempo_curve():
    steady = performance("steady")
    torch.testing.assert_close(steady.diff(), torch.full((23,), 0.6, dtype=torch.float64))
    held = performance("fermata").diff() / 0.6
    assert held.max().item() == pytest.approx(3.0) and held.min().item() == pytest.approx(1.0)


def test_the_same_beats_are_missing_whatever_the_tempo():
    flaws = material.Flaws(jitter=0.0, floor=0.0, extra=0.0, missing=0.4)
    found = []
    for curve in ("steady", "rubato"):
        beats = performance(curve)
        activation = material.plant_activation(beats, generator=dice(3), flaws=flaws)
        found.append(hits(pick_peaks(activation, frame_rate=50.0, threshold=0.2), beats))
    assert torch.equal(*found) and 0 < found[0].sum() < 24


def test_false_peaks_are_halfway_and_as_frequent_as_asked():
    flaws = material.Flaws(missing=1.0, extra=0.3, jitter=0.0, floor=0.0)
    beats = 0.5 + 0.5 * torch.arange(2000)
    activation = material.plant_activation(beats, generator=dice(), flaws=flaws)
    times = pick_peaks(activation, frame_rate=50.0, threshold=0.1)
    assert ((times % 0.5 - 0.25).abs() < 0.03).all()
    assert len(times) / 2000 == pytest.approx(0.3, abs=0.05)


def test_an_activation_is_a_probability_and_ends_a_second_after_the_last_beat():
    activation = material.plant_activation(torch.tensor([0.5, 1.0, 2.0]), generator=dice())
    assert len(activation) == 150
    assert activation.min() >= 0.001 and activation.max() <= 0.999


def test_refuses_a_single_beat():
    with pytest.raises(ValueError, match="1 beats"):
        material.plant_activation(torch.tensor([1.0]), generator=dice())


@pytest.mark.parametrize("trace", [1, 2])
@pytest.mark.parametrize("accent", [1.0, 2.0])
def test_the_trace_moves_the_bass_drum_and_nothing_else(trace, accent):
    how = {"bpm": 120.0, "seconds": 8.0, "accent": accent}
    usual = material.drum_pattern(0, generator=dice(1), **how)
    other = material.drum_pattern(trace, generator=dice(1), **how)
    torch.testing.assert_close(usual.beats, other.beats)
    for one, two in zip(usual.strokes["hat"], other.strokes["hat"], strict=True):
        torch.testing.assert_close(one, two)
    assert not torch.equal(usual.strokes["bass"][0], other.strokes["bass"][0])


def test_the_bass_drum_is_on_all_beats_or_between_them():
    how = {"bpm": 120.0, "seconds": 8.0, "left_out": 0.0}
    on = material.drum_pattern(0, generator=dice(2), **how)
    off = material.drum_pattern(1, generator=dice(2), **how)
    torch.testing.assert_close(on.strokes["bass"][0], on.beats)
    nearest = (off.strokes["bass"][0][:, None] - off.beats).abs().amin(1)
    torch.testing.assert_close(nearest, torch.full_like(nearest, 0.25))


def test_accents_are_on_the_beats():
    how = {"bpm": 120.0, "seconds": 8.0, "left_out": 0.0}
    plain = material.drum_pattern(0, generator=dice(2), **how)
    loud = material.drum_pattern(0, generator=dice(2), accent=2.0, **how)
    times, gains = loud.strokes["hat"]
    ratio = gains / plain.strokes["hat"][1]
    assert torch.equal(ratio > 1.5, hits(loud.beats, times))


@pytest.mark.parametrize(("trace", "phase", "message"), [(3, 0, "trace"), (0, 2, "phase")])
def test_refuses_unknown_traces_and_phases(trace, phase, message):
    with pytest.raises(ValueError, match=message):
        material.drum_pattern(trace, bpm=100.0, seconds=4.0, generator=dice(), phase=phase)


def test_strokes_are_heard_when_they_are_played():
    pattern = material.backbeat(20.0, seconds=6.0, generator=dice())
    low, _, _ = material.band_flux(pattern.waveform())
    found = pick_peaks(low, frame_rate=50.0, threshold=0.4)
    assert hits(found, pattern.beats[::2]).all()


def test_refuses_another_sampling_rate():
    with pytest.raises(ValueError, match="22050"):
        material.backbeat(20.0, seconds=2.0, generator=dice()).waveform(16000)


def test_an_arm_hears_what_it_keeps():
    flux = torch.rand(3, 300, generator=dice())
    assert torch.equal(material.as_heard(flux, "black box")[:3], flux)
    assert material.as_heard(flux, "black box")[3].abs().max() == 0
    high = material.as_heard(flux, "high band")
    changed = torch.cat([torch.rand(2, 300, generator=dice(1)), flux[2:]])
    assert high[:2].abs().max() == 0 and high[3].max() == 1
    torch.testing.assert_close(high, material.as_heard(changed, "high band"))
    with pytest.raises(ValueError, match="with pulse"):
        material.as_heard(flux, "bass")


def test_a_frame_is_marked_with_its_neighbours_also_at_the_ends():
    marked = material.targets(torch.tensor([0.0, 0.1]), 6)
    assert marked.tolist() == [1, 1, 0, 0, 1, 1]


def test_lambda_on_an_endless_grid_is_the_fitted_one():
    intervals, middle = torch.arange(2, 300), 150 - 2
    counts = torch.zeros(len(intervals), len(intervals))
    counts[middle, middle - 2 : middle + 3] = torch.tensor([1.0, 3, 9, 3, 1])
    mean = float((counts[middle] * (intervals / 150 - 1).abs()).sum() / 17)
    expected = fit_lambda(counts, intervals, cap=1e4)
    assert material.geometric_lambda(mean, 150.0) == pytest.approx(expected, rel=1e-6)


def test_local_tempo_prefers_the_interval_that_is_there():
    activation = torch.full((600,), 0.01)
    activation[::30] = 0.9
    intervals = beat_intervals(70.0, 180.0, frame_rate=50.0)
    weights = material.local_tempo(activation, intervals)
    assert weights.shape == (600, len(intervals)) and (weights > 0).all()
    assert intervals[weights[300].argmax()] == 30


@pytest.mark.parametrize("interval", [18, 20])
@pytest.mark.parametrize("strong", [0.7, 0.95])
def test_the_decoder_changes_level_at_the_critical_activation(interval, strong):
    critical = material.critical_activation(strong, interval)
    for weak, expected in ((critical - 0.05, 2 * interval), (critical + 0.05, interval)):
        activation = torch.full((40 * interval,), 0.001)
        for shift in (-1, 0, 1):
            activation[5 + shift :: 2 * interval] = strong
            activation[5 + interval + shift :: 2 * interval] = weak
        settings = Settings(transition_lambda=1e4, beats_per_bar=(1,))
        path = decode(activation, frame_rate=50.0, settings=settings).path
        assert path.intervals.median() == expected
