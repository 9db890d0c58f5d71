"""Beat evaluation: mir_eval's own values, the kinds of error, and what is refused."""

import mir_eval
import numpy as np
import pytest
import torch

from dla.measures.beats import BeatScores, beat_scores, kind_of_error, metrical_levels


@pytest.fixture(params=[0, 1, 2])
def rubato(request) -> np.ndarray:
    """Forty beats of uneven tempo, 0.35 to 0.65 s apart."""
    rng = np.random.default_rng(request.param)
    walk = np.cumsum(rng.normal(0, 0.02, 40)).clip(-0.15, 0.15)
    return 0.4 + np.cumsum(0.5 + walk)


def disturbed(beats: np.ndarray) -> np.ndarray:
    """Late or early by 40 ms at most, three missing, two too many."""
    rng = np.random.default_rng(9)
    moved = beats + rng.uniform(-0.04, 0.04, len(beats))
    return np.sort(np.append(np.delete(moved, [3, 11, 20]), [beats[5] + 0.2, beats[30] + 0.2]))


@pytest.mark.parametrize("trim", [0.0, 5.0])
def test_the_values_are_those_of_mir_eval(rubato, trim):
    estimate = disturbed(rubato)
    theirs = mir_eval.beat.evaluate(rubato, estimate, min_beat_time=trim)
    ours = beat_scores(rubato, estimate, trim=trim)
    assert ours == BeatScores(
        theirs["F-measure"],
        theirs["Correct Metric Level Total"],
        theirs["Any Metric Level Total"],
        theirs["Information gain"],
    )


def test_nothing_is_trimmed_unless_asked(rubato):
    early = rubato[rubato < 5]
    assert beat_scores(rubato, early).f_measure > 0
    assert beat_scores(rubato, early, trim=5.0) == BeatScores(0, 0, 0, 0)


def test_the_reference_itself_is_perfect(rubato):
    assert beat_scores(rubato, rubato) == pytest.approx((1, 1, 1, 1))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("estimate", [[], np.zeros(0), torch.zeros(0)])
def test_no_beats_score_zero_without_a_warning(rubato, estimate):
    assert beat_scores(rubato, estimate) == BeatScores(0, 0, 0, 0)
    assert kind_of_error(rubato, estimate) == "other"


@pytest.mark.filterwarnings("error")
def test_one_beat_has_no_interval_and_no_continuity(rubato):
    one = beat_scores(rubato, rubato[:1])
    assert one == BeatScores(pytest.approx(2 / 41), 0, 0, 0)


def test_the_levels_contain_those_of_mir_eval(rubato):
    theirs = mir_eval.beat._get_reference_beat_variations(rubato)
    ours = metrical_levels(rubato)
    same = (*ours["right"], *ours["offbeat"], *ours["double"], *ours["half"])
    for own, their in zip(same, theirs, strict=True):
        np.testing.assert_allclose(own, their)


def test_thirds_partition_the_beats_and_triples_contain_them(rubato):
    levels = metrical_levels(rubato)
    np.testing.assert_array_equal(np.sort(np.concatenate(levels["third"])), rubato)
    triple = levels["triple"][0]
    np.testing.assert_allclose(triple[::3], rubato)
    np.testing.assert_allclose(triple[1::3], rubato[:-1] + np.diff(rubato) / 3)


@pytest.mark.parametrize("kind", ["right", "double", "half", "offbeat", "triple", "third"])
def test_each_level_is_recognised_whatever_its_phase_and_with_mistakes(rubato, kind):
    for pulse in metrical_levels(rubato)[kind]:
        assert kind_of_error(rubato, pulse) == kind
        wrong = np.delete(pulse, [1, 7]) + 0.01
        assert kind_of_error(rubato, wrong) == kind


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_kind_does_not_depend_on_the_tempo(rubato, scale):
    estimate = disturbed(rubato)
    assert kind_of_error(scale * rubato, scale * estimate) == kind_of_error(rubato, estimate)


def test_another_tempo_and_chance_are_no_level():
    beats = np.arange(0.5, 30.0, 0.5)
    for ratio in (4, 1.5, 2 / 3, 1.31, 0.83):
        assert kind_of_error(beats, np.arange(0.5, 29.6, 0.5 / ratio)) == "other", ratio
    rng = np.random.default_rng(0)
    kinds = [
        kind_of_error(beats, np.sort(rng.uniform(0.5, 30.0, rng.poisson(rate))))
        for rate in (30, 60, 120)
        for _ in range(20)
    ]
    assert kinds == ["other"] * 60


def test_the_kind_is_trimmed_where_asked():
    beats = np.arange(0.5, 30.0, 0.5)
    changed = np.concatenate([beats[beats < 5][::2], beats[beats >= 5]])
    late = np.concatenate([beats[beats < 20] + 0.25, beats[beats >= 20]])
    assert kind_of_error(beats, changed, trim=5.0) == "right"
    assert kind_of_error(beats, late) == "other"
    assert kind_of_error(beats, late, trim=20.0) == "right"


@pytest.mark.parametrize("kind", [list, torch.tensor])
def test_lists_and_tensors_are_as_good_as_arrays(rubato, kind):
    estimate = disturbed(rubato)
    assert beat_scores(kind(rubato), kind(estimate)) == beat_scores(rubato, estimate)


@pytest.mark.parametrize(
    ("estimate", "message"),
    [
        ([0.5, 1.5, 1.0], r"estimate: times go back after 1.5 s; sort them, or .* intervals"),
        ([0.5, np.nan], r"estimate: 1 of 2 times are not finite"),
        ([0.5, np.inf], r"estimate: 1 of 2 times are not finite"),
        ([-0.2, 0.3], r"estimate: -0.2 s is before the sound begins; did you subtract a delay"),
        ([25, 50, 76], r"estimate: whole numbers 26 apart look like frames; divide by the frame"),
        ([25.0, 50.0, 76.0], r"look like frames"),
        ([[0.5, 1.0], [1.0, 2.0]], r"estimate: times have one axis, got shape \(2, 2\)"),
    ],
)
def test_refuses_what_would_score_in_silence(estimate, message):
    beats = np.arange(0.5, 10.0, 0.5)
    for function in (beat_scores, kind_of_error):
        with pytest.raises(ValueError, match=message):
            function(beats, estimate)
        with pytest.raises(ValueError, match=message.replace("estimate:", "reference:")):
            function(estimate, beats)


def test_whole_seconds_are_not_taken_for_frames():
    seconds = np.arange(1, 20)
    assert beat_scores(seconds, seconds).f_measure == 1


@pytest.mark.parametrize("reference", [[], [1.0], [1.0, 2.0, 6.0]])
def test_refuses_a_reference_without_an_interval(reference):
    with pytest.raises(ValueError, match="an interval takes two"):
        beat_scores(reference, [1.0, 2.0], trim=5.0)
    with pytest.raises(ValueError, match="an interval takes two"):
        kind_of_error(reference, [6.0, 7.0], trim=5.0)
