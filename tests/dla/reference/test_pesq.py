"""PESQ marks the reference best; what needs its package is skipped without it."""

import pytest
import torch

from dla.chapters.speech.mistakes import sentences
from dla.reference.pesq import PACKAGE, pesq
from dla.reference.published import MissingPackage

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
RATE = 16000
VOICE = sentences()[0]


@needs
@pytest.mark.parametrize(("telephone", "best"), [(False, 4.644), (True, 4.549)])
def test_the_voice_itself_has_the_best_mark_whatever_its_gain(telephone, best):
    for gain in (1.0, 0.1):
        found = pesq(gain * VOICE, VOICE, sample_rate=RATE, telephone=telephone)
        assert found == pytest.approx(best, abs=2e-3)


@needs
def test_more_noise_is_a_lower_mark():
    noise = torch.randn(VOICE.shape, generator=torch.Generator().manual_seed(0))
    found = [pesq(VOICE + g * noise, VOICE, sample_rate=RATE) for g in (0.001, 0.01, 0.1)]
    assert found[0] > found[1] > found[2] >= 1


@needs
def test_a_telephone_does_not_hear_a_rumble():
    n = torch.arange(len(VOICE)) / RATE
    rumble = VOICE + 0.05 * torch.sin(2 * torch.pi * 90 * n)
    wide, telephone = (
        pesq(rumble, VOICE, sample_rate=RATE, telephone=choice) for choice in (False, True)
    )
    assert telephone > wide + 0.5


@needs
def test_the_target_is_the_second():
    """What is added counts more than what is missing."""
    noise = torch.randn(VOICE.shape, generator=torch.Generator().manual_seed(0))
    noisy = VOICE + 0.02 * noise
    assert pesq(noisy, VOICE, sample_rate=RATE) < pesq(VOICE, noisy, sample_rate=RATE) - 0.1


@needs
def test_a_target_without_an_utterance_is_refused():
    with pytest.raises(ValueError, match=r"no utterance in 0.12 s of target"):
        pesq(VOICE[:2000], VOICE[:2000], sample_rate=RATE)


def test_a_silent_estimate_is_refused():
    with pytest.raises(ValueError, match="a silent estimate; expected a sound"):
        pesq(torch.zeros_like(VOICE), VOICE, sample_rate=RATE)


def test_no_sound_is_refused(refuses):
    refuses(lambda x, sample_rate: pesq(x, x, sample_rate=sample_rate))


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="pesq is not installed"):
        pesq(VOICE, VOICE, sample_rate=RATE)
