"""Are two recordings one speaker? A published embedding answers.

Pairs of telephone prompts by six voices, one of which reads in two
languages; and pairs of which one is short, or noisy.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.chapters.speech.distortions import towards
from dla.chapters.speech.enhanced_comparison import fire
from dla.datasets import prompts
from dla.protocol.comparison import Comparison
from dla.reference.resemblyzer import resemblyzer

RATE = 16000  # Hz
SECONDS = 3.0  # of a recording
EACH = 6  # recordings of a voice and language
SHORT = 0.5  # s
NOISY = 0.0  # dB, SI-SDR against the fire
VOICES = (
    ("allison", "en"),
    ("allison", "es"),
    ("armelle", "fr"),
    ("carlo", "it"),
    ("june", "fr"),
    ("menardi", "it"),
    ("russian", "ru"),
)
SAME, LANGUAGE, OTHER = (
    "one speaker",
    "one speaker, two languages",
    "two speakers",
)
SHORTER, NOISIER = (
    "one speaker, one of half a second",
    "one speaker, one in a fire",
)
CASES = (SAME, LANGUAGE, OTHER, SHORTER, NOISIER)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two recordings."""

    case: str
    voices: tuple[str, str]
    number: int
    sounds: Float[Tensor, "two time"]  # 16 kHz, padded with silence

    @property
    def name(self) -> str:
        first, second = self.voices
        return f"{self.case}: {first} and {second}, {self.number}"


@lru_cache
def recordings() -> dict[tuple[str, str], Float[Tensor, "6 time"]]:
    """Six recordings of each voice and language, at one level."""
    length = round(SECONDS * RATE)
    found = {}
    for speaker, language in VOICES:
        table = prompts.table(
            speakers=[speaker],
            languages=[language],
            kinds=["prompt"],
            min_seconds=SECONDS,
        )
        chosen = table[:: len(table) // EACH][:EACH]
        spoken = torch.stack(
            [
                signals.resample(p.waveform(), p.sample_rate, RATE)[
                    :length
                ]
                for p in chosen
            ]
        )
        spoken = spoken - spoken.mean(-1, keepdim=True)
        level = torch.full((EACH,), -23.0)
        found[speaker, language] = signals.at_level(spoken, level)
    return found


@lru_cache
def pieces() -> tuple[Pair, ...]:
    """Pairs of each of the cases."""
    return tuple(_pairs())


def _pairs() -> Iterator[Pair]:
    sounds = recordings()
    names = {voice: f"{voice[0]} ({voice[1]})" for voice in VOICES}
    half = round(SHORT * RATE)
    noise = fire(round(SECONDS * RATE))
    for voice, x in sounds.items():
        own = (names[voice], names[voice])
        for k in range(EACH):
            first, second = x[k], x[(k + 1) % EACH]
            yield Pair(SAME, own, k, torch.stack([first, second]))
            short = torch.zeros_like(second)
            short[:half] = second[half : 2 * half]
            yield Pair(SHORTER, own, k, torch.stack([first, short]))
            noisy = towards(second + noise, second, level=NOISY)[0]
            yield Pair(NOISIER, own, k, torch.stack([first, noisy]))
        for other, y in sounds.items():
            if other <= voice:
                continue
            case = LANGUAGE if other[0] == voice[0] else OTHER
            for k in range(EACH):
                pair = torch.stack([x[k], y[k]])
                both = (names[voice], names[other])
                yield Pair(case, both, k, pair)


def cosine_of(pair: Tensor, *, sample_rate: int) -> float:
    """Of the two embeddings; the silence after a recording is cut."""
    first, second = (
        resemblyzer(
            x[: int(x.nonzero()[-1]) + 1], sample_rate=sample_rate
        )
        for x in pair
    )
    return float(first @ second)


def describe(piece: Pair) -> Mapping[str, str]:
    return {"name": piece.name, "case": piece.case}


def sounds_of(piece: Pair) -> tuple[Tensor, int]:
    return piece.sounds, RATE


def score(piece: Pair, found: float) -> dict[str, float]:
    return {"cosine": found}


COMPARISON = Comparison(
    name="speech-speakers",
    question="Does a published embedding know a speaker again?",
    pieces=pieces,
    describe=describe,
    sound=sounds_of,
    systems={"Resemblyzer": cosine_of},
    packages={"Resemblyzer": ("Resemblyzer", "librosa")},
    measure=score,
    replayed=(0, 100),
)
