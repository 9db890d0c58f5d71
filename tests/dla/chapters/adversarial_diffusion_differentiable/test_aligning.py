"""The turns of mean and search on sequences whose borders are known."""

import itertools

import pytest
import torch

from dla.chapters.adversarial_diffusion_differentiable import aligning
from dla.chapters.adversarial_diffusion_differentiable.aligning import PAUSE, Word


def made(orders, *, noise=0.05, seed=0):
    """Words of two pieces whose levels are known, each held for some frames."""
    g = torch.Generator().manual_seed(seed)
    levels = {p: torch.randn(80, 1, generator=g) for p in (PAUSE, "a", "b", "c")}
    words, truth = [], []
    for inner in orders:
        pieces = (PAUSE, *inner, PAUSE)
        lengths = torch.randint(6, 15, (len(pieces),), generator=g)
        level = torch.cat(
            [levels[p].expand(80, int(n)) for p, n in zip(pieces, lengths, strict=True)], dim=1
        )
        level = level + noise * torch.randn(level.shape, generator=g)
        words.append(Word("".join(inner), pieces, torch.zeros(1), level))
        truth.append(lengths)
    return words, truth


def test_known_borders_are_found_to_within_two_frames():
    words, truth = made([*"ab", "ba", "ac", "cb", "bc", "ca", "abc", "cab"])
    aligner = aligning.fit(words)
    for w, lengths in zip(words, truth, strict=True):
        found = aligner.durations(w.pieces, w.level).cumsum(0)
        assert (found - lengths.cumsum(0)).abs().max() <= aligning.REACH


def test_a_turn_does_not_lower_the_likelihood():
    words = list(aligning.recorded().values())[:20]
    spreads = aligning.fit(words).spreads
    assert len(spreads) > 2
    assert all(b <= a + 1e-3 for a, b in itertools.pairwise(spreads))


def test_durations_are_those_of_all_frames():
    six = aligning.recorded()["6"]
    found = aligning.fit([six, aligning.recorded()["10"]]).durations(six.pieces, six.level)
    assert found.sum() == six.level.shape[1] and len(found) == len(six.pieces)
    assert (found[1:-1] >= aligning.STATES).all() and found[0] >= 1


def test_recorded_words_have_whole_hops_and_a_frame_for_each():
    for word in aligning.recorded().values():
        assert len(word.sound) == aligning.HOP * word.level.shape[1]
        assert word.sound.abs().max() == pytest.approx(0.9)


def test_features_of_a_held_spectrum_do_not_rise():
    level = torch.randn(80, 1, generator=torch.Generator().manual_seed(0)).expand(80, 7)
    found = aligning.features(level)
    assert found[aligning.CEPSTRA :].abs().max() < 1e-5
    torch.testing.assert_close(found[0], level.sum(0) * (2 / 80) ** 0.5)


def test_a_joint_of_words_that_are_known_is_found_and_cutting_evenly_is_worse():
    words, _ = made(["abc", "a", "ca", "b", "bca", "cb"])
    aligner = aligning.fit(words)
    found = [aligning.miss_of_the_joint(aligner, words[0], w) for w in words[1:]]
    even = [aligning.miss_of_the_joint(aligner, words[0], w, evenly=True) for w in words[1:]]
    assert max(found) == 0 < max(even)


def test_no_words_are_refused():
    with pytest.raises(ValueError, match="no words"):
        aligning.fit([])
