"""Chroma as a quotient: folding against a loop, shifts, and librosa."""

import librosa
import numpy as np
import pytest
import torch

from dla.signals import sine
from dla.spectral.chroma import CLASSES, NAMES, chroma, fold, normalise
from dla.spectral.cqt import cqt, pitch_to_hz


def magnitudes(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(*shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("per_octave", [12, 24, 36, 60])
@pytest.mark.parametrize("lowest", [24, 33, 35])
def test_folds_as_librosa_does(per_octave, lowest):
    """librosa lets the bin half way between two classes rise, as we do."""
    f_min = pitch_to_hz(float(lowest)).item()
    x = magnitudes(4 * per_octave + 7, 5)
    folding = librosa.filters.cq_to_chroma(len(x), bins_per_octave=per_octave, fmin=f_min)
    torch.testing.assert_close(
        fold(x, f_min=f_min, bins_per_octave=per_octave), torch.tensor(folding @ x.numpy())
    )


def test_a_bin_goes_to_the_nearest_pitch_class():
    x = torch.eye(72)
    classes = fold(x, f_min=pitch_to_hz(45.0).item(), bins_per_octave=36).argmax(0)
    for k in range(72):
        assert classes[k] == round(45 + k / 3) % 12


def test_keeps_the_sum():
    x = magnitudes(3, 50, 4)
    torch.testing.assert_close(fold(x).sum(-2), x.sum(-2))


@pytest.mark.parametrize("semitones", range(-12, 13))
@pytest.mark.parametrize("per_octave", [12, 36])
def test_a_shift_within_the_range_becomes_a_circular_shift(semitones, per_octave):
    x = torch.zeros(5 * per_octave, 3, dtype=torch.float64)
    x[per_octave : 4 * per_octave] = magnitudes(3 * per_octave, 3)
    moved = x.roll(semitones * per_octave // 12, 0)
    expected = fold(x, bins_per_octave=per_octave).roll(semitones, -2)
    torch.testing.assert_close(fold(moved, bins_per_octave=per_octave), expected)


def test_what_leaves_the_range_is_missing_and_what_enters_is_new():
    x = magnitudes(36, 2)
    longer = torch.cat([magnitudes(1, 2, seed=1), x])
    moved = longer[:36]
    difference = fold(moved) - fold(x).roll(1, -2)
    expected = torch.zeros(12, 2, dtype=torch.float64)
    expected[0] = longer[0] - x[35]
    torch.testing.assert_close(difference, expected)


@pytest.mark.parametrize("norm", [1, 2, np.inf])
def test_normalising_gives_norm_one_and_forgets_the_level(norm):
    c = magnitudes(2, 12, 6)
    one = normalise(c, norm=norm)
    size = torch.linalg.vector_norm(one, ord=norm, dim=-2)
    torch.testing.assert_close(size, torch.ones_like(size))
    torch.testing.assert_close(normalise(7.5 * c, norm=norm), one)
    expected = librosa.util.normalize(c.numpy(), norm=norm, axis=-2)
    torch.testing.assert_close(one, torch.tensor(expected))


def test_normalising_commutes_with_transposition_also_of_silence():
    c = magnitudes(12, 6)
    c[:, 2] = 0.0
    for s in range(12):
        torch.testing.assert_close(normalise(c.roll(s, 0)), normalise(c).roll(s, 0))
    torch.testing.assert_close(normalise(c)[:, 2], torch.full((12,), 12**-0.5).double())


def test_a_silent_frame_has_a_finite_gradient():
    c = torch.zeros(12, 2).requires_grad_()
    normalise(c).square().sum().backward()
    assert c.grad.isfinite().all()


def test_names_a_tone_in_every_octave():
    for pitch in (36, 43, 57, 64, 82):
        tone = sine(pitch_to_hz(float(pitch)).item(), seconds=2.0, sample_rate=8000)
        c = chroma(tone, sample_rate=8000, octaves=6, hop_length=8000)
        assert NAMES[c[:, 1].argmax()] == NAMES[pitch % CLASSES]


def test_tuning_moves_the_bins_with_the_orchestra():
    tone = sine(pitch_to_hz(60.0, tuning=415.0).item(), seconds=2.0, sample_rate=8000)
    how = {"sample_rate": 8000, "octaves": 5, "hop_length": 8000}
    assert chroma(tone, tuning=415.0, **how)[:, 1].argmax() == 0  # C ...
    assert chroma(tone, **how)[:, 1].argmax() == 11  # ... which we would call B


def test_is_normalise_of_fold_of_the_transform():
    x = magnitudes(2, 6000) - 0.5
    how = {"sample_rate": 8000, "bins_per_octave": 24, "hop_length": 1000}
    levels = fold(cqt(x, n_bins=120, **how).abs(), bins_per_octave=24)
    torch.testing.assert_close(chroma(x, octaves=5, norm=None, **how), levels)
    torch.testing.assert_close(chroma(x, octaves=5, norm=1, **how), normalise(levels, norm=1))


def test_librosa_sees_the_same_chords():
    """Other lengths of kernels and other weights of low and high bins: close, not equal."""
    rate = 22050
    chord = [sine(pitch_to_hz(p).item(), seconds=4.0, sample_rate=rate) for p in (48.0, 64, 67)]
    x = torch.stack(chord).sum(0)
    theirs = librosa.feature.chroma_cqt(y=x.numpy(), sr=rate, norm=2, tuning=0.0)
    ours = chroma(x, sample_rate=rate)
    cosine = (ours * torch.tensor(theirs)).sum(0)[10:-10]
    assert (cosine > 0.95).all()


def test_refuses_what_cannot_be_folded():
    with pytest.raises(ValueError, match="10 bins per octave are not a multiple of the 12"):
        fold(magnitudes(20, 1), bins_per_octave=10)
    with pytest.raises(ValueError, match="pitch 24.40, between two"):
        fold(magnitudes(24, 1), f_min=pitch_to_hz(24.4).item())
