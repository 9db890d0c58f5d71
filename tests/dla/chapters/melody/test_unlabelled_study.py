"""What is measured of a network that no label has seen."""

import math

import torch

from dla.chapters.melody import unlabelled_study as s


def test_means_are_over_the_parts_that_are_given_too(monkeypatch):
    few = s.corpus("validation")[:2]
    monkeypatch.setattr(s, "corpus", lambda side: few)
    monkeypatch.setattr(s, "calibrate", lambda model: 0.0)
    monkeypatch.setattr(s, "unlabelled_losses", lambda model: (1.5, 0.25))
    monkeypatch.setattr(s, "mean_entropy", lambda model, side: 2.5)
    table = s.accuracies(s.network(0), "validation", 6.0)[:2]
    monkeypatch.setattr(s, "accuracies", lambda *a, draw=0: table)
    values = s.reached(s.network(0))
    for name in ("pitch", "chroma"):
        each = [values[f"{name}: {p.name}, {p.part}"] for p in few]
        assert abs(values[f"raw {name} accuracy"] - sum(each) / 2) < 1e-3
    assert values["loss without labels"] == 1.5
    assert values["share that leaves"] == 0.25


def test_seeds_start_differently():
    one, other = (next(s.network(k).parameters()) for k in (0, 1))
    assert (one != other).any()


def test_an_arm_differs_in_one_thing_from_the_first():
    whole, bare, free = s.STUDIES
    for arm in (bare, free):
        assert (arm.recipe, arm.seeds, arm.model) == (whole.recipe, whole.seeds, whole.model)
    assert (bare.loss, free.draw) == (whole.loss, whole.draw)
    ratios = []
    for study in (whole, bare):
        views, shift = study.draw(0)(0)
        first, second = views[0].expm1().chunk(2)
        moved = second[0].roll(-int(shift[0, 0]))[20:-20]
        ratios.append((moved / first[0, 20:-20]).log().std())
    assert ratios[1] < 1e-2 < 0.1 < ratios[0]  # a gain; a filter
    silent, shift = torch.zeros(1, 2, 216), torch.tensor([[16]])
    dearer = whole.loss(silent, shift) - free.loss(silent, shift)
    torch.testing.assert_close(dearer, torch.tensor([16 / 216 * math.log(216)]))
