"""Excerpts come from where they say; what spoils them does what it says."""

import pytest
import torch

from dla import signals
from dla.chapters.audio_retrieval import fingerprints
from dla.chapters.audio_retrieval.fingerprints import RATE, draw, faster, mp3, noisy, phone, room


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def test_an_excerpt_is_the_stretch_of_its_recording():
    for excerpt in draw(rng(), count=20):
        sound = fingerprints.recordings()[excerpt.recording].waveform
        cut = sound[excerpt.start : excerpt.start + 3 * RATE]
        assert torch.equal(excerpt.waveform, cut)
        assert len(cut) == 3 * RATE


def test_excerpts_are_of_the_kinds_that_were_asked_for():
    found = draw(rng(), count=20, kinds=["piano"])
    assert {fingerprints.recordings()[e.recording].kind for e in found} == {"piano"}


def test_longer_recordings_are_drawn_in_proportion_to_their_excerpts():
    found = draw(rng(), count=400)
    every = fingerprints.recordings()
    room_for = {
        k: sum(max(r.seconds - 3, 0) for r in every if r.kind == k) for k in ("song", "speech")
    }
    counts = {k: sum(every[e.recording].kind == k for e in found) for k in room_for}
    expected = room_for["song"] / room_for["speech"]
    assert counts["song"] / counts["speech"] == pytest.approx(expected, rel=0.35)


def test_takes_of_one_recording_are_relatives():
    every = fingerprints.recordings()
    k = next(k for k, r in enumerate(every) if len(fingerprints.relatives(k)) > 1)
    assert len({every[j].group for j in fingerprints.relatives(k)}) == 1
    assert k in fingerprints.relatives(k)


@pytest.mark.parametrize("snr", [-5.0, 0.0, 10.0])
def test_noise_has_the_power_that_was_asked_for(snr):
    tone = signals.sine(440.0, seconds=1.0)
    ratio = signals.power(tone) / signals.power(noisy(tone, rng(), snr=snr) - tone)
    assert 10 * float(ratio.log10()) == pytest.approx(snr, abs=0.01)


def test_a_telephone_passes_speech_and_not_a_bass():
    low, middle = (signals.sine(f, seconds=1.0) for f in (100.0, 1000.0))
    both = phone(low + middle)[: len(low)]
    spectrum = torch.fft.rfft(both).abs()
    assert spectrum[1000] > 20 * spectrum[100]


@pytest.mark.parametrize("codec", [phone, mp3])
def test_a_codec_changes_the_samples_and_keeps_the_tone(codec):
    tone = signals.sine(1000.0, seconds=1.0)
    coded = codec(tone)
    assert not torch.allclose(coded[: len(tone)], tone[: len(coded)], atol=1e-3)
    assert int(torch.fft.rfft(coded[:RATE]).abs().argmax()) == pytest.approx(1000, abs=2)


def test_a_room_keeps_the_beginning_and_rings_on():
    click = torch.zeros(RATE)
    click[100] = 1.0
    heard = room(click, rng())
    assert heard[:100].abs().max() < 1e-5
    assert float(heard[101:].square().sum()) == pytest.approx(2.0, rel=0.01)


def test_faster_is_shorter_and_higher():
    tone = signals.sine(1000.0, seconds=1.0)
    quick = faster(tone, 1.1)
    assert len(quick) == pytest.approx(len(tone) / 1.1, abs=1)
    peak = int(torch.fft.rfft(quick, RATE).abs().argmax())
    assert peak == pytest.approx(1100, abs=1)


def test_an_answer_without_its_recording_is_that_of_a_stranger():
    (excerpt,) = draw(rng(3), count=1, kinds=["song"])
    (answer,) = fingerprints.ask([excerpt])
    assert answer.right
    assert answer.votes_if_unknown < answer.votes
