"""The search against all alignments, the regulator against its definition."""

from itertools import pairwise, product

import pytest
import torch

from dla.alignment.monotonic import regulator, search


def alignments(pieces, frames):
    """Each way to label frames in order, no piece left out."""
    for labels in product(range(pieces), repeat=frames):
        steps = {b - a for a, b in pairwise(labels)}
        if labels[0] == 0 and labels[-1] == pieces - 1 and steps <= {0, 1}:
            yield labels


@pytest.mark.parametrize(("pieces", "frames"), [(1, 1), (1, 5), (2, 2), (2, 6), (3, 7), (4, 6)])
def test_no_alignment_is_cheaper(pieces, frames):
    g = torch.Generator().manual_seed(pieces + 10 * frames)
    for _ in range(20):
        cost = torch.randn(pieces, frames, generator=g, dtype=torch.float64)
        least = min(
            cost[list(labels), range(frames)].sum() for labels in alignments(pieces, frames)
        )
        found = search(cost)
        assert found.sum() == frames and (found >= 1).all()
        torch.testing.assert_close((cost * regulator(found).double()).sum(), least)


def test_of_equal_costs_the_later_piece_begins_early():
    assert search(torch.zeros(3, 6)).tolist() == [1, 1, 4]


def test_a_constant_for_each_frame_changes_nothing():
    g = torch.Generator().manual_seed(0)
    cost = torch.randn(4, 12, generator=g)
    assert torch.equal(search(cost), search(cost + torch.randn(12, generator=g)))


def test_a_row_holds_ones_for_its_duration_and_the_rows_follow_each_other():
    r = regulator(torch.tensor([2, 0, 3]))
    assert r.tolist() == [[1, 1, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 1, 1, 1]]
    assert torch.equal(r.sum(0), torch.ones(5))


def test_refuses_what_has_no_alignment():
    with pytest.raises(ValueError, match=r"cost \(3, 2\): 2 frames for 3 pieces"):
        search(torch.zeros(3, 2))
    with pytest.raises(ValueError, match="cost"):
        search(torch.zeros(5))
    with pytest.raises(ValueError, match="cost"):
        search(torch.tensor([[0.0, float("nan")]]))


def test_refuses_durations_that_are_none():
    with pytest.raises(ValueError, match="negative duration"):
        regulator([2, -1])
    with pytest.raises(ValueError, match="whole"):
        regulator(torch.tensor([1.5]))
    with pytest.raises(ValueError, match="one a piece"):
        regulator(torch.ones(2, 2, dtype=torch.long))
