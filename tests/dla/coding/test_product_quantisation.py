"""Codes name the nearest centres, look-ups are distances, centres are means."""

import pytest
import torch

from dla.coding.product_quantisation import ProductQuantiser, assign, k_means


@pytest.fixture
def x():
    return torch.randn(400, 6, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def quantiser(x):
    g = torch.Generator().manual_seed(1)
    return ProductQuantiser.fit(x, blocks=3, centres=8, generator=g, steps=80)


def test_each_item_goes_to_its_nearest_centre(x):
    centres = x[:7]
    assert assign(x, centres).equal(torch.cdist(x, centres).argmin(1))


def test_at_the_fixed_point_each_centre_is_the_mean_of_its_items(x):
    centres = k_means(x, 5, generator=torch.Generator().manual_seed(0), steps=100)
    nearest = assign(x, centres)
    means = torch.stack([x[nearest == k].mean(0) for k in range(5)])
    torch.testing.assert_close(centres, means, rtol=1e-4, atol=1e-5)


def test_no_other_code_is_nearer(x, quantiser):
    words = torch.cartesian_prod(*[torch.arange(8)] * 3)
    every = quantiser.decode(words)
    best = torch.cdist(x, every).min(1).values
    own = (x - quantiser.decode(quantiser.encode(x))).norm(dim=1)
    torch.testing.assert_close(own, best, rtol=1e-4, atol=1e-4)


def test_look_ups_are_distances_to_what_is_decoded(x, quantiser):
    codes = quantiser.encode(x)
    expected = (x[0] - quantiser.decode(codes)).square().sum(1)
    torch.testing.assert_close(quantiser.distances(x[0], codes), expected)


def test_with_a_centre_for_each_item_nothing_is_lost(x):
    few = x[:20]
    g = torch.Generator().manual_seed(0)
    pq = ProductQuantiser.fit(few, blocks=2, centres=20, generator=g)
    torch.testing.assert_close(pq.decode(pq.encode(few)), few)


def test_refuses_blocks_that_do_not_divide(x):
    g = torch.Generator().manual_seed(0)
    with pytest.raises(ValueError, match="expected blocks that divide"):
        ProductQuantiser.fit(x, blocks=4, generator=g)
    with pytest.raises(ValueError, match="expected 1 to 400 centres"):
        k_means(x, 401, generator=g)


def test_distorts_as_much_as_faiss_does(x):
    faiss = pytest.importorskip("faiss")
    other = faiss.ProductQuantizer(6, 3, 3)
    other.train(x.numpy())
    theirs = torch.from_numpy(other.decode(other.compute_codes(x.numpy())))
    g = torch.Generator().manual_seed(1)
    pq = ProductQuantiser.fit(x, blocks=3, centres=8, generator=g, steps=25)
    ours = pq.decode(pq.encode(x))
    a, b = ((x - y).square().sum(1).mean() for y in (ours, theirs))
    assert a / b == pytest.approx(1, abs=0.1)
