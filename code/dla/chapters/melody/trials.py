"""What the page on salience asks of trackers, and how it shows the answers.

Used in analysis/melody/salience.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import matplotlib.pyplot as plt
import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from torch import Tensor, nn

from dla import plot
from dla.chapters.melody.corpus import HOP, SAMPLE_RATE, Mixture, Piece
from dla.chapters.melody.salience import (
    Contour,
    contour,
    heard,
    piece_scores,
    salience,
    summed,
    tracked,
    voicing,
)
from dla.chapters.melody.tracks import kept_track
from dla.measures.melody import cents_between, fold_octaves
from dla.protocol.comparison import Result as Answers
from dla.protocol.study import Result
from dla.sing import sing, with_song
from dla.spectral.hcqt import frequencies
from dla.spectral.yin import VOICED, yin

T = TypeVar("T")

FRAME_RATE = SAMPLE_RATE / HOP
TOLERANCE = 50.0  # cents
# What is tried on validation pieces: factors on the probability of a
# rest; sharpness and threshold of the path through a harmonic sum.
RESTS = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
SEARCHES = tuple(
    (sharpness, threshold)
    for sharpness in (1.0, 2.5, 6.0, 15.0, 40.0, 100.0)
    for threshold in (0.15, 0.3, 0.45)
)
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


def by_salience(
    given: Float[Tensor, "bin frame"], *, rest: float = 1.0
) -> Contour:
    """The best path through what a network says.

    Args:
        given: saliences, between zero and one.
        rest: what the probability of a rest is multiplied by; one
            takes the network at its word.

    Raises:
        ValueError: a factor that is not positive.
    """
    if not rest > 0:
        raise ValueError(f"a factor of {rest}: expected a positive one")
    silent = (rest * (1 - voicing(given)).clamp_min(1e-3)).log()
    scores = given.clamp_min(1e-6).log()
    return tracked(scores, given, unvoiced=silent)


def overall_of(
    pieces: Sequence[Piece], contours: Sequence[Contour]
) -> Float[Tensor, "piece"]:
    """Overall accuracy of each piece."""
    return torch.tensor(
        [m.overall for m in piece_scores(pieces, contours)]
    )


def best_setting(
    pieces: Sequence[Piece],
    settings: Sequence[T],
    follow: Callable[[T], Sequence[Contour]],
) -> T:
    """The setting with the largest overall accuracy, mean over pieces.

    Args:
        pieces: none that is reported.
        settings: what to choose from.
        follow: from a setting to a contour of each piece.
    """
    return max(
        settings,
        key=lambda s: overall_of(pieces, follow(s)).sum().item(),
    )


def silent(pieces: Sequence[Piece]) -> list[Contour]:
    """A tracker that calls every frame a rest."""
    return [
        Contour(p.f0.clamp_min(1.0), torch.zeros_like(p.f0).bool())
        for p in pieces
    ]


def classical(
    pieces: Sequence[Piece],
    features: Sequence[Float[Tensor, "harmonic bin frame"]],
) -> dict[str, list[Contour]]:
    """What trackers without training say of each piece.

    Harmonic summation frame by frame and by the best path, and YIN,
    voiced where its aperiodicity is below YIN's own limit.
    """
    said = [
        yin(p.waveform, sample_rate=SAMPLE_RATE, hop_length=HOP)
        for p in pieces
    ]
    return {
        "harmonic sum": [contour(summed(x)) for x in features],
        "sum, Viterbi": [by_path(x) for x in features],
        "YIN": [
            Contour(h.frequency, h.aperiodicity < VOICED) for h in said
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


def rows_of_arms(
    arms: Mapping[str, Result], columns: Sequence[str]
) -> dict[str, list[float]]:
    """Overall accuracy of arms in each balance, as rows of a table.

    Of each arm its mean, its seeds, and its shortest training.
    """
    rows = {}
    for arm, result in arms.items():
        lengths, short = result.study.lengths, arm.split("-")[0]
        long, few = (
            np.array(
                [result.values(f"{c}: overall", n) for c in columns]
            )
            for n in (max(lengths), min(lengths))
        )
        rows[f"network, {arm}"] = long.mean(1).tolist()
        rows |= {
            f"  {short}, seed {seed}": column.tolist()
            for seed, column in zip(
                result.study.seeds, long.T, strict=True
            )
        }
        rows[f"  {short}, {min(lengths)} steps"] = few.mean(1).tolist()
    return rows


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


def sung_clips(
    pieces: Sequence[Piece],
    number: int,
    contours: Mapping[str, Sequence[Contour]],
    published: Answers,
) -> dict[str, Float[Tensor, "time"]]:
    """One piece, and each tracker's contour of it sung over it.

    Args:
        pieces: of a comparison.
        number: which of them.
        contours: tracker -> one for each piece.
        published: the comparison's result.
    """
    piece = pieces[number]
    said = {n: found[number] for n, found in contours.items()} | {
        n: kept_track(published.of(n)[number].kept)
        for n in published.comparison.systems
    }
    return {
        "sound": piece.waveform,
        "truth": sung_over(piece, piece.f0, piece.f0 > 0),
    } | {n.strip(): sung_over(piece, *c) for n, c in said.items()}


def trackers_of(
    network: nn.Module,
) -> dict[str, Callable[[Tensor], Tensor]]:
    """From a waveform at 22.05 kHz to a frequency a frame, in Hz.

    Args:
        network: trained, on salience.
    """
    return {
        "network": lambda x: contour(salience(network, heard(x)))[0],
        "harmonic sum": lambda x: contour(summed(heard(x)))[0],
        "sum, power 1": lambda x: contour(summed(heard(x), power=1))[0],
        "YIN": lambda x: yin(
            x, sample_rate=SAMPLE_RATE, hop_length=HOP
        )[0],
    }


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
    figure, axes = plt.subplots(
        len(levels), 1, figsize=(5, 0.4 + 2.1 * len(levels)), sharex=True
    )  # fmt: skip
    middle = 12 * np.log2(frequencies()[1].numpy() / 440) + 69  # MIDI
    truth = 12 * torch.log2(piece.f0 / 440) + 69
    truth = torch.where(piece.f0 > 0, truth, torch.nan)
    for ax, (name, level) in zip(axes, levels.items(), strict=True):
        image = ax.imshow(
            plot.array(level), origin="lower", aspect="auto",
            interpolation="none", vmin=limits[0], vmax=limits[1],
            cmap=plt.get_cmap("magma", 64),
            extent=(*plot.outer_edges(plot.array(piece.times)),
                    *plot.outer_edges(middle)),
        )  # fmt: skip
        figure.colorbar(image, ax=ax, label=f"level ({unit})")
        ax.plot(piece.times, truth, ":", color="white")
        ax.set(ylabel="pitch (MIDI number)")
        ax.text(
            0.01, 0.97, name, color="white", va="top",
            transform=ax.transAxes,
        )  # fmt: skip
    axes[-1].set(xlabel="time (s)")
    return list(axes)
