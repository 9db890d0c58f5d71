"""What is heard: pitches, levels and lengths."""

import pytest
import torch

from dla.chapters.adversarial_diffusion_differentiable import in_a_row
from dla.chapters.adversarial_diffusion_differentiable.decoders import ARMS
from dla.chapters.adversarial_diffusion_differentiable.recorded_tones import Envelope

COUNT = 6400  # samples of a tone


def strongest(sound):
    spectrum = torch.fft.rfft(sound * torch.hann_window(len(sound))).abs()
    return spectrum.argmax().item() * in_a_row.HEARD / len(sound)


def test_partials_are_at_their_frequencies_one_tone_after_the_other():
    sound = in_a_row.partials(torch.tensor([[440.0], [900.0]]), torch.zeros(2, 1))
    assert len(sound) == 2 * COUNT and sound.abs().max() == 0.5
    assert strongest(sound[:COUNT]) == pytest.approx(440, abs=3)
    assert strongest(sound[COUNT:]) == pytest.approx(900, abs=3)


def test_partials_at_half_the_rate_of_the_frames_and_above_are_left_out():
    f = torch.tensor([[500.0, 4000.0, 5000.0]])
    with_them = in_a_row.partials(f, torch.tensor([[-20.0, 0.0, 0.0]]))
    alone = in_a_row.partials(f[:, :1], torch.zeros(1, 1))
    torch.testing.assert_close(with_them, alone, atol=1e-4, rtol=0)


def test_a_frame_becomes_a_sound_of_its_pitch():
    spectrum = 10 ** (-(torch.arange(129.0) - 32).abs() / 2)[None]  # about 1 kHz
    sound = in_a_row.frames(spectrum)
    assert len(sound) == COUNT
    assert strongest(sound) == pytest.approx(1000, abs=32)


def test_tones_decay_by_the_decibels_that_are_asked_for():
    sound = in_a_row.partials(torch.tensor([[1000.0]]), torch.zeros(1, 1), decay=50.0)
    early, late = (sound[k : k + 800].square().mean() for k in (800, 4000))
    assert 10 * (early / late).log10().item() == pytest.approx(50 * 0.2, abs=0.3)


def test_struck_sounds_and_levels_of_harmonics_are_partials():
    bell = Envelope(torch.tensor([1.0, 2.0]), torch.tensor([0.0, -6.0]))
    levels = torch.tensor([[0.0, -6.0]])
    torch.testing.assert_close(
        in_a_row.struck([bell], 300.0, decay=40.0),
        in_a_row.decoded(ARMS["harmonic"], levels, torch.tensor([300.0]), decay=40.0),
    )


def test_letters_are_as_long_as_five_tones():
    for speaker in ("june", "carlo"):
        sound = in_a_row.letters(speaker)
        assert len(sound) == 5 * COUNT
        assert all(row.abs().max() > 0.01 for row in sound.view(5, -1))
