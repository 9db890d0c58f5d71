"""What several starts of one training reached.

Of the study of analysis/melody/equivariance: tables of seeds, and
mini-batches that several starts share.
"""

from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor

from dla.chapters.melody.corpus import Piece
from dla.protocol.study import Result

HIGH = 400.0  # Hz: a part is high if its median pitch is above


def is_high(pieces: Sequence[Piece]) -> np.ndarray:
    """Of each part, whether its median pitch is above HIGH."""
    return np.array(
        [float(p.f0[p.f0 > 0].median()) > HIGH for p in pieces]
    )


def by_part(
    result: Result, what: str, pieces: Sequence[Piece]
) -> np.ndarray:
    """A measured number of each part (rows) and seed (columns).

    Args:
        result: of a study of `unlabelled_study`.
        what: "pitch" or "chroma".
        pieces: the parts.
    """
    steps = result.study.recipe.steps
    return np.array(
        [
            result.values(f"{what}: {p.name}, {p.part}", steps)
            for p in pieces
        ]
    )


def start_rows(
    result: Result, pieces: Sequence[Piece]
) -> dict[str, np.ndarray]:
    """Of each seed: accuracies, the loss, and where its parts are.

    A part is right if the pitch of more than half of its frames is,
    and octaves off if only their chroma is.

    Args:
        result: of a study of `unlabelled_study`.
        pieces: the test parts.
    """
    steps = result.study.recipe.steps
    chroma, pitch = (
        by_part(result, what, pieces) for what in ("chroma", "pitch")
    )
    high = is_high(pieces)

    def values(name: str) -> np.ndarray:
        return np.array(result.values(name, steps))

    return {
        "raw pitch accuracy": pitch.mean(0),
        "raw chroma accuracy": chroma.mean(0),
        "chroma, high parts": chroma[high].mean(0),
        "chroma, other parts": chroma[~high].mean(0),
        "fresh draw, pitch": values("fresh draw: raw pitch accuracy"),
        "fresh draw, chroma": values("fresh draw: raw chroma accuracy"),
        "loss without labels": values("loss without labels"),
        "share that leaves": values("share that leaves"),
        "entropy in bits": values("entropy in bits"),
        "parts right": (pitch > 0.5).mean(0),
        "parts octaves off": ((chroma > 0.5) & (pitch <= 0.5)).mean(0),
    }


def shared_by(
    models: int, draw: Callable[[int], tuple[Tensor, Tensor]]
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches that several models see alike.

    Args:
        models: how many.
        draw: of one model, as `unlabelled.pairs` makes it.
    """

    def alike(step: int) -> tuple[Tensor, Tensor]:
        views, shift = draw(step)
        return (
            views.expand(models, *views.shape[1:]),
            shift.expand(models, *shift.shape[1:]),
        )

    return alike
