"""Laws of the convolutional network on log frequency."""

import pytest
import torch
from torch.nn import functional

from dla.models.key_cnn import KeyCNN, KeyCNNSettings, windows
from dla.train import seeded

SMALL = KeyCNNSettings(bins=72, channels=4)


@pytest.fixture
def network():
    return seeded(lambda: KeyCNN(SMALL), 0).double()


def spectra(*batch: int) -> torch.Tensor:
    g = torch.Generator().manual_seed(1)
    return torch.rand(*batch, 72, 5, generator=g, dtype=torch.float64)


def test_is_what_torch_convolutions_with_its_weights_compute(network):
    x = spectra(3)
    frames = x.mT.flatten(0, 1)[:, None]  # every frame an item
    first = network.first.weight[:, None]
    h = functional.conv1d(frames, first, network.first.bias, stride=3, padding=12)
    second = network.second.weight.unflatten(1, (4, 5))
    h = functional.conv1d(h.relu(), second, network.second.bias, padding=2).relu()
    features = h.mT.flatten(1).unflatten(0, (3, 5)).mean(1)
    torch.testing.assert_close(network.embed(x), features)
    torch.testing.assert_close(network(x), network.decide(features))


def test_inner_features_move_with_the_music_but_the_logits_do_not(network):
    x = spectra(1)
    x[:, :24] = 0
    x[:, -24:] = 0  # room to move without losing anything
    here = network.embed(x).unflatten(-1, (24, 4))
    there = network.embed(x.roll(6, -2)).unflatten(-1, (24, 4))  # two semitones
    torch.testing.assert_close(there[:, 4:-4], here[:, 2:-6])
    moved = network(x.roll(6, -2)).unflatten(-1, (2, 12))
    still = network(x).unflatten(-1, (2, 12)).roll(2, -1)
    assert (moved - still).abs().max() > 0.01


def test_frames_may_come_in_any_order(network):
    x = spectra(2)
    torch.testing.assert_close(network(x.flip(-1)), network(x))


def test_a_batch_is_a_stack_of_items_and_leading_axes_are_free(network):
    x = spectra(2, 3)
    items = torch.stack([torch.stack([network(item) for item in row]) for row in x])
    torch.testing.assert_close(network(x), items)


def test_windows_are_centred_on_every_step():
    x = torch.arange(1.0, 8.0)
    found = windows(x, 5, 3)
    assert found.tolist() == [[0, 0, 1, 2, 3], [2, 3, 4, 5, 6], [5, 6, 7, 0, 0]]


def test_models_can_be_trained_side_by_side(network):
    from torch.func import functional_call, stack_module_state

    others = [seeded(lambda: KeyCNN(SMALL), s).double() for s in (0, 1)]
    stacked = stack_module_state(others)
    x = spectra(2, 3)
    both = torch.vmap(lambda p, b, x: functional_call(network, (p, b), (x,)))(*stacked, x)
    torch.testing.assert_close(both, torch.stack([m(y) for m, y in zip(others, x, strict=True)]))
