"""The numbers, their phonemes, and the sound that is kept."""

import pytest
import torch

from dla.chapters.adversarial_diffusion_differentiable import speaking_comparison as module
from dla.protocol import comparison


@pytest.fixture(scope="module")
def trials():
    return comparison.load(module.COMPARISON).of("kokoro")


def test_the_first_number_has_each_digit_once():
    assert sorted(c for c in module.NUMBERS[0] if c.isdigit()) == list("0123456789")


def test_a_digit_is_stressed_once_before_its_last_vowel():
    for digit in "0123456789":
        assert module.stressed(digit).count("ˈ") == 1
    assert module.stressed("4") == "kˈatʁ"


def test_the_kept_sound_is_as_long_as_what_was_measured(trials):
    sound = module.sound_kept(trials[0])
    assert len(sound) / module.RATE == pytest.approx(trials[0].values["seconds said"], abs=0.01)
    assert sound.abs().max() == pytest.approx(0.9, abs=1e-3)


def test_a_sound_that_is_not_kept_is_refused(trials):
    with pytest.raises(ValueError, match="no sound of '01 99 00 46 35' is kept"):
        module.sound_kept(trials[1])


def test_only_the_first_number_is_kept_and_at_the_books_rate():
    sound = torch.sin(torch.arange(24000.0) / 10)
    assert module.keep(module.pieces()[1], sound) is None
    assert set(module.keep(module.pieces()[0], sound)) == {"flac"}
