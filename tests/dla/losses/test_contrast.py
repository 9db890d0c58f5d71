"""Laws of the contrastive loss: cross-entropy by hand, its bound, what it ignores."""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy, normalize
from torch.testing import assert_close

from dla.losses.contrast import contrast


@pytest.fixture
def pair():
    """Guess, truth (2, 9, 4) and what is hidden: 3 and 5 places."""
    g = torch.Generator().manual_seed(0)
    hidden = torch.zeros(2, 9, dtype=torch.bool)
    hidden[0, 2:5] = hidden[1, 1:6] = True
    return *torch.randn(2, 2, 9, 4, generator=g, dtype=torch.float64), hidden


def test_is_the_cross_entropy_of_each_excerpt(pair):
    guess, truth, hidden = pair
    for loss, g, t, h in zip(contrast(guess, truth, hidden=hidden), *pair, strict=True):
        score = normalize(g[h], dim=-1) @ normalize(t[h], dim=-1).T / 0.1
        assert_close(loss, cross_entropy(score, torch.arange(int(h.sum()))))


def test_a_guess_that_knows_nothing_costs_the_logarithm_of_the_candidates(pair):
    _, truth, hidden = pair
    same = torch.ones_like(truth)
    loss = contrast(same, same, hidden=hidden)
    assert_close(loss, torch.tensor([math.log(3), math.log(5)]).double())


def test_ignores_gains_and_what_is_not_hidden(pair):
    guess, truth, hidden = pair
    loss = contrast(guess, truth, hidden=hidden)
    other = torch.where(hidden[..., None], 3 * truth, truth + 1)
    assert_close(contrast(2 * guess, other, hidden=hidden), loss)


def test_gradient_is_zero_where_nothing_is_hidden(pair):
    guess, truth, hidden = pair
    guess.requires_grad_()
    contrast(guess, truth, hidden=hidden).sum().backward()
    assert (guess.grad[~hidden] == 0).all() and (guess.grad[hidden] != 0).any()
    small = guess.detach()[:, :4, :2].clone().requires_grad_()
    few = torch.tensor([[True, True, True, False]] * 2)
    assert torch.autograd.gradcheck(
        lambda g: contrast(g, truth[:, :4, :2], hidden=few, temperature=1.0), small
    )


def test_says_what_arrived(pair):
    guess, truth, hidden = pair
    with pytest.raises(ValueError, match="differ in shape"):
        contrast(guess, truth[:1], hidden=hidden)
    with pytest.raises(ValueError, match="hides no place"):
        contrast(guess, truth, hidden=hidden & False)
