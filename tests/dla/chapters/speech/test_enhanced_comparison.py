"""What the enhancer gave, as committed, and that its sounds are those that were scored."""

import pytest
import torch

from dla.chapters.speech import enhanced_comparison as module
from dla.losses.si_sdr import si_sdr
from dla.protocol import comparison


@pytest.fixture(scope="module")
def trials():
    result = comparison.load(module.COMPARISON)
    return list(zip(module.pieces(), result.of("DeepFilterNet"), strict=True))


def test_each_case_has_three_sentences_of_four_talkers():
    cases = [piece.case for piece in module.pieces()]
    assert {case: cases.count(case) for case in module.CASES} == dict.fromkeys(module.CASES, 12)
    assert len(cases) == 12 * len(module.CASES)


def test_noise_comes_in_at_five_db():
    for piece in module.pieces():
        if piece.case in module.CASES[:2]:
            assert float(si_sdr(piece.waveform, piece.target)) == pytest.approx(5.0, abs=1e-2)


def test_kept_sounds_score_what_was_measured(trials):
    kept = [(piece, trial) for piece, trial in trials if trial.kept]
    assert [piece.case for piece, _ in kept] == list(module.KEPT)
    for piece, trial in kept:
        scores = module.score(piece, module.sound_kept(trial))
        for name, value in scores.items():
            assert value == pytest.approx(trial.values[name], abs=0.1)


def test_kept_sounds_are_small(trials):
    assert all(len(trial.kept["flac"][0]) < 90_000 for _, trial in trials if trial.kept)


def test_a_sound_that_is_not_kept_is_refused(trials):
    with pytest.raises(ValueError, match=r"no sound of 'white noise: allison 0' is kept"):
        module.sound_kept(trials[0][1])


def test_a_louder_output_has_a_level_above_zero():
    piece = module.pieces()[-1]
    assert module.score(piece, 2 * piece.waveform)["level"] == pytest.approx(6.02, abs=0.01)
    assert not torch.equal(module.fire(100), torch.zeros(100))
