r"""Works played by several performers, and two linear readers of pitch.

For the split by version or by work (analysis/melody/equivariance). A
work is a set of pitches, a performer a timbre and a tuning; each pair
is a version. Both readers are fitted by least squares in closed form,
so that no training stands between the split and the score: `dense` has
a weight for each pair of bin and pitch, `shared` one for each distance
(eq-melody-toeplitz).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from dla.chapters.melody.harmonic_arms import (
    PARTIALS,
    PER_OCTAVE,
    PITCHES,
    nearest,
    spectra,
)

WORKS, PERFORMERS = 5, 5
NOTES = 7  # different pitches of a work
COMPASS = 15  # semitones from a work's lowest to its highest, at most
FRAMES = 28  # of a version
OUT_OF_TUNE = 0.3  # bins, standard deviation of a performer's tuning
BELOW, ABOVE = PER_OCTAVE, 3 * PER_OCTAVE  # bins a shared reader sees
RIDGE = 10.0  # penalty on the squared weights
READERS = ("dense", "shared")
SPLITS = ("version", "work")


@dataclass(frozen=True, eq=False)
class Versions:
    """Frames of all versions."""

    spectra: Float[Tensor, "work performer frame bin"]
    pitch: Int[Tensor, "work performer frame"]  # class


def versions(seed: int) -> Versions:
    """Five works by five performers.

    Args:
        seed: of all draws.
    """
    g = torch.Generator().manual_seed(seed)
    lowest = torch.randint(
        PITCHES // 2 - COMPASS, (WORKS,), generator=g
    )
    level = -20 * torch.rand(PERFORMERS, PARTIALS, generator=g)
    tuning = OUT_OF_TUNE * torch.randn(PERFORMERS, generator=g)
    frames, pitch = [], []
    for low in lowest.tolist():
        notes = low + torch.randperm(COMPASS, generator=g)[:NOTES]
        for performer in range(PERFORMERS):
            score = (
                2.0 * notes[torch.arange(FRAMES) % NOTES]
            )  # a semitone is two bins
            jitter = 2 * torch.randn(FRAMES, PARTIALS, generator=g)
            amplitudes = 10 ** ((level[performer] + jitter) / 20)
            at = (score + tuning[performer]).clamp(0, PITCHES - 1)
            frames.append(spectra(at, amplitudes, g))
            pitch.append(nearest(score))
    shape = (WORKS, PERFORMERS, FRAMES)
    return Versions(
        torch.stack(frames).unflatten(0, shape[:2]),
        torch.stack(pitch).view(shape),
    )


def windows(
    x: Float[Tensor, "*batch bin"],
) -> Float[Tensor, "*batch pitch tap"]:
    """The spectrum around each pitch: what a shared reader sees of it."""
    wide = functional.pad(x, (BELOW, ABOVE))
    return wide.unfold(-1, BELOW + ABOVE + 1, 1)[..., :PITCHES, :]


@dataclass(frozen=True, eq=False)
class _Sums:
    """Normal equations of each version: they add over versions."""

    gram: Float[Tensor, "work performer tap tap"]
    moment: Float[Tensor, "work performer tap out"]


def _features(reader: str, x: Tensor) -> Tensor:
    ones = torch.ones(*x.shape[:-1], 1)
    if reader == "dense":
        return torch.cat([x, ones], -1)  # ... bin + 1
    w = windows(x)
    return torch.cat([w, torch.ones(*w.shape[:-1], 1)], -1)


def _sums(reader: str, corpus: Versions) -> _Sums:
    goal = functional.one_hot(corpus.pitch, PITCHES).float()
    a = _features(reader, corpus.spectra)
    if reader == "shared":  # one row for each frame and pitch
        a, goal = a.flatten(2, 3), goal.flatten(2, 3).unsqueeze(-1)
    return _Sums(a.mT @ a, a.mT @ goal)


def split_accuracies(
    corpus: Versions, reader: str, split: str
) -> Float[Tensor, "work performer"]:
    """Share of right frames of each version, held out once.

    Args:
        corpus: from `versions`.
        reader: of READERS.
        split: "version": fitted to the other performers of the same
            works; "work": to all performers of the other works.
    """
    sums = _sums(reader, corpus)
    right = torch.zeros(WORKS, PERFORMERS, dtype=torch.float64)
    for fold in range(PERFORMERS if split == "version" else WORKS):
        gram, moment = (
            _without(table, split, fold)
            for table in (sums.gram, sums.moment)
        )
        penalty = RIDGE * torch.eye(len(gram))
        penalty[-1, -1] = 0.0  # not on the offset
        weights = torch.linalg.solve(
            (gram + penalty).double(), moment.double()
        ).float()
        held = (slice(None), fold) if split == "version" else (fold,)
        said = _features(reader, corpus.spectra[held]) @ weights
        if reader == "shared":
            said = said.squeeze(-1)
        hit = said.argmax(-1) == corpus.pitch[held]
        right[held] = hit.double().mean(-1)
    return right


def _without(
    table: Float[Tensor, "work performer ..."], split: str, fold: int
) -> Tensor:
    """The sum over all versions but those of a fold."""
    axis = 1 if split == "version" else 0
    kept: Iterable[int] = [
        k for k in range(table.shape[axis]) if k != fold
    ]
    return table.index_select(axis, torch.tensor(kept)).sum((0, 1))
