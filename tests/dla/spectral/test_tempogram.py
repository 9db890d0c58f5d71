"""Tempograms: against sums term by term, librosa, and closed forms of a pulse train."""

import cmath
import math

import librosa
import numpy as np
import pytest
import torch

from dla.spectral.tempogram import (
    autocorrelation_tempogram,
    fourier_tempogram,
    lag_bpm,
    window,
)

RATE = 50.0  # frames per second


def novelty(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(*shape, generator=generator, dtype=torch.float64)


def train(period: int, frames: int = 600, first: int = 0) -> torch.Tensor:
    pulses = torch.zeros(frames, dtype=torch.float64)
    pulses[first::period] = 1.0
    return pulses


def test_is_the_sum_of_the_definition():
    x, bpm = novelty(60), torch.tensor([47.3, 120.0, 333.0])
    C = fourier_tempogram(x, frame_rate=RATE, bpm=bpm, seconds=0.4)
    w = window(0.4, RATE, x)
    for v, tempo in enumerate(bpm.double().tolist()):
        for m in (0, 3, 30, 59):
            total = sum(
                x[n].item()
                * w[n - m + 10].item()
                * cmath.exp(-2j * math.pi * tempo / 60 * n / RATE)
                for n in range(max(0, m - 10), min(60, m + 10))
            )
            assert C[v, m].item() == pytest.approx(total, abs=1e-9)


def test_has_librosas_magnitudes_at_librosas_tempi():
    x = novelty(400)
    theirs = librosa.feature.fourier_tempogram(
        onset_envelope=x.numpy(), sr=22050, hop_length=441, win_length=100
    )
    bpm = librosa.fourier_tempo_frequencies(sr=22050, hop_length=441, win_length=100)[1:]
    ours = fourier_tempogram(x, frame_rate=RATE, bpm=torch.tensor(bpm), seconds=2.0)
    np.testing.assert_allclose(ours.abs().numpy(), np.abs(theirs)[1:, :400], atol=1e-5)


@pytest.mark.parametrize("later", [1, 7, 40])
def test_a_later_novelty_is_turned_by_the_delay(later):
    x, bpm = novelty(600), torch.tensor([60.0, 97.0])
    x[:100] = x[-100:] = 0
    C = fourier_tempogram(x, frame_rate=RATE, bpm=bpm, seconds=1.0)
    D = fourier_tempogram(x.roll(later), frame_rate=RATE, bpm=bpm, seconds=1.0)
    turn = torch.exp(-2j * math.pi * bpm.double()[:, None] / 60 * later / RATE)
    torch.testing.assert_close(D[:, later:], (turn * C)[:, :-later])


def test_a_pulse_train_has_its_tempo_and_the_multiples_and_not_the_parts():
    bpm = torch.tensor([40.0, 60.0, 120.0, 240.0, 360.0])
    C = fourier_tempogram(train(25), frame_rate=RATE, bpm=bpm)[:, 300].abs()
    torch.testing.assert_close(C, torch.tensor([0, 0, 6, 6, 6]).double(), atol=1e-9, rtol=0)


def test_the_autocorrelation_of_a_pulse_train_has_the_parts_and_not_the_multiples():
    A = autocorrelation_tempogram(train(24), frame_rate=RATE)[:, 300]
    lags = (A > 1e-9).nonzero()[:, 0].tolist()
    assert lags == list(range(0, 24 * (len(lags)), 24)) and len(lags) > 10
    assert lag_bpm(torch.tensor([24.0, 48.0]), frame_rate=RATE).tolist() == [125.0, 62.5]


def test_autocorrelation_is_the_sum_of_the_definition():
    x = novelty(60)
    A, w = autocorrelation_tempogram(x, frame_rate=RATE, seconds=0.4), window(0.4, RATE, x)
    for m in (0, 30, 59):
        seen = [
            x[n].item() * w[n - m + 10].item() if 0 <= n < 60 else 0.0
            for n in range(m - 10, m + 10)
        ]
        for lag in (0, 1, 7, 19):
            total = sum(a * b for a, b in zip(seen, seen[lag:], strict=False))
            assert A[lag, m].item() == pytest.approx(total, abs=1e-9)


def test_has_librosas_autocorrelation_away_from_the_ends():
    x = novelty(400)
    theirs = librosa.feature.tempogram(
        onset_envelope=x.numpy(), sr=22050, hop_length=441, win_length=100, norm=None
    )
    ours = autocorrelation_tempogram(x, frame_rate=RATE, seconds=2.0)
    np.testing.assert_allclose(ours[:, 50:-50].numpy(), theirs[:, 50:-50], atol=1e-9)


@pytest.mark.parametrize("seconds", [3.0, 6.0, 12.0])
def test_half_the_magnitude_is_left_one_beat_per_window_away(seconds):
    n = torch.arange(2000).double()
    wave = torch.cos(2 * math.pi * 4.0 * n / RATE)
    bpm = torch.tensor([240.0, 240 - 60 / seconds, 240 + 60 / seconds])
    C = fourier_tempogram(wave, frame_rate=RATE, bpm=bpm, seconds=seconds)[:, 1000].abs()
    torch.testing.assert_close(C[1:] / C[0], torch.full((2,), 0.5).double(), atol=0.01, rtol=0)


@pytest.mark.parametrize("function", [fourier_tempogram, autocorrelation_tempogram])
def test_a_batch_is_its_items(function):
    x = novelty(2, 3, 200)
    extra = {"bpm": torch.tensor([60.0, 90.0])} if function is fourier_tempogram else {}
    whole = function(x, frame_rate=RATE, seconds=1.0, **extra)
    torch.testing.assert_close(
        whole[1, 2], function(x[1, 2], frame_rate=RATE, seconds=1.0, **extra)
    )


def test_refuses_tempi_that_alias_or_are_none():
    for bpm in (0.0, -60.0, 1501.0):
        with pytest.raises(ValueError, match=r"50 frames per second allow 0 to 1500: did you"):
            fourier_tempogram(novelty(100), frame_rate=RATE, bpm=torch.tensor([bpm]))


def test_refuses_a_window_of_no_frames():
    with pytest.raises(ValueError, match="a window of 0.01 s has 0 frames"):
        autocorrelation_tempogram(novelty(100), frame_rate=RATE, seconds=0.01)
