"""The laws of permutation-invariant losses; the oracle tries every order in plain Python."""

import itertools
import math

import pytest
import torch
from torch.func import grad, vmap

from dla.losses.pit import (
    frame_pit,
    pairwise_loss,
    permutation_losses,
    pit,
    pit_assignment,
    reorder,
    soft_pit,
)
from dla.losses.squared_error import squared_error

HAND = [[3.0, 4.0, 6.0], [0.0, 6.0, 6.0], [3.0, 1.0, 2.0]]  # of the chapter; optimum 6, greedy 7


def matrices(count: int, batch: int = 6) -> torch.Tensor:
    """Random loss matrices, float64, of both signs."""
    rng = torch.Generator().manual_seed(count)
    return torch.randn(batch, count, count, generator=rng, dtype=torch.float64)


def all_means(matrix) -> dict[tuple[int, ...], float]:
    """Mean loss of every order, by three loops."""
    rows = [[float(x) for x in row] for row in matrix]
    count = len(rows)
    return {
        order: sum(rows[i][order[i]] for i in range(count)) / count
        for order in itertools.permutations(range(count))
    }


@pytest.mark.parametrize("solve", [pit, pit_assignment])
def test_hand_computed_matrix(solve):
    loss, order = solve(torch.tensor(HAND))
    torch.testing.assert_close(3 * loss, torch.tensor(6.0))
    assert order.tolist() == [1, 0, 2]


@pytest.mark.parametrize("solve", [pit, pit_assignment])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_is_the_cheapest_of_all_orders(solve, count):
    for matrix in matrices(count):
        means = all_means(matrix)
        loss, order = solve(matrix)
        assert loss.item() == pytest.approx(min(means.values()))
        assert tuple(order.tolist()) == min(means, key=means.get)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_order_has_its_mean_loss_and_the_identity_is_first(count):
    matrix = matrices(count)[0]
    losses, orders = permutation_losses(matrix)
    assert orders[0].tolist() == list(range(count))
    found = dict(zip(map(tuple, orders.tolist()), losses.tolist(), strict=True))
    assert found == pytest.approx(all_means(matrix))


@pytest.mark.parametrize("solve", [pit, pit_assignment])
def test_is_invariant_to_the_order_of_the_estimates(solve):
    pairwise, shuffle = matrices(4), torch.tensor([2, 0, 3, 1])
    loss, order = solve(pairwise)
    shuffled_loss, shuffled_order = solve(pairwise[:, shuffle])
    torch.testing.assert_close(shuffled_loss, loss)
    torch.testing.assert_close(shuffled_order, order[:, shuffle])


def test_soft_pit_is_invariant_to_the_order_of_the_estimates():
    pairwise, shuffle = matrices(4), torch.tensor([2, 0, 3, 1])
    torch.testing.assert_close(
        soft_pit(pairwise[:, shuffle], beta=1.5), soft_pit(pairwise, beta=1.5)
    )


@pytest.mark.parametrize("solve", [pit, pit_assignment])
def test_gradient_marks_the_chosen_pairs(solve):
    pairwise = matrices(3)
    (gradient,) = torch.autograd.grad(solve(pairwise.requires_grad_())[0].sum(), pairwise)
    order = solve(pairwise)[1]
    torch.testing.assert_close(gradient, torch.eye(3, dtype=torch.float64)[order] / 3)


@pytest.mark.parametrize("solve", [pit, pit_assignment])
def test_a_batch_of_any_shape_is_a_stack_of_items(solve):
    pairwise = matrices(3).reshape(2, 3, 3, 3)
    loss, order = solve(pairwise)
    assert loss.shape == (2, 3)
    assert order.shape == (2, 3, 3)
    for index in itertools.product(range(2), range(3)):
        item_loss, item_order = solve(pairwise[index])
        torch.testing.assert_close(loss[index], item_loss)
        torch.testing.assert_close(order[index], item_order)


def test_vmap_and_grad_agree_with_the_batch():
    pairwise = matrices(3)
    gradients = torch.autograd.grad(pit(pairwise.requires_grad_())[0].sum(), pairwise)[0]
    torch.testing.assert_close(vmap(pit)(pairwise)[1], pit(pairwise)[1])
    torch.testing.assert_close(vmap(grad(lambda d: pit(d)[0]))(pairwise), gradients)
    torch.testing.assert_close(
        vmap(lambda d: soft_pit(d, beta=2.0))(pairwise), soft_pit(pairwise, beta=2.0)
    )


@pytest.mark.parametrize("beta", [0.1, 1.0, 7.0])
def test_soft_pit_is_the_log_mean_exp_of_the_orders(beta):
    for matrix in matrices(3):
        terms = [math.exp(-beta * mean) for mean in all_means(matrix).values()]
        expected = -math.log(sum(terms) / len(terms)) / beta
        assert soft_pit(matrix, beta=beta).item() == pytest.approx(expected)


def test_soft_pit_gradient_is_the_posterior_of_each_pair():
    matrix, beta = matrices(3)[0], 2.0
    gradient = grad(lambda d: soft_pit(d, beta=beta))(matrix)
    weights = {order: math.exp(-beta * mean) for order, mean in all_means(matrix).items()}
    expected = torch.zeros(3, 3, dtype=torch.float64)
    for order, weight in weights.items():
        for i, j in enumerate(order):
            expected[i, j] += weight / sum(weights.values()) / 3
    torch.testing.assert_close(gradient, expected)


def test_soft_pit_runs_from_the_average_to_the_minimum():
    pairwise = matrices(3)
    values = torch.stack([soft_pit(pairwise, beta=b) for b in (1e-6, 0.5, 1.0, 4.0, 1e4)])
    assert (values.diff(dim=0) < 0).all()
    torch.testing.assert_close(values[0], pairwise.mean((-1, -2)), atol=1e-5, rtol=0.0)
    torch.testing.assert_close(values[-1], pit(pairwise)[0], atol=1e-3, rtol=0.0)


def test_soft_pit_of_huge_losses_does_not_overflow():
    pairwise = 1e6 * matrices(3)
    excess = soft_pit(pairwise, beta=10.0) - pit(pairwise)[0]
    assert (excess > -1e-6).all()
    assert (excess < math.log(6) / 10 + 1e-6).all()


def test_soft_pit_passes_gradcheck():
    pairwise = matrices(3).requires_grad_()
    assert torch.autograd.gradcheck(lambda d: soft_pit(d, beta=1.5), (pairwise,))


@pytest.mark.parametrize("beta", [0.0, -1.0, float("nan")])
def test_soft_pit_refuses_a_temperature_that_is_not_positive(beta):
    with pytest.raises(ValueError, match=f"beta must be positive, got {beta}"):
        soft_pit(matrices(2), beta=beta)


def test_frame_pit_is_the_mean_of_the_best_of_each_frame():
    pairwise = matrices(3)
    loss, order = frame_pit(pairwise)
    best = [min(all_means(frame).values()) for frame in pairwise]
    assert loss.item() == pytest.approx(sum(best) / len(best))
    torch.testing.assert_close(order, pit(pairwise)[1])


def test_frame_pit_never_exceeds_the_utterance_loss():
    pairwise = matrices(3, batch=60).reshape(10, 6, 3, 3)
    assert (frame_pit(pairwise)[0] < pit(pairwise.mean(-3))[0]).all()


@pytest.mark.parametrize("solve", [pit, pit_assignment, frame_pit, permutation_losses])
def test_refuses_more_estimates_than_sources(solve):
    with pytest.raises(ValueError, match=r"pairwise \(5, 3, 2\) does not end in a square"):
        solve(torch.zeros(5, 3, 2))


def test_pairwise_loss_compares_every_estimate_with_every_source():
    """The loss is not symmetric, so that exchanged arguments would be seen."""
    rng = torch.Generator().manual_seed(0)
    estimates = torch.randn(4, 3, 50, generator=rng)
    sources = torch.randn(4, 2, 50, generator=rng)

    def loss(estimate, source):
        return (estimate**2 * source).sum(-1)

    pairwise = pairwise_loss(loss, estimates, sources)
    assert pairwise.shape == (4, 3, 2)
    for b, i, j in itertools.product(range(4), range(3), range(2)):
        torch.testing.assert_close(pairwise[b, i, j], loss(estimates[b, i], sources[b, j]))


@pytest.mark.parametrize("shape", [(4, 2, 49), (1, 2, 50), (2, 50)])
def test_pairwise_loss_refuses_batches_or_signals_that_do_not_match(shape):
    with pytest.raises(ValueError, match="may differ only in the last axis but one"):
        pairwise_loss(squared_error, torch.zeros(4, 2, 50), torch.zeros(shape))


def test_reorder_puts_each_estimate_at_the_source_it_was_given():
    rng = torch.Generator().manual_seed(0)
    sources = torch.randn(4, 3, 5, 7, generator=rng)
    order = torch.tensor([[1, 2, 0], [2, 0, 1], [0, 1, 2], [1, 0, 2]])  # two are no involutions
    estimates = torch.stack([s[o] for s, o in zip(sources, order, strict=True)])
    torch.testing.assert_close(reorder(estimates, order), sources)


def test_reorder_undoes_what_pit_found():
    rng = torch.Generator().manual_seed(0)
    sources = torch.randn(3, 20, generator=rng)
    estimates = sources[[1, 2, 0]]
    _, order = pit(pairwise_loss(squared_error, estimates, sources))
    torch.testing.assert_close(reorder(estimates, order), sources)


def test_reorder_refuses_an_order_of_another_batch():
    with pytest.raises(ValueError, match=r"do not start with the axes of order \(3, 2\)"):
        reorder(torch.zeros(4, 2, 9), torch.zeros(3, 2, dtype=torch.int64))
