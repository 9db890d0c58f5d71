"""The measures of a contour against mir_eval, by hand, and what they refuse."""

import mir_eval
import numpy as np
import pytest
import torch

from dla.measures.melody import at_times, cents_between, fold_octaves, melody_scores


def drawn(seed, frames=400):
    rng = np.random.default_rng(seed)
    truth = 110.0 * 2 ** (rng.integers(0, 36, frames) / 12) * (rng.random(frames) < 0.7)
    error = rng.choice([0.0, 40.0, 49.9, 50.1, 120.0, 700.0, 1200.0, -1230.0, 2400.0], frames)
    found = np.where(truth > 0, truth, 220.0) * 2 ** (error / 1200) * (rng.random(frames) < 0.9)
    return truth, found, rng.random(frames) < 0.8


@pytest.mark.parametrize("seed", range(5))
def test_all_five_are_those_of_mir_eval(seed):
    truth, found, voiced = drawn(seed)
    cents = [mir_eval.melody.hz2cents(f) for f in (truth, found)]
    there = (truth > 0).astype(float)
    args = there, cents[0], voiced.astype(float), cents[1]
    expected = [
        mir_eval.melody.raw_pitch_accuracy(*args),
        mir_eval.melody.raw_chroma_accuracy(*args),
        *mir_eval.melody.voicing_measures(there, voiced.astype(float)),
        mir_eval.melody.overall_accuracy(*args),
    ]
    np.testing.assert_allclose(melody_scores(truth, found, voiced), expected)


def test_by_hand():
    scores = melody_scores(
        [220, 220, 220, 0, 0], [220, 440, 233.1, 0, 100], torch.tensor([1, 1, 0, 0, 1])
    )
    np.testing.assert_allclose(scores, [1 / 3, 2 / 3, 2 / 3, 1 / 2, 2 / 5])


def test_raw_accuracies_do_not_ask_for_the_voicing_and_zero_is_no_pitch():
    truth = [220.0, 220.0]
    assert melody_scores(truth, truth, [0, 0])[:2] == (1.0, 1.0)
    assert melody_scores(truth, [220.0, 0.0])[:2] == (0.5, 0.5)


def test_an_error_of_just_the_tolerance_is_an_error():
    exact = 1200 * np.log2(233.0 / 220.0)
    assert melody_scores([220.0], [233.0], tolerance=exact).raw_pitch == 0
    assert melody_scores([220.0], [233.0], tolerance=np.nextafter(exact, 1e9)).raw_pitch == 1


def test_nothing_voiced_and_nothing_unvoiced():
    assert melody_scores([0.0, 0.0], [0.0, 220.0]) == (0, 0, 1, 0.5, 0.5)
    assert melody_scores([220.0], [220.0]) == (1, 1, 1, 0, 1)


def test_cents_and_folded_cents_are_what_they_say():
    rng = np.random.default_rng(0)
    f, e = rng.uniform(60, 1000, 50), rng.uniform(-3000, 3000, 50)
    np.testing.assert_allclose(cents_between(f, f * 2 ** (e / 1200)), e)
    octaves = np.arange(-4, 5) * 1200.0
    nearest = octaves[np.abs(e[:, None] - octaves).argmin(1)]
    np.testing.assert_allclose(fold_octaves(e), e - nearest)
    assert np.isinf(cents_between([0.0], [220.0])).all() and np.isinf(fold_octaves([np.inf])).all()


def test_the_nearest_frame_and_nothing_far_from_all():
    rng = np.random.default_rng(1)
    times, wanted = np.sort(rng.random(40)), rng.random(60) * 1.4 - 0.2
    values = np.arange(1.0, 41.0)
    far = np.abs(wanted[:, None] - times)
    expected = np.where(far.min(1) <= np.diff(times).max() / 2, values[far.argmin(1)], 0)
    np.testing.assert_array_equal(at_times(times, values, wanted), expected)
    assert at_times([0.0, 1.0], [5.0, 6.0], [0.5]) == 5.0
    assert at_times([1.0], [5.0], [9.0]) == 5.0


@pytest.mark.parametrize(
    ("truth", "found", "voiced", "words"),
    [
        ([220.0], [220.0, 220.0], None, r"estimate \(2,\)"),
        ([220.0], [220.0], [1, 1], r"voiced \(2,\)"),
        ([], [], None, "one frame at least"),
        ([np.nan], [220.0], None, "1 of 1 values of reference are not finite"),
        ([220.0], [-220.0], None, "estimate has a frequency of -220 Hz"),
        ([220.0], [220.0], [0.3], "compare a probability with a threshold"),
    ],
)
def test_refuses(truth, found, voiced, words):
    with pytest.raises(ValueError, match=words):
        melody_scores(truth, found, voiced)


@pytest.mark.parametrize(
    ("times", "values", "words"),
    [([], [], "one at least"), ([0.0, 0.0], [1.0, 1.0], "ascend"), ([np.nan], [1.0], "not finite")],
)
def test_refuses_times_that_are_none(times, values, words):
    with pytest.raises(ValueError, match=words):
        at_times(times, values, [0.0])
