"""The constant-Q transform against inner products one by one, its laws, and librosa."""

import cmath
import math

import librosa
import numpy as np
import pytest
import torch

from dla.signals import sine
from dla.spectral import cqt as module
from dla.spectral.cqt import (
    C1_HZ,
    centre_frequencies,
    cqt,
    hz_to_pitch,
    kernel_lengths,
    kernels,
    pitch_to_hz,
    q_factor,
)

RATE = 4000


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def by_definition(x, *, sample_rate, f_min, n_bins, bins_per_octave, hop_length):
    """Sum over the samples of each kernel, in plain Python."""
    q = 1 / (2 ** (1 / bins_per_octave) - 1)
    out = np.zeros((n_bins, 1 + len(x) // hop_length), complex)
    for k in range(n_bins):
        f = f_min * 2 ** (k / bins_per_octave)
        length = q * sample_rate / f
        taps = [n for n in range(-int(length), int(length) + 1) if abs(n) < length / 2]
        window = [0.5 + 0.5 * math.cos(2 * math.pi * n / length) for n in taps]
        for m in range(out.shape[1]):
            for n, w in zip(taps, window, strict=True):
                if 0 <= n + m * hop_length < len(x):
                    turn = cmath.exp(-2j * math.pi * f * n / sample_rate)
                    out[k, m] += x[n + m * hop_length] * w * turn / sum(window)
    return out


@pytest.mark.parametrize(
    ("samples", "bins", "per_octave", "hop"),
    [(700, 30, 12, 128), (513, 7, 3, 200), (300, 26, 24, 37), (90, 2, 12, 512), (64, 13, 5, 1)],
)
def test_each_coefficient_is_the_inner_product_with_its_kernel(samples, bins, per_octave, hop):
    settings = {
        "sample_rate": RATE,
        "f_min": 200.0,
        "n_bins": bins,
        "bins_per_octave": per_octave,
        "hop_length": hop,
    }
    x = noise(samples)
    oracle = by_definition(x.tolist(), **settings)
    torch.testing.assert_close(cqt(x, **settings), torch.tensor(oracle), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("group", [1, 5, 100])
def test_the_grouping_of_bins_changes_nothing(group, monkeypatch):
    x = noise(3000)
    settings = {"sample_rate": RATE, "f_min": 100.0, "n_bins": 40, "hop_length": 100}
    expected = cqt(x, **settings)
    monkeypatch.setattr(module, "GROUP", group)
    torch.testing.assert_close(cqt(x, **settings), expected)


def test_a_batch_is_a_stack_of_its_items():
    x = noise(2, 3, 1000)
    settings = {"sample_rate": RATE, "f_min": 200.0, "n_bins": 20, "hop_length": 250}
    together = cqt(x, **settings)
    assert together.shape == (2, 3, 20, 5)
    for i, j in np.ndindex(2, 3):
        torch.testing.assert_close(together[i, j], cqt(x[i, j], **settings))


def test_is_linear_and_single_precision_is_close():
    x, y = noise(2, 2000)
    settings = {"sample_rate": RATE, "f_min": 110.0, "n_bins": 36}
    both = cqt(x + 3 * y, **settings)
    torch.testing.assert_close(both, cqt(x, **settings) + 3 * cqt(y, **settings))
    low = cqt(x.float(), **settings)
    assert low.dtype == torch.complex64
    torch.testing.assert_close(low.to(torch.complex128), cqt(x, **settings), rtol=0, atol=1e-6)


@pytest.mark.parametrize("k", [0, 11, 36])
def test_a_tone_at_the_centre_of_a_bin_has_magnitude_one_half(k):
    f = 110.0 * 2 ** (k / 12)
    tone = sine(f, seconds=1.0, sample_rate=RATE).double()
    X = cqt(tone, sample_rate=RATE, f_min=110.0, n_bins=37, hop_length=2000)[:, 1].abs()
    assert X.argmax() == k
    assert X[k].item() == pytest.approx(0.5, abs=1e-3)


def test_a_tone_is_half_as_strong_one_bin_above_its_own():
    """Exactly one width of the window away, where a long Hann window is at one half."""
    tone = sine(440.0, seconds=1.0, sample_rate=44100).double()
    X = cqt(tone, sample_rate=44100, f_min=220.0, n_bins=25, hop_length=22050)[:, 1].abs()
    assert (X[11] / X[12]).item() == pytest.approx(0.5, abs=1e-3)
    delta = 2 ** (-1 / 12)
    upper = math.sin(math.pi * delta) / (math.pi * delta * (1 - delta**2))
    assert (X[13] / X[12]).item() == pytest.approx(upper, abs=1e-3)


def test_a_delay_by_one_hop_is_a_delay_by_one_frame():
    x = torch.cat([torch.zeros(2000).double(), noise(1000), torch.zeros(2000).double()])
    settings = {"sample_rate": RATE, "f_min": 200.0, "n_bins": 24, "hop_length": 100}
    late = cqt(x.roll(100), **settings)
    torch.testing.assert_close(late[:, 1:], cqt(x, **settings)[:, :-1])


def test_kernels_sum_to_one_and_each_is_q_periods_long():
    f = centre_frequencies(24, f_min=150.0)
    taps = kernels(f, sample_rate=RATE)
    torch.testing.assert_close(taps.abs().sum(-1), torch.ones(24, dtype=torch.float64))
    periods = kernel_lengths(f, sample_rate=RATE) * f / RATE
    torch.testing.assert_close(periods, torch.full_like(f, q_factor(12)))
    support = (taps.abs() > 0).sum(-1)
    assert ((support - kernel_lengths(f, sample_rate=RATE)).abs() <= 1).all()


def test_the_gradient_is_right():
    x = noise(40).requires_grad_()
    settings = {"sample_rate": RATE, "f_min": 600.0, "n_bins": 5, "hop_length": 16}
    assert torch.autograd.gradcheck(lambda y: cqt(y, **settings), (x,))


@pytest.mark.parametrize(("per_octave", "tolerance"), [(12, 0.02), (36, 0.01)])
def test_librosa_with_kernels_of_the_same_length_agrees_to_its_rounding(per_octave, tolerance):
    """librosa rounds each length to whole samples, after lowering the rate octave by octave."""
    rate, bins = 22050, 5 * per_octave
    x = noise(6 * rate)
    ours = cqt(x, sample_rate=rate, n_bins=bins, bins_per_octave=per_octave).abs()
    relative = (2 ** (2 / per_octave) - 1) / (2 ** (2 / per_octave) + 1)
    theirs = librosa.cqt(
        x.numpy(),
        sr=rate,
        n_bins=bins,
        bins_per_octave=per_octave,
        filter_scale=q_factor(per_octave) * relative,
        sparsity=0.0,
        dtype=np.complex128,
    )
    f = centre_frequencies(bins, bins_per_octave=per_octave)
    lengths = kernel_lengths(f, sample_rate=rate, bins_per_octave=per_octave)
    theirs = torch.tensor(np.abs(theirs)) / lengths.sqrt()[:, None]
    error = torch.linalg.norm(ours - theirs) / torch.linalg.norm(theirs)
    assert error < tolerance


def test_pitches_are_those_of_librosa_and_of_midi():
    p = torch.arange(0.0, 128.0, 0.25, dtype=torch.float64)
    torch.testing.assert_close(pitch_to_hz(p), torch.tensor(librosa.midi_to_hz(p.numpy())))
    torch.testing.assert_close(hz_to_pitch(pitch_to_hz(p)), p)
    torch.testing.assert_close(hz_to_pitch(pitch_to_hz(p, tuning=415.0), tuning=415.0), p)
    assert pytest.approx(pitch_to_hz(24.0).item(), rel=1e-6) == C1_HZ
    assert hz_to_pitch(pitch_to_hz(69.0, tuning=415.0)).item() == pytest.approx(67.987, abs=1e-3)


def test_refuses_bins_that_would_alias_and_a_hop_that_stands_still():
    with pytest.raises(ValueError, match="bin 83 at 3951 Hz reaches up to 4186 Hz"):
        cqt(noise(100), sample_rate=8000)
    with pytest.raises(ValueError, match="hop of 0 samples"):
        cqt(noise(100), sample_rate=8000, n_bins=12, hop_length=0)
