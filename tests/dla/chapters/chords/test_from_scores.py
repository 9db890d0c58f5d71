"""Chords of a score by a rule: what it says by hand, in any key, and beside an analyst."""

import pytest

from dla import scores
from dla.chapters.chords.corpus import HUMAN, transposed
from dla.chapters.chords.from_scores import agreement, by_analyst, by_rule

PARTS = ["Soprano", "Alto", "Tenor", "Bass"]


def score(*rows, up=0):
    return scores.from_notes([(a, b, p + up, part) for a, b, p, part in rows], parts=PARTS)


@pytest.mark.parametrize("up", [0, 1, 7])
def test_names_the_triad_of_a_beat_in_any_key(up):
    d_minor = [(0, 1, 50, 3), (0, 1, 57, 2), (0, 1, 65, 1), (0, 1, 69, 0)]
    g_major = [(1, 1, 55, 3), (1, 1, 59, 2), (1, 1, 62, 1), (1, 1, 67, 0)]
    found = by_rule(score(*d_minor, *g_major, up=up))
    assert [c.label for c in found[:2]] == [transposed(x, up) for x in ("D:min", "G:maj")]
    assert found[0][:2] == (0.0, 1.0)


def test_the_bass_decides_between_two_triads_of_a_seventh_chord():
    upper = [(0, 1, 64, 1), (0, 1, 67, 0)]  # E G, and C and A below
    for low, high, label in ((48, 57, "C:maj"), (45, 60, "A:min")):
        assert by_rule(score((0, 1, low, 3), (0, 1, high, 2), *upper))[0].label == label


def test_a_passing_note_in_the_second_half_weighs_less():
    held = [(0, 1, 48, 3), (0, 1, 57, 2)]  # C and A, with E or F
    for first, second, label in ((64, 65, "A:min"), (65, 64, "F:maj")):
        found = by_rule(score(*held, (0, 0.5, first, 1), (0.5, 0.5, second, 1)))
        assert found[0].label == label


def test_equal_beats_are_joined_and_rests_are_no_chord():
    triad = [(0, 2, 48, 3), (0, 2, 64, 1), (0, 2, 67, 0)]
    found = by_rule(score(*triad, (3, 1, 60, 0)))
    assert [(c.onset, c.offset, c.label) for c in found[:2]] == [(0, 2, "C:maj"), (2, 3, "N")]


def test_what_no_triad_explains_is_other():
    cluster = [(0, 1, 48 + k, k) for k in range(4)]
    assert by_rule(score(*cluster))[0].label == "X"


def test_agrees_with_analysts_beyond_chance_and_says_how_often():
    found = agreement([scores.load(name) for name in HUMAN[:4]])
    assert 0.85 < found.same < 1.0 and 0.85 < found.decided <= 1.0
    assert found.quarters > 100


def test_every_piece_of_the_list_has_an_analysis_and_others_are_refused():
    assert all(len(scores.load(name).chords) for name in HUMAN)
    with pytest.raises(ValueError, match=r"bwv66\.6 has no analysis"):
        by_analyst(scores.load("bwv66.6"))
