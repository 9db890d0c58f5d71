"""Excerpts with exact beats: tempo curves, a split by tune."""

import numpy as np
import pytest

from dla import scores
from dla.chapters.beat_tracking import excerpts
from dla.scores.sections import families, find_section
from dla.scores.tempo import CURVES


def section(name="bwv66.6"):
    return find_section(scores.load(name))


@pytest.mark.parametrize("curve", CURVES)
def test_beats_are_where_the_curve_puts_them(curve):
    plan = excerpts.plan(section(), np.random.default_rng(3), curve=curve, bpm=90.0)
    _, times, _, end = plan.timed()
    assert times[0] == pytest.approx(plan.lead)
    assert end <= plan.seconds + 1e-9
    interval = np.diff(times)
    if curve == "steady":
        np.testing.assert_allclose(interval, 60 / 90)
    else:
        assert interval.max() > 1.1 * interval.min()
    if curve == "fermata":
        assert interval.max() == pytest.approx(3 * interval.min())


def test_sound_begins_where_the_first_note_is():
    plan = excerpts.plan(
        section(), np.random.default_rng(0), bpm=90.0, seconds=6.0, instruments=("marimba",)
    )
    (excerpt,) = excerpts.play([plan])
    heard = excerpt.waveform.abs() > 0.05 * excerpt.waveform.abs().max()
    first = heard.nonzero()[0].item() / excerpts.SAMPLE_RATE
    assert first == pytest.approx(plan.lead, abs=0.03)


def test_no_family_lies_on_two_sides_and_the_test_is_large_and_mixed():
    sides = excerpts.sections()
    every = [(side, s) for side in excerpts.SIDES for s in sides[side]]
    family = families([s.score for _, s in every])
    where = {}
    for (side, _), f in zip(every, family, strict=True):
        where.setdefault(f, set()).add(side)
    assert max(map(len, where.values())) == 1
    assert len(sides["test"]) >= 40
    assert {"2/2", "2/4", "3/4", "4/4", "6/8"} <= {s.meter for s in sides["test"]}


def test_refuses_unknown_sides_and_curves():
    with pytest.raises(ValueError, match="no side 'tests'"):
        excerpts.corpus("tests")
    with pytest.raises(ValueError, match="no tempo curve 'slow'"):
        excerpts.corpus("test", curve="slow")


def test_a_tempo_outside_is_one_that_stretching_the_range_does_not_reach():
    rng = np.random.default_rng(0)
    for slow, fast in ((60.0, 90.0), (100.0, 180.0), (160.0, 220.0)):
        low, high = slow / excerpts.MET[1], fast / excerpts.MET[0]
        for _ in range(200):
            bpm = excerpts.outside(slow, fast, rng)
            assert bpm < low * (1 + 1e-9) or bpm > high * (1 - 1e-9)
            assert low / excerpts.REACH - 1e-9 <= bpm <= high * excerpts.REACH + 1e-9
            assert excerpts.POINTER[0] <= bpm <= excerpts.POINTER[1]


def test_a_tempo_outside_is_now_slower_and_now_faster():
    rng = np.random.default_rng(0)
    found = [excerpts.outside(80.0, 120.0, rng) for _ in range(100)]
    assert 30 < sum(bpm < 80.0 for bpm in found) < 70


@pytest.mark.parametrize("tempi", [False, True])
def test_unfamiliar_pieces_are_the_test_pieces_with_tempi_outside_only_if_asked(tempi):
    strange = excerpts.unfamiliar(instruments=True, tempi=tempi)
    side = excerpts.sections()["test"]
    assert [e.name for e in strange] == [s.score.name for s in side]
    assert not set(excerpts.UNHEARD) & set(excerpts.INSTRUMENTS)
    assert {e.instrument for e in strange} <= set(excerpts.UNHEARD)
    for e, s in zip(strange, side, strict=True):
        slow, fast = excerpts.TEMPI[s.score.collection, s.meter]
        inside = slow / excerpts.MET[1] <= e.bpm <= fast / excerpts.MET[0]
        assert inside is not tempi
