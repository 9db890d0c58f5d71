"""Arms differ in what they say, and in nothing else."""

import torch

from dla.chapters.melody import unlabelled_study as s


def test_arms_have_one_start_and_one_recipe():
    recipes = {study.recipe for study in s.STUDIES}
    assert len(recipes) == 1
    assert {study.model for study in s.STUDIES} == {s.network}


def test_no_filter_leaves_views_that_differ_by_gain(monkeypatch):
    from dla.chapters.melody import unlabelled as u

    frames = u.spectra(u.harmonic_tone(220.0))[15:25]
    monkeypatch.setattr(
        s, "pairs", lambda seed, tilt: u.pairs(seed, tilt=tilt, source=lambda: frames)
    )
    views, shift = s.unfiltered(0)(0)
    first, second = views[0].chunk(2)
    assert (second.argmax(-1) - first.argmax(-1)).tolist() == shift[0].tolist()


def test_each_loss_prefers_the_right_shift():
    logits = 30 * torch.eye(216)[[100, 107]][None]
    for loss in (s.entropy, s.ratio, s.difference):
        right, wrong = (loss(logits, torch.tensor([[k]])) for k in (7, -7))
        assert right < 1e-3 < wrong
