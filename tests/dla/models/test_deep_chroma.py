"""Learned chroma: one network rotates with the music, the other does not; both name chords."""

import pytest
import torch
from torch.testing import assert_close

from dla.measures.chords import NONE
from dla.models.chord_templates import binary_patterns
from dla.models.deep_chroma import (
    BINS,
    MARGIN,
    RING,
    SHARE,
    ChordsOfChroma,
    DenseChordNetwork,
    Over,
    RingChordNetwork,
    on_ring,
    over_transpositions,
    rotate_logits,
    transpose,
    transpose_classes,
)
from dla.train import seeded


@pytest.fixture
def magnitude():
    return torch.rand(2, BINS, 9, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def ring_network():
    return seeded(RingChordNetwork, 0).double().eval()


def test_the_ring_has_room_for_six_semitones_at_either_end(magnitude):
    ring = on_ring(magnitude)
    assert ring.shape == (2, RING * SHARE, 9) and MARGIN == 6 * SHARE
    for up in (-6, 6):
        moved = transpose(ring, up)
        sounding = moved.abs().sum((0, 2)).nonzero()[:, 0]
        assert sounding[0] == MARGIN + SHARE * up
        assert sounding[-1] == MARGIN + SHARE * up + BINS - 1


@pytest.mark.parametrize("gain", [1e-3, 50.0])
def test_the_input_does_not_change_with_the_gain(magnitude, gain):
    assert_close(on_ring(gain * magnitude), on_ring(magnitude))


def test_silence_stays_silence():
    assert on_ring(torch.zeros(BINS, 3)).abs().max() == 0


def test_another_number_of_bins_is_refused():
    with pytest.raises(ValueError, match=r"\(84, 5\): expected \(\.\.\., 216, frame\)"):
        on_ring(torch.ones(84, 5))


def test_classes_and_logits_are_transposed_alike():
    classes = torch.arange(-1, NONE + 1)
    for up in (-5, 0, 7):
        for y in classes[1:].tolist():
            logits = torch.eye(NONE + 1)[:, y : y + 1]
            there = int(rotate_logits(logits, up).argmax())
            assert there == int(transpose_classes(torch.tensor([y]), up))
    assert transpose_classes(classes, 3)[[0, -1]].tolist() == [-1, NONE]


@pytest.mark.parametrize("up", [-6, 1, 5])
def test_the_ring_network_rotates_with_the_music(ring_network, magnitude, up):
    ring = on_ring(magnitude).double()
    with torch.no_grad():
        moved = ring_network(transpose(ring, up))
        assert_close(moved, rotate_logits(ring_network(ring), up))
        chroma = ring_network.chroma(transpose(ring, up))
        assert_close(chroma, ring_network.chroma(ring).roll(up, -2))


def test_the_first_layer_is_the_circular_convolution(ring_network, magnitude):
    """Through the network's own chroma, with every other layer the identity or a copy."""
    ring = on_ring(magnitude[0]).double()
    k = torch.arange(RING * SHARE)
    kernel, bias = ring_network.kernel, ring_network.bias
    by_hand = torch.stack(
        [
            sum(kernel[:, (SHARE * p - j - 1) % len(k), None] * ring[j] for j in range(len(k)))
            for p in (0, 13, RING - 1)
        ]
    )
    heard = {}
    ring_network.first.register_forward_hook(lambda m, given, out: heard.update(x=given[0]))
    with torch.no_grad():
        ring_network(ring)
    octaves = RING // 12
    pooled = heard["x"]
    assert pooled.shape == (24, 12, 9)
    one = (by_hand + bias[:, None]).relu()[1]  # semitone 13: class 1 of the second octave
    assert (pooled[12:, 1] >= one - 1e-12).all()  # the maximum is no less
    assert (octaves * pooled[:12, 1] >= one - 1e-12).all()  # nor the sum


def test_mean_and_maximum_over_octaves(ring_network):
    """Zero input: each semitone gives the bias, so do its mean and maximum."""
    heard = {}
    ring_network.first.register_forward_hook(lambda m, given, out: heard.update(x=given[0]))
    with torch.no_grad():
        ring_network.bias += torch.linspace(-1, 1, 12)
        ring_network(torch.zeros(252, 2).double())
    expected = ring_network.bias.relu()[:, None, None].expand(12, 12, 2)
    assert_close(heard["x"], torch.cat([expected, expected]))


def test_the_dense_network_does_not_rotate(magnitude):
    network = seeded(DenseChordNetwork, 0).eval()
    ring = on_ring(magnitude)
    with torch.no_grad():
        moved = rotate_logits(network(ring), 1)
        assert (network(transpose(ring, 1)) - moved).abs().max() > 1e-2


def test_a_sum_over_frames_begins_as_the_identity_and_does_not_mix_channels():
    x = torch.randn(2, 3, 12, 8, generator=torch.Generator().manual_seed(1))
    layer = Over(3, 5)
    assert_close(layer(x), x)
    with torch.no_grad():
        layer.weight[1, 0] = 2.0  # two frames earlier
    later = torch.cat([torch.zeros(2, 12, 2), x[:, 1, :, :-2]], -1)
    assert_close(layer(x)[:, 1], x[:, 1] + 2 * later)
    assert_close(layer(x)[:, [0, 2]], x[:, [0, 2]])


def test_chords_are_binary_templates_on_logits_at_the_start():
    chroma = torch.randn(12, 4, generator=torch.Generator().manual_seed(2))
    logits = ChordsOfChroma()(chroma)
    for mode, pattern in enumerate(binary_patterns()):
        for root in range(12):
            assert_close(logits[12 * mode + root], pattern.roll(root) @ chroma)
    assert_close(logits[NONE], -0.1 * chroma.sum(0))


def test_the_mean_over_transpositions_turns_each_back(magnitude):
    """Of an equivariant network it is the network; of another it is not."""
    ring = on_ring(magnitude)
    tied = seeded(RingChordNetwork, 0).eval()
    assert_close(over_transpositions(tied, ring), tied(ring).detach(), rtol=1e-4, atol=1e-5)
    free = seeded(DenseChordNetwork, 0).eval()
    by_hand = sum(rotate_logits(free(transpose(ring, up)).detach(), -up) for up in range(-6, 6))
    assert_close(over_transpositions(free, ring), by_hand / 12)
    assert (over_transpositions(free, ring) - free(ring)).abs().max() > 1e-2
