"""Arms of E11 share data, recipe and seeds."""

import torch
from torch.testing import assert_close

from dla.chapters.melody import harmonic_study as s


def test_arms_of_one_kind_see_the_same_tones():
    draws = {study.name: study.draw for study in s.STUDIES}
    one = draws["harmonic-dense"](0)(0)[0]
    assert_close(one, draws["harmonic-wide"](0)(0)[0])
    assert not torch.equal(one, draws["harmonic-dense-random"](0)(0)[0])
    assert len({study.recipe for study in s.STUDIES}) == 1


def test_the_loss_is_that_of_one_network():
    logits = torch.randn(1, 4, 7)
    target = torch.tensor([[0, 6, 2, 3]])
    expected = torch.nn.functional.cross_entropy(logits[0], target[0])
    assert_close(s.cross_entropy(logits, target)[0], expected)
