"""Sounds of one kind beside each other: a published embedding, and MFCC.

All effects and strokes of the book; a sound asks for others of its kind
that were not cut from the same recording. Explained in
overview/music/systems.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
import torch
from jaxtyping import Float
from torch import Tensor

from dla.datasets import effects, percussion
from dla.protocol.comparison import Comparison
from dla.reference.aisfx import aisfx
from dla.spectral.mel import log_mel

RATE = 22050  # Hz
EFFECTS, STROKES = "effects", "percussion"
QUIETER = "percussion, 20 dB quieter"
GAIN = 0.1
CASES = (EFFECTS, STROKES, QUIETER)
COEFFICIENTS = 20  # of the cepstrum
LARGEST = 255  # of a kept entry


@dataclass(frozen=True, eq=False)
class Sound:
    """A recording, its kind, and what was cut from the same one."""

    case: str
    about: str
    kind: str
    group: str
    waveform: Float[Tensor, "time"]  # 22.05 kHz

    @property
    def name(self) -> str:
        return f"{self.case}: {self.about}"


@lru_cache
def pieces() -> tuple[Sound, ...]:
    """Effects and strokes, peak one half; strokes again, quieter."""
    found = [
        Sound(case, s.name, s.kind, s.group, _levelled(s.waveform()))
        for case, table in (
            (EFFECTS, effects.table()),
            (STROKES, percussion.table()),
        )
        for s in table
    ]
    found += [
        Sound(QUIETER, s.about, s.kind, s.group, GAIN * s.waveform)
        for s in found
        if s.case == STROKES
    ]
    return tuple(found)


def _levelled(x: Float[Tensor, "time"]) -> Float[Tensor, "time"]:
    return 0.5 * x / x.abs().max()


def cepstrum(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Float[Tensor, "40"]:
    """Mean and standard deviation of 20 mel-frequency coefficients.

    Args:
        waveform: mono.
        sample_rate: Hz.
    """
    filled = at_least(waveform, 2048)
    level = log_mel(
        filled,
        sample_rate=sample_rate,
        n_fft=1024,
        hop_length=256,
        n_mels=40,
    )
    c = scipy.fft.dct(level.numpy(), axis=0, norm="ortho")
    c = torch.from_numpy(c[:COEFFICIENTS])
    return torch.cat([c.mean(1), c.std(1)])


def at_least(
    waveform: Float[Tensor, "time"], length: int
) -> Float[Tensor, "longer"]:
    """A sound with silence after it, if it is shorter."""
    lacking = max(length - len(waveform), 0)
    return torch.nn.functional.pad(waveform, (0, lacking))


def average_precisions(
    asks: Float[Tensor, "ask entry"],
    has: Float[Tensor, "sound entry"],
    kinds: Sequence[str],
    groups: Sequence[str],
) -> Float[Tensor, "ask"]:
    """How well those of its kind come first, for each sound that asks.

    Sounds are ordered by the cosine to it; those of its own group are
    left out. The mean, over the others of its kind, of the share of
    that kind among all down to it; NaN where there are none.

    Args:
        asks: vector of each sound as it asks.
        has: vector of each as it is found, in the same order.
        kinds, groups: of each.
    """
    unit = torch.nn.functional.normalize
    near = unit(asks, dim=1) @ unit(has, dim=1).T
    kind, group = np.array(kinds), np.array(groups)
    found = []
    for k, row in enumerate(near):
        others = group != group[k]
        order = row[torch.from_numpy(others)].argsort(
            descending=True, stable=True
        )
        right = (kind[others] == kind[k])[order.numpy()]
        place = np.flatnonzero(right) + 1
        shares = np.arange(1, len(place) + 1) / place
        found.append(shares.mean() if len(place) else np.nan)
    return torch.tensor(found)


def precisions(
    asking: str, vectors: Sequence[Float[Tensor, "entry"]]
) -> Float[Tensor, "ask"]:
    """Those of one case's sounds, among the sounds of full level.

    Args:
        asking: the case.
        vectors: one of each of :func:`pieces`, in their order.
    """
    home = STROKES if asking == QUIETER else asking
    asks, has = (
        torch.stack(
            [
                v
                for v, p in zip(vectors, pieces(), strict=True)
                if p.case == c
            ]
        ).double()
        for c in (asking, home)
    )
    there = [p for p in pieces() if p.case == home]
    return average_precisions(
        asks, has, [p.kind for p in there], [p.group for p in there]
    )


def nearest(
    about: str, vectors: Sequence[Float[Tensor, "entry"]]
) -> Sound:
    """The stroke of another recording that is nearest to one, by cosine.

    Args:
        about: the stroke's name.
        vectors: one of each of :func:`pieces`, in their order.
    """
    unit = torch.nn.functional.normalize(torch.stack(list(vectors)))
    there = [
        (p, v)
        for p, v in zip(pieces(), unit, strict=True)
        if p.case == STROKES
    ]
    asks, wanted = next(x for x in there if x[0].about == about)
    others = (x for x in there if x[0].group != asks.group)
    return max(others, key=lambda x: float(x[1] @ wanted))[0]


def describe(piece: Sound) -> Mapping[str, str]:
    return {
        "name": piece.name,
        "case": piece.case,
        "kind": piece.kind,
        "group": piece.group,
    }


def sound_of(piece: Sound) -> tuple[Tensor, int]:
    return piece.waveform, RATE


def score(
    piece: Sound, found: Float[Tensor, "entry"]
) -> dict[str, float]:
    """Only what says that it is the same vector; the page ranks them."""
    return {"largest": float(found.max()), "mean": float(found.mean())}


def keep(
    piece: Sound, found: Float[Tensor, "entry"]
) -> dict[str, list]:
    """The vector in 256 steps; its length is no part of a cosine."""
    steps = (LARGEST * found / found.max()).round().to(torch.uint8)
    text = base64.b64encode(steps.numpy().tobytes()).decode()
    return {"vector": [text]}


def vector_kept(kept: Mapping[str, list]) -> Float[Tensor, "entry"]:
    """The vector that :func:`keep` kept, its largest entry one."""
    steps = np.frombuffer(base64.b64decode(kept["vector"][0]), np.uint8)
    return torch.from_numpy(steps.astype(np.float32)) / LARGEST


COMPARISON = Comparison(
    name="music-sounds",
    question="Are sounds of one kind near in a published embedding?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={"aiSFX": aisfx},
    packages={"aiSFX": ("aisfx",)},
    measure=score,
    keep=keep,
    replayed=(0, 120, -1),
)
