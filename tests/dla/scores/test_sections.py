"""Stretches in one metre, and families of one tune."""

import numpy as np
import pytest

from dla import scores
from dla.scores.sections import families, find_section, shared_beats


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


def longest_common(one, other):
    """The textbook's recursion, one cell at a time."""
    table = np.zeros((len(one) + 1, len(other) + 1), int)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            grown = table[i, j] + 1 if a == b else 0
            table[i + 1, j + 1] = max(grown, table[i, j + 1], table[i + 1, j])
    return table[-1, -1]


def test_shared_beats_are_the_longest_common_subsequence_over_all_keys():
    rng = np.random.default_rng(0)
    for _ in range(20):
        one, other = rng.integers(55, 80, 12), rng.integers(55, 80, 9)
        slow = max(longest_common(one % 12, (other + k) % 12) for k in range(12))
        assert shared_beats(one, other) == shared_beats(other, one) == slow


def test_a_key_an_octave_and_a_passing_beat_do_not_hide_a_melody():
    melody = np.array([60, 62, 64, 65, 67, 65, 64, 62])
    assert shared_beats(melody, melody + 7 + 12) == 8
    assert shared_beats(melody, np.insert(melody, 3, 61)) == 8
    assert shared_beats(melody, np.delete(melody, 3)) == 7


def test_one_chorale_tune_in_two_settings_is_one_family():
    pieces = [scores.load(n) for n in ("bwv64.4", "bwv128.5", "bwv66.6")]
    assert families(pieces) == [0, 0, 1]
