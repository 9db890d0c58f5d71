"""STOI hears envelopes; what needs its package is skipped without it."""

import pytest
import torch

from dla.chapters.speech.mistakes import mistakes, sentences
from dla.reference.published import MissingPackage
from dla.reference.stoi import PACKAGE, stoi

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
RATE = 16000
VOICE = sentences()[0]


@needs
@pytest.mark.parametrize("extended", [False, True])
def test_the_voice_itself_has_one_whatever_its_gain(extended):
    for gain in (1.0, -0.01):
        found = stoi(gain * VOICE, VOICE, sample_rate=RATE, extended=extended)
        assert found == pytest.approx(1.0, abs=1e-4)


@needs
def test_more_noise_is_less_intelligible():
    noise = torch.randn(VOICE.shape, generator=torch.Generator().manual_seed(0))
    found = [stoi(VOICE + g * noise, VOICE, sample_rate=RATE) for g in (0.01, 0.1, 1.0)]
    assert found[0] > found[1] > found[2]


@needs
def test_the_target_is_the_second():
    """The measure is not symmetric: its silent frames are the target's."""
    cut = VOICE.clone()
    cut[20000:] = 0
    assert stoi(cut, VOICE, sample_rate=RATE) < stoi(VOICE, cut, sample_rate=RATE) - 0.1


@needs
def test_the_extended_measure_is_another():
    whisper = mistakes(sentences())[4, 0]
    plain, extended = (
        stoi(whisper, VOICE, sample_rate=RATE, extended=choice) for choice in (False, True)
    )
    assert extended < plain - 0.05


@needs
def test_less_voice_than_it_needs_is_refused():
    with pytest.raises(ValueError, match=r"0.31 s of sound hold less than the 0.4 s of voice"):
        stoi(VOICE[:5000], VOICE[:5000], sample_rate=RATE)


def test_no_sound_is_refused(refuses):
    refuses(lambda x, sample_rate: stoi(x, x, sample_rate=sample_rate))


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="pystoi is not installed"):
        stoi(VOICE, VOICE, sample_rate=RATE)
