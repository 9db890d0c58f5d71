"""Cuts carry their chords; the loss counts what is scored; all pass the same chain."""

import pytest
import torch
from torch.testing import assert_close

from dla.chapters.chords import training
from dla.chapters.chords.corpus import corpus
from dla.chapters.chords.training import Item, batch, chord_loss
from dla.measures.chords import NONE, VOCABULARY, class_of
from dla.models.chord_templates import binary_patterns
from dla.models.deep_chroma import RingChordNetwork
from dla.train import seeded


def marked(frames: int, classes) -> Item:
    """A ring whose one bright bin says which class the frame has."""
    ring = torch.zeros(252, frames)
    truth = torch.tensor(classes)
    for m, y in enumerate(classes):
        if 0 <= y < 12:
            ring[3 * (36 + y), m] = 1.0
    return Item(ring, truth)


@pytest.mark.parametrize("transposed", [False, True])
def test_cuts_carry_their_chords(transposed):
    items = [marked(30, [0, 4, 7, 11, 2] * 6), marked(9, [5] * 8 + [-1])]
    rings, classes = batch(
        items, torch.Generator().manual_seed(0), transposed=transposed, size=20, frames=16
    )
    seen = set()
    for ring, truth in zip(rings, classes, strict=True):
        for m, y in enumerate(truth.tolist()):
            if y >= 0:
                assert (int(ring[:, m].argmax()) // 3) % 12 == y
                seen.add(y)
            else:
                assert ring[:, m].abs().max() == 0
    assert (seen <= {0, 2, 4, 5, 7, 11}) is not transposed


def test_the_same_generator_draws_the_same_cuts_transposed_or_not():
    items = [marked(40, [k % 12 for k in range(40)])]
    (plain, _), (moved, _) = (
        batch(items, torch.Generator().manual_seed(3), transposed=t, frames=8)
        for t in (False, True)
    )
    bins = plain.argmax(1), moved.argmax(1)
    assert ((bins[0] - bins[1]) % 3 == 0).all()
    assert ((bins[0] - bins[1]) == (bins[0] - bins[1])[:, :1]).all()


def test_the_loss_is_the_mean_surprise_of_what_is_scored():
    logits = torch.randn(2, 3, 25, 6, generator=torch.Generator().manual_seed(0))
    classes = torch.randint(25, (2, 3, 6), generator=torch.Generator().manual_seed(1))
    classes[0, 1, 2:] = -1
    share = logits.softmax(2)
    for model in range(2):
        surprise = [
            -share[model, c, classes[model, c, m], m].log()
            for c in range(3)
            for m in range(6)
            if classes[model, c, m] >= 0
        ]
        assert_close(chord_loss(logits, classes)[model], torch.stack(surprise).mean())


def test_nothing_scored_costs_nothing():
    assert chord_loss(torch.zeros(1, 1, 25, 4), torch.full((1, 1, 4), -1)) == 0


def test_templates_name_a_chord_that_rings_alone():
    spectrum = torch.zeros(216, 20)
    for pitch in (48 - 36, 55 - 36, 64 - 36):  # C, G, E
        spectrum[3 * pitch] = 1.0
    for compressed in (False, True):
        chroma = training.plain_chroma(spectrum, compressed=compressed)
        assert_close(chroma / chroma.max(), binary_patterns()[0][:, None].expand(12, 20))
        found = training.by_templates(spectrum, compressed=compressed)
        assert found.labels == ["C:maj"]


def test_octaves_above_those_that_are_folded_are_not_heard():
    spectrum = torch.zeros(216, 20)
    for pitch in (60, 63, 67):  # C, E flat, G of the sixth octave
        spectrum[3 * pitch] = 1.0
    assert training.by_templates(spectrum, octaves=6).labels == ["C:min"]
    assert training.by_templates(spectrum, octaves=5, quiet=1.0).labels == ["N"]


def test_a_price_removes_a_change_that_is_worth_less_than_two():
    spectrum = torch.zeros(216, 21)
    for pitch in (48, 52, 55):
        spectrum[3 * (pitch - 36)] = 1.0
    spectrum[3 * (52 - 36), 10] = 0.0  # one frame of C minor
    spectrum[3 * (51 - 36), 10] = 1.0
    changed = training.by_templates(spectrum, price=0.1).labels
    assert changed == ["C:maj", "C:min", "C:maj"]
    assert training.by_templates(spectrum, price=0.2).labels == ["C:maj"]


def test_the_chain_keeps_what_one_frame_hardly_contradicts():
    emission = torch.full((9, NONE + 1), -5.0)
    emission[:, class_of("F:maj")] = 0.0
    emission[4, class_of("D:min")] = 0.5
    assert training.decoded(emission).labels == ["F:maj"]
    assert training.decoded(emission, stay=1 / (NONE + 1)).labels == ["F:maj", "D:min", "F:maj"]
    assert set(training.decoded(emission).labels) <= set(VOCABULARY)


def test_recall_of_the_truth_is_one_and_pieces_are_listed():
    excerpts = corpus("test")[:2]
    assert all(r.score == 1 for r in training.recall_of(lambda e: e.rule, excerpts))
    assert all(
        r.score == 1 for r in training.recall_of(lambda e: e.analyst, excerpts, analyst=True)
    )
    network = seeded(RingChordNetwork, 0).eval()
    values = training.recall_by_piece(network, excerpts, "two")
    assert list(values) == ["two", *(f"two: {e.name}" for e in excerpts)]
    low, high = sorted(values[f"two: {e.name}"] for e in excerpts)
    assert low <= values["two"] <= high
    assert values["two"] == training.network_recall(network, excerpts)
