"""Laws of the salience network: its reach, its symmetry, its size."""

import pytest
import torch

from dla.models.salience_network import (
    SalienceNetwork,
    SalienceNetworkSettings,
    receptive_field,
)
from dla.train import seeded

SMALL = SalienceNetworkSettings(harmonics=2, channels=4, dilations=(1, 3), spans=(1, 2))


@pytest.fixture
def network():
    return seeded(lambda: SalienceNetwork(SMALL), 0)


def test_a_bin_answers_to_its_receptive_field_and_to_nothing_else(network):
    bins, frames = receptive_field(network)
    assert (bins, frames) == (1 + 2 + 2 + 6, 1 + 2 + 2 + 4)
    x = torch.rand(1, 2, 31, 21, requires_grad=True)
    network(x)[0, 15, 10].backward()
    reached = x.grad[0].abs().sum(0).nonzero()
    assert reached.amin(0).tolist() == [15 - bins // 2, 10 - frames // 2]
    assert reached.amax(0).tolist() == [15 + bins // 2, 10 + frames // 2]


def test_music_higher_gives_salience_higher(network):
    x = torch.zeros(1, 2, 60, 9)
    x[:, :, 25:35] = torch.rand(1, 2, 10, 9, generator=torch.Generator().manual_seed(0))
    inside = slice(20, 40)
    moved = network(x.roll(4, dims=2))[:, 24:44]
    torch.testing.assert_close(moved, network(x)[:, inside])


def test_one_logit_a_bin_and_frame_and_a_batch_is_its_items(network):
    x = torch.rand(3, 2, 20, 8)
    logits = network(x)
    assert logits.shape == (3, 20, 8)
    torch.testing.assert_close(logits[1], network(x[1:2])[0])


def test_has_fewer_than_a_hundred_thousand_parameters():
    assert sum(p.numel() for p in SalienceNetwork().parameters()) < 100_000
