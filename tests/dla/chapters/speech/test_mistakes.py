"""What is wrong with each sound, and what is not."""

import pytest
import torch

from dla import signals
from dla.chapters.speech import distortions
from dla.chapters.speech.mistakes import (
    EACH,
    LEVELS,
    MISTAKES,
    SAMPLE_RATE,
    TALKERS,
    mistakes,
    sentences,
    spoilt,
    whispered,
)
from dla.losses.si_sdr import si_sdr
from dla.units import db

VOICES = sentences()


@pytest.fixture(scope="module")
def estimates():
    return dict(zip(MISTAKES, mistakes(VOICES), strict=True))


def test_six_sentences_of_each_talker_at_one_level():
    assert VOICES.shape == (EACH * len(TALKERS), 40000)
    levels = db(signals.rms(VOICES) ** 2)
    assert (levels + 23).abs().max() < 1e-3


def test_the_six_kinds_have_the_levels_of_the_page():
    estimates = spoilt(VOICES)
    found = si_sdr(estimates, VOICES.expand_as(estimates))
    assert found.shape == (len(LEVELS), len(distortions.KINDS), len(VOICES))
    wanted = torch.tensor(LEVELS)[:, None, None].expand_as(found)
    torch.testing.assert_close(found, wanted, atol=1e-3, rtol=0.0)


def test_quieter_late_and_backwards_are_the_voice(estimates):
    torch.testing.assert_close(100 * estimates["40 dB quieter"], VOICES)
    torch.testing.assert_close(estimates["0.1 s late"][:, 1600:], VOICES[:, :-1600])
    assert not estimates["0.1 s late"][:, :1600].any()
    torch.testing.assert_close(estimates["backwards"].flip(-1), VOICES)


def test_a_click_is_one_sample_and_a_cut_is_silent(estimates):
    changed = (estimates["one click"] != VOICES).sum(-1)
    assert (changed == 1).all() and estimates["one click"].max() == 1
    cut = estimates["0.3 s cut out"]
    gone = slice(SAMPLE_RATE, SAMPLE_RATE + 4800)
    assert not cut[:, gone].any()
    kept = torch.cat([cut[:, : gone.start], cut[:, gone.stop :]], -1)
    torch.testing.assert_close(
        kept, torch.cat([VOICES[:, : gone.start], VOICES[:, gone.stop :]], -1)
    )


def test_another_sentence_is_by_the_same_talker(estimates):
    other = estimates["another sentence"]
    torch.testing.assert_close(other[0], VOICES[1])
    torch.testing.assert_close(other[EACH - 1], VOICES[0])
    torch.testing.assert_close(other[EACH], VOICES[EACH + 1])


def test_a_whisper_has_the_powers_of_the_bands_and_not_the_waveform(estimates):
    """A tone's third of an octave keeps its power; the tone is gone."""
    tone = signals.sine(600.0, seconds=1.0, sample_rate=SAMPLE_RATE)
    whisper = whispered(tone, sample_rate=SAMPLE_RATE)
    power = torch.fft.rfft(whisper).abs().square()
    frequency = torch.fft.rfftfreq(len(whisper), 1 / SAMPLE_RATE)
    near = (frequency / 600).log2().abs() < 1 / 4
    assert power[near].sum() > 0.9 * power.sum()
    assert power.max() < 0.2 * power.sum()
    assert float(whisper.square().mean() / tone.square().mean()) == pytest.approx(1.0, abs=0.5)
    assert si_sdr(estimates["noise with its envelopes"], VOICES).max() < -10
