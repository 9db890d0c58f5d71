"""The same hundred queries, asked of two fingerprints.

A piece is a condition: a hundred queries of one length, one after the
other. Systems: the landmarks of `dla.retrieval.fingerprint`, and
Chromaprint, whose words are compared bit by bit at every offset. Queries
of ten seconds are the control: those last longer than a word of
Chromaprint, which three seconds hardly do. Explained in
comparison/audio-retrieval.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla.chapters.audio_retrieval import fingerprints as material
from dla.protocol.comparison import Comparison
from dla.reference import chromaprint as reference
from dla.retrieval import fingerprint

RATE = material.RATE
QUERIES = 100
BITS = 32  # of a word


@dataclass(frozen=True)
class Condition:
    """How long the queries are, and what was done to them."""

    seconds: float
    spoilt: str  # a key of SPOIL

    @property
    def name(self) -> str:
        return f"{self.seconds:g} s, {self.spoilt}"


class Found(NamedTuple):
    """What a system gave: larger scores are better."""

    best: Int[Tensor, "query"]  # place of the best recording
    score: Float[Tensor, "query"]  # its score
    stranger: Float[Tensor, "query"]  # best without the query's own
    seconds: float  # of CPU for the queries, index not included


Spoil = Callable[[Tensor, torch.Generator], Tensor]
SPOIL: Mapping[str, Spoil] = {
    "clean": lambda x, g: x,
    "noise 0 dB": lambda x, g: material.noisy(x, g),
    "room": material.room,
    "telephone": lambda x, g: material.phone(x),
    "2 % faster": lambda x, g: material.faster(x, 1.02),
    "6 % faster": lambda x, g: material.faster(x, 1.06),
}


@lru_cache
def excerpts(seconds: float) -> tuple[material.Excerpt, ...]:
    """The queries of the page's table, or as many longer ones."""
    g = torch.Generator().manual_seed(31)
    return tuple(material.draw(g, count=QUERIES, seconds=seconds))


@lru_cache
def sound_of(piece: Condition) -> tuple[Tensor, int]:
    """All queries of a condition, one after the other, at 8 kHz."""
    g = torch.Generator().manual_seed(13)
    spoil = SPOIL[piece.spoilt]
    sounds = [
        spoil(e.waveform, g).float() for e in excerpts(piece.seconds)
    ]
    shortest = min(map(len, sounds))
    return torch.cat([x[:shortest] for x in sounds]), RATE


def spent() -> float:
    """CPU seconds of this process and of those it has waited for."""
    return sum(os.times()[:4])


def asked(
    name: Callable[[Sequence[Tensor]], Callable[[int], Tensor]],
) -> Callable[..., Callable[[Condition], Found]]:
    """A system for the comparison.

    Its result is a function of the piece: whose the strangers are is
    none of the system's business.

    Args:
        name: takes the queries; gives, for the place of one, the
            score of every recording.
    """

    def system(waveform: Tensor, *, sample_rate: int) -> Callable:
        queries = waveform.view(QUERIES, -1)
        start = spent()
        scores = name(list(queries))
        rows = torch.stack([scores(k) for k in range(QUERIES)])
        seconds = spent() - start
        return lambda piece: _judge(piece, rows, seconds)

    return system


def _judge(piece: Condition, rows: Tensor, seconds: float) -> Found:
    strange = rows.clone()
    for k, excerpt in enumerate(excerpts(piece.seconds)):
        strange[k, material.relatives(excerpt.recording)] = -1.0
    best = rows.max(dim=1)
    return Found(
        best.indices, best.values, strange.max(dim=1).values, seconds
    )


def by_landmarks(queries: Sequence[Tensor]) -> Callable[[int], Tensor]:
    """Votes of each recording."""
    index = material.index()
    count = len(material.recordings())

    def scores(k: int) -> Tensor:
        marks = fingerprint.landmarks(queries[k], sample_rate=RATE)
        found = index.search(marks)
        votes = torch.zeros(count)
        votes[found.recordings] = found.votes.float()
        return votes

    return scores


@lru_cache
def words() -> tuple[tuple[Tensor, ...], Tensor]:
    """Chromaprint of every recording; and the same as rows of signs."""
    found = reference.chromaprint(
        [r.waveform for r in material.recordings()], sample_rate=RATE
    )
    return tuple(found), torch.cat([signs(w) for w in found])


def signs(words: Int[Tensor, "word"]) -> Float[Tensor, "word 32"]:
    """Bits as -1 and 1: a product counts equal bits less unequal ones.

    >>> signs(torch.tensor([-1, 0])).sum(dim=1)
    tensor([ 32., -32.])
    """
    bits = (words[:, None] >> torch.arange(BITS)) & 1
    return 2.0 * bits - 1.0


def alike(
    query: Float[Tensor, "word 32"], stored: Float[Tensor, "all 32"]
) -> Float[Tensor, "all"]:
    """Share of equal bits if the query begins at each stored word.

    What goes beyond the end counts as unequal by half.
    """
    products = stored @ query.T
    total = torch.zeros(len(stored))
    for k in range(len(query)):
        total[: len(stored) - k] += products[k:, k]
    return (1 + total / (BITS * max(len(query), 1))) / 2


def by_chromaprint(
    queries: Sequence[Tensor],
) -> Callable[[int], Tensor]:
    """Share of equal bits of each recording, at its best offset."""
    stored, rows = words()
    asked = reference.chromaprint(queries, sample_rate=RATE)
    owner = torch.arange(len(stored)).repeat_interleave(
        torch.tensor([len(w) for w in stored])
    )

    def scores(k: int) -> Tensor:
        share = torch.zeros(len(stored))
        query = signs(asked[k])
        if not len(query):
            return share
        same = alike(query, rows)
        for step in range(1, len(query)):  # into another recording
            same[:-step][owner[step:] != owner[:-step]] = 0.0
        same[len(same) - len(query) + 1 :] = 0.0
        return share.scatter_reduce(0, owner, same, "amax")

    return scores


def score(piece: Condition, found: Callable) -> dict[str, float]:
    """Shares of the queries: first answer right, and above all strangers."""
    right, apart = verdicts(piece, found(piece))
    return {
        "first right": right.float().mean().item(),
        "and above all strangers": apart.float().mean().item(),
    }


def verdicts(piece: Condition, found: Found) -> tuple[Tensor, Tensor]:
    """Whether the first answer is right; and no stranger scores as much."""
    every = material.recordings()
    right = torch.tensor(
        [
            every[b].group == every[e.recording].group
            for b, e in zip(
                found.best.tolist(),
                excerpts(piece.seconds),
                strict=True,
            )
        ]
    )
    return right, right & (found.score > found.stranger.max())


def keep(piece: Condition, found: Callable) -> dict[str, list]:
    """Each query's verdict; CPU seconds, with those of Node."""
    given = found(piece)
    right, _ = verdicts(piece, given)
    return {
        "right": right.int().tolist(),
        "seconds": [round(given.seconds, 2)],
    }


def describe(piece: Condition) -> Mapping[str, str | float]:
    return {"name": piece.name, "spoilt": piece.spoilt}


def pieces() -> tuple[Condition, ...]:
    """Queries of three seconds, and ten as a control."""
    return (
        *(Condition(3.0, s) for s in SPOIL),
        *(Condition(10.0, s) for s in SPOIL if s != "room"),
    )


class NodeComparison(Comparison):
    """A comparison of which one system is a package of npm, not of pip."""

    @property
    def installed(self) -> list[str]:
        """Systems that can be run here."""
        there = super().installed
        if reference.PACKAGE.installed is None:
            there.remove("Chromaprint")
        return there


COMPARISON = NodeComparison(
    name="retrieval-fingerprints",
    question="Which fingerprint finds the same recording, from how much of it?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={
        "landmarks": asked(by_landmarks),
        "Chromaprint": asked(by_chromaprint),
    },
    packages={"landmarks": (), "Chromaprint": ()},
    measure=score,
    keep=keep,
    replayed=(1,),
    tolerance=0.03,
)
