"""Laws of the losses of equivariance: what they charge, and whom."""

import math

import pytest
import torch
from torch.testing import assert_close

from dla.losses.equivariance import (
    difference_loss,
    huber,
    leaving_share,
    ratio_loss,
    shift_bins,
    shifted_cross_entropy,
    squared_equivariance,
)

BINS, K = 48, torch.tensor([5, -7, 0])


@pytest.fixture
def logits():
    """Three answers that lie in the middle: float64, (3, 48)."""
    g = torch.Generator().manual_seed(0)
    rows = torch.full((3, BINS), -60.0, dtype=torch.float64)
    rows[:, 15:30] = torch.randn(3, 15, generator=g, dtype=torch.float64)
    return rows


def moved(rows):
    """The same rows, shifted by K; nothing leaves."""
    return torch.stack([row.roll(int(k)) for row, k in zip(rows, K, strict=True)])


def test_shift_moves_up_and_loses_what_leaves():
    x = torch.arange(1.0, 5.0).expand(3, 4)
    expected = torch.tensor([[0.0, 1, 2, 3], [3, 4, 0, 0], [0, 0, 0, 0]])
    assert_close(shift_bins(x, torch.tensor([1, -2, 9])), expected)


def test_shift_refuses_fractions_and_too_few():
    with pytest.raises(ValueError, match="expected whole numbers"):
        shift_bins(torch.zeros(1, 4), torch.tensor([0.5]))
    with pytest.raises(ValueError, match="one shift for each row"):
        shift_bins(torch.zeros(2, 4), torch.tensor([1]))


def test_a_uniform_answer_is_free_of_the_squared_loss_alone():
    flat = torch.zeros(3, BINS, dtype=torch.float64)
    p = flat.softmax(-1)
    assert_close(squared_equivariance(p, p, K), torch.zeros(3, dtype=torch.float64))
    left = (BINS - K.abs()) / BINS * math.log(BINS)
    assert_close(shifted_cross_entropy(flat, flat, K), left.double())
    assert (ratio_loss(p, p, K, bins_per_octave=24)[:2] > 0.003).all()
    assert (difference_loss(flat[:, 0], flat[:, 0], K)[:2] > 0.4).all()


def test_cross_entropy_of_an_equivariant_answer_is_its_entropy(logits):
    p = logits.softmax(-1)
    entropy = torch.special.entr(p).sum(-1)
    assert_close(shifted_cross_entropy(logits, moved(logits), K), entropy)


def test_equivariant_answers_inside_cost_nothing_of_square_and_ratio(logits):
    p, q = logits.softmax(-1), moved(logits).softmax(-1)
    for loss in (
        squared_equivariance(p, q, K),
        ratio_loss(p, q, K, bins_per_octave=24),
    ):
        assert_close(loss, torch.zeros_like(loss), rtol=0, atol=1e-12)
    assert (squared_equivariance(p, p, K)[:2] > 1e-3).all()


def test_what_leaves_is_counted_bin_by_bin():
    g = torch.Generator().manual_seed(4)
    p, q = torch.rand(2, 3, 9, generator=g, dtype=torch.float64).softmax(-1)
    k = torch.tensor([2, -4, 0])
    expected = [
        sum(float(p[r, i]) for i in range(9) if not 0 <= i + by < 9) / 2
        + sum(float(q[r, i]) for i in range(9) if not 0 <= i - by < 9) / 2
        for r, by in enumerate(k.tolist())
    ]
    assert_close(leaving_share(p, q, k), torch.tensor(expected, dtype=torch.float64))
    inside = 1 - (shift_bins(p, k).sum(-1) + shift_bins(q, -k).sum(-1)) / 2
    assert_close(leaving_share(p, q, k), inside)


def test_a_uniform_answer_costs_log_d_once_what_leaves_is_charged():
    flat = torch.zeros(3, BINS, dtype=torch.float64)
    p, most = flat.softmax(-1), math.log(BINS)
    cost = shifted_cross_entropy(flat, flat, K) + most * leaving_share(p, p, K)
    assert_close(cost, torch.full((3,), most, dtype=torch.float64))


def test_an_answer_beside_an_end_is_free_until_it_is_charged():
    sure = 60 * torch.eye(BINS, dtype=torch.float64)
    first, wrong, k = sure[-1:], sure[:1], torch.tensor([5])
    assert shifted_cross_entropy(first, wrong, k) < 1e-6  # both left
    assert_close(
        leaving_share(first.softmax(-1), wrong.softmax(-1), k)[0], torch.tensor(1.0).double()
    )


def test_views_may_change_places(logits):
    p, q = logits.softmax(-1), logits.flip(0).softmax(-1)
    assert_close(ratio_loss(p, q, K, bins_per_octave=24), ratio_loss(q, p, -K, bins_per_octave=24))
    assert_close(
        shifted_cross_entropy(logits, logits.flip(0), K),
        shifted_cross_entropy(logits.flip(0), logits, -K),
    )


def test_difference_is_free_where_the_answers_differ_by_the_shift():
    y = torch.tensor([1.0, 2.0, 3.0])
    assert_close(difference_loss(y, y + 0.5 * K, K, scale=0.5), torch.zeros(3))
    assert_close(difference_loss(y, y, K, tau=1.0), torch.tensor([4.5, 6.5, 0.0]))


def test_huber_joins_square_and_line_smoothly():
    e = torch.tensor([0.1 - 1e-4, 0.1 + 1e-4], dtype=torch.float64, requires_grad=True)
    huber(e, tau=0.1).sum().backward()
    assert_close(e.grad, torch.full((2,), 0.1, dtype=torch.float64), rtol=2e-3, atol=0)


def test_gradients(logits):
    small = logits[:2, 10:22].clone().requires_grad_()
    other = logits[1:, 12:24].clone().requires_grad_()
    k = torch.tensor([1, -2])
    assert torch.autograd.gradcheck(lambda a, b: shifted_cross_entropy(a, b, k), (small, other))
    assert torch.autograd.gradcheck(
        lambda a, b: ratio_loss(a.softmax(-1), b.softmax(-1), k, bins_per_octave=12),
        (small, other),
    )


def test_refuses_views_of_different_shapes():
    with pytest.raises(ValueError, match="differ in shape"):
        squared_equivariance(torch.zeros(1, 3), torch.zeros(1, 4), K[:1])
