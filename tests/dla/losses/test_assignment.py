"""The assignment by augmenting paths against scipy's, and the proof of optimality it returns."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from dla.losses.assignment import assign


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("seed", range(5))
def test_costs_as_much_as_scipys(count, seed):
    matrix = np.random.default_rng(seed).normal(size=(count, count))
    order = assign(matrix.tolist()).order
    assert sorted(order) == list(range(count))
    cheapest = matrix[linear_sum_assignment(matrix)].sum()
    assert matrix[np.arange(count), order].sum() == pytest.approx(cheapest)


@pytest.mark.parametrize("seed", range(5))
def test_prices_prove_the_optimum(seed):
    matrix = np.random.default_rng(seed).integers(0, 9, size=(6, 6))
    found = assign(matrix.tolist())
    reduced = matrix - np.array(found.u)[:, None] - np.array(found.v)
    assert (reduced >= 0).all()
    assert (reduced[np.arange(6), found.order] == 0).all()


@pytest.mark.parametrize("count", [2, 5, 10])
def test_scans_reach_their_bound_and_never_exceed_it(count):
    """The products i * j make every estimate walk over all that came before."""
    bound = count * (count + 1) * (2 * count + 1) // 6
    hard = [[(i + 1) * (j + 1) for j in range(count)] for i in range(count)]
    assert assign(hard).scans == bound
    easy = np.random.default_rng(0).normal(size=(count, count)).tolist()
    assert count**2 <= assign(easy).scans <= bound


def test_refuses_a_matrix_that_is_not_square():
    with pytest.raises(ValueError, match=r"pairwise has 2 rows of \[3, 3\] entries: not square"):
        assign([[1, 2, 3], [4, 5, 6]])
