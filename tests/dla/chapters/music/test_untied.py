"""Laws of the arm with free weights: more general than the circulant, and not equivariant."""

import pytest
import torch

from dla.chapters.music.untied import UntiedNetwork, UntiedNetworkSettings
from dla.models.pitch_class_network import PitchClassNetwork, PitchClassNetworkSettings
from dla.train import seeded


@pytest.fixture
def chroma():
    g = torch.Generator().manual_seed(1)
    return torch.rand(3, 12, 4, generator=g, dtype=torch.float64)


def test_contains_the_network_that_commutes_with_rotations(chroma):
    shared = seeded(lambda: PitchClassNetwork(PitchClassNetworkSettings(channels=5)), 0).double()
    free = UntiedNetwork(UntiedNetworkSettings(channels=5)).double()
    q = torch.arange(12)
    with torch.no_grad():
        for name in ("first", "second", "decide"):
            layer = getattr(shared, name)
            circulant = layer.kernel[..., (q[:, None] - q) % 12]  # out in q p
            matrix = circulant.movedim(2, 1).flatten(2).flatten(0, 1)
            getattr(free, name).weight.copy_(matrix)
            getattr(free, name).bias.copy_(layer.bias.repeat_interleave(12))
    torch.testing.assert_close(free(chroma), shared(chroma))


def test_does_not_commute_with_a_rotation(chroma):
    network = seeded(UntiedNetwork, 0).double()
    moved = network(chroma.roll(1, -2))
    expected = network(chroma).unflatten(-1, (2, 12)).roll(1, -1).flatten(-2)
    assert (moved - expected).abs().max() > 1e-3


def test_has_as_many_weights_as_the_shared_network_within_three_percent():
    free, shared = (
        sum(p.numel() for p in make().parameters()) for make in (UntiedNetwork, PitchClassNetwork)
    )
    assert abs(free / shared - 1) < 0.03
