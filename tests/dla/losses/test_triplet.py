"""Laws of the triplet loss: brute force, what is free, the collapse, the gradient."""

import pytest
import torch
from torch.testing import assert_close

from dla.losses.triplet import triplet


@pytest.fixture
def pair():
    """Anchors and positives, (2, 4, 3)."""
    g = torch.Generator().manual_seed(0)
    return torch.randn(2, 2, 4, 3, generator=g, dtype=torch.float64)


def test_is_the_mean_hinge_of_all_triplets_one_by_one(pair):
    a, p = pair[0][0], pair[1][0]
    hinges = [
        max(0.0, float((a[i] - p[i]).norm() ** 2 - (a[i] - p[j]).norm() ** 2 + 0.7))
        for i in range(4)
        for j in range(4)
        if i != j
    ]
    assert 0 < sum(h > 0 for h in hinges) < 12  # some are free, some are not
    assert_close(float(triplet(a, p, margin=0.7)), sum(hinges) / 12)


def test_each_batch_is_by_itself(pair):
    a, p = pair
    assert_close(triplet(a, p), torch.stack([triplet(a[k], p[k]) for k in (0, 1)]))


def test_ignores_where_the_cloud_lies(pair):
    a, p = pair
    assert_close(triplet(a + 5.0, p + 5.0), triplet(a, p))


def test_the_collapse_costs_the_margin_and_has_no_slope():
    x = torch.full((5, 3), 0.3, dtype=torch.float64, requires_grad=True)
    lost = triplet(x, x, margin=0.4)
    assert_close(lost, torch.tensor(0.4).double())
    lost.backward()
    assert (x.grad == 0).all()


def test_what_is_right_by_the_margin_has_no_slope():
    x = torch.eye(3, dtype=torch.float64).requires_grad_()
    lost = triplet(x, x.detach(), margin=1.9)
    lost.backward()
    assert lost == 0 and (x.grad == 0).all()
    assert triplet(x, x, margin=2.1) > 0


def test_gradient(pair):
    a, p = (x.requires_grad_() for x in pair)
    assert torch.autograd.gradcheck(lambda a, p: triplet(a, p, margin=0.7), (a, p))


def test_says_what_arrived(pair):
    a, p = pair
    with pytest.raises(ValueError, match="differ in shape"):
        triplet(a, p[:1])
    with pytest.raises(ValueError, match="no negative"):
        triplet(a[:, :1], p[:, :1])
