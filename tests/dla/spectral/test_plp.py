"""Predominant local pulse: against a loop, librosa, and pulses whose place is known."""

import math

import librosa
import numpy as np
import pytest
import torch

from dla.spectral.plp import plp
from dla.spectral.tempogram import fourier_tempogram, window

RATE = 50.0
BPM = torch.arange(60.0, 201.0)


def noisy(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def peaks(curve: torch.Tensor) -> list[int]:
    inner = (curve[1:-1] > curve[:-2]) & (curve[1:-1] >= curve[2:])
    return (inner.nonzero()[:, 0] + 1).tolist()


def test_is_the_rectified_sum_of_one_kernel_per_frame():
    x = noisy(80)
    C = fourier_tempogram(x, frame_rate=RATE, bpm=BPM, seconds=0.8)
    w, total = window(0.8, RATE, x), np.zeros(80)
    for m in range(80):
        v = int(C[:, m].abs().argmax())
        for n in range(max(0, m - 20), min(80, m + 20)):
            angle = 2 * math.pi * BPM[v].item() / 60 * n / RATE + C[v, m].angle().item()
            total[n] += w[n - m + 20].item() * math.cos(angle)
    ours = plp(x, frame_rate=RATE, bpm=BPM, seconds=0.8)
    np.testing.assert_allclose(ours.numpy(), total.clip(0), atol=1e-9)


def test_is_librosas_tempogram_at_its_peaks_inverted_up_to_a_factor():
    """Not `librosa.beat.plp`: frames whose peak has a negative real part it does not normalise."""
    x = noisy(600) ** 4
    tempi = librosa.fourier_tempo_frequencies(sr=22050, hop_length=441, win_length=200)
    kept = (tempi >= 60) & (tempi <= 200)
    C = librosa.feature.fourier_tempogram(
        onset_envelope=x.numpy(), sr=22050, hop_length=441, win_length=200
    )
    C[~kept] = 0
    C[np.abs(C) < np.abs(C).max(0)] = 0
    C = C / np.abs(C).max(0)
    theirs = librosa.istft(C, hop_length=1, n_fft=200, length=600).clip(0)[200:400]
    ours = plp(x, frame_rate=RATE, bpm=torch.tensor(tempi[kept]), seconds=4.0).numpy()[200:400]
    np.testing.assert_allclose(ours / ours.max(), theirs / theirs.max(), atol=1e-4)


@pytest.mark.parametrize("first", [0, 4, 17])
def test_peaks_lie_on_the_pulses(first):
    x = torch.zeros(600)
    x[first::25] = 1.0
    found = peaks(plp(x, frame_rate=RATE, bpm=torch.arange(60.0, 180.0)))
    assert set(range(first + 100, 500, 25)) <= set(found)
    assert all((n - first) % 25 == 0 for n in found if 100 < n < 500)


def test_a_missing_pulse_is_filled_in():
    x = torch.zeros(600)
    x[::25] = 1.0
    x[300] = 0.0
    assert 300 in peaks(plp(x, frame_rate=RATE, bpm=torch.arange(60.0, 180.0)))


def test_level_does_not_matter_and_delay_moves_the_pulse():
    x = noisy(600)
    pulse = plp(x, frame_rate=RATE, bpm=BPM, seconds=1.0)
    torch.testing.assert_close(plp(32 * x, frame_rate=RATE, bpm=BPM, seconds=1.0), pulse)
    moved = plp(x.roll(11), frame_rate=RATE, bpm=BPM, seconds=1.0)
    torch.testing.assert_close(moved[200:400], pulse[189:389])


def test_silence_has_no_pulse_and_no_value_is_negative():
    assert not plp(torch.zeros(200), frame_rate=RATE, bpm=BPM).any()
    assert (plp(noisy(300), frame_rate=RATE, bpm=BPM) >= 0).all()


def test_a_batch_is_its_items():
    x = noisy(2, 3, 200)
    whole = plp(x, frame_rate=RATE, bpm=BPM, seconds=1.0)
    torch.testing.assert_close(whole[1, 2], plp(x[1, 2], frame_rate=RATE, bpm=BPM, seconds=1.0))


def test_refuses_tempi_that_alias():
    with pytest.raises(ValueError, match="did you pass Hz"):
        plp(noisy(100), frame_rate=RATE, bpm=torch.tensor([2000.0]))
