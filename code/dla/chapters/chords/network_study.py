"""The chapter's chord network: five seeds, five test sets.

Reported in analysis/chords/network, whose network, data, loss and
recipe these are.
"""

from collections.abc import Callable
from functools import cache

from torch import Tensor

from dla.chapters.chords.corpus import Excerpt, corpus
from dla.chapters.chords.training import (
    Item,
    batches_of,
    chord_loss,
    item,
    network_recall,
    recall_by_piece,
)
from dla.models.deep_chroma import RingChordNetwork
from dla.protocol.study import Study
from dla.train import Recipe, seeded

COPIES = 3  # of each training piece: instrument, tempo and passage


@cache
def training_items() -> tuple[Item, ...]:
    """What is drawn from."""
    return tuple(
        item(e)
        for seed in range(COPIES)
        for e in corpus("train", seed=seed)
    )


@cache
def test_sets() -> dict[str, tuple[Excerpt, ...]]:
    """Excerpts by what they are."""
    return {
        "held out": corpus("test"),
        "fresh draws": corpus("test", seed=1),
        "quartets": corpus("quartets"),
    }


def network(seed: int) -> RingChordNetwork:
    """The network at its start."""
    return seeded(RingChordNetwork, seed)


def batches(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Eight cuts of six seconds for every step."""
    return batches_of(training_items(), seed, transposed=False)


def measured(model: RingChordNetwork) -> dict[str, float]:
    """Weighted recall on each set, and against the analysts."""
    model = model.eval()
    values: dict[str, float] = {}
    for name, excerpts in test_sets().items():
        values |= recall_by_piece(model, excerpts, name)
    values["held out, analysts"] = network_recall(
        model, test_sets()["held out"], analyst=True
    )
    return {name: round(value, 4) for name, value in values.items()}


STUDY = Study(
    name="chord-network",
    question="What does the chord network score over five seeds?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=300),
    model=network,
    draw=batches,
    loss=chord_loss,
    measure=measured,
    digits=1,  # a frame of one piece is 0.006
    keep=0,
)
