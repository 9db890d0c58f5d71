"""Stretches in one metre, and families of one tune."""

import numpy as np
import pytest

from dla import scores
from dla.scores.sections import families, find_section


def section(name="bwv66.6"):
    return find_section(scores.load(name))


@pytest.mark.parametrize("name", ["bwv66.6", "oneill-0867", "oneill-0482"])
def test_a_section_counts_through_its_bars(name):
    s = section(name)
    np.testing.assert_allclose(np.diff(s.onsets), s.unit)
    steps = s.positions[:-1] % s.beats_per_bar + 1
    np.testing.assert_array_equal(s.positions[1:], steps)


def test_pieces_of_one_tune_share_a_family_also_transitively():
    pieces = [scores.load(n) for n in ("bwv66.6", "bwv101.7", "bwv66.6")]
    assert families(pieces) == [0, 1, 0]
