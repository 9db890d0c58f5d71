"""Resemblyzer knows a voice again; its parts are tested without its package."""

import pytest
import torch

from dla.chapters.speech.mistakes import EACH, sentences
from dla.reference.published import MissingPackage
from dla.reference.resemblyzer import FRAMES, HOP, PACKAGE, STEP, resemblyzer, starts_of

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
RATE = 16000


@needs
def test_one_speaker_is_nearer_to_itself_than_to_others():
    voices = sentences()
    chosen = [k for k in range(len(voices)) if k % EACH < 2]
    found = torch.stack([resemblyzer(voices[k], sample_rate=RATE) for k in chosen])
    torch.testing.assert_close(found.norm(dim=-1), torch.ones(len(chosen)))
    assert (found >= 0).all()
    talker = torch.arange(len(chosen)) // 2
    same = talker[:, None] == talker
    cosine = found @ found.T
    own = cosine[same & ~torch.eye(len(chosen)).bool()]
    assert own.mean() > cosine[~same].mean() + 0.15
    nearest = (cosine - 2 * torch.eye(len(chosen))).argmax(-1)
    assert (talker[nearest] == talker).sum() >= 7


@needs
def test_the_gain_of_a_quiet_voice_does_not_matter():
    voice = sentences()[0]
    loud, quiet = (resemblyzer(g * voice, sample_rate=RATE) for g in (0.1, 0.01))
    torch.testing.assert_close(loud, quiet, atol=1e-3, rtol=0.0)


def test_parts_begin_every_step_and_the_last_holds_enough():
    for seconds in (0.5, 1.6, 2.0, 3.0, 10.0):
        samples = round(seconds * RATE)
        starts = starts_of(samples)
        assert starts == list(range(0, STEP * len(starts), STEP))
        if len(starts) > 1:
            assert samples - starts[-1] * HOP >= 0.75 * FRAMES * HOP


def test_silence_is_refused():
    with pytest.raises(ValueError, match="a silent sound; expected a voice"):
        resemblyzer(torch.zeros(RATE), sample_rate=RATE)


def test_no_sound_is_refused(refuses):
    refuses(resemblyzer)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="Resemblyzer is not installed"):
        resemblyzer(torch.ones(RATE), sample_rate=RATE)
