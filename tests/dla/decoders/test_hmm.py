"""Hidden Markov model against Bayes' rule over all paths."""

import itertools

import pytest
import torch
from torch.testing import assert_close

from dla.decoders.hmm import HMM, sticky


def a_model(seed=0, states=3, frames=4):
    generator = torch.Generator().manual_seed(seed)

    def shares(*shape):
        return torch.rand(*shape, generator=generator, dtype=torch.float64).softmax(-1)

    observed = torch.rand(frames, states, generator=generator, dtype=torch.float64)
    return HMM(shares(states, states), shares(states)), observed


@pytest.mark.parametrize("seed", range(3))
def test_likelihood_posterior_and_path_are_those_of_all_paths(seed):
    model, observed = a_model(seed)
    joint = {}
    for path in itertools.product(range(3), repeat=4):
        p = model.initial[path[0]] * observed[0, path[0]]
        for n in range(1, 4):
            p = p * model.transition[path[n - 1], path[n]] * observed[n, path[n]]
        joint[path] = p
    total = sum(joint.values())
    assert_close(model.log_likelihood(observed.log()).exp(), total)
    posterior = torch.zeros(4, 3, dtype=torch.float64)
    for path, p in joint.items():
        posterior[torch.arange(4), torch.tensor(path)] += p / total
    assert_close(model.posterior(observed.log()), posterior)
    assert model.decode(observed.log()).tolist() == list(max(joint, key=joint.get))


def test_a_sticky_state_lasts_geometrically():
    model = sticky(4, 0.9)
    assert_close(model.transition.sum(1), torch.ones(4, dtype=torch.float64))
    generator = torch.Generator().manual_seed(0)
    lengths, state, length = [], 0, 1
    for _ in range(40000):
        after = int(torch.multinomial(model.transition[state], 1, generator=generator))
        if after == state:
            length += 1
        else:
            lengths.append(length)
            state, length = after, 1
    assert abs(sum(lengths) / len(lengths) - 10) < 0.5  # 1 / (1 - p), standard error .15


def test_refuses_what_is_no_distribution():
    uniform = torch.full((3,), 1 / 3)
    with pytest.raises(ValueError, match=r"transition \(3, 3\) holds no distribution"):
        HMM(torch.eye(3).log(), uniform)
    with pytest.raises(ValueError, match="initial"):
        HMM(torch.eye(3), 2 * uniform)
    with pytest.raises(ValueError, match="expected two or more"):
        sticky(1, 0.5)
    with pytest.raises(ValueError, match="0 to 1"):
        sticky(3, 1.5)
