"""Where the beats of the passages are, and what a drummer strikes."""

import numpy as np
import pytest
import torch

from dla.chapters.music import beats_comparison as module
from dla.protocol import comparison


def by_case() -> dict[str, list]:
    return {c: [p for p in module.pieces() if p.case == c] for c in module.CASES}


def test_cases_hold_the_same_pieces_with_the_same_beats():
    by = by_case()
    assert [len(by[c]) for c in module.CASES] == [8, 8, 12, 12, 12]
    for one, other in ((module.SONGS, module.QUIET), (module.PIANO, module.STRINGS)):
        for a, b in zip(by[one], by[other], strict=True):
            assert a.about == b.about and torch.equal(a.beats, b.beats)
    for a, b in zip(by[module.PIANO], by[module.DRUMS], strict=True):
        assert a.about == b.about and not torch.equal(a.waveform, b.waveform)


def test_all_have_one_peak_and_the_quiet_songs_a_hundredth_of_it():
    for piece in module.pieces():
        peak = module.PEAK * (module.QUIETER if piece.case == module.QUIET else 1)
        assert float(piece.waveform.abs().max()) == pytest.approx(peak, rel=1e-4)


def test_beats_of_a_score_are_even_and_within_the_sound():
    for piece in by_case()[module.PIANO]:
        steps = np.diff(piece.beats)
        assert steps == pytest.approx(steps[0])
        assert piece.beats[0] >= 0 and piece.beats[-1] < len(piece.waveform) / module.RATE


def test_a_stroke_begins_on_each_beat_and_none_before():
    beats = torch.tensor([0.5, 1.5, 2.5])
    sound = module.drums(beats, 4 * module.RATE)
    assert not sound[: module.RATE // 2].any()
    for beat in beats:
        first = round(float(beat) * module.RATE)
        assert sound[first : first + 2000].abs().max() > 0.1
    short = module.drums(beats, 2 * module.RATE)
    assert len(short) == 2 * module.RATE


def test_the_null_hears_nothing():
    one, other = (module.unheard(x, sample_rate=100) for x in (torch.zeros(300), torch.ones(300)))
    assert one.tolist() == other.tolist() == [0, 0.5, 1, 1.5, 2, 2.5]


def test_beats_kept_score_what_was_measured():
    result = comparison.load(module.COMPARISON)
    for system in (*module.COMPARISON.systems,):
        for piece, trial in zip(module.pieces(), result.of(system), strict=True):
            times = np.array(trial.kept["beats"]) / 1000
            if trial.kept["beats"]:
                again = module.score(piece, times)
                assert again["F"] == pytest.approx(trial.values["F"], abs=0.1)


def test_the_lag_of_a_shift_is_the_shift_and_one_stray_beat_does_not_count():
    beats = torch.arange(1.0, 10.0)
    times = beats.numpy() + 0.05
    times[4] -= 0.3
    assert module.lag(times, beats) == pytest.approx(0.05, abs=1e-6)
    assert module.lag(beats.numpy() - 0.02, beats) == pytest.approx(-0.02, abs=1e-6)


def test_clicks_sound_where_the_beats_are_and_quiet_songs_as_loud_as_the_others():
    by = by_case()
    loud, quiet = by[module.SONGS][0], by[module.QUIET][0]
    times = np.array([0.5, 1.5, 2.95])
    one, other = (module.clicked(p, times, seconds=3) for p in (loud, quiet))
    torch.testing.assert_close(one, other, atol=1e-4, rtol=0.0)
    added = (one - module.clicked(loud, np.array([]), seconds=3)).abs()
    assert len(one) == 3 * module.RATE and added[: module.RATE // 2 - 1].max() < 1e-6
    assert added[module.RATE // 2 :][:500].max() > 0.1
    assert added[round(2.9 * module.RATE) :].max() < 1e-6
