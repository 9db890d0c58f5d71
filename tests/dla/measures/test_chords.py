"""Chord symbols: mir_eval decides what is the same, and a plain count over fine frames agrees."""

import mir_eval
import numpy as np
import pytest
import torch

from dla.measures import chords
from dla.measures.chords import Chords, class_of, from_classes, pooled, weighted_recall


def drawn(rng, count=12, seconds=20.0, extra=("B:dim", "X", "G:7", "A:min7", "F#:sus4")):
    cuts = np.sort(rng.uniform(0, seconds, count - 1))
    edges = np.concatenate([[0.0], cuts, [seconds]])
    labels = rng.choice([*chords.VOCABULARY[:6], "N", *extra], count)
    return Chords(np.stack([edges[:-1], edges[1:]], 1), [str(x) for x in labels])


def counted(truth, guess, step=0.001):
    """Right and scored seconds, by looking every millisecond."""
    right = scored = 0.0
    for t in np.arange(step / 2, truth.intervals[-1, 1], step):
        i = np.searchsorted(truth.intervals[:, 0], t, "right") - 1
        j = np.searchsorted(guess.intervals[:, 0], t, "right") - 1
        wanted = class_of(truth.labels[i])
        if wanted >= 0:
            scored += step
            right += step * (wanted == class_of(guess.labels[j]))
    return right / scored, scored


@pytest.mark.parametrize("seed", range(4))
def test_recall_is_a_count_over_time(seed):
    rng = np.random.default_rng(seed)
    truth, guess = drawn(rng), drawn(rng, extra=("G:7",))
    score, seconds = counted(truth, guess)
    found = weighted_recall(truth, guess)
    assert found.score == pytest.approx(score, abs=2e-3)
    assert found.seconds == pytest.approx(seconds, abs=2e-2)


@pytest.mark.parametrize("level", chords.LEVELS)
def test_recall_is_that_of_mir_eval(level):
    rng = np.random.default_rng(7)
    truth, guess = drawn(rng), drawn(rng)
    theirs = mir_eval.chord.evaluate(*truth, *guess)
    assert weighted_recall(truth, guess, level=level).score == pytest.approx(theirs[level])
    ours = chords.segmentation(truth, guess)
    assert ours == pytest.approx((theirs["underseg"], theirs["overseg"]))
    assert ours.quality == pytest.approx(theirs["seg"])


def test_a_class_is_the_triad_under_the_symbol_and_a_symbol_is_its_class():
    for number, label in enumerate(chords.VOCABULARY):
        assert class_of(label) == number
    assert class_of("Db:maj7/3") == class_of("C#:maj")
    assert class_of("E:aug") == class_of("E:sus4") == class_of("X") == chords.IGNORED
    with pytest.raises(ValueError, match="'H:dur' is no chord symbol"):
        class_of("H:dur")


def test_frames_and_stretches_are_inverse():
    classes = torch.tensor([24, 24, 0, 0, 0, 21, 3, 3, 24])
    stretches = from_classes(classes, frame_rate=10.0)
    assert stretches.labels == ["N", "C:maj", "A:min", "D#:maj", "N"]
    times = np.arange(9) / 10.0
    assert chords.frame_classes(stretches, times).tolist() == classes.tolist()
    with pytest.raises(ValueError, match="1 of 2 frames have no class"):
        from_classes(torch.tensor([0, -1]), frame_rate=10.0)


def test_frames_outside_all_chords_are_not_scored():
    one = Chords(np.array([[1.0, 2.0]]), ["C:maj"])
    assert chords.frame_classes(one, np.array([0.5, 1.5, 2.0])).tolist() == [-1, 0, -1]


def test_in_a_collection_seconds_count_not_pieces():
    short, long = chords.Recall(0.0, 1.0), chords.Recall(1.0, 9.0)
    assert pooled([short, long]) == (0.9, 10.0)
    assert np.isnan(pooled([]).score)
    nothing = Chords(np.array([[0.0, 1.0]]), ["X"])
    assert weighted_recall(nothing, nothing).seconds == 0.0


def test_too_many_and_too_few_boundaries_are_told_apart():
    edges = np.arange(5.0)
    four = Chords(np.stack([edges[:-1], edges[1:]], 1), ["C:maj", "G:maj", "C:maj", "F:maj"])
    one = Chords(np.array([[0.0, 4.0]]), ["C:maj"])
    assert chords.segmentation(four, one) == (0.25, 1.0)
    assert chords.segmentation(one, four) == (1.0, 0.25)


def test_refuses_a_level_that_is_none():
    one = Chords(np.array([[0.0, 1.0]]), ["C:maj"])
    with pytest.raises(ValueError, match="no level 'major'"):
        weighted_recall(one, one, level="major")
