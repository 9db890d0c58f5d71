"""Subsequence alignment is the cheapest of all alignments with a run of columns."""

import pytest
import torch

from dla.alignment.dtw import SLOPED, STEPS, dtw
from dla.alignment.subsequence import subsequence_dtw


@pytest.mark.parametrize("steps", [STEPS, SLOPED, ((1, 1),)])
def test_each_end_has_the_cheapest_of_all_beginnings(steps):
    cost = torch.rand(4, 8, generator=torch.Generator().manual_seed(0))
    found = subsequence_dtw(cost, steps=steps)
    for end in range(8):
        totals = []
        for start in range(end + 1):
            try:
                totals.append(float(dtw(cost[:, start : end + 1], steps=steps).total))
            except ValueError:  # no path fits
                continue
        best = min(totals, default=float("inf"))
        assert float(found.matching[end]) == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("steps", [STEPS, SLOPED])
def test_the_path_costs_the_total_and_takes_only_the_steps(steps):
    cost = torch.rand(6, 20, generator=torch.Generator().manual_seed(1))
    found = subsequence_dtw(cost, steps=steps)
    rows, columns = found.path.T
    assert rows[0] == 0 and rows[-1] == 5
    assert cost[rows, columns].sum() == pytest.approx(float(found.total), rel=1e-6)
    taken = {tuple(step) for step in found.path.diff(dim=0).tolist()}
    assert taken <= set(steps)


def test_finds_a_run_that_was_copied_out():
    x = torch.rand(30, generator=torch.Generator().manual_seed(2))
    found = subsequence_dtw((x[7:15, None] - x[None]).abs())
    assert float(found.total) == 0
    assert found.path[:, 1].tolist() == list(range(7, 15))


def test_refuses_similarities():
    with pytest.raises(ValueError, match="did you pass similarities"):
        subsequence_dtw(-torch.eye(3))


def test_refuses_a_query_that_no_steps_fit():
    with pytest.raises(ValueError, match="no path of steps"):
        subsequence_dtw(torch.ones(9, 2), steps=((1, 1),))
