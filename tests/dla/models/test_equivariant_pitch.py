"""What the pitch network promises: it commutes with transposition."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from dla.losses.equivariance import shift_bins
from dla.models.equivariant_pitch import (
    Convolution,
    EquivariantPitch,
    EquivariantPitchSettings,
    Toeplitz,
)
from dla.train import seeded


@pytest.fixture
def network():
    return seeded(EquivariantPitch, 0).double()


def test_what_is_shifted_at_the_input_is_shifted_at_the_output(network):
    x = torch.zeros(2, 216, dtype=torch.float64)
    x[:, 60:150] = torch.rand(2, 90, generator=torch.Generator().manual_seed(0)).double()
    k = torch.tensor([12, -30])
    still, moved = network(x), network(shift_bins(x, k))
    assert_close(moved[0, 12:], still[0, :-12])
    assert_close(moved[1, :-30], still[1, 30:])
    assert still.std() > 1e-3


def test_level_does_not_matter_and_silence_stays_silent(network):
    x = torch.rand(1, 216, dtype=torch.float64)
    assert_close(network(100 * x), network(x), rtol=1e-4, atol=1e-6)
    assert_close(network(0 * x), torch.zeros(1, 216, dtype=torch.float64))


@pytest.mark.parametrize(("channels", "kernel"), [(1, 15), (4, 1), (3, 5)])
def test_a_convolution_is_that_of_torch_with_its_gradients(channels, kernel):
    layer = seeded(lambda: Convolution(channels, 6, kernel), 2).double()
    x = torch.randn(2, channels, 20, dtype=torch.float64, requires_grad=True)
    both = (layer(x), nn.Conv1d.forward(layer, x))
    assert_close(*both)
    one, other = (torch.autograd.grad(y.square().sum(), (x, layer.weight)) for y in both)
    assert_close(one, other)
    assert layer.bias is None


def test_a_toeplitz_layer_is_its_matrix_constant_along_diagonals():
    layer = seeded(lambda: Toeplitz(2, 5, 7), 1)
    matrix = layer.matrix()
    assert matrix.shape == (2, 7, 5)
    assert_close(matrix[:, 1:, 1:], matrix[:, :-1, :-1])
    assert_close(matrix[:, 0, 0], layer.distances[:, 4])
    x = torch.randn(3, 2, 5)
    assert_close(layer(x), torch.einsum("coi,bci->bo", matrix, x))


def test_it_is_smaller_than_fifty_thousand():
    assert sum(p.numel() for p in EquivariantPitch().parameters()) < 50_000


def test_settings_change_the_sizes():
    small = EquivariantPitch(EquivariantPitchSettings(bins=40, channels=3, layers=2, templates=2))
    assert small(torch.rand(4, 40)).shape == (4, 40)
