"""Energy distance: zero for one distribution, two heaps by hand, scipy in one dimension."""

import pytest
import scipy.stats
import torch
from torch.testing import assert_close

from dla.measures.energy_distance import energy_distance


def draws(count, features=3, seed=0):
    g = torch.Generator().manual_seed(seed)
    return torch.randn(count, features, generator=g).double()


def test_two_heaps_are_twice_their_distance_apart():
    x = torch.zeros(5, 2).double()
    assert_close(energy_distance(x, x + torch.tensor([3.0, 4.0])), torch.tensor(10.0).double())


def test_is_that_of_scipy_but_for_the_pairs_of_an_item_with_itself():
    x, y = draws(40, 1), 1 + 2 * draws(60, 1, seed=1)
    biased = scipy.stats.energy_distance(x[:, 0], y[:, 0]) ** 2
    within = torch.pdist(x).mean() / 40 + torch.pdist(y).mean() / 60
    assert energy_distance(x, y).item() == pytest.approx(biased - within.item())


def test_is_symmetric_and_blind_to_a_common_turn():
    x, y = draws(30), 1 + draws(20, seed=1)
    turn = torch.linalg.qr(draws(3, seed=2)).Q
    assert_close(energy_distance(x, y), energy_distance(y, x))
    assert_close(energy_distance(x @ turn, y @ turn), energy_distance(x, y))


def test_draws_of_one_distribution_lie_about_zero_on_both_sides():
    values = torch.stack(
        [energy_distance(draws(50, seed=k), draws(50, seed=100 + k)) for k in range(60)]
    )
    assert (values < 0).any() and (values > 0).any()
    assert values.mean().abs() < 3 * values.std() / 60**0.5


def test_sees_a_width_that_the_means_do_not_tell():
    x = draws(200)
    assert energy_distance(x, 3 * draws(200, seed=1)) > 0.3


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (torch.zeros(4, 3), torch.zeros(4, 2), "differ in features"),
        (torch.zeros(1, 3), torch.zeros(4, 3), "needs two"),
        (torch.full((4, 3), torch.nan), torch.zeros(4, 3), "NaN"),
    ],
)
def test_refuses_what_has_no_distance(x, y, said):
    with pytest.raises(ValueError, match=said):
        energy_distance(x, y)
