"""Laws of the network that commutes with transposition."""

import pytest
import torch

from dla.models.pitch_class_network import (
    KEYS,
    CircularConvolution,
    PitchClassNetwork,
    PitchClassNetworkSettings,
    key_class,
    tonic_and_mode,
)
from dla.train import seeded


@pytest.fixture
def network():
    return seeded(lambda: PitchClassNetwork(PitchClassNetworkSettings(channels=5)), 0).double()


def chroma(*batch: int) -> torch.Tensor:
    g = torch.Generator().manual_seed(1)
    return torch.rand(*batch, 12, 4, generator=g, dtype=torch.float64)


@pytest.mark.parametrize("shift", range(12))
def test_transposing_the_input_moves_the_logits_of_each_mode(network, shift):
    x = chroma(3)
    moved = network(x.roll(shift, -2))
    expected = network(x).unflatten(-1, (2, 12)).roll(shift, -1).flatten(-2)
    torch.testing.assert_close(moved, expected)


def test_the_layer_is_multiplication_by_circulants():
    """The slow way: three loops, one product at a time."""
    layer = seeded(lambda: CircularConvolution(2, 3), 0).double()
    with torch.no_grad():
        layer.bias.copy_(torch.tensor([1.0, -2.0, 0.5]))
    x = chroma(2)
    y = layer(x)
    assert y.shape == (3, 12, 4)
    for o in range(3):
        for q in range(12):
            slow = layer.bias[o] + sum(
                layer.kernel[o, i, r] * x[i, (q - r) % 12] for i in range(2) for r in range(12)
            )
            torch.testing.assert_close(y[o, q], slow)


def test_a_unit_kernel_at_zero_is_the_identity_and_at_seven_a_fifth_up():
    layer = CircularConvolution(1, 1).double()
    x = chroma(1)
    for shift in (0, 7):
        with torch.no_grad():
            layer.kernel.zero_()[0, 0, shift] = 1.0
        torch.testing.assert_close(layer(x), x.roll(shift, -2))


def test_frames_may_come_in_any_order(network):
    x = chroma(2)
    torch.testing.assert_close(network(x.flip(-1)), network(x))


def test_a_batch_is_a_stack_of_items_and_leading_axes_are_free(network):
    x = chroma(2, 3)
    items = torch.stack([torch.stack([network(item) for item in row]) for row in x])
    torch.testing.assert_close(network(x), items)


def test_the_embedding_is_what_the_last_layer_reads(network):
    x = chroma(2)
    logits = network.decide(network.embed(x).unsqueeze(-1)).squeeze(-1)
    torch.testing.assert_close(network(x), logits.flatten(-2))


def test_the_number_of_parameters_is_that_of_three_circular_layers():
    c = 24
    by_hand = (12 * c + c) + (12 * c * c + c) + (12 * 2 * c + 2)
    assert sum(p.numel() for p in PitchClassNetwork().parameters()) == by_hand


def test_major_keys_come_first_and_relative_keys_are_a_minor_third_apart():
    assert KEYS[key_class(torch.tensor(0), torch.tensor(0))] == "C major"
    assert KEYS[key_class(torch.tensor(9), torch.tensor(1))] == "A minor"
    assert len(set(KEYS)) == 24


def test_tonic_and_mode_give_the_class_back():
    every = torch.arange(24)
    assert torch.equal(key_class(*tonic_and_mode(every)), every)
