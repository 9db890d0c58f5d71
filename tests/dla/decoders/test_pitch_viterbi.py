"""The prior over pitches by hand, its path against all paths, and what it does to leaps."""

import itertools
import math

import pytest
import torch
from torch.testing import assert_close

from dla.decoders.pitch_viterbi import (
    PitchPrior,
    decode_pitch,
    pitch_grid,
    pitch_hmm,
    pitch_transition,
    with_unvoiced,
)

PRIOR = PitchPrior(step=100.0, scale=60.0, leap=0.02, switch=0.1)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_transition_is_its_formula_term_by_term():
    P = 4
    matrix = pitch_transition(P, PRIOR)
    for i, j in itertools.product(range(P), repeat=2):
        terms = [math.exp(-100.0 * abs(i - k) / 60.0) for k in range(P)]
        expected = 0.9 * (0.98 * terms[j] / sum(terms) + 0.02 / P)
        assert_close(matrix[i, j].item(), expected)
    assert_close(matrix[:P, P], torch.full((P,), 0.1).double())
    assert_close(matrix[P], torch.tensor([0.025] * P + [0.9]).double())


def test_rows_are_distributions():
    for pitches in (1, 5, 60):
        assert_close(pitch_transition(pitches).sum(1), torch.ones(pitches + 1).double())


@pytest.mark.parametrize("seed", range(6))
def test_the_path_is_the_best_of_all_paths(seed):
    scores, rest = 3 * torch.randn(5, 3, generator=rng(seed)), 1.5
    matrix = pitch_transition(3, PRIOR).log()
    every = with_unvoiced(scores, rest).double()

    def value(path):
        return sum(every[n, s] for n, s in enumerate(path)) + sum(
            matrix[a, b] for a, b in itertools.pairwise(path)
        )

    best = max(itertools.product(range(4), repeat=5), key=value)
    found = decode_pitch(scores, rest, PRIOR)
    assert found.voiced.tolist() == [s < 3 for s in best]
    assert found.pitch[found.voiced].tolist() == [s for s in best if s < 3]
    unvoiced = ~found.voiced
    assert_close(found.pitch[unvoiced], scores.argmax(-1)[unvoiced])


def test_both_voiced_and_unvoiced_frames_are_met():
    found = decode_pitch(3 * torch.randn(40, 3, generator=rng()), 1.5, PRIOR)
    assert 5 < found.voiced.sum() < 35 and found.pitch.max() < 3


def test_batch_and_rest_per_frame_are_stacks_of_items():
    scores, rest = torch.randn(2, 7, 3, generator=rng()), torch.randn(2, 7, generator=rng(1))
    both = decode_pitch(scores, rest, PRIOR)
    for k in range(2):
        one = decode_pitch(scores[k], rest[k], PRIOR)
        assert_close(both.pitch[k], one.pitch)
        assert_close(both.voiced[k], one.voiced)


def test_one_bad_frame_is_overruled_and_without_a_prior_it_is_not():
    scores = torch.full((9, 25), 0.01)
    scores[:, 3] = 0.4
    scores[4, 3], scores[4, 15] = 0.3, 0.5  # an octave above, at 100 cents a step
    firm = PitchPrior(step=100.0, scale=50.0)
    free = PitchPrior(step=100.0, scale=50.0, leap=1.0)
    assert decode_pitch(scores.log(), -9.0, firm).pitch.tolist() == [3] * 9
    assert decode_pitch(scores.log(), -9.0, free).pitch[4] == 15


def test_is_the_hidden_markov_model_of_the_prior():
    scores = torch.randn(6, 3, generator=rng())
    hmm = pitch_hmm(3, PRIOR)
    path = hmm.decode(with_unvoiced(scores, 0.0).double())
    assert_close(decode_pitch(scores, 0.0, PRIOR).voiced, path < 3)


def test_the_grid_is_even_in_cents():
    grid = pitch_grid(55.0, 61, step=20.0)
    assert_close(1200 * (grid[1:] / grid[:-1]).log2(), torch.full((60,), 20.0).double())
    assert_close(grid[-1], torch.tensor(110.0).double())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pitch_transition(0), "one pitch at least"),
        (lambda: pitch_transition(3, PitchPrior(scale=0.0)), "positive cents"),
        (lambda: pitch_transition(3, PitchPrior(leap=1.5)), "expected probabilities"),
        (lambda: pitch_grid(0.0, 3), "positive numbers"),
        (lambda: decode_pitch(torch.zeros(3), 0.0), r"\(\.\.\., frame, pitch\)"),
        (lambda: decode_pitch(torch.full((2, 2), torch.nan), 0.0), "NaN"),
    ],
)
def test_refuses(call, words):
    with pytest.raises(ValueError, match=words):
        call()
