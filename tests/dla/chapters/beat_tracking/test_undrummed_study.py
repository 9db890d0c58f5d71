"""The study without drums differs from the other in its batches only."""

from dataclasses import replace

import torch

from dla.chapters.beat_tracking import beats_study, undrummed_study


def test_all_but_the_batches_is_declared_alike_at_a_length_that_both_have():
    one, other = beats_study.STUDY, undrummed_study.STUDY
    for name in ("seeds", "model", "loss", "digits", "keep"):
        assert getattr(one, name) == getattr(other, name), name
    assert other.recipe.steps in one.lengths
    assert replace(one.recipe, steps=other.recipe.steps) == other.recipe


def test_its_batches_are_those_of_the_plain_items():
    expected = beats_study.batches(3, drums=False)(0)
    with_drums = beats_study.batches(3)(0)
    found = undrummed_study.STUDY.draw(3)(0)
    assert torch.equal(found[0], expected[0]) and torch.equal(found[1], expected[1])
    assert not torch.equal(found[0], with_drums[0])


def test_it_is_measured_as_the_other_one(monkeypatch):
    monkeypatch.setattr(beats_study, "measured", lambda model: {"as": model})
    assert undrummed_study.STUDY.measure("the same") == {"as": "the same"}
