"""Words for music: a published tagger on the book's own sounds.

The same chorales on a piano and on strings; songs, their guitars alone,
somebody speaking; all of it again 20 dB quieter. Explained in
overview/music/systems.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.datasets import prompts, songs
from dla.protocol.comparison import Comparison, Result
from dla.reference.musicnn import (
    SAMPLE_RATE,
    Tagged,
    musicnn,
    parts_of,
    spectrogram,
)
from dla.scores import load, render
from dla.scores.library import names

RATE = SAMPLE_RATE
SECONDS = 9.0  # of each piece: three parts of the network's
LEVEL = -20.0  # dB
QUIETER = 20.0  # dB below it
CHORALES = names("chorales")[:8]
QUARTERS = 16.0  # of a chorale, from its begin: about 11 s
SPEAKERS = ("allison", "june", "carlo", "russian")
EACH = 2
PIANO, STRINGS = "chorale, piano", "chorale, strings"
BAND, GUITAR, TALKER = "song", "its guitar", "somebody speaks"
CASES = (PIANO, STRINGS, BAND, GUITAR, TALKER)
SOFTER = ", 20 dB quieter"
PAIRS = (  # word, in one case, and in another
    ("piano", PIANO, STRINGS),
    ("strings", STRINGS, PIANO),
    ("piano", PIANO + SOFTER, PIANO),
    ("rock", BAND + SOFTER, BAND),
)
NULL = "whatever sounds"


@dataclass(frozen=True, eq=False)
class Heard:
    """What is heard."""

    case: str
    about: str
    waveform: Float[Tensor, "time"]  # 16 kHz

    @property
    def name(self) -> str:
        return f"{self.case}: {self.about}"


@lru_cache
def pieces() -> tuple[Heard, ...]:
    """Eight of each kind at -20 dB, and the same at -40 dB."""
    sounds = [
        *_chorales(PIANO),
        *_chorales(STRINGS, instruments="string ensemble 1"),
        *(
            _cut(case, song.name, song.waveform(stem), song.sample_rate)
            for case, stem in ((BAND, "mixture"), (GUITAR, "guitar"))
            for song in songs.table()
        ),
        *_talkers(),
    ]
    softer = 10 ** (-QUIETER / 20)
    return (
        *sounds,
        *(
            Heard(s.case + SOFTER, s.about, softer * s.waveform)
            for s in sounds
        ),
    )


def _chorales(case: str, **settings) -> list[Heard]:
    return [
        _cut(case, name, played.mixture, played.sample_rate)
        for name in CHORALES
        for played in [render(load(name), end=QUARTERS, **settings)]
    ]


def _talkers() -> list[Heard]:
    """Two of each speaker, sentence after sentence."""
    found = []
    for speaker in SPEAKERS:
        table = prompts.table(speakers=[speaker], kinds=["prompt"])
        said = torch.cat([p.waveform() for p in table])
        count = round(SECONDS * table[0].sample_rate)
        for k in range(EACH):
            x = said[k * count : (k + 1) * count]
            about = f"{speaker} {k + 1}"
            found.append(_cut(TALKER, about, x, table[0].sample_rate))
    return found


def _cut(
    case: str, about: str, x: Float[Tensor, "time"], rate: int
) -> Heard:
    x = signals.resample(x[: round(SECONDS * rate)], rate, RATE)
    return Heard(case, about, signals.at_level(x, torch.tensor(LEVEL)))


def describe(piece: Heard) -> Mapping[str, str]:
    return {"name": piece.name, "case": piece.case}


def sound_of(piece: Heard) -> tuple[Tensor, int]:
    return piece.waveform, RATE


def score(piece: Heard, found: Tagged) -> dict[str, float]:
    """How likely each word is, the mean over the parts."""
    return {w: round(v, 4) for w, v in found.mean().items()}


def likely(
    result: Result, case: str, word: str
) -> Float[Tensor, "piece"]:
    """How likely a word is for each piece of a case."""
    found = result.values("musicnn", word)
    there = [p["case"] == case for p in result.pieces]
    return torch.tensor(found, dtype=torch.float64)[torch.tensor(there)]


def means(result: Result) -> dict[str, dict[str, float]]:
    """How likely each word is, by case; last, over all at -20 dB."""
    words = list(result.trials[0].values)
    found = {
        case: {w: float(likely(result, case, w).mean()) for w in words}
        for case in (*CASES, *(case + SOFTER for case in CASES))
    }
    found[NULL] = {
        w: fmean(found[case][w] for case in CASES) for w in words
    }
    return found


def risen(means: Mapping[str, Mapping[str, float]], case: str) -> str:
    """The word that gains most as a case becomes quieter."""
    before, after = means[case], means[case + SOFTER]
    return max(after, key=lambda word: after[word] - before[word])


def infinite(case: str) -> tuple[int, int]:
    """Parts of a case with an infinity in half precision, and all."""
    parts = torch.cat(
        [
            parts_of(spectrogram(p.waveform, half=True))
            for p in pieces()
            if p.case == case
        ]
    )
    return int(parts.isinf().any(2).any(1).sum()), len(parts)


COMPARISON = Comparison(
    name="music-tags",
    question="Which words does a published tagger give to the book's music?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={"musicnn": musicnn},
    packages={"musicnn": ("musicnn",)},
    measure=score,
    replayed=(0, -1),
    tolerance=0.02,
)
