"""Decoders on planted activations: eight pieces, some draws of each.

Explained in analysis/beat-tracking/priors.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla.chapters.beat_tracking.features import FRAME_RATE
from dla.chapters.beat_tracking.planted import (
    Flaws,
    plant_activation,
    played,
)
from dla.decoders.bar_pointer import BarPointerSettings, decode
from dla.measures.beats import beat_scores
from dla.protocol.statistics import Interval, paired_bootstrap

PIECES, LENGTH = 8, 28  # LENGTH in beats
DRAWS = {"steady": 5, "rubato": 5, "accelerando": 2, "fermata": 2}
FRESH = 20_000  # first piece; those that were looked at began at 0
TEMPI = (65.0, 150.0)  # BPM

Table = dict[str, dict[str, Float[Tensor, "piece draw measure"]]]


def pointer(
    activation: Float[Tensor, "frame"],
    value: float = 100.0,
    low: float = 55.0,
    **other,
) -> Float[Tensor, "beat"]:
    """Beats of the bar pointer that counts no bars.

    Args:
        activation: of beats, 50 frames a second.
        value: lambda.
        low: slowest tempo in BPM; the fastest is 215.
        other: of `dla.decoders.bar_pointer.decode`.
    """
    settings = BarPointerSettings(low, 215.0, value, beats_per_bar=(1,))
    return decode(
        activation, frame_rate=FRAME_RATE, settings=settings, **other
    ).times


def draw_bpm(piece: int) -> tuple[float, np.random.Generator]:
    """A piece's tempo, and what else is drawn for it."""
    rng = np.random.default_rng(piece)
    slow, fast = TEMPI
    return slow * (fast / slow) ** rng.random(), rng


def performance(curve: str, piece: int) -> Float[Tensor, "beat"]:
    """Beat times in s of a piece, played with a tempo curve."""
    bpm, rng = draw_bpm(piece)
    return played(curve, bpm=bpm, beats=LENGTH, rng=rng)


def planted_scores(
    how: Callable[[Tensor], Mapping[str, Tensor]],
    curves: Sequence[str] = tuple(DRAWS),
    perform: Callable[[str, int], Tensor] = performance,
    *,
    first: int = FRESH,
    **flaws: float,
) -> Table:
    """Curve -> decoder -> scores of `beat_scores`.

    Args:
        how: from an activation to each decoder's beats.
        curves: of DRAWS.
        perform: from a curve and a piece to its beats.
        first: number of the first piece.
        flaws: of `Flaws`.
    """
    table = {}
    for curve in curves:
        rows = []
        for piece in range(first, first + PIECES):
            truth = perform(curve, piece)
            for draw in range(DRAWS[curve]):
                g = torch.Generator().manual_seed(100 * piece + draw)
                activation = plant_activation(
                    truth, generator=g, flaws=Flaws(**flaws)
                )
                rows.append(
                    {
                        n: beat_scores(truth, t)
                        for n, t in how(activation).items()
                    }
                )
        table[curve] = {
            n: torch.tensor([r[n] for r in rows]).view(
                PIECES, DRAWS[curve], 4
            )
            for n in rows[0]
        }
    return table


def piece_means(
    scores: Float[Tensor, "piece draw measure"], measure: int = 0
) -> Float[Tensor, "piece"]:
    """Means over the draws of each piece; F is measure 0."""
    return scores[..., measure].double().mean(1)


def gap(
    found: Mapping[str, Tensor], a: str, b: str, measure: int = 0
) -> Interval:
    """Decoder a over decoder b, 95 % interval over pieces."""
    return paired_bootstrap(
        piece_means(found[a], measure),
        piece_means(found[b], measure),
        generator=torch.Generator().manual_seed(0),
    )
