"""The laws of the transform: its definition, its inverse, least squares, refusal of wrong axes."""

import cmath
import math

import pytest
import torch

from dla.spectral.stft import istft, stft


@pytest.fixture
def waveform():
    """White noise, float64, shape (2, 3, 1000)."""
    rng = torch.Generator().manual_seed(0)
    return torch.randn(2, 3, 1000, generator=rng, dtype=torch.float64)


def test_is_the_sum_of_its_definition(waveform):
    x, n_fft, hop, m, k = waveform[0, 0], 16, 4, 7, 3
    start = m * hop - n_fft // 2
    window = [0.5 - 0.5 * math.cos(2 * math.pi * n / n_fft) for n in range(n_fft)]
    value = sum(
        x[start + n].item() * window[n] * cmath.exp(-2j * math.pi * k * n / n_fft)
        for n in range(n_fft)
    )
    found = stft(x, n_fft=n_fft, hop_length=hop)[k, m].item()
    assert found == pytest.approx(value)


@pytest.mark.parametrize(("n_fft", "hop"), [(256, 128), (256, 64), (16, 8)])
def test_inverse_restores_the_waveform(waveform, n_fft, hop):
    spectrum = stft(waveform, n_fft=n_fft, hop_length=hop)
    restored = istft(spectrum, length=1000, n_fft=n_fft, hop_length=hop)
    torch.testing.assert_close(restored, waveform)


def test_a_batch_is_a_stack_of_items(waveform):
    spectrum = stft(waveform)
    assert spectrum.shape == (2, 3, 129, 8)
    torch.testing.assert_close(spectrum[1, 2], stft(waveform[1, 2]))
    torch.testing.assert_close(istft(spectrum, length=1000)[1, 2], waveform[1, 2])


def test_inverse_is_the_least_squares_answer(waveform):
    """No other waveform's transform is nearer to a spectrum that is no transform."""
    rng = torch.Generator().manual_seed(1)
    x = waveform[0, 0, :64]
    masked = stft(x, n_fft=16, hop_length=4)
    masked = masked * torch.rand(masked.shape, generator=rng, dtype=torch.float64)

    # One-sided bins stand for two, except the first and the last.
    weight = torch.tensor([1.0] + [2.0] * 7 + [1.0], dtype=torch.float64)[:, None]

    def distance(y):
        return (weight * (stft(y, n_fft=16, hop_length=4) - masked).abs().square()).sum()

    best = istft(masked, length=64, n_fft=16, hop_length=4)
    gradient = torch.func.grad(distance)(best)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), atol=1e-10, rtol=0.0)


@pytest.mark.parametrize("shape", [(63, 129), (65, 8)])
def test_inverse_refuses_swapped_axes_or_another_window(shape):
    spectrum = torch.zeros(shape, dtype=torch.complex64)
    with pytest.raises(ValueError, match=f"has {shape[0]} bins, n_fft=256 makes 129"):
        istft(spectrum, length=1000)
