"""Chorales as sound: chords lie where the notes are, and a tune lies on one side."""

import numpy as np
import pytest
import torch

from dla import scores
from dla.chapters.chords import corpus
from dla.measures.chords import Chords, from_classes
from dla.scores.sections import families
from dla.spectral.chroma import fold
from dla.spectral.cqt import pitch_to_hz


def one(name="bwv269", seed=0, **how):
    plan = corpus.plan(scores.load(name), np.random.default_rng(seed), seconds=8.0, **how)
    return plan, *corpus.play([plan])


def test_chords_cover_the_sound_without_a_gap():
    _, excerpt = one()
    for chords in (excerpt.rule, excerpt.analyst):
        spans = chords.intervals
        assert spans[0, 0] == 0.0 and spans[-1, 1] == pytest.approx(excerpt.seconds, abs=1e-3)
        np.testing.assert_allclose(spans[1:, 0], spans[:-1, 1])
        assert chords.labels[0] == "N" and chords.labels[-1] == "X"


def test_a_chord_s_own_classes_are_the_loud_ones():
    _, excerpt = one(instruments=("reed organ",))
    chroma = fold(excerpt.spectrum()[:180], f_min=float(pitch_to_hz(36.0)), bins_per_octave=36)
    classes = excerpt.classes()
    assert classes.shape == chroma.shape[-1:]
    inside = (classes >= 0) & (classes < 24)
    hits = 0
    for frame in inside.nonzero()[:, 0]:
        mode, root = divmod(int(classes[frame]), 12)
        triad = {(root + k) % 12 for k in ((0, 4, 7), (0, 3, 7))[mode]}
        hits += len(triad & set(chroma[:, frame].topk(3).indices.tolist()))
    assert hits / (3 * int(inside.sum())) > 0.7  # a quarter by chance


def test_transposing_moves_chords_key_and_notes():
    plan, low = one()
    higher = corpus.plan(scores.load("bwv269"), np.random.default_rng(0), seconds=8.0, transpose=3)
    (high,) = corpus.play([higher])
    assert high.rule.labels == [corpus.transposed(x, 3) for x in low.rule.labels]
    assert high.tonic == (low.tonic + 3) % 12
    a, b = plan.timed().notes, higher.timed().notes
    assert [n[2] + 3 for n in a] == [n[2] for n in b]


def test_no_family_lies_on_two_sides_and_no_instrument_of_the_test_was_heard():
    sides = corpus.pieces()
    every = [(side, s) for side in ("train", "validation", "test") for s in sides[side]]
    where = {}
    for (side, _), f in zip(every, families([s for _, s in every]), strict=True):
        where.setdefault(f, set()).add(side)
    assert max(map(len, where.values())) == 1
    assert set(corpus.HUMAN) <= {s.name for s in sides["test"]}
    assert not set(corpus.INSTRUMENTS) & set(corpus.UNHEARD)


def test_a_spectrum_kept_is_the_spectrum_computed(monkeypatch, tmp_path):
    _, excerpt = one()
    monkeypatch.setenv("DLA_CACHE", str(tmp_path))
    assert torch.equal(excerpt.spectrum(), excerpt.spectrum())
    assert len(list(tmp_path.rglob("*"))) > 1


def test_classes_are_those_of_the_chords_asked_for():
    _, excerpt = one()
    silent = Chords(np.array([[0.0, 100.0]]), ["N"])
    assert (excerpt.classes(silent) == 24).all()
    there = excerpt.classes(excerpt.analyst)
    named = from_classes(there[there >= 0], frame_rate=corpus.FRAME_RATE).labels
    assert set(named) <= set(excerpt.analyst.labels)


def test_refuses_sides_that_are_none():
    with pytest.raises(ValueError, match="no side 'tests'"):
        corpus.corpus("tests")


def test_families_that_are_kept_are_those_that_are_computed(tmp_path, monkeypatch):
    monkeypatch.setenv("DLA_CACHE", str(tmp_path))
    items = [scores.load(name) for name in ("bwv66.6", "bwv101.7", "bwv66.6")]
    assert corpus._families(items) == families(items) == [0, 1, 0]
    assert corpus._families(items) == [0, 1, 0]  # from the disk
    assert corpus._families(items[:2]) == [0, 1]  # other pieces, other key
