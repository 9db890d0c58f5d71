"""Intervals over trainings and groups together, against the variances they must count."""

import math

import pytest
import torch

from dla.protocol.crossed import crossed_bootstrap
from dla.protocol.statistics import paired_bootstrap

ITEMS = torch.arange(60)
TUNES = ITEMS // 3


def dice(seed=0):
    return torch.Generator().manual_seed(seed)


def test_trainings_that_agree_leave_the_interval_over_groups():
    a, b = torch.rand(2, 60, generator=dice())
    crossed = crossed_bootstrap(a.expand(5, 60), b.expand(4, 60), TUNES, generator=dice(1))
    paired = paired_bootstrap(a, b, TUNES, generator=dice(2))
    assert crossed.estimate == pytest.approx(paired.estimate)
    assert crossed.width == pytest.approx(paired.width, rel=0.08)


def test_groups_that_agree_leave_the_spread_of_the_trainings_of_both():
    first = torch.tensor([0.2, 0.4, 0.6, 0.8, 0.5])
    second = torch.tensor([0.1, 0.3, 0.5])
    a, b = (level[:, None].expand(-1, 60) for level in (first, second))
    found = crossed_bootstrap(a, b, TUNES, generator=dice(), resamples=20_000)
    error = math.sqrt(first.var(correction=0) / 5 + second.var(correction=0) / 3)
    assert found.estimate == pytest.approx(first.mean() - second.mean())
    assert found.width / 2 / 1.96 == pytest.approx(error, rel=0.1)


def test_both_variances_add():
    level = 0.1 * torch.randn(8, 1, generator=dice(3))
    tune = 0.4 * torch.randn(20, generator=dice(4))[TUNES]
    a, b = (level + tune).double(), torch.zeros(8, 60)
    found = crossed_bootstrap(a, b, TUNES, generator=dice(), resamples=20_000)
    parts = level.var(correction=0) / 8 + tune[::3].var(correction=0) / 20
    assert found.width / 2 / 1.96 == pytest.approx(math.sqrt(parts), rel=0.06)


def test_what_both_share_over_groups_cancels():
    a = torch.rand(5, 60, generator=dice())
    hard = 10 * torch.rand(20, generator=dice(5))[TUNES]
    plain, harder = (
        crossed_bootstrap(x, torch.zeros(2, 60) + y, TUNES, generator=dice(6))
        for x, y in ((a, 0), (a + hard, hard))
    )
    assert harder.width == pytest.approx(plain.width, rel=1e-4)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"b": torch.zeros(2, 59)}, r"a \(2, 60\) and b \(2, 59\) are not paired"),
        ({"a": torch.zeros(1, 60)}, "has 1 training"),
        ({"b": torch.full((2, 60), math.nan)}, "60 of 60 numbers"),
        ({"groups": ["one"] * 60}, "in 1 group"),
        ({"groups": [1, 2]}, "60 items and 2 groups"),
        ({"resamples": 0}, "expected resamples, got 0"),
        ({"level": 95}, "95"),
    ],
)
def test_what_makes_no_interval_is_refused(change, says):
    call = {"a": torch.zeros(2, 60), "b": torch.zeros(2, 60), "groups": TUNES} | change
    with pytest.raises(ValueError, match=says):
        crossed_bootstrap(**call, generator=dice())
