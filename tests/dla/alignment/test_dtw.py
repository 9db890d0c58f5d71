"""Dynamic time warping against all warping paths, and against librosa."""

import itertools

import librosa
import numpy as np
import pytest
import torch

from dla.alignment.dtw import SLOPED, STEPS, dtw


def costs(rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(rows, columns, generator=generator, dtype=torch.float64)


def paths(rows, columns, steps, cell=(0, 0)):
    """All paths from a cell to the last one, by trying every step."""
    if cell == (rows - 1, columns - 1):
        yield [cell]
    for a, b in steps:
        ahead = (cell[0] + a, cell[1] + b)
        if ahead[0] < rows and ahead[1] < columns:
            yield from ([cell, *rest] for rest in paths(rows, columns, steps, ahead))


@pytest.mark.parametrize("steps", [STEPS, SLOPED, ((1, 1), (1, 0), (0, 1), (2, 1))])
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (4, 5), (5, 4), (3, 5), (5, 5)])
def test_no_path_is_cheaper_and_the_path_returned_costs_as_much(shape, steps):
    cost = costs(*shape)
    best = min(sum(cost[n, m].item() for n, m in path) for path in paths(*shape, steps))
    found = dtw(cost, steps=steps)
    assert found.total.item() == pytest.approx(best)
    assert cost[tuple(found.path.T)].sum().item() == pytest.approx(best)


@pytest.mark.parametrize("shape", [(1, 7), (7, 1), (3, 4)])
def test_every_accumulated_cost_is_that_of_the_part_of_the_matrix(shape):
    cost = costs(*shape)
    accumulated = dtw(cost).accumulated
    for n, m in np.ndindex(*shape):
        torch.testing.assert_close(accumulated[n, m], dtw(cost[: n + 1, : m + 1]).total)


@pytest.mark.parametrize("seed", range(5))
def test_path_fulfils_the_three_conditions(seed):
    path = dtw(costs(23, 31, seed)).path
    assert path[0].tolist() == [0, 0] and path[-1].tolist() == [22, 30]
    assert {tuple(step) for step in path.diff(dim=0).tolist()} <= set(STEPS)
    assert 31 <= len(path) <= 23 + 31 - 1


@pytest.mark.parametrize("shape", [(60, 80), (80, 60), (1, 40), (200, 200)])
def test_librosa_finds_the_same_numbers_and_the_same_path(shape):
    cost = costs(*shape)
    theirs, path = librosa.sequence.dtw(C=cost.numpy())
    found = dtw(cost)
    assert np.array_equal(found.accumulated.numpy(), theirs)
    assert np.array_equal(found.path.numpy(), path[::-1])


def test_of_equal_costs_the_step_listed_first_is_taken():
    for first in itertools.permutations(STEPS):
        back = dtw(torch.zeros(3, 3), steps=first).path.flip(0)
        assert tuple((back[0] - back[1]).tolist()) == first[0]


def test_without_a_preference_both_advance_together():
    assert dtw(torch.zeros(4, 4)).path.tolist() == [[n, n] for n in range(4)]


def test_transposing_the_matrix_transposes_the_path():
    cost = costs(9, 14)
    turned = dtw(cost.T)
    torch.testing.assert_close(turned.accumulated, dtw(cost).accumulated.T)
    assert turned.path.flip(1).equal(dtw(cost).path)


def test_repeated_frames_cost_nothing():
    x = costs(6, 1)[:, 0]
    slow = x.repeat_interleave(torch.tensor([3, 1, 1, 4, 2, 1]))
    assert dtw((x[:, None] - slow).abs()).total == 0


def test_single_precision_stays_single_and_whole_numbers_are_exact():
    cost = torch.tensor([[0.0, 1, 1, 1], [0, 1, 1, 1], [1, 0, 0, 0]])
    found = dtw(cost)
    assert found.accumulated.dtype == torch.float32
    assert found.accumulated.tolist() == [[0, 1, 2, 3], [0, 1, 2, 3], [1, 0, 0, 0]]


def test_does_not_write_into_its_argument():
    cost = costs(5, 6)
    before = cost.clone()
    dtw(cost)
    assert cost.equal(before)


def test_refuses_what_has_no_meaning():
    with pytest.raises(ValueError, match=r"shape \(0, 3\) has no cells"):
        dtw(torch.zeros(0, 3))
    with pytest.raises(ValueError, match="not finite"):
        dtw(torch.tensor([[0.0, float("nan")]]))
    with pytest.raises(ValueError, match=r"step \(0, 0\) does not advance"):
        dtw(torch.zeros(2, 2), steps=[(1, 1), (0, 0)])
    with pytest.raises(ValueError, match="no path of steps"):
        dtw(torch.zeros(2, 5), steps=SLOPED)
