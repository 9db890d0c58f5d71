"""The arms differ in their filters and in nothing else."""

import pytest
import torch

from dla.chapters.permutation_invariant_training import filter_bank_study as bank
from dla.train import Recipe, train


def test_cosines_and_sines_give_the_waveform_again():
    filters = bank.cosines_and_sines(64, 32)
    x = torch.randn(1, 1, 800, generator=torch.Generator().manual_seed(0))
    frames = torch.nn.functional.conv1d(x, filters, stride=16)
    back = torch.nn.functional.conv_transpose1d(frames, filters, stride=16)
    torch.testing.assert_close(back[..., 32:-32], x[..., 32:-32], atol=1e-5, rtol=0.0)


def test_cosines_and_sines_need_twice_as_many_filters_as_samples():
    with pytest.raises(ValueError, match="32 filters of 32 samples; .* needs 64"):
        bank.cosines_and_sines(32, 32)


def test_fixed_filters_stay_and_learned_ones_move():
    for make, same in [(bank.fixed_fourier, True), (bank.learned_from_fourier, False)]:
        start = make(0).encoder.weight.detach().clone()
        (trained,), _ = train(
            [make(0)], bank.waveforms(0), bank.waveform_loss, Recipe(steps=20), until=2
        )
        assert torch.equal(trained.encoder.weight, start) is same


def test_all_arms_hear_the_same_mixtures():
    waveform, spectrum = bank.waveforms(3)(0)[0], bank.spectra(3)(0)[0]
    torch.testing.assert_close(bank.stft(waveform).abs(), spectrum)


def test_the_mask_network_is_as_large_as_the_waveform_model():
    sizes = [
        sum(p.numel() for p in make(0).parameters())
        for make in (bank.learned_from_random, bank.mask_network)
    ]
    assert abs(sizes[1] / sizes[0] - 1) < 0.02
