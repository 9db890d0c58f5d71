"""Laws of the drum patterns: a trace changes nothing else."""

import pytest
import torch

from dla.chapters.beat_tracking import arms, patterns
from dla.decoders.peaks import pick_peaks


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def hits(times: torch.Tensor, beats: torch.Tensor) -> torch.Tensor:
    """Whether each beat has a time within 50 ms."""
    return (times[:, None] - beats).abs().amin(0) < 0.05


@pytest.mark.parametrize("trace", [1, 2])
@pytest.mark.parametrize("accent", [1.0, 2.0])
def test_the_trace_moves_the_bass_drum_and_nothing_else(trace, accent):
    how = {"bpm": 120.0, "seconds": 8.0, "accent": accent}
    usual = patterns.drum_pattern(0, generator=dice(1), **how)
    other = patterns.drum_pattern(trace, generator=dice(1), **how)
    torch.testing.assert_close(usual.beats, other.beats)
    for one, two in zip(usual.strokes["hat"], other.strokes["hat"], strict=True):
        torch.testing.assert_close(one, two)
    assert not torch.equal(usual.strokes["bass"][0], other.strokes["bass"][0])


def test_the_bass_drum_is_on_all_beats_or_between_them():
    how = {"bpm": 120.0, "seconds": 8.0, "left_out": 0.0}
    on = patterns.drum_pattern(0, generator=dice(2), **how)
    off = patterns.drum_pattern(1, generator=dice(2), **how)
    torch.testing.assert_close(on.strokes["bass"][0], on.beats)
    nearest = (off.strokes["bass"][0][:, None] - off.beats).abs().amin(1)
    torch.testing.assert_close(nearest, torch.full_like(nearest, 0.25))


def test_accents_are_on_the_beats():
    how = {"bpm": 120.0, "seconds": 8.0, "left_out": 0.0}
    plain = patterns.drum_pattern(0, generator=dice(2), **how)
    loud = patterns.drum_pattern(0, generator=dice(2), accent=2.0, **how)
    times, gains = loud.strokes["hat"]
    ratio = gains / plain.strokes["hat"][1]
    assert torch.equal(ratio > 1.5, hits(loud.beats, times))


@pytest.mark.parametrize(("trace", "phase", "message"), [(3, 0, "trace"), (0, 2, "phase")])
def test_refuses_unknown_traces_and_phases(trace, phase, message):
    with pytest.raises(ValueError, match=message):
        patterns.drum_pattern(trace, bpm=100.0, seconds=4.0, generator=dice(), phase=phase)


def test_strokes_are_heard_when_they_are_played():
    pattern = patterns.backbeat(20.0, seconds=6.0, generator=dice())
    low, _, _ = arms.band_flux(pattern.waveform())
    found = pick_peaks(low, frame_rate=50.0, threshold=0.4)
    assert hits(found, pattern.beats[::2]).all()


def test_refuses_another_sampling_rate():
    with pytest.raises(ValueError, match="22050"):
        patterns.backbeat(20.0, seconds=2.0, generator=dice()).waveform(16000)
