"""Five parameters: the decoder's own prior, likelihoods by all paths, a fit that is right."""

import itertools
import math

import torch
from torch.testing import assert_close

from dla.chapters.melody import prior_fit as module
from dla.decoders.pitch_viterbi import PitchPrior, pitch_transition, with_unvoiced

THETA = torch.tensor([-0.5, 4.0, -2.0, -1.5, -0.3]).double()


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_transition_is_the_decoders_and_the_scores_are_over_the_temperature():
    emit, transition = module.model(THETA, 4)
    prior = PitchPrior(
        step=100.0,
        scale=math.exp(4.0),
        leap=torch.tensor(-2.0).sigmoid().item(),
        switch=torch.tensor(-1.5).sigmoid().item(),
    )
    assert_close(transition.exp(), pitch_transition(4, prior), atol=1e-6, rtol=1e-6)
    s = torch.randn(3, 4, generator=rng()).double()
    assert_close(emit(s), with_unvoiced(s, -0.3) / math.exp(-0.5), atol=1e-6, rtol=1e-6)


def test_the_likelihoods_are_those_of_all_paths_frames_and_steps():
    s, y = torch.randn(3, 2, generator=rng(1)).double(), torch.tensor([0, 2, 1])
    emit, A = module.model(THETA, 2)
    phi = emit(s)
    values = {
        z: sum(phi[n, j] for n, j in enumerate(z)) + A[z[0], z[1]] + A[z[1], z[2]]
        for z in itertools.product(range(3), repeat=3)
    }
    whole = torch.stack(list(values.values())).logsumexp(0)
    assert_close(module.of_paths(THETA, [(s, y)]), (values[0, 2, 1] - whole) / 3)
    alone = phi.softmax(-1)[torch.arange(3), y].log().mean()
    assert_close(module.of_frames(THETA, [(s, y)]), alone)
    assert_close(module.of_steps(THETA, [(s, y)]), (A[0, 2] + A[2, 1]) / 2)


def test_a_fit_finds_how_often_a_voice_ends():
    """Of ten steps from a pitch or from a rest, two change: a switch of 0.2."""
    y = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0])
    s = torch.zeros(len(y), 1).double()
    found = module.fit(THETA, [(s, y)], module.of_steps)
    assert abs(found[3].sigmoid() - 0.2) < 1e-3
