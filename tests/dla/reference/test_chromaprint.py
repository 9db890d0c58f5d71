"""Chromaprint's words: a gain changes none; what needs its package is skipped without it."""

import pytest
import torch

from dla import packages, signals
from dla.reference import chromaprint as module
from dla.reference.chromaprint import PACKAGE, chromaprint
from dla.reference.published import MissingPackage

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
RATE = 8000


def chirp(low, high, seconds=5.0):
    t = torch.arange(round(seconds * RATE)) / RATE
    return torch.sin(2 * torch.pi * (low + (high - low) * t / seconds / 2) * t)


@needs
def test_each_sound_has_its_own_words_one_every_eighth_of_a_second():
    short, long = chromaprint([chirp(300, 900), chirp(300, 900, 8.0)], sample_rate=RATE)
    assert len(long) - len(short) == pytest.approx(3.0 / 0.1238, abs=1)
    assert not torch.equal(short, long[: len(short)])


@needs
def test_a_gain_changes_no_word():
    one, half = chromaprint([chirp(300, 900), 0.5 * chirp(300, 900)], sample_rate=RATE)
    assert torch.equal(one, half)


@needs
def test_what_is_shorter_than_a_word_has_none():
    (words,) = chromaprint([signals.sine(440.0, seconds=1.0)], sample_rate=RATE)
    assert len(words) == 0


def test_samples_go_to_node_after_their_number():
    sent = module._as_bytes(torch.tensor([0.25, -0.5]).numpy())
    assert sent[:4] == b"\2\0\0\0"
    assert len(sent) == 8
    assert int.from_bytes(sent[6:], "little", signed=True) == -round(0.9 * 32767)


def test_without_the_package_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(packages, "node_folder", lambda name: None)
    with pytest.raises(MissingPackage, match="npm install --no-save @unimusic/chromaprint@0.1.4"):
        chromaprint([chirp(300, 900)], sample_rate=RATE)


def test_no_sound_is_refused(refuses):
    refuses(lambda x, sample_rate: chromaprint([x], sample_rate=sample_rate))
