"""The mel filterbank against librosa, and its laws."""

import librosa
import numpy as np
import pytest
import torch

from dla.spectral.mel import (
    hz_to_mel,
    log_mel,
    mel_centres,
    mel_matrix,
    mel_spectrogram,
    mel_to_hz,
)

SETTINGS = [
    {"sample_rate": 16000, "n_fft": 512, "n_mels": 64},
    {"sample_rate": 8000, "n_fft": 256, "n_mels": 24},
    {"sample_rate": 22050, "n_fft": 2048, "n_mels": 128, "f_min": 30.0, "f_max": 8000.0},
]


def as_librosa(settings):
    names = {"sample_rate": "sr", "f_min": "fmin", "f_max": "fmax"}
    return {names.get(name, name): value for name, value in settings.items()}


def test_scale_is_librosas_and_its_inverse_inverts():
    frequency = torch.linspace(0.0, 11025.0, 500, dtype=torch.float64)
    mel = hz_to_mel(frequency)
    np.testing.assert_allclose(mel.numpy(), librosa.hz_to_mel(frequency.numpy()), rtol=1e-12)
    torch.testing.assert_close(mel_to_hz(mel), frequency)


@pytest.mark.parametrize("settings", SETTINGS)
def test_matrix_is_librosas(settings):
    found = mel_matrix(**settings)
    expected = librosa.filters.mel(**as_librosa(settings))
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-8, rtol=1e-5)


@pytest.mark.parametrize("settings", SETTINGS)
def test_spectrogram_is_librosas(settings):
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(5000, generator=rng)
    found = mel_spectrogram(x, hop_length=100, **settings)
    expected = librosa.feature.melspectrogram(y=x.numpy(), hop_length=100, **as_librosa(settings))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, atol=1e-6)


def test_centres_are_where_the_triangles_peak():
    settings = {"sample_rate": 16000, "n_mels": 20}
    matrix = mel_matrix(n_fft=8192, **settings)
    peaks = matrix.argmax(-1) * 16000 / 8192
    torch.testing.assert_close(peaks, mel_centres(**settings), atol=1.0, rtol=0.0)


def test_a_triangle_has_area_one():
    matrix = mel_matrix(sample_rate=16000, n_fft=8192, n_mels=20)
    area = matrix.sum(-1) * 16000 / 8192
    torch.testing.assert_close(area, torch.ones(20), atol=5e-3, rtol=0.0)


def test_a_batch_is_a_stack_of_items():
    rng = torch.Generator().manual_seed(1)
    x = torch.randn(2, 3, 2000, generator=rng)
    batch = mel_spectrogram(x, sample_rate=16000)
    torch.testing.assert_close(batch[1, 2], mel_spectrogram(x[1, 2], sample_rate=16000))


def test_log_is_the_level_of_the_energy_and_its_offset():
    rng = torch.Generator().manual_seed(2)
    x = torch.randn(2000, generator=rng)
    energy = mel_spectrogram(x, sample_rate=16000)
    found = log_mel(x, sample_rate=16000, offset=0.5)
    torch.testing.assert_close(found, 10 * torch.log10(energy + 0.5))


def test_gradient_flows_to_the_waveform_even_from_silence():
    x = torch.zeros(600, requires_grad=True)
    log_mel(x, sample_rate=16000, n_mels=8).sum().backward()
    assert x.grad.isfinite().all()
    noise = torch.randn(64, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    noise.requires_grad_()
    settings = {"sample_rate": 16000, "n_fft": 32, "hop_length": 16, "n_mels": 3}
    assert torch.autograd.gradcheck(lambda x: log_mel(x, **settings), noise)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_mels": 200}, "of 200 bands hold no bin .* bins are 31.2 Hz apart"),
        ({"f_max": 9000.0}, "corners from 0.0 to 9000.0 Hz"),
        ({"f_min": 5000.0, "f_max": 4000.0}, "corners from 5000.0 to 4000.0 Hz"),
    ],
)
def test_refuses_bands_that_cannot_be(change, message):
    with pytest.raises(ValueError, match=message):
        mel_matrix(sample_rate=16000, n_fft=512, **change)


@pytest.mark.parametrize("offset", [0.0, -1e-6, float("nan")])
def test_refuses_a_logarithm_of_silence(offset):
    with pytest.raises(ValueError, match="offset must be positive"):
        log_mel(torch.zeros(600), sample_rate=16000, offset=offset)
