"""Sums and maxima over paths against all paths, and the gradient against differences."""

import itertools

import pytest
import torch
from torch.testing import assert_close

from dla.decoders import chain

SIZES = [(1, 3), (2, 1), (4, 3), (6, 2)]


def problem(frames, states, seed=0, batch=()):
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return 2 * torch.randn(*shape, generator=generator, dtype=torch.float64)

    return draw(*batch, frames, states), draw(states, states), draw(states)


def all_paths(emission, transition, initial):
    frames, states = emission.shape
    paths = torch.tensor(list(itertools.product(range(states), repeat=frames)))
    scores = torch.stack([chain.path_score(p, emission, transition, initial) for p in paths])
    return paths, scores


@pytest.mark.parametrize(("frames", "states"), SIZES)
@pytest.mark.parametrize("seed", range(3))
def test_sum_maximum_and_shares_are_those_of_all_paths(frames, states, seed):
    given = problem(frames, states, seed)
    paths, scores = all_paths(*given)
    assert_close(chain.log_partition(*given), scores.logsumexp(0))
    best = chain.viterbi(*given)
    assert best.states.tolist() == paths[scores.argmax()].tolist()
    assert_close(best.score, scores.max())
    weights = scores.softmax(0)
    shares = chain.marginals(*given)
    for n in range(frames):
        for j in range(states):
            assert_close(shares.states[n, j], weights[paths[:, n] == j].sum())
    for i in range(states):
        for j in range(states):
            count = ((paths[:, :-1] == i) & (paths[:, 1:] == j)).sum(1)
            assert_close(shares.pairs[i, j], (weights * count).sum())


def test_the_score_of_a_path_is_added_term_by_term():
    emission, transition, initial = problem(4, 3)
    y = [2, 0, 0, 1]
    expected = initial[2] + emission[0, 2]
    for n in range(1, 4):
        expected = expected + transition[y[n - 1], y[n]] + emission[n, y[n]]
    assert_close(chain.path_score(torch.tensor(y), emission, transition, initial), expected)


def test_the_gradient_of_the_sum_is_that_of_finite_differences():
    given = [x.requires_grad_() for x in problem(5, 3, batch=(2,))]
    assert torch.autograd.gradcheck(chain.log_partition, given)


def test_forward_and_backward_meet_at_every_frame():
    emission, transition, initial = problem(20, 4)
    both = chain.forward(emission, transition, initial) + chain.backward(emission, transition)
    total = chain.log_partition(emission, transition, initial)
    assert_close(both.logsumexp(-1), total.expand(20))


def test_a_batch_is_its_items():
    given = problem(7, 3, batch=(2, 2))
    each = [(item, *given[1:]) for item in given[0].flatten(0, 1)]
    assert_close(
        chain.log_partition(*given).flatten(), torch.stack([chain.log_partition(*x) for x in each])
    )
    assert_close(
        chain.viterbi(*given).states.flatten(0, 1),
        torch.stack([chain.viterbi(*x).states for x in each]),
    )
    assert_close(
        chain.marginals(*given).pairs.flatten(0, 1),
        torch.stack([chain.marginals(*x).pairs for x in each]),
    )


def test_what_is_forbidden_is_never_entered_and_has_no_share():
    emission, transition, initial = problem(6, 3)
    transition[0, 1] = initial[2] = -torch.inf
    _, scores = all_paths(emission, transition, initial)
    assert_close(chain.log_partition(emission, transition, initial), scores.logsumexp(0))
    shares = chain.marginals(emission, transition, initial)
    assert shares.pairs[0, 1] == 0 and shares.states[0, 2] == 0
    assert_close(shares.states.sum(-1), torch.ones(6, dtype=torch.float64))
    assert_close(chain.viterbi(emission, transition, initial).score, scores.max())


def test_a_path_a_thousand_nats_below_the_best_is_not_lost():
    emission = torch.tensor([[0.0, -1000.0], [0.0, 0.0]], dtype=torch.float64)
    transition = torch.tensor([[0.0, -torch.inf], [-torch.inf, 0.0]], dtype=torch.float64)
    assert chain.forward(emission, transition)[-1].tolist() == [0.0, -1000.0]


def test_an_item_without_any_path_is_an_error_or_has_no_share():
    emission, transition = torch.zeros(3, 2), torch.full((2, 2), -torch.inf)
    assert chain.log_partition(emission, transition) == -torch.inf
    assert not chain.marginals(emission, transition).states.any()
    with pytest.raises(ValueError, match="no path gets through item 0 of 1"):
        chain.viterbi(emission, transition)


def test_of_equal_paths_the_first_states_count():
    assert chain.viterbi(torch.zeros(4, 3), torch.zeros(3, 3)).states.tolist() == [0] * 4


def plain_forward(emission, transition, initial):
    """The recursion as a loop of tensor operations."""
    score = initial + emission[0]
    for frame in emission[1:]:
        score = (score[:, None] + transition).logsumexp(0) + frame
    return score.logsumexp(0)


def test_is_ten_times_as_fast_as_a_loop_of_tensor_operations(cpu_seconds):
    given = problem(3000, 25)
    assert_close(chain.log_partition(*given), plain_forward(*given))
    ours = cpu_seconds(lambda: chain.log_partition(*given))
    assert 10 * ours < cpu_seconds(lambda: plain_forward(*given))


def test_refuses_what_has_no_meaning():
    emission, transition, initial = problem(4, 3)
    with pytest.raises(ValueError, match=r"expected \(\.\.\., frame, state\)"):
        chain.forward(torch.zeros(0, 3), transition)
    with pytest.raises(ValueError, match="for 3 states"):
        chain.forward(emission, torch.zeros(2, 2))
    with pytest.raises(ValueError, match="1 of 12 scores of emission are NaN or"):
        chain.forward(emission.masked_fill(emission == emission[1, 1], torch.inf), transition)
    with pytest.raises(ValueError, match=r"states \(3,\) for emission \(4, 3\)"):
        chain.path_score(torch.zeros(3, dtype=torch.long), emission, transition)
    with pytest.raises(ValueError, match="states from 0 to 3: there are 0 to 2"):
        chain.path_score(torch.tensor([0, 1, 2, 3]), emission, transition, initial)
