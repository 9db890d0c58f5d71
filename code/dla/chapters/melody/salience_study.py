"""Salience of single parts: what harmonic channels and a wide reach are worth.

Four arms of one network and one recipe: the six channels of the HCQT or
the first harmonic's alone, and kernels that reach over an octave or
not. Five seeds, pieces, instruments and tempi held out. Reported in
analysis/melody/salience.
"""

from collections.abc import Callable, Mapping
from functools import cache

import torch
from torch import Tensor, nn

from dla.chapters.melody.corpus import corpus
from dla.chapters.melody.salience import (
    Item,
    batches,
    contour,
    items,
    loss,
    piece_scores,
    salience,
)
from dla.models.salience_network import (
    SalienceNetwork,
    SalienceNetworkSettings,
)
from dla.protocol.study import Study
from dla.spectral.hcqt import HARMONICS
from dla.train import Recipe, seeded

WIDE = SalienceNetworkSettings()
NARROW = SalienceNetworkSettings(dilations=(1, 2, 3, 4))


def wide(seed: int) -> nn.Module:
    """The chapter's network at its start."""
    return seeded(lambda: SalienceNetwork(WIDE), seed)


def narrow(seed: int) -> nn.Module:
    """As many parameters, smaller gaps: less than an octave is seen."""
    return seeded(lambda: SalienceNetwork(NARROW), seed)


@cache
def harmonic_items(side: str) -> tuple[Item, ...]:
    """What an arm with all six channels hears."""
    return items(corpus(side))


@cache
def plain_items(side: str) -> tuple[Item, ...]:
    """The same, all channels but the first harmonic's silent."""
    kept = torch.tensor([float(h == 1) for h in HARMONICS])[
        :, None, None
    ]
    return tuple(
        Item(features * kept, position)
        for features, position in harmonic_items(side)
    )


def with_harmonics(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Cuts of the training pieces, all channels."""
    generator = torch.Generator().manual_seed(seed)
    return batches(harmonic_items("train"), generator)


def without(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """The same cuts, one channel."""
    generator = torch.Generator().manual_seed(seed)
    return batches(plain_items("train"), generator)


def hearing_harmonics(model: nn.Module) -> Mapping[str, float]:
    """Scores of an arm with all channels."""
    return scores(model, harmonic_items("test"))


def hearing_one(model: nn.Module) -> Mapping[str, float]:
    """Scores of an arm with one channel."""
    return scores(model, plain_items("test"))


def scores(
    model: nn.Module, given: tuple[Item, ...]
) -> Mapping[str, float]:
    """Means over the test pieces, and each piece's raw accuracies."""
    model = model.eval()
    marks = piece_scores(
        corpus("test"),
        [contour(salience(model, item.features)) for item in given],
    )
    values = {
        name: sum(getattr(m, name) for m in marks) / len(marks)
        for name in marks[0]._fields
    }
    for k, mark in enumerate(marks):
        values[f"raw_pitch {k}"] = mark.raw_pitch
        values[f"raw_chroma {k}"] = mark.raw_chroma
    return {name: round(value, 4) for name, value in values.items()}


STUDIES = tuple(
    Study(
        name=f"salience-{name}",
        question=f"How right is the pitch of a part alone, by {words}?",
        seeds=(0, 1, 2, 3, 4),
        recipe=Recipe(steps=160, learning_rate=5e-3),
        shorter=(80,),
        model=model,
        draw=draw,
        loss=loss,
        measure=measure,
        digits=1,  # of the weights' test: one frame of a piece may flip
        keep=0,
    )
    for name, words, model, draw, measure in (
        (
            "harmonics-wide",
            "harmonics and a wide reach",
            wide,
            with_harmonics,
            hearing_harmonics,
        ),
        (
            "harmonics-narrow",
            "harmonics and a narrow reach",
            narrow,
            with_harmonics,
            hearing_harmonics,
        ),
        (
            "plain-wide",
            "one channel and a wide reach",
            wide,
            without,
            hearing_one,
        ),
        (
            "plain-narrow",
            "one channel and a narrow reach",
            narrow,
            without,
            hearing_one,
        ),
    )
)
