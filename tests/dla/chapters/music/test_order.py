"""What the networks that tell a direction are given, and which of them can."""

import pytest
import torch
from torch.testing import assert_close

from dla.chapters.music.order import (
    BANDS,
    FRAMES,
    KINDS,
    OrderNetwork,
    batches,
    both_ways,
    excerpts,
    notes,
    order_loss,
)
from dla.train import seeded


@pytest.fixture(scope="module")
def piano():
    return notes()[:3]


def test_notes_are_levels_of_mean_zero_and_deviation_one(piano):
    assert {n.shape for n in piano} == {(125, BANDS)}
    for n in piano:
        assert_close(n.mean(), torch.tensor(0.0), atol=1e-4, rtol=0.0)
        assert_close(n.std(), torch.tensor(1.0), atol=1e-4, rtol=0.0)


def test_each_excerpt_comes_in_both_directions(piano):
    x, y = batches(piano, (0, 1))(0)
    assert x.shape == (2, 32, FRAMES, BANDS) and y.shape == (2, 32)
    assert_close(x[:, 16:], x[:, :16].flip(2))
    assert_close(y.sum(1), torch.tensor([16.0, 16.0]))
    assert not torch.equal(x[0], x[1])


@pytest.mark.parametrize("kind", KINDS)
def test_attention_alone_answers_both_directions_alike(piano, kind):
    network = seeded(lambda: OrderNetwork(kind), 0)
    g = torch.Generator().manual_seed(0)
    x, _ = both_ways(excerpts(piano, g, count=4))
    there, back = network(x).chunk(2)
    assert torch.allclose(there, back, atol=1e-5) == (kind == "attention")


def test_the_loss_of_a_guess_of_one_half_is_one_bit():
    targets = torch.tensor([[0.0, 1.0, 1.0]])
    assert_close(order_loss(torch.zeros(1, 3), targets), torch.tensor([0.6931472]))


def test_says_which_kinds_there_are():
    with pytest.raises(ValueError, match="kind 'recurrent'; there are attention"):
        OrderNetwork("recurrent")
