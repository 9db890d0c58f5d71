"""The laws of the squared error: Pythagoras, additivity over parts, its gradient."""

import pytest
import torch

from dla.losses.squared_error import squared_error


@pytest.fixture
def signals():
    """An estimate and a target: float64, shape (2, 12)."""
    rng = torch.Generator().manual_seed(0)
    return tuple(torch.randn(2, 2, 12, generator=rng, dtype=torch.float64))


def test_is_the_square_of_the_distance(signals):
    distance = torch.linalg.vector_norm(signals[0] - signals[1], dim=-1)
    torch.testing.assert_close(squared_error(*signals), distance**2)


def test_adds_over_parts(signals):
    first, rest = ([x[:, :5] for x in signals], [x[:, 5:] for x in signals])
    parts = squared_error(*first) + squared_error(*rest)
    torch.testing.assert_close(squared_error(*signals), parts)


def test_gradient_is_twice_the_difference(signals):
    estimate, target = signals
    gradient = torch.func.grad(lambda e: squared_error(e, target).sum())(estimate)
    torch.testing.assert_close(gradient, 2 * (estimate - target))


def test_refuses_shapes_that_would_broadcast():
    with pytest.raises(ValueError, match=r"estimate \(2, 1, 8\) and target \(2, 8\) differ in sh"):
        squared_error(torch.zeros(2, 1, 8), torch.zeros(2, 8))
