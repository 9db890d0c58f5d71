"""June's words in frames, and which frames belong to which piece.

The pieces of a word are known, their borders are not. As in the first
speech recognisers: cut each word evenly, take the mean of each state,
align again, until nothing changes (hard expectation maximisation).

Explained in synthesis/adversarial-diffusion-differentiable/speaking.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla.alignment import monotonic
from dla.chapters.adversarial_diffusion_differentiable.vocoder import (
    HOP,
    level,
)
from dla.chapters.adversarial_diffusion_differentiable.words import (
    PIECES,
    pieces_of,
)
from dla.datasets import prompts

PAUSE = "#"  # before and after each recorded word
STATES = 3  # of a piece: how it begins, goes on, and ends
CEPSTRA = 16  # cosines over the bands
REACH = 2  # frames to each side, for the slopes
RIDGE = 1e-4  # added to the covariance of what is left


@dataclass(frozen=True, eq=False)
class Word:
    """A recorded word."""

    text: str
    pieces: tuple[str, ...]  # with a pause at each end
    sound: Float[Tensor, "time"]  # at 16 kHz, peak 0.9, whole hops
    level: Float[Tensor, "band frame"]  # as of `vocoder.level`


@cache
def recorded() -> Mapping[str, Word]:
    """June's 80 words, by name.

    >>> len(recorded()), recorded()["6"].pieces
    (80, ('#', 's', 'i', 's', '#'))
    """
    spelling = {word[0]: word for word in PIECES if word.isalpha()}
    found = {}
    for kind in ("digits", "letters", "phonetic"):
        for p in prompts.table(speakers=["june"], kinds=[kind]):
            text = p.text.lower()
            text = spelling[text] if kind == "phonetic" else text
            sound = p.waveform()
            whole = len(sound) // HOP * HOP
            sound = 0.9 * sound[:whole] / sound.abs().max()
            pieces = with_pauses(text)
            found[text] = Word(text, pieces, sound, level(sound))
    return {text: found[text] for text in PIECES}


def with_pauses(text: str) -> tuple[str, ...]:
    """The pieces of a word, and the pauses around it."""
    return (PAUSE, *pieces_of(text), PAUSE)


def states(pieces: Sequence[str]) -> list[tuple[str, int]]:
    """Three states a piece, one a pause."""
    return [
        (p, k)
        for p in pieces
        for k in range(1 if p == PAUSE else STATES)
    ]


def features(
    level: Float[Tensor, "band frame"],
) -> Float[Tensor, "feature frame"]:
    """Cosines of a frame's levels, and how they rise over five frames."""
    band = torch.arange(len(level)) + 0.5
    order = torch.arange(CEPSTRA)[:, None]
    cosines = torch.cos(math.pi * order * band / len(level))
    c = (2 / len(level)) ** 0.5 * cosines @ level
    ends = c[:, :1].expand(-1, REACH), c[:, -1:].expand(-1, REACH)
    wide = torch.cat([ends[0], c, ends[1]], dim=1)
    return torch.cat([c, wide[:, 2 * REACH :] - wide[:, : -2 * REACH]])


@dataclass(frozen=True, eq=False)
class Aligner:
    """What a state sounds like on average, and how far frames stray."""

    means: Mapping[tuple[str, int], Float[Tensor, "feature"]]
    whiten: Float[Tensor, "feature feature"]
    spreads: tuple[float, ...]  # log determinants, of each alignment

    def cost(
        self,
        pieces: Sequence[str],
        level: Float[Tensor, "band frame"],
    ) -> Float[Tensor, "state frame"]:
        """Squared distance of each frame from each state, whitened."""
        at = torch.stack([self.means[s] for s in states(pieces)])
        x = features(level).mT
        return torch.cdist(at @ self.whiten.mT, x @ self.whiten.mT) ** 2

    def durations(
        self,
        pieces: Sequence[str],
        level: Float[Tensor, "band frame"],
    ) -> Int[Tensor, "piece"]:
        """Frames of each piece in the cheapest alignment."""
        found = monotonic.search(self.cost(pieces, level))
        sizes = [1 if p == PAUSE else STATES for p in pieces]
        return torch.stack([d.sum() for d in found.split(sizes)])


def fit(words: Sequence[Word], *, most: int = 12) -> Aligner:
    """Means and alignments in turn, from words that are cut evenly.

    The frames of a state are taken for normal, around its mean, with
    one covariance for all. Each turn cannot lower the likelihood: the
    log determinant of that covariance cannot rise.

    Args:
        words: whose frames are used.
        most: alignments, if they go on changing.

    Raises:
        ValueError: no words.
    """
    if not words:
        raise ValueError("no words to align")
    heard = [features(w.level) for w in words]
    held = [_evenly(w) for w in words]
    aligner = _estimate(words, heard, held, ())
    for _ in range(most):
        new = [
            monotonic.search(aligner.cost(w.pieces, w.level))
            for w in words
        ]
        same = all(
            torch.equal(a, b) for a, b in zip(new, held, strict=True)
        )
        if same:
            break
        held = new
        aligner = _estimate(words, heard, held, aligner.spreads)
    return aligner


def _evenly(word: Word) -> Int[Tensor, "state"]:
    count = len(states(word.pieces))
    edges = torch.linspace(0, word.level.shape[1], count + 1)
    return edges.round().long().diff()


def _estimate(
    words: Sequence[Word],
    heard: Sequence[Float[Tensor, "feature frame"]],
    held: Sequence[Int[Tensor, "state"]],
    spreads: Sequence[float],
) -> Aligner:
    """Mean of each state, and the inverse root of what they leave."""
    parts = defaultdict(list)
    for w, x, d in zip(words, heard, held, strict=True):
        cut = x.split(d.tolist(), dim=1)
        for state, part in zip(states(w.pieces), cut, strict=True):
            parts[state].append(part)
    joined = {s: torch.cat(p, dim=1) for s, p in parts.items()}
    means = {s: p.mean(1) for s, p in joined.items()}
    rest = torch.cat(
        [p - means[s][:, None] for s, p in joined.items()], dim=1
    )
    covariance = rest @ rest.mT / rest.shape[1]
    covariance += RIDGE * torch.eye(len(rest))
    root = torch.linalg.cholesky(covariance)
    spread = float(2 * root.diagonal().log().sum())
    return Aligner(means, torch.linalg.inv(root), (*spreads, spread))


def miss_of_the_joint(
    aligner: Aligner,
    one: Word,
    other: Word,
    *,
    evenly: bool = False,
) -> int:
    """Frames by which the joint of two words lies outside their pauses.

    Two recordings are joined, so where one ends is known; the pieces of
    both are aligned with the whole, and the joint should be in one of
    the two pauses that meet there.

    Args:
        aligner: of any words.
        one, other: are joined in this order.
        evenly: cut the whole evenly instead, which is what a search
            that knows nothing would do.
    """
    pieces = one.pieces + other.pieces
    both = torch.cat([one.level, other.level], dim=1)
    found = (
        _even_pieces(pieces, both.shape[1])
        if evenly
        else aligner.durations(pieces, both)
    )
    ends = found.cumsum(0)
    joint, at = one.level.shape[1], len(one.pieces)
    first, last = int(ends[at - 2]), int(ends[at])
    return max(first - joint, joint - last, 0)


def _even_pieces(
    pieces: Sequence[str], frames: int
) -> Int[Tensor, "piece"]:
    sizes = torch.tensor([1 if p == PAUSE else STATES for p in pieces])
    edges = frames * sizes.cumsum(0) / sizes.sum()
    return torch.cat([torch.zeros(1), edges]).round().long().diff()
