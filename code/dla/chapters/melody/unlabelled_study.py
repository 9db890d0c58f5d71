"""The network that sees no label, ten seeds; and without the filter.

The loss on validation parts needs no label either. Reported in analysis/melody/equivariance.
"""

from collections.abc import Callable

from torch import Tensor

from dla.chapters.melody.corpus import corpus
from dla.chapters.melody.unlabelled import (
    accuracies,
    calibrate,
    mean_entropy,
    pair_loss,
    pairs,
    unlabelled_loss,
)
from dla.models.equivariant_pitch import EquivariantPitch
from dla.protocol.study import Study
from dla.train import Recipe, seeded


def network(seed: int) -> EquivariantPitch:
    """The network at its start."""
    return seeded(EquivariantPitch, seed)


def unfiltered(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches without the random filter."""
    return pairs(seed, tilt=0.0)


def measured(model: EquivariantPitch) -> dict[str, float]:
    """Accuracies on the test parts, and how spread the answers are."""
    model = model.eval()
    constant = calibrate(model)
    table = accuracies(model, "test", constant)
    fresh = accuracies(model, "test", constant, draw=1)
    values = {
        "raw pitch accuracy": float(table[:, 0].mean()),
        "raw chroma accuracy": float(table[:, 1].mean()),
        "fresh draw: raw pitch accuracy": float(fresh[:, 0].mean()),
        "fresh draw: raw chroma accuracy": float(fresh[:, 1].mean()),
        "loss without labels": unlabelled_loss(model),
        "entropy in bits": mean_entropy(model, "test"),
    }
    for piece, (pitch, chroma) in zip(
        corpus("test"), table.tolist(), strict=True
    ):
        name = f"{piece.name}, {piece.part}"
        values |= {f"pitch: {name}": pitch, f"chroma: {name}": chroma}
    return {name: round(x, 4) for name, x in values.items()}


STUDIES = tuple(
    Study(
        name=name,
        question=question,
        seeds=tuple(range(10)),
        recipe=Recipe(steps=600),
        model=network,
        draw=draw,
        loss=pair_loss,
        measure=measured,
        digits=2,
        keep=0,
    )
    for name, question, draw in (
        (
            "unlabelled",
            "What does the network reach without a label?",
            pairs,
        ),
        (
            "unlabelled-unfiltered",
            "What does it reach without the random filter?",
            unfiltered,
        ),
    )
)
