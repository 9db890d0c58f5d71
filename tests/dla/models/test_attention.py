"""Laws of attention: torch's kernel as oracle, permutations, masks, positions."""

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention
from torch.testing import assert_close

from dla.models.attention import (
    AttentionBlock,
    AttentionSettings,
    SelfAttention,
    attend,
    positions,
)
from dla.train import seeded

SMALL = AttentionSettings(channels=12, heads=3, hidden=8)


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=g, dtype=torch.float64)


@pytest.mark.parametrize("causal", [False, True])
def test_is_torch_s_scaled_dot_product_attention(causal):
    q, k, v = numbers(3, 2, 4, 7, 5)
    visible = torch.ones(7, 7, dtype=torch.bool).tril() if causal else None
    mean, weights = attend(q, k, v, visible=visible)
    assert_close(mean, scaled_dot_product_attention(q, k, v, is_causal=causal))
    assert_close(weights.sum(-1), torch.ones(2, 4, 7).double())


def test_heads_are_torch_s_multihead_attention():
    layer = seeded(lambda: SelfAttention(SMALL), 0).double()
    theirs = torch.nn.MultiheadAttention(12, 3, batch_first=True).double()
    with torch.no_grad():
        theirs.in_proj_weight.copy_(layer.ask.weight)
        theirs.in_proj_bias.copy_(layer.ask.bias)
        theirs.out_proj.weight.copy_(layer.join.weight)
        theirs.out_proj.bias.copy_(layer.join.bias)
    x = numbers(2, 9, 12)
    assert_close(layer(x), theirs(x, x, x, need_weights=False)[0])


def test_a_block_commutes_with_a_permutation_and_a_causal_one_does_not():
    block, x = seeded(lambda: AttentionBlock(SMALL), 1).double(), numbers(2, 9, 12)
    order = torch.randperm(9, generator=torch.Generator().manual_seed(2))
    assert_close(block(x[:, order]), block(x)[:, order])
    causal = torch.ones(9, 9, dtype=torch.bool).tril()
    assert (block(x[:, order], causal) - block(x, causal)[:, order]).abs().max() > 0.01


def test_a_causal_block_ignores_what_comes_later():
    block, x = seeded(lambda: AttentionBlock(SMALL), 1).double(), numbers(9, 12)
    causal = torch.ones(9, 9, dtype=torch.bool).tril()
    other = torch.cat([x[:5], numbers(4, 12, seed=7)])
    assert_close(block(x, causal)[:5], block(other, causal)[:5])


def test_a_batch_is_its_items_one_by_one():
    block, x = seeded(lambda: AttentionBlock(SMALL), 1).double(), numbers(3, 2, 9, 12)
    assert_close(block(x)[1, 0], block(x[1, 0]))


def test_products_of_positions_depend_on_the_distance_alone():
    by_hand = torch.tensor([2.0, 0.02])  # 10000 to the power -1/2 is 0.01
    assert_close(positions(3, 4)[2, ::2], by_hand.sin())
    place = positions(40, 16).double()
    gram = place @ place.T
    for shift in range(1, 10):
        along = gram.diagonal(shift)
        assert_close(along, along[:1].expand_as(along), atol=1e-5, rtol=0.0)
    assert_close(gram.diagonal(), torch.full((40,), 8.0).double(), atol=1e-5, rtol=0.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: attend(numbers(3, 4), numbers(3, 5), numbers(3, 4)), "differ in their last axis"),
        (
            lambda: attend(*numbers(3, 3, 4), visible=torch.zeros(3, 3, dtype=torch.bool)),
            "3 of 3 frames may look at no place",
        ),
        (lambda: AttentionSettings(channels=10, heads=4), "same number of channels"),
        (lambda: positions(4, 5), "expected an even number"),
    ],
)
def test_says_what_arrived(call, words):
    with pytest.raises(ValueError, match=words):
        call()
