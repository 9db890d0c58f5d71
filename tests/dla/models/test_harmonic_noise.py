"""The synthesiser is what its equations say, and lets gradients through."""

import math

import pytest
import torch
from torch.testing import assert_close

from dla.models import harmonic_noise as synth

RATE, HOP = 16000, 128
GRID = {"sample_rate": RATE, "hop_length": HOP}


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_phase_is_the_sum_of_a_moving_pitch_harmonic_by_harmonic():
    f = 200 + 30 * torch.randn(2, 10, generator=rng())
    A = torch.rand(2, 20, 10, generator=rng())
    x = synth.harmonics(f, A, **GRID)
    pitch, phase = synth.between_frames(f, HOP).double(), torch.zeros(2).double()
    A = A * synth.below_nyquist(f, 20, sample_rate=RATE)
    strength = synth.between_frames(A, HOP)
    for n in range(1280):
        phase = phase + (2 * math.pi * pitch[:, n] / RATE if n else 0)
        h = torch.arange(1, 21)
        expected = (strength[..., n] * torch.sin(h * phase[:, None])).sum(-1)
        assert_close(x[:, n], expected.float(), atol=2e-4, rtol=0)


def test_the_phase_is_as_exact_after_a_minute_as_at_the_beginning():
    f = torch.full((7500,), 437.0)
    x = synth.harmonics(f, torch.ones(1, 7500), **GRID)
    n = torch.arange(len(x)).double()
    assert_close(x, torch.sin(2 * math.pi * 437 * n / RATE).float(), atol=1e-4, rtol=0)


def test_no_sample_holds_a_harmonic_that_aliases():
    f = torch.linspace(1000, 3900, 40)
    at = synth.between_frames(f, HOP)
    for h in range(1, 7):
        alone = torch.zeros(6, 40)
        alone[h - 1] = 1
        x = synth.harmonics(f, alone, **GRID)
        assert x[h * at >= RATE / 2].abs().sum() == 0
        assert h == 6 or x[h * at < 0.45 * RATE].abs().max() > 0.9


@pytest.mark.parametrize("taps", [8, 64, 256])
def test_filtering_is_the_linear_convolution_of_each_stretch(taps):
    u = torch.randn(4 * HOP, generator=rng())
    G = torch.rand(taps // 2 + 1, 4, generator=rng())
    found = synth.filtered_noise(u, G, hop_length=HOP)
    g = synth.frequency_sampled(G)
    padded, total = torch.zeros(5 * HOP), torch.zeros(5 * HOP + taps)
    padded[HOP // 2 : HOP // 2 + 4 * HOP] = u
    for m in range(5):
        for k in range(HOP):
            n = m * HOP + k
            total[n : n + taps] += padded[n] * g[min(m, 3)]
    start = HOP // 2 + taps // 2
    assert_close(found, total[start : start + 4 * HOP], atol=1e-4, rtol=0)


def test_a_filter_has_its_magnitudes_smoothed_by_the_window():
    G = torch.ones(33, 1)
    assert_close(torch.fft.fft(synth.frequency_sampled(G)[0]).abs(), torch.ones(64))
    G[5] += 1
    response = torch.fft.fft(synth.frequency_sampled(G)[0]).abs()
    assert_close(response[3:8], torch.tensor([1, 1.25, 1.5, 1.25, 1.0]))


def test_the_sound_is_the_sum_of_its_parts_and_has_a_gradient_in_each():
    f = torch.full((1, 8), 210.0, requires_grad=True)
    A = torch.rand(1, 5, 8, generator=rng()).requires_grad_()
    G = torch.rand(1, 17, 8, generator=rng()).requires_grad_()
    u = torch.randn(1, 8 * HOP, generator=rng())
    x = synth.harmonic_plus_noise(f, A, u, G, **GRID)
    parts = synth.harmonics(f, A, **GRID) + synth.filtered_noise(u, G, hop_length=HOP)
    assert_close(x, parts)
    x.square().sum().backward()
    assert all(p.grad.abs().max() > 0 and p.grad.isfinite().all() for p in (f, A, G))


def test_other_numbers_of_frames_are_refused():
    with pytest.raises(ValueError, match="number of frames"):
        synth.harmonics(torch.ones(3), torch.ones(2, 4), **GRID)
    with pytest.raises(ValueError, match="expected 3 frames"):
        synth.filtered_noise(torch.ones(500), torch.ones(9, 3), hop_length=HOP)
