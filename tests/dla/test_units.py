"""Conversions: values known by heart, and round trips."""

import pytest
import torch

from dla import units


def test_values_known_by_heart():
    found = units.db(torch.tensor([0.01, 1.0, 2.0, 10.0]))
    torch.testing.assert_close(found, torch.tensor([-20.0, 0.0, 3.0103, 10.0]))


def test_nothing_is_minus_infinity():
    assert units.db(torch.tensor(0.0)) == -torch.inf


def test_db_and_power_ratio_undo_each_other():
    decibels = torch.linspace(-60, 60, 13)
    torch.testing.assert_close(units.db(units.power_ratio(decibels)), decibels)


@pytest.mark.parametrize(
    ("seconds", "rate", "count"), [(1.0, 8000, 8000), (0.1, 44100, 4410), (0.29, 100, 29)]
)
def test_samples_are_the_nearest_whole_number(seconds, rate, count):
    assert units.samples(seconds, rate) == count


def test_a_negative_duration_is_refused():
    with pytest.raises(ValueError, match=r"a duration of -1\.0 s is negative"):
        units.samples(-1.0, 8000)
