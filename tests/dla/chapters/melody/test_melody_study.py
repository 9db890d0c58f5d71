"""The arms differ in the levels of training, and both are asked alike."""

import torch

from dla.chapters.melody import melody_study as s
from dla.chapters.melody.salience import BINS, Item


def test_arms_learn_the_same_melodies_from_other_balances(monkeypatch):
    few = {b: s.melodies("validation", b, copies=1) for b in s.BALANCES}
    monkeypatch.setattr(s, "melodies", lambda side, balance, copies: few[balance])
    s.melody_items.cache_clear()
    (loud, targets), (free, same) = s.soprano_loudest(2)(0), s.levels_at_random(2)(0)
    s.melody_items.cache_clear()
    assert (targets == same).all()
    assert not torch.allclose(loud, free, atol=0.01)


def test_the_path_is_voiced_where_the_salience_is_and_follows_it():
    class Certain(torch.nn.Module):
        """Sure of bin 40 in all frames but the last ten."""

        def forward(self, x):
            logits = torch.full((1, BINS, x.shape[-1]), -9.0)
            logits[:, 40, :-10] = 9.0
            return logits

    item = Item(torch.zeros(6, BINS, 40), torch.zeros(40))
    (found,) = s.followed(Certain(), [item])
    assert found.voiced.tolist() == [True] * 30 + [False] * 10
    expected = 65.406 * 2 ** (40 / 24)
    assert (found.frequency[:30] - expected).abs().max() < 0.5


def test_studies_differ_in_the_draw_alone():
    loud, free = s.STUDIES
    assert loud.draw is not free.draw
    for name in ("seeds", "recipe", "model", "loss", "measure", "shorter"):
        assert getattr(loud, name) == getattr(free, name)
