"""Sounds whose pitch or chord is known, and a machine without any published system."""

import pytest
import torch

from dla.reference import published
from dla.signals import sine

RATE = 22050


def harmonics(frequency: float, *, seconds: float = 2.0, rate: int = RATE) -> torch.Tensor:
    """A tone with eight harmonics, peak one half."""
    parts = [
        sine(k * frequency, seconds=seconds, sample_rate=rate) / k
        for k in range(1, 9)
        if k * frequency < rate / 2
    ]
    tone = torch.stack(parts).sum(0)
    return 0.5 * tone / tone.abs().max()


@pytest.fixture
def tone():
    return harmonics


@pytest.fixture
def nothing_installed(monkeypatch):
    """No package is found, whatever this machine has."""

    def version(name: str) -> str:
        raise published.PackageNotFoundError(name)

    monkeypatch.setattr(published, "version", version)


def refuses_what_is_no_sound(system) -> None:
    """Before it looks for its package, so that the message is the same on every machine."""
    for bad, words in (
        (torch.zeros(2, 8000), r"\(2, 8000\) has 2 axes, expected \(time\)"),
        (torch.zeros(8000, dtype=torch.int16), "expected floating point"),
        (torch.full((8000,), torch.nan), "8000 of 8000 values of waveform"),
        (torch.zeros(0), "too short"),
    ):
        with pytest.raises(ValueError, match=words):
            system(bad, sample_rate=RATE)


@pytest.fixture
def refuses():
    return refuses_what_is_no_sound


@pytest.fixture
def follows(tone):
    """Where a tracker calls a frame inside a tone voiced, its pitch is right; all are."""

    def check(system, *, cents: float = 30.0, frequencies=(110.0, 220.0, 587.3)) -> None:
        for frequency in frequencies:
            for rate in (RATE, 16000):
                track = system(tone(frequency, rate=rate), sample_rate=rate)
                inside = (track.times > 0.3) & (track.times < 1.7)
                error = 1200 * torch.log2(track.frequency[inside] / frequency)
                assert error.abs().max() < cents
                assert track.voiced[inside].all()
                assert float(track.times[0]) == 0
                step = track.times.diff()
                assert (step > 0).all() and track.times[-1] == pytest.approx(
                    2.0, abs=2 * float(step.max())
                )

    return check


@pytest.fixture
def leaps_in_time(tone):
    """Where a tone leaps, the track does: its times are those of the sound."""

    def check(system, *, step: float) -> None:
        leap = torch.cat([tone(440.0, seconds=1.0), tone(330.0, seconds=1.0)])
        track = system(leap, sample_rate=RATE)
        inside = (track.times > 0.5) & (track.times < 1.5)
        low = track.frequency[inside] < 381
        when = float(track.times[inside][low.int().argmax()])
        assert low.diff().sum() == 1 and when == pytest.approx(1.0, abs=step)

    return check
