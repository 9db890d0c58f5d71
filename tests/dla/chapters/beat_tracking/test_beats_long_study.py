"""The longer study differs from the other in its steps and seeds only."""

from dataclasses import replace

import torch

from dla.chapters.beat_tracking import beats_long_study, beats_study
from dla.protocol import study


def test_it_is_the_other_study_at_twice_its_length_beside_it():
    long, other = beats_long_study.STUDY, beats_study.STUDY
    assert long.lengths == (other.recipe.steps, 2 * other.recipe.steps)
    assert replace(long.recipe, steps=other.recipe.steps) == other.recipe
    assert set(long.seeds) <= set(other.seeds)
    for name in ("model", "loss", "digits", "keep"):
        assert getattr(long, name) == getattr(other, name), name


def test_at_the_shorter_length_both_reached_the_same():
    long, other = study.load(beats_long_study.STUDY), study.load(beats_study.STUDY)
    for measured in other.trainings[0].values:
        shorter = long.values(measured, 900)
        assert shorter == other.values(measured, 900)[: len(shorter)], measured


def test_its_batches_are_those_of_the_other():
    first = beats_study.batches(1)(0)
    found = beats_long_study.STUDY.draw(1)(0)
    assert all(torch.equal(a, b) for a, b in zip(found, first, strict=True))
