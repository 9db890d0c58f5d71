"""What several starts of one training reached, and which to keep.

Of the study of analysis/melody/equivariance: tables of seeds, the rule
that keeps the smallest loss, and mini-batches that several starts share.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

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
        "entropy in bits": values("entropy in bits"),
        "parts right": (pitch > 0.5).mean(0),
        "parts octaves off": ((chroma > 0.5) & (pitch <= 0.5)).mean(0),
    }


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's: the correlation of the ranks, none of them shared.

    >>> round(rank_correlation([1, 2, 3], [10, 30, 20]), 3)
    0.5
    """
    ranks = [np.argsort(np.argsort(x)) for x in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


def choices(loss: Sequence[float]) -> dict[str, list[int]]:
    """Rules to keep one of several starts -> the seeds they keep.

    All of them; of every three and five the one with the smallest
    loss; the same of each half of the seeds in their order.

    Args:
        loss: of each seed; even in number.

    Raises:
        ValueError: an odd number of seeds, or fewer than six.
    """
    if len(loss) % 2 or len(loss) < 6:
        raise ValueError(
            f"{len(loss)} losses, expected an even number from 6 on"
        )
    seeds, half = range(len(loss)), len(loss) // 2

    def smallest(group: Sequence[int]) -> int:
        return min(group, key=lambda seed: loss[seed])

    return (
        {"all starts": list(seeds)}
        | {
            f"best loss of {n}": [
                smallest(group) for group in combinations(seeds, n)
            ]
            for n in (3, 5)
        }
        | {
            f"best loss of the {name} half": [smallest(group)]
            for name, group in (
                ("first", seeds[:half]),
                ("second", seeds[half:]),
            )
        }
    )


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
