"""Tempo changes: a distribution, counted and fitted."""

import pytest
import torch
from scipy.optimize import minimize_scalar

from dla.decoders.tempo_changes import count_changes, deviations, fit_lambda, tempo_transition

TAU = torch.arange(14, 55)


@pytest.mark.parametrize("value", [0.0, 1.0, 100.0, 1e5])
def test_rows_are_distributions_and_fall_with_the_relative_change(value):
    p = tempo_transition(TAU, value)
    torch.testing.assert_close(p.sum(1), torch.ones(41, dtype=torch.float64))
    if value == 100:
        for i, j in ((10, 11), (20, 15)):
            expected = -value * abs(TAU[j] / TAU[i] - 1)
            assert (p[i, j] / p[i, i]).log().item() == pytest.approx(expected.item(), rel=1e-6)


def test_lambda_maximises_the_likelihood():
    generator = torch.Generator().manual_seed(0)
    counts = torch.poisson(400 * tempo_transition(TAU, 40.0), generator=generator)

    def cost(value):
        return -(counts * tempo_transition(TAU, value).log()).sum().item()

    best = minimize_scalar(cost, bounds=(0.0, 300.0), method="bounded", options={"xatol": 1e-8}).x
    assert fit_lambda(counts, TAU) == pytest.approx(best, abs=1e-3)
    assert best == pytest.approx(40, rel=0.05)


def test_without_changes_the_cap_and_with_uniform_counts_zero():
    assert fit_lambda(torch.eye(41), TAU) == 300.0
    assert fit_lambda(torch.eye(41), TAU, cap=50.0) == 50.0
    assert fit_lambda(torch.ones(41, 41) - torch.eye(41), TAU) == 0.0


def test_expected_and_counted_change_agree_at_the_maximum():
    counts = tempo_transition(TAU, 7.0)
    fitted = tempo_transition(TAU, fit_lambda(counts, TAU))
    expected = (fitted * deviations(TAU)).sum()
    torch.testing.assert_close(expected, (counts * deviations(TAU)).sum())


def test_pairs_are_counted_in_order_and_only_within_the_range():
    times = torch.tensor([0, 20, 41, 61, 161, 181, 201]) / 50.0
    counts = count_changes(times, TAU, frame_rate=50.0)
    assert counts[6, 7] == 1 and counts[7, 6] == 1 and counts[6, 6] == 1
    assert counts.sum() == 3


def test_refuses_what_has_no_meaning():
    with pytest.raises(ValueError, match="negative"):
        tempo_transition(TAU, -1.0)
    with pytest.raises(ValueError, match="at least one"):
        tempo_transition(torch.tensor([0, 1]), 1.0)
    with pytest.raises(ValueError, match="do not ascend"):
        count_changes(torch.tensor([1.0, 0.5]), TAU, frame_rate=50.0)
    with pytest.raises(ValueError, match=r"counts \(2, 2\) for 41"):
        fit_lambda(torch.eye(2), TAU)
    with pytest.raises(ValueError, match="there are none"):
        fit_lambda(torch.zeros(41, 41), TAU)
