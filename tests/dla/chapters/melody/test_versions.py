"""Splits by version and by work, fitted in closed form."""

import torch
from torch.testing import assert_close

from dla.chapters.melody import versions as v


def test_a_shared_reader_sees_the_spectrum_around_each_pitch():
    x = torch.rand(2, 180, generator=torch.Generator().manual_seed(0))
    w = v.windows(x)
    assert w.shape == (2, v.PITCHES, v.BELOW + v.ABOVE + 1)
    assert_close(w[:, 30, v.BELOW], x[:, 30])
    assert_close(w[:, 30, v.BELOW + 24], x[:, 54])


def test_sums_of_versions_are_those_of_all_frames():
    corpus = v.versions(7)
    sums = v._sums("dense", corpus)
    a = torch.cat([corpus.spectra, torch.ones(5, 5, v.FRAMES, 1)], -1)
    kept = a[:, [0, 1, 3, 4]].flatten(0, 2)
    assert_close(v._without(sums.gram, "version", 2), kept.T @ kept, rtol=1e-3, atol=1e-2)
    kept = a[[0, 1, 3, 4]].flatten(0, 2)
    assert_close(v._without(sums.gram, "work", 2), kept.T @ kept, rtol=1e-3, atol=1e-2)


def test_works_have_their_pitches_in_all_versions():
    corpus = v.versions(8)
    sets = [[set(corpus.pitch[w, p].tolist()) for p in range(5)] for w in range(5)]
    assert all(row[0] == other for row in sets for other in row)
    assert all(len(row[0]) == v.NOTES for row in sets)


def test_a_dense_reader_does_not_know_a_pitch_that_it_never_saw():
    corpus = v.versions(9)
    by_work = v.split_accuracies(corpus, "dense", "work")
    by_version = v.split_accuracies(corpus, "dense", "version")
    for w in range(5):
        others = set(corpus.pitch[[k for k in range(5) if k != w]].flatten().tolist())
        known = sum(int(p) in others for p in corpus.pitch[w, 0]) / v.FRAMES
        assert by_work[w].max() <= known + 1e-9
    assert by_version.mean() > by_work.mean()
