"""Conditional random field against the sum over all paths, and against its two limits."""

import itertools

import torch
from torch.nn import functional
from torch.testing import assert_close

from dla.decoders.crf import LinearChainCRF
from dla.decoders.hmm import HMM


def drawn(states=3, frames=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    crf = LinearChainCRF(states)
    for parameter in crf.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return crf, torch.randn(frames, states, generator=generator)


def test_the_probabilities_of_all_paths_sum_to_one():
    crf, emission = drawn()
    paths = torch.tensor(list(itertools.product(range(3), repeat=4)))
    log_probability = crf(emission.expand(len(paths), 4, 3), paths)
    assert_close(log_probability.exp().sum(), torch.ones((), dtype=torch.float64))
    assert crf.decode(emission).tolist() == paths[log_probability.argmax()].tolist()


def test_without_scores_of_transitions_it_is_the_cross_entropy_of_the_frames():
    _, emission = drawn(frames=9)
    labels = torch.randint(0, 3, (9,), generator=torch.Generator().manual_seed(1))
    expected = -functional.cross_entropy(emission, labels, reduction="sum")
    assert_close(LinearChainCRF(3)(emission, labels).float(), expected)


def test_with_logarithms_of_probabilities_it_is_the_posterior_of_a_hidden_markov_model():
    crf, emission = drawn()
    model = HMM(crf.transition.data.softmax(-1), crf.initial.data.softmax(-1))
    crf.transition.data, crf.initial.data = model.transition.log(), model.initial.log()
    assert_close(crf.posterior(emission), model.posterior(emission))
    assert crf.decode(emission).tolist() == model.decode(emission).tolist()


def test_the_gradient_is_what_the_path_has_minus_what_is_expected():
    crf, emission = drawn(frames=6)
    emission = emission.requires_grad_()
    labels = torch.tensor([0, 0, 2, 1, 1, 0])
    crf(emission, labels).backward()
    has = functional.one_hot(labels, 3)
    assert_close(emission.grad, (has - crf.posterior(emission)).float())
    count = torch.zeros(3, 3).index_put((labels[:-1], labels[1:]), torch.ones(5), accumulate=True)
    paths = torch.tensor(list(itertools.product(range(3), repeat=6)))
    weight = crf(emission.detach().expand(len(paths), 6, 3), paths).exp().detach()
    for i in range(3):
        for j in range(3):
            times = ((paths[:, :-1] == i) & (paths[:, 1:] == j)).sum(1)
            expected = count[i, j] - (weight * times).sum()
            assert_close(crf.transition.grad[i, j], expected.float(), atol=1e-5, rtol=0)


def test_learns_which_transitions_there_are():
    generator = torch.Generator().manual_seed(3)
    labels = torch.arange(30).remainder(3).expand(4, 30)  # 0 1 2 0 1 2 ...
    emission = functional.one_hot(labels, 3) + torch.randn(4, 30, 3, generator=generator)
    crf = LinearChainCRF(3)
    optimiser = torch.optim.Adam(crf.parameters(), lr=0.2)
    for _ in range(60):
        optimiser.zero_grad()
        (-crf(emission, labels).mean()).backward()
        optimiser.step()
    assert (emission.argmax(-1) == labels).float().mean() < 0.9
    assert (crf.decode(emission) == labels).all()
    assert crf.transition.argmax(1).tolist() == [1, 2, 0]
