"""The laws of the transform: its definition, its inverse, least squares, refusal of wrong axes."""

import cmath
import math

import librosa
import numpy as np
import pytest
import torch

from dla.spectral.stft import cut, hann, istft, overlap_add, project_consistent, stft

GRIDS = [(256, 128), (512, 128), (400, 160), (256, 100), (255, 64), (16, 5)]


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


@pytest.mark.parametrize(("n_fft", "hop"), GRIDS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_is_torchs_transform(waveform, n_fft, hop, dtype):
    x = waveform[0].to(dtype)
    window = torch.hann_window(n_fft, dtype=dtype)
    expected = torch.stft(x, n_fft, hop, window=window, pad_mode="constant", return_complex=True)
    found = stft(x, n_fft=n_fft, hop_length=hop)
    assert found.dtype == expected.dtype
    tolerance = 1e-12 if dtype == torch.float64 else 2e-5
    torch.testing.assert_close(found, expected, atol=tolerance, rtol=0.0)


@pytest.mark.parametrize(("n_fft", "hop"), GRIDS)
def test_inverse_is_torchs_also_for_what_is_no_transform(waveform, n_fft, hop):
    frames = stft(waveform[0], n_fft=n_fft, hop_length=hop).shape[-1]
    rng = torch.Generator().manual_seed(2)
    shape = (3, n_fft // 2 + 1, frames)
    spectrum = torch.randn(shape, generator=rng, dtype=torch.complex128)
    window = torch.hann_window(n_fft, dtype=torch.float64)
    expected = torch.istft(spectrum, n_fft, hop, window=window, length=900)
    found = istft(spectrum, n_fft=n_fft, hop_length=hop, length=900)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(("n_fft", "hop"), GRIDS)
def test_both_are_librosas(waveform, n_fft, hop):
    x = waveform[0, 0].numpy()
    grid = {"n_fft": n_fft, "hop_length": hop}
    expected = librosa.stft(x, **grid)
    found = stft(waveform[0, 0], **grid)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-9)
    if n_fft % 2 == 0:  # librosa's inverse assumes an even window
        back = librosa.istft(0.5 * expected**2, length=900, **grid)
        inverse = istft(0.5 * found**2, length=900, **grid)
        np.testing.assert_allclose(inverse.numpy(), back, atol=1e-7)


@pytest.mark.parametrize(("n_fft", "hop"), [*GRIDS, (256, 64), (16, 8), (64, 1)])
def test_inverse_restores_the_waveform(waveform, n_fft, hop):
    spectrum = stft(waveform, n_fft=n_fft, hop_length=hop)
    restored = istft(spectrum, length=1000, n_fft=n_fft, hop_length=hop)
    torch.testing.assert_close(restored, waveform)


def test_any_window_that_covers_the_signal_restores_it(waveform):
    rng = torch.Generator().manual_seed(3)
    window = torch.rand(64, generator=rng, dtype=torch.float64) + 0.1
    grid = {"n_fft": 64, "hop_length": 64, "window": window}
    restored = istft(stft(waveform[..., :990], **grid), length=990, **grid)
    torch.testing.assert_close(restored, waveform[..., :990])


@pytest.mark.parametrize(
    ("n_fft", "hop", "length", "first"),
    [
        (64, 64, 1000, 32),  # Hann windows side by side touch in zeros
        (64, 100, 1000, 32),  # and here they leave gaps
        (256, 200, 999, 928),  # the last frame ends before the signal
    ],
)
def test_inverse_refuses_where_the_squared_windows_sum_to_zero(n_fft, hop, length, first):
    spectrum = stft(torch.ones(length), n_fft=n_fft, hop_length=hop)
    with pytest.raises(ValueError, match=rf"the first is sample {first}: .* sum to zero there"):
        istft(spectrum, length=length, n_fft=n_fft, hop_length=hop)


def test_inverse_refuses_a_length_beyond_the_frames():
    with pytest.raises(ValueError, match="976 of 2000 samples .* check length"):
        istft(stft(torch.ones(1000)), length=2000)


def test_inverse_can_be_vmapped_and_differentiated(waveform):
    x = waveform[0, :, :64]
    grid = {"n_fft": 16, "hop_length": 4}

    def loss(x):
        return (istft(stft(x, **grid) * 0.5, length=64, **grid) ** 3).sum()

    gradients = torch.vmap(torch.func.grad(loss))(x)
    torch.testing.assert_close(gradients, 3 / 8 * x**2)


def test_projector_is_idempotent_self_adjoint_and_keeps_transforms(waveform):
    grid = {"n_fft": 16, "hop_length": 4}
    rng = torch.Generator().manual_seed(4)
    shape = (2, 9, 17)
    a, b = torch.randn(shape, generator=rng, dtype=torch.complex128)
    pa, pb = (project_consistent(z, length=64, **grid) for z in (a, b))
    weight = torch.tensor([1.0] + [2.0] * 7 + [1.0], dtype=torch.float64)[:, None]

    def inner(a, b):
        return (weight * (a.conj() * b).real).sum()

    torch.testing.assert_close(project_consistent(pa, length=64, **grid), pa)
    torch.testing.assert_close(inner(pa, b), inner(a, pb))
    x = stft(waveform[0, 0, :64], **grid)
    torch.testing.assert_close(project_consistent(x, length=64, **grid), x)
    assert (a - pa).abs().max() > 0.1


@pytest.mark.parametrize(("n_fft", "hop"), [(8, 4), (8, 3), (5, 5), (4, 7)])
def test_overlap_add_is_the_double_loop(n_fft, hop):
    rng = torch.Generator().manual_seed(5)
    frames = torch.randn(6, n_fft, generator=rng, dtype=torch.float64)
    total = torch.zeros(5 * hop + n_fft, dtype=torch.float64)
    for m in range(6):
        for n in range(n_fft):
            total[m * hop + n] += frames[m, n]
    torch.testing.assert_close(overlap_add(frames, hop), total)


@pytest.mark.parametrize(("n_fft", "hop"), [(8, 4), (8, 3), (5, 5), (4, 7)])
def test_cut_is_the_adjoint_of_overlap_add(n_fft, hop):
    rng = torch.Generator().manual_seed(6)
    x = torch.randn(50, generator=rng, dtype=torch.float64)
    frames = cut(x, n_fft, hop)
    torch.testing.assert_close(frames, x.unfold(-1, n_fft, hop))
    other = torch.randn(frames.shape, generator=rng, dtype=torch.float64)
    added = overlap_add(other, hop)
    assert (frames * other).sum().item() == pytest.approx((x[: len(added)] @ added).item())


@pytest.mark.filterwarnings("error")
def test_a_gradient_under_vmap_raises_no_warning(waveform):
    def loss(x):
        return stft(x, n_fft=16, hop_length=4).abs().square().sum()

    rows = waveform[0, :, :64]
    found = torch.vmap(torch.func.grad(loss))(rows)
    torch.testing.assert_close(found[1], torch.func.grad(loss)(rows[1]))


def test_hann_is_torchs_periodic_window():
    torch.testing.assert_close(hann(255, torch.zeros(1)), torch.hann_window(255))


def test_refuses_a_window_or_a_hop_that_does_not_fit():
    with pytest.raises(ValueError, match=r"window \(8,\) does not fit n_fft=16"):
        stft(torch.ones(100), n_fft=16, hop_length=4, window=torch.ones(8))
    with pytest.raises(ValueError, match="hop_length must be positive, got 0"):
        stft(torch.ones(100), n_fft=16, hop_length=0)


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
