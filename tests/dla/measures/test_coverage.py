"""Coverage: the share of the real items that have a made one within their own neighbourhood."""

import pytest
import torch

from dla.measures.coverage import coverage


def draws(count, seed=0):
    g = torch.Generator().manual_seed(seed)
    return torch.randn(count, 2, generator=g)


def test_is_what_a_loop_over_the_items_counts():
    made, real = draws(30, 1), draws(50)
    hits = 0
    for item in real:
        apart = (real - item).norm(dim=1).sort().values
        hits += int((made - item).norm(dim=1).min() <= apart[3])
    assert coverage(made, real, neighbours=3).item() == pytest.approx(hits / 50)


def test_the_real_items_cover_themselves_and_one_far_away_covers_none():
    real = draws(50)
    assert coverage(real, real) == 1
    assert coverage(100 + draws(50), real) == 0


def test_one_of_two_modes_scores_a_half():
    real = torch.cat([draws(40), 50 + draws(40, 1)])
    assert coverage(real[:40], real).item() == pytest.approx(0.5)


def test_copies_of_a_few_items_do_not_raise_it():
    real, few = draws(200), draws(3, 1)
    assert coverage(few.repeat(50, 1), real) == coverage(few, real) < 0.2


@pytest.mark.parametrize(
    ("made", "real", "said"),
    [
        (torch.zeros(4, 3), torch.zeros(9, 2), "differ in features"),
        (torch.zeros(4, 2), torch.zeros(5, 2), "5 neighbours among 5"),
        (torch.zeros(4, 2), torch.full((9, 2), torch.nan), "NaN"),
    ],
)
def test_refuses_what_has_no_share(made, real, said):
    with pytest.raises(ValueError, match=said):
        coverage(made, real)
