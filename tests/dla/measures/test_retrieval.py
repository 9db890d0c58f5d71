"""Ranks by hand, chance values by all orders, occurrences by counting."""

from itertools import combinations

import pytest
import torch

from dla.measures import retrieval


def orders(items, relevant):
    """Each set of ranks, as a list of yes and no."""
    sets = list(combinations(range(items), relevant))
    lists = torch.zeros(len(sets), items, dtype=torch.bool)
    for row, ranks in zip(lists, sets, strict=True):
        row[list(ranks)] = True
    return lists


@pytest.mark.parametrize(("items", "relevant"), [(1, 1), (5, 1), (6, 2), (7, 3), (6, 6)])
def test_chance_is_the_mean_over_all_orders(items, relevant):
    lists = orders(items, relevant)
    rr, ap = retrieval.reciprocal_rank(lists), retrieval.average_precision(lists)
    assert retrieval.chance_reciprocal_rank(items, relevant) == pytest.approx(float(rr.mean()))
    assert retrieval.chance_average_precision(items, relevant) == pytest.approx(float(ap.mean()))


def test_values_known_by_hand():
    found = torch.tensor([[False, True, True], [True, False, True]])
    assert retrieval.reciprocal_rank(found).tolist() == [0.5, 1.0]
    expected = torch.tensor([(1 / 2 + 2 / 3) / 2, (1 + 2 / 3) / 2])
    torch.testing.assert_close(retrieval.average_precision(found), expected)


def test_with_one_relevant_item_both_measures_agree():
    lists = torch.eye(9, dtype=torch.bool)
    torch.testing.assert_close(retrieval.average_precision(lists), retrieval.reciprocal_rank(lists))


def test_occurrences_are_counted():
    neighbours = torch.tensor([[0, 3], [3, 1], [3, 0]])
    assert retrieval.occurrences(neighbours, 5).tolist() == [2, 1, 0, 3, 0]
    with pytest.raises(ValueError, match="lie outside"):
        retrieval.occurrences(neighbours, 3)


def test_skewness_ignores_scale_and_offset_and_turns_with_the_sign():
    x = torch.rand(100, generator=torch.Generator().manual_seed(0)) ** 4
    s = retrieval.skewness(x)
    assert s > 0.5
    torch.testing.assert_close(retrieval.skewness(3 * x + 5), s, rtol=1e-4, atol=0)
    torch.testing.assert_close(retrieval.skewness(-x), -s)


def test_refusals_say_what_arrived():
    with pytest.raises(ValueError, match="did you pass distances"):
        retrieval.reciprocal_rank(torch.tensor([0.1, 0.3]))
    with pytest.raises(ValueError, match="without a relevant item"):
        retrieval.average_precision(torch.zeros(3, dtype=torch.bool))
    with pytest.raises(ValueError, match="expected 1 to 3 relevant"):
        retrieval.chance_average_precision(3, 4)
    with pytest.raises(ValueError, match="floating point"):
        retrieval.skewness(torch.arange(3))
    with pytest.raises(ValueError, match="all 3 values are the same"):
        retrieval.skewness(torch.ones(3))
