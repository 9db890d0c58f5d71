"""Companding: its inverse, its cells, its signal-to-noise ratio against the closed form."""

import math

import librosa
import numpy as np
import pytest
import torch

from dla.coding.mu_law import MU, compress, decode, encode, expand


def test_is_librosas():
    x = torch.linspace(-1, 1, 1001, dtype=torch.float64)
    expected = librosa.mu_compress(x.numpy(), mu=MU, quantize=False)
    np.testing.assert_allclose(compress(x).numpy(), expected, atol=1e-12)
    np.testing.assert_allclose(expand(compress(x)).numpy(), x.numpy(), atol=1e-12)


@pytest.mark.parametrize("mu", [1e-6, 15.0, 255.0])
def test_full_scale_and_zero_stay_and_the_sign_is_kept(mu):
    x = torch.tensor([-1.0, -0.3, 0.0, 0.3, 1.0], dtype=torch.float64)
    y = compress(x, mu=mu)
    torch.testing.assert_close(y[[0, 2, 4]], x[[0, 2, 4]])
    assert y[1] == -y[3] < 0
    if mu < 1:
        torch.testing.assert_close(y, x, atol=1e-6, rtol=0)


@pytest.mark.parametrize("levels", [2, 16, 256])
def test_decoding_and_encoding_gives_the_code_back(levels):
    codes = torch.arange(levels)
    assert torch.equal(encode(decode(codes, levels=levels), levels=levels), codes)


@pytest.mark.parametrize("levels", [16, 256])
def test_the_error_is_at_most_half_a_cell(levels):
    x = torch.linspace(-1, 1, 20001, dtype=torch.float64)
    moved = compress(decode(encode(x, levels=levels), levels=levels).double()) - compress(x)
    assert moved.abs().max() <= 1 / levels + 1e-6
    assert moved.abs().max() > 0.99 / levels


def test_beyond_full_scale_is_full_scale():
    assert encode(torch.tensor([-3.0, 3.0])).tolist() == [0, 255]


@pytest.mark.parametrize("rms", [0.01, 0.07, 0.2])
def test_the_noise_is_that_of_the_cells_widths(rms):
    """Cells of width 2 / (Q f') make noise of a twelfth of its square (eq-auto-noise)."""
    rng = torch.Generator().manual_seed(0)
    x = rms * torch.randn(200000, generator=rng, dtype=torch.float64)
    x = x[x.abs() < 1]
    noise = (decode(encode(x)).double() - x).square().mean().item()
    width = 2 / 256 * math.log(1 + MU) / MU * (1 + MU * x.abs())
    assert noise == pytest.approx((width.square() / 12).mean().item(), rel=0.02)


def test_of_a_normal_signal_at_7_percent_the_ratio_is_37_7_db_and_29_8_in_even_steps():
    rng = torch.Generator().manual_seed(0)
    x = 0.07 * torch.randn(400000, generator=rng, dtype=torch.float64)
    ratios = [
        10 * torch.log10(x.square().mean() / (decode(encode(x, mu=mu), mu=mu) - x).square().mean())
        for mu in (255.0, 1e-6)
    ]
    assert [round(r.item(), 1) for r in ratios] == [37.7, 29.8]


def test_refuses_codes_of_another_number_of_levels():
    with pytest.raises(ValueError, match="1 of 2 codes lie outside 0 to 15"):
        decode(torch.tensor([15, 16]), levels=16)
    with pytest.raises(ValueError, match="levels must be two or more"):
        encode(torch.zeros(3), levels=1)
