"""The network that sees no label: five seeds, and one change an arm.

The losses that a uniform answer satisfies or violates, and the random
filter without which the constant differs from timbre to timbre.
Reported in analysis/melody/equivariance.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla.chapters.melody.corpus import corpus
from dla.chapters.melody.unlabelled import (
    PER_OCTAVE,
    accuracies,
    calibrate,
    mean_entropy,
    pair_loss,
    pairs,
)
from dla.losses.equivariance import (
    difference_loss,
    ratio_loss,
    shifted_cross_entropy,
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


def entropy(
    logits: Float[Tensor, "model twice bin"],
    shift: Int[Tensor, "model batch"],
) -> Float[Tensor, "model"]:
    """Shifted cross-entropy alone."""
    return shifted_cross_entropy(*logits.chunk(2, dim=1), shift).mean(
        -1
    )


def ratio(
    logits: Float[Tensor, "model twice bin"],
    shift: Int[Tensor, "model batch"],
) -> Float[Tensor, "model"]:
    """PESTO's ratio alone."""
    first, second = logits.softmax(-1).chunk(2, dim=1)
    return ratio_loss(
        first, second, shift, bins_per_octave=PER_OCTAVE
    ).mean(-1)


def difference(
    logits: Float[Tensor, "model twice bin"],
    shift: Int[Tensor, "model batch"],
) -> Float[Tensor, "model"]:
    """SPICE's difference, of the mean of the distribution in octaves."""
    bins = torch.arange(logits.shape[-1]) / PER_OCTAVE
    first, second = (logits.softmax(-1) @ bins).chunk(2, dim=1)
    return difference_loss(
        first, second, shift, scale=1 / PER_OCTAVE
    ).mean(-1)


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
        "entropy in bits": mean_entropy(model, "test"),
    }
    for piece, (pitch, chroma) in zip(
        corpus("test"), table.tolist(), strict=True
    ):
        name = f"{piece.name}, {piece.part}"
        values |= {f"pitch: {name}": pitch, f"chroma: {name}": chroma}
    return {name: round(x, 4) for name, x in values.items()}


ARMS: dict[str, tuple[str, Callable, Callable]] = {
    "unlabelled": (
        "What does the network reach without a label?",
        pair_loss,
        pairs,
    ),
    "unlabelled-entropy": (
        "Is the shifted cross-entropy enough?",
        entropy,
        pairs,
    ),
    "unlabelled-ratio": (
        "Is the ratio of the projections enough?",
        ratio,
        pairs,
    ),
    "unlabelled-difference": (
        "Is the difference of two numbers enough?",
        difference,
        pairs,
    ),
    "unlabelled-unfiltered": (
        "What does the random filter buy?",
        pair_loss,
        unfiltered,
    ),
}

STUDIES = tuple(
    Study(
        name=name,
        question=question,
        seeds=(0, 1, 2, 3, 4),
        recipe=Recipe(steps=600),
        shorter=(300,),
        model=network,
        draw=draw,
        loss=loss,
        measure=measured,
        digits=2,
        keep=0,
    )
    for name, (question, loss, draw) in ARMS.items()
)
