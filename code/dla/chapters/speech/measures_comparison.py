"""The measures that people print, on the sounds of the speech lecture.

Each sound is compared with the voice that it should be; DNSMOS hears
the estimate alone. The languages have one talker: they differ in nothing
else that we know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from dla.chapters.speech import distortions, mistakes
from dla.datasets import prompts
from dla.protocol.comparison import Comparison
from dla.reference.dnsmos import Marks, dnsmos
from dla.reference.pesq import pesq
from dla.reference.stoi import stoi

CHOSEN = (0, 1, 2)  # of a talker's sentences
CLEAN = "the voice itself"
SILENCE = "silence"
LANGUAGES = ("en", "es")  # of one talker
SPOKEN = 24  # sentences a language


@dataclass(frozen=True, eq=False)
class Judged:
    """An estimate and what it should be."""

    case: str
    about: str  # level of SI-SDR where it was set, or a language
    talker: str
    sentence: int
    pair: Float[Tensor, "two time"]  # estimate, target

    @property
    def name(self) -> str:
        case = f"{self.case}, {self.about}" if self.about else self.case
        return f"{case}: {self.talker} {self.sentence}"


@lru_cache
def pieces() -> tuple[Judged, ...]:
    """Six kinds at three levels, the voice itself, seven mistakes."""
    voices = mistakes.sentences()
    groups = [(CLEAN, "", voices)]
    groups += zip(
        mistakes.MISTAKES,
        [""] * len(mistakes.MISTAKES),
        mistakes.mistakes(voices),
        strict=True,
    )
    for level, kinds in zip(
        mistakes.LEVELS, mistakes.spoilt(voices), strict=True
    ):
        about = [f"{level:.0f} dB"] * len(kinds)
        groups += zip(distortions.KINDS, about, kinds, strict=True)
    return tuple(
        Judged(
            case,
            about,
            mistakes.TALKERS[index // mistakes.EACH],
            index % mistakes.EACH,
            torch.stack([estimates[index], voices[index]]),
        )
        for case, about, estimates in groups
        for index in range(len(voices))
        if index % mistakes.EACH in CHOSEN
    )


@lru_cache
def unreferenced() -> tuple[Judged, ...]:
    """Clean sentences of one talker in two languages, and silence."""
    length = round(mistakes.SECONDS * mistakes.SAMPLE_RATE)
    found = []
    for language in LANGUAGES:
        table = prompts.table(
            speakers=["allison"],
            languages=[language],
            kinds=["prompt"],
            min_seconds=mistakes.SECONDS,
        )
        step = len(table) // SPOKEN
        chosen = table[::step][:SPOKEN]
        spoken = mistakes.levelled(
            torch.stack([p.waveform()[:length] for p in chosen])
        )
        found += [
            Judged(CLEAN, language, "allison", k, torch.stack([x, x]))
            for k, x in enumerate(spoken)
        ]
    silence = torch.zeros(2, length)
    return (*found, Judged(SILENCE, "", "nobody", 0, silence))


def describe(piece: Judged) -> Mapping[str, str]:
    return {
        "name": piece.name,
        "case": piece.case,
        "about": piece.about,
        "talker": piece.talker,
    }


def pair_of(piece: Judged) -> tuple[Tensor, int]:
    return piece.pair, mistakes.SAMPLE_RATE


def stoi_of(pair: Tensor, *, sample_rate: int) -> float:
    return stoi(*pair, sample_rate=sample_rate)


def estoi_of(pair: Tensor, *, sample_rate: int) -> float:
    return stoi(*pair, sample_rate=sample_rate, extended=True)


def pesq_of(pair: Tensor, *, sample_rate: int) -> float:
    return pesq(*pair, sample_rate=sample_rate)


def telephone_of(pair: Tensor, *, sample_rate: int) -> float:
    return pesq(*pair, sample_rate=sample_rate, telephone=True)


def dnsmos_of(pair: Tensor, *, sample_rate: int) -> Marks:
    return dnsmos(pair[0], sample_rate=sample_rate)


def score(piece: Judged, found: float | Marks) -> dict[str, float]:
    """The number that is printed; of the marks, the overall one."""
    return {
        "score": found.overall if isinstance(found, Marks) else found
    }


def keep(
    piece: Judged, found: float | Marks
) -> dict[str, list[float]] | None:
    """All three marks."""
    if not isinstance(found, Marks):
        return None
    return {"marks": [round(mark, 3) for mark in found]}


ONNX = ("speechmos", "onnxruntime")
COMPARISONS = (
    Comparison(
        name="speech-measures",
        question="What do printed measures say of sounds whose flaw is known?",
        pieces=pieces,
        describe=describe,
        sound=pair_of,
        systems={
            "STOI": stoi_of,
            "ESTOI": estoi_of,
            "PESQ": pesq_of,
            "PESQ, telephone": telephone_of,
            "DNSMOS": dnsmos_of,
        },
        packages={
            "STOI": ("pystoi",),
            "ESTOI": ("pystoi",),
            "PESQ": ("pesq",),
            "PESQ, telephone": ("pesq",),
            "DNSMOS": ONNX,
        },
        measure=score,
        keep=keep,
        replayed=(1, 60, 200),
    ),
    Comparison(
        name="speech-marks",
        question="What does a mark without a reference give to two languages, and to silence?",
        pieces=unreferenced,
        describe=describe,
        sound=pair_of,
        systems={"DNSMOS": dnsmos_of},
        packages={"DNSMOS": ONNX},
        measure=score,
        keep=keep,
        replayed=(0, 30, 48),
    ),
)
