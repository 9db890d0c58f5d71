"""The soprano of a chorale: learned with one balance, asked in three.

Two arms that differ in one thing, the levels of the voices in training:
the soprano always loudest, or all levels at random. Five seeds; works,
instruments and tempi held out. Reported in analysis/melody/salience.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import torch
from torch import Tensor, nn

from dla.chapters.melody.corpus import BALANCES, melodies
from dla.chapters.melody.salience import (
    Contour,
    Item,
    batches,
    items,
    loss,
    piece_scores,
    salience,
    tracked,
    voicing,
)
from dla.models.salience_network import (
    SalienceNetwork,
    SalienceNetworkSettings,
)
from dla.protocol.study import Study
from dla.train import Recipe, seeded

SETTINGS = SalienceNetworkSettings()
# What the probability of a rest is multiplied by. On instruments that it
# has not met the network doubts voices, and calls too much a rest. The
# best of 0.3, 0.1, 0.03, 0.01, 0.003 on the validation pieces (overall
# accuracy, mean of the balances), for seed 0 and random levels.
REST = 0.1


def network(seed: int) -> nn.Module:
    """The chapter's network at its start."""
    return seeded(lambda: SalienceNetwork(SETTINGS), seed)


@cache
def melody_items(side: str, balance: str) -> tuple[Item, ...]:
    """Chorales in one balance; three windows of each to train from."""
    copies = 3 if side == "train" else 2
    return items(melodies(side, balance, copies=copies))


def soprano_loudest(
    seed: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Cuts in which the melody is the loudest voice."""
    generator = torch.Generator().manual_seed(seed)
    return batches(melody_items("train", "soprano"), generator)


def levels_at_random(
    seed: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Cuts in which any voice may be the loudest."""
    generator = torch.Generator().manual_seed(seed)
    return batches(melody_items("train", "random"), generator)


def followed(model: nn.Module, given: Sequence[Item]) -> list[Contour]:
    """The best path through the salience of each item."""
    found = []
    for item in given:
        s = salience(model, item.features)
        rest = (REST * (1 - voicing(s)).clamp_min(1e-3)).log()
        found.append(tracked(s.clamp_min(1e-6).log(), s, unvoiced=rest))
    return found


def measured(model: nn.Module) -> Mapping[str, float]:
    """In each balance: mean scores, and each piece's overall accuracy."""
    model = model.eval()
    values = {}
    for balance in BALANCES:
        marks = piece_scores(
            melodies("test", balance),
            followed(model, melody_items("test", balance)),
        )
        for name in marks[0]._fields:
            total = sum(getattr(m, name) for m in marks)
            values[f"{balance}: {name}"] = total / len(marks)
        for k, mark in enumerate(marks):
            values[f"{balance}: overall {k}"] = mark.overall
            values[f"{balance}: raw_pitch {k}"] = mark.raw_pitch
    return {name: round(value, 4) for name, value in values.items()}


STUDIES = tuple(
    Study(
        name=f"melody-{name}",
        question=f"What does a network find that has met {words}?",
        seeds=(0, 1, 2, 3, 4),
        recipe=Recipe(steps=300, learning_rate=5e-3),
        shorter=(100,),
        model=network,
        draw=draw,
        loss=loss,
        measure=measured,
        digits=1,  # of the weights' test: one frame of a piece may flip
        keep=0,
    )
    for name, words, draw in (
        (
            "soprano-loudest",
            "the soprano as the loudest voice only",
            soprano_loudest,
        ),
        ("random-levels", "voices at any level", levels_at_random),
    )
)
