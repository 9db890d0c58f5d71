"""The study's sets are what their names say; its cuts follow from the seed."""

import torch

from dla.chapters.chords import network_study
from dla.chapters.chords.corpus import INSTRUMENTS, UNHEARD, pieces


def test_no_piece_and_no_instrument_of_a_test_is_learned_from():
    train = {s.name for s in pieces()["train"]}
    for excerpts in network_study.test_sets().values():
        assert not train & {e.name for e in excerpts}
        assert {e.instrument for e in excerpts} <= set(UNHEARD)
    assert not set(INSTRUMENTS) & set(UNHEARD)


def test_cuts_follow_from_the_seed():
    first = network_study.batches(0)(0)[0]
    assert torch.equal(network_study.batches(0)(0)[0], first)
    assert not torch.equal(network_study.batches(1)(0)[0], first)
    assert first.shape == (1, 8, 252, 64)
    assert len(network_study.training_items()) == network_study.COPIES * len(pieces()["train"])
