"""Laws of vector quantisers: nearest by brute force, means as scikit-learn's, residuals."""

import math
from itertools import pairwise

import pytest
import torch
from sklearn.cluster import KMeans
from torch.testing import assert_close

from dla.models import quantiser
from dla.models.quantiser import (
    decode,
    encode,
    fit_residual,
    k_means,
    nearest,
    perplexity,
    refit,
    straight_through,
)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def vectors():
    """Four clouds of 100 in three dimensions."""
    centres = 5 * torch.eye(3).double()[[0, 1, 2, 0]] * torch.tensor([[1.0], [1], [1], [-1]])
    noise = torch.randn(4, 100, 3, generator=rng(), dtype=torch.float64)
    return (centres[:, None] + noise).flatten(0, 1)


def test_nearest_is_the_smallest_of_all_distances(vectors, monkeypatch):
    monkeypatch.setattr(quantiser, "AT_ONCE", 7)  # pieces join
    book = torch.randn(11, 3, generator=rng(1), dtype=torch.float64) * 3
    distances = (vectors[:, None] - book[None]).norm(dim=-1)
    assert_close(nearest(vectors, book), distances.argmin(1))
    assert_close(nearest(vectors.view(4, 100, 3), book), distances.argmin(1).view(4, 100))


def test_k_means_ends_where_scikit_learn_ends_from_the_same_start(vectors):
    order = torch.randperm(len(vectors), generator=rng(2))
    start = vectors[order[:6]].numpy()
    theirs = KMeans(6, init=start, n_init=1, max_iter=200, tol=0.0).fit(vectors.numpy())
    ours = k_means(vectors, 6, generator=rng(2), rounds=200)
    assert_close(ours, torch.from_numpy(theirs.cluster_centers_))


def test_k_means_gives_each_code_the_mean_of_those_that_choose_it(vectors):
    book = k_means(vectors, 5, generator=rng(3), rounds=100)
    codes = nearest(vectors, book)
    for k in range(5):
        assert_close(book[k], vectors[codes == k].mean(0))


def test_more_rounds_do_not_raise_the_error(vectors):
    errors = []
    for rounds in range(1, 8):
        book = k_means(vectors, 6, generator=rng(4), rounds=rounds)
        errors.append(float((vectors - book[nearest(vectors, book)]).square().sum()))
    assert all(b <= a + 1e-9 for a, b in pairwise(errors))


def test_an_empty_code_moves_to_a_vector():
    twice = torch.tensor([[5.0], [5.0], [5.0], [6.0]])  # starts may coincide
    for seed in range(5):
        book = k_means(twice, 2, generator=rng(seed), rounds=20)
        assert_close(book.sort(0).values, torch.tensor([[5.0], [6.0]]))


def test_each_stage_takes_the_energy_of_its_codes(vectors):
    vectors = vectors - vectors.mean(0)
    books = fit_residual(vectors, stages=3, size=4, generator=rng(), rounds=200)
    codes, left = encode(vectors, books), vectors.square().sum()
    for stage in range(3):
        chosen = books[stage][codes[:, stage]]
        left = left - chosen.square().sum()
        rest = vectors - decode(codes[:, : stage + 1], books)
        assert_close(rest.square().sum(), left)


def test_decoding_adds_the_chosen_codes():
    books = torch.tensor([[[1.0], [2.0]], [[0.1], [0.2]]])
    assert_close(decode(torch.tensor([[1, 0], [0, 1]]), books), torch.tensor([[2.1], [1.2]]))


def test_refitted_codebooks_are_as_good_as_any_for_the_codes(vectors):
    books = fit_residual(vectors, stages=2, size=4, generator=rng(), rounds=50)
    codes = encode(vectors, books)
    joint = refit(vectors, codes, 4)
    design = torch.nn.functional.one_hot(codes, 4).flatten(1).double()
    best = design @ torch.linalg.pinv(design) @ vectors
    assert_close(decode(codes, joint), best)
    assert_close(joint.flatten(0, 1), torch.linalg.pinv(design) @ vectors)  # the shortest
    assert (vectors - best).norm() < (vectors - decode(codes, books)).norm()


def test_a_quantised_gaussian_stays_above_the_bound_of_six_decibels_a_bit():
    x = torch.randn(20000, 1, generator=rng(), dtype=torch.float64)
    for bits in (1, 2, 3):
        book = k_means(x, 2**bits, generator=rng(1), rounds=50)
        error = (x - book[nearest(x, book)]).square().mean() / x.var()
        assert 2.0 ** (-2 * bits) < error < math.pi * math.sqrt(3) / 2 * 2.0 ** (-2 * bits)


def test_straight_through_gives_the_latent_the_gradient_of_the_quantised():
    z = torch.tensor([0.3, 1.8], requires_grad=True)
    q = z.round().detach()
    end = straight_through(z, q)
    assert_close(end.detach(), q)
    (end**3).sum().backward()
    assert_close(z.grad, 3 * q**2)


def test_perplexity_counts_equal_codes_and_ignores_unused_ones():
    assert perplexity(torch.arange(8).repeat(3), 64) == pytest.approx(8)
    assert perplexity(torch.zeros(5, dtype=torch.long), 64) == pytest.approx(1)
    assert perplexity(torch.tensor([0, 0, 0, 1]), 2) == pytest.approx(2**0.8112781244591328)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: nearest(x, torch.zeros(2, 5)), "differ in their last axis"),
        (lambda x: k_means(x[:2], 3, generator=rng()), "3 codes from 2 vectors"),
        (lambda x: k_means(x, 0, generator=rng()), "0 codes from 400 vectors"),
        (lambda x: straight_through(x, x[:2]), "differ in shape"),
    ],
)
def test_says_what_arrived(vectors, call, words):
    with pytest.raises(ValueError, match=words):
        call(vectors)
