"""What the page on salience asks of trackers, and how it shows the answers.

Used in analysis/melody/salience.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from torch import Tensor

from dla import plot
from dla.chapters.melody.corpus import HOP, SAMPLE_RATE, Mixture, Piece
from dla.chapters.melody.salience import (
    Contour,
    contour,
    summed,
    tracked,
)
from dla.measures.melody import cents_between, fold_octaves
from dla.protocol.study import Result
from dla.sing import sing, with_song
from dla.spectral.hcqt import frequencies
from dla.spectral.yin import VOICED, yin

FRAME_RATE = SAMPLE_RATE / HOP
TOLERANCE = 50.0  # cents
INSTEAD = (
    "right", "a rest", "alto", "tenor", "bass", "soprano's octave", "nobody",
)  # fmt: skip


def by_path(
    features: Float[Tensor, "harmonic bin frame"],
    *,
    sharpness: float = 10.0,
    threshold: float = 0.3,
) -> Contour:
    """Harmonic summation, then the best path (Viterbi).

    Args:
        features: of `salience.heard`.
        sharpness: nat for each nat of the sum's logarithm.
        threshold: share of the loudest sum above which a frame by
            itself is voiced, positive.

    Raises:
        ValueError: a threshold that is not positive.
    """
    if not threshold > 0:
        raise ValueError(
            f"a threshold of {threshold}: expected a positive one"
        )
    total = summed(features)
    scores = sharpness * total.clamp_min(1e-6).log()
    return tracked(
        scores, total, unvoiced=sharpness * math.log(threshold)
    )


def classical(
    pieces: Sequence[Piece],
    features: Sequence[Float[Tensor, "harmonic bin frame"]],
) -> dict[str, list[Contour]]:
    """What trackers without training say of each piece.

    Harmonic summation frame by frame and by the best path, and YIN,
    voiced where its aperiodicity is below YIN's own limit.
    """
    heard = [
        yin(p.waveform, sample_rate=SAMPLE_RATE, hop_length=HOP)
        for p in pieces
    ]
    return {
        "harmonic sum": [contour(summed(x)) for x in features],
        "sum, Viterbi": [by_path(x) for x in features],
        "YIN": [
            Contour(h.frequency, h.aperiodicity < VOICED) for h in heard
        ],
    }


def per_piece(
    result: Result, measured: str, *, pieces: int
) -> Float[Tensor, "seed piece"]:
    """A study's numbers for each piece, after its longest training."""
    steps = result.study.recipe.steps
    columns = [
        result.values(f"{measured} {k}", steps) for k in range(pieces)
    ]
    return torch.tensor(columns).T


def in_rows(
    rows: Mapping[str, Sequence[float | None]], columns: Sequence[str]
) -> str:
    """Numbers as a table; a dash where there is none.

    >>> print(in_rows({"YIN": [0.5, None]}, ["pitch", "overall"]))
                                 pitch  overall
    YIN                          0.500        -
    """
    lines = [" " * 24 + "".join(f"{c:>9}" for c in columns)]
    for name, values in rows.items():
        cells = [
            f"{'-':>9}" if v is None else f"{v:9.3f}" for v in values
        ]
        lines.append(f"{name:24}" + "".join(cells))
    return "\n".join(lines)


def sung_over(
    piece: Piece, frequency: Tensor, voiced: Tensor
) -> Float[Tensor, "time"]:
    """A contour sung over the sound that it was found in."""
    return with_song(
        piece.waveform,
        frequency,
        voiced=voiced,
        frame_rate=FRAME_RATE,
        sample_rate=SAMPLE_RATE,
        level=-3.0,
    )


def shares_right(
    tracker: Callable[[Tensor], Tensor],
    amplitudes: Sequence[float],
    pitches: Float[Tensor, "pitch"],
) -> tuple[float, float]:
    """How often a tone's pitch is found, and found but for octaves.

    Args:
        tracker: from a waveform to one frequency a frame, in Hz.
        amplitudes: of the tone's harmonics, the fundamental's first.
        pitches: of the tones in Hz, 0.6 s of each; ten frames in the
            middle count.
    """
    right = []
    for f in pitches.tolist():
        tone = sing(
            [f] * 26,
            frame_rate=FRAME_RATE,
            sample_rate=SAMPLE_RATE,
            harmonics=amplitudes,
        )
        error = cents_between([f] * 10, tracker(tone)[8:18])
        right.append(
            (
                np.mean(np.abs(error) < TOLERANCE),
                np.mean(np.abs(fold_octaves(error)) < TOLERANCE),
            )
        )
    pitch, chroma = np.mean(right, 0)
    return float(pitch), float(chroma)


def followed_instead(
    mixtures: Sequence[Mixture], contours: Sequence[Contour]
) -> dict[str, float]:
    """Whom a tracker follows where the soprano sings: shares of frames.

    Args:
        mixtures: with the pitch of all four voices.
        contours: one for each.

    Returns:
        A share for each of INSTEAD; what two voices sing together
        counts for the upper one.
    """
    counts = dict.fromkeys(INSTEAD, 0)
    for mixture, (frequency, voiced) in zip(
        mixtures, contours, strict=True
    ):
        cents = np.stack(
            [cents_between(f, frequency) for f in mixture.f0s]
        )
        near = np.abs(cents) < TOLERANCE
        octave = np.abs(fold_octaves(cents[0])) < TOLERANCE
        rest = ~np.asarray(voiced, bool)
        open_ = np.asarray(mixture.f0s[0] > 0)  # not yet explained
        for name, here in zip(
            INSTEAD,
            (near[0] & ~rest, rest, *near[1:], octave, open_),
            strict=True,
        ):
            counts[name] += int((here & open_).sum())
            open_ = open_ & ~here
    total = max(sum(counts.values()), 1)
    return {name: count / total for name, count in counts.items()}


def pictures(
    levels: Mapping[str, Float[Tensor, "bin frame"]],
    piece: Piece,
    *,
    unit: str,
    limits: tuple[float, float],
) -> list[Axes]:
    """Spectrograms over pitch, one below the other, with the truth.

    Args:
        levels: name -> values on the bins of the HCQT.
        piece: whose pitch is drawn as a dotted line.
        unit: of the values.
        limits: of the colours.
    """
    _, axes = plt.subplots(
        len(levels),
        1,
        figsize=(5, 0.4 + 2.1 * len(levels)),
        sharex=True,
    )
    truth = torch.where(piece.f0 > 0, piece.f0, torch.nan)
    for ax, (name, level) in zip(axes, levels.items(), strict=True):
        plot.spectrogram(
            level, piece.times, frequencies()[1], unit=unit, limits=limits,
            ax=ax,
        )  # fmt: skip
        ax.plot(piece.times, truth, ":", color="white")
        ax.set(ylim=(66, 1046))
        ax.text(
            0.01, 0.97, name, color="white", va="top",
            transform=ax.transAxes,
        )  # fmt: skip
    return list(axes)
