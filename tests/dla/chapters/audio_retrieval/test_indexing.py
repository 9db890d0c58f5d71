"""The words are all there, and their features ignore level and telephone band."""

import torch

from dla.chapters.audio_retrieval import indexing


def test_each_voice_spells_the_alphabet():
    for who in (("allison", "en"), ("june", "fr"), ("armelle", "fr")):
        assert "".join(indexing.words(*who)) == "abcdefghijklmnopqrstuvwxyz"


def test_the_cepstrum_is_standardised():
    c = indexing.cepstrum(indexing.words("june", "fr")["a"])
    torch.testing.assert_close(c.mean(1), torch.zeros(12), atol=1e-4, rtol=0)
    torch.testing.assert_close(c.square().mean(1), torch.ones(12), atol=1e-3, rtol=0)


def test_the_cepstrum_ignores_what_lies_above_the_telephone():
    x = indexing.words("june", "fr")["a"]
    t = torch.arange(len(x)) / indexing.RATE
    whistle = x + 0.01 * torch.sin(2 * torch.pi * 6000 * t)
    a, b = indexing.cepstrum(x), indexing.cepstrum(whistle)
    assert (a - b).abs().mean() < 0.05


def test_distance_is_zero_to_itself_and_two_to_its_opposite():
    c = indexing.cepstrum(indexing.words("june", "fr")["a"])
    torch.testing.assert_close(
        indexing.distances(c, c).diagonal(), torch.zeros(c.shape[1]), atol=1e-5, rtol=0
    )
    assert indexing.distances(c, -c).diagonal().min() > 1.999
