"""Silero VAD hears a voice and not a fire; its frames are tested without its package."""

import numpy as np
import pytest
import torch

from dla.chapters.speech.enhanced_comparison import fire
from dla.chapters.speech.mistakes import sentences
from dla.reference.published import MissingPackage
from dla.reference.silero_vad import BEFORE, FRAME, PACKAGE, SPEECH, frames_of, silero_vad

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
RATE = 16000


def test_frames_follow_each_other_and_each_knows_the_end_of_the_last():
    x = np.random.default_rng(0).normal(size=5 * FRAME + 100).astype(np.float32)
    seen = frames_of(x)
    assert seen.shape == (6, BEFORE + FRAME)
    inner = seen[:, BEFORE:].reshape(-1)
    assert np.array_equal(inner[: len(x)], x) and not inner[len(x) :].any()
    assert np.array_equal(seen[1:, :BEFORE], seen[:-1, -BEFORE:])
    assert not seen[0, :BEFORE].any()


@needs
def test_a_voice_is_speech_and_a_fire_is_none():
    voice = torch.nn.functional.pad(sentences()[0], (RATE, RATE))
    found = silero_vad(voice, sample_rate=RATE)
    called = found.times[found.probability > SPEECH]
    assert called.min() > 0.9 and called.max() < len(voice) / RATE - 0.8
    assert len(called) > 0.7 * 2.5 * RATE / FRAME
    burning = silero_vad(fire(2 * RATE), sample_rate=RATE)
    assert (burning.probability < SPEECH).all()


@needs
def test_times_are_those_of_the_frames_at_each_rate():
    for rate in (8000, 16000, 44100):
        found = silero_vad(torch.zeros(2 * rate), sample_rate=rate)
        assert len(found.times) == len(found.probability) == 63
        assert float(found.times[0]) == pytest.approx(0.016)


@needs
def test_frames_one_by_one_give_what_the_package_gives_in_a_loop():
    from silero_vad import load_silero_vad

    model = load_silero_vad(onnx=True)
    x = sentences()[1][: 20 * FRAME]
    theirs = [model(part, RATE).item() for part in x.unflatten(0, (20, FRAME))]
    ours = silero_vad(x, sample_rate=RATE).probability
    torch.testing.assert_close(ours, torch.tensor(theirs), atol=1e-4, rtol=0.0)


def test_no_sound_is_refused(refuses):
    refuses(silero_vad)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="silero-vad is not installed"):
        silero_vad(torch.zeros(RATE), sample_rate=RATE)
