"""Which word was that? Phonemes of a published network, and a list of words.

Digits, and the words of the international spelling alphabet, by one
voice in English and by others with their own accents, and in a fire.
Explained in overview/speech/systems.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.chapters.speech.distortions import towards
from dla.chapters.speech.enhanced_comparison import fire
from dla.datasets import prompts
from dla.protocol.comparison import Comparison
from dla.reference.hama import hama, nearest_word, pronounce

RATE = 16000  # Hz
LEVEL = -23.0  # dB
DIGITS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
)
SPELLING = (
    "alpha",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "golf",
    "hotel",
    "india",
    "juliet",
    "kilo",
    "lima",
    "mike",
    "november",
    "oscar",
    "papa",
    "quebec",
    "romeo",
    "sierra",
    "tango",
    "uniform",
    "victor",
    "whiskey",
    "xray",
    "yankee",
    "zulu",
)
OTHERS = {
    "26 words, Allison in Spanish": ("allison", "es"),
    "26 words, June (French)": ("june", "fr"),
    "26 words, the Russian voice": ("russian", "ru"),
    "26 words, Armelle (French)": ("armelle", "fr"),
}  # case -> speaker, language
ALONE = "26 words, Allison"
FIRES = {"in a fire, 5 dB": 5.0, "in a fire, -5 dB": -5.0}
TEN = "ten digits, Allison"
CASES = (TEN, ALONE, *FIRES, *OTHERS)


@dataclass(frozen=True, eq=False)
class Spoken:
    """A word, as it was said, and the words that it is sought among."""

    case: str
    word: str
    among: tuple[str, ...]
    waveform: Float[Tensor, "time"]

    @property
    def name(self) -> str:
        return f"{self.case}: {self.word}"


@lru_cache
def pieces() -> tuple[Spoken, ...]:
    """Ten digits, and 26 words in seven cases."""
    digits = prompts.table(
        speakers=["allison"], kinds=["digits"], languages=["en"]
    )
    found = [
        Spoken(TEN, DIGITS[int(p.text)], DIGITS, recording(p))
        for p in digits
        if int(p.text) < len(DIGITS)
    ]
    english = spelt("allison", "en")
    found += [
        Spoken(ALONE, word, SPELLING, x) for word, x in english.items()
    ]
    for case, level in FIRES.items():
        for word, x in english.items():
            noisy = towards(x + fire(len(x)), x, level=level)[0]
            found.append(Spoken(case, word, SPELLING, noisy))
    for case, voice in OTHERS.items():
        found += [
            Spoken(case, word, SPELLING, x)
            for word, x in spelt(*voice).items()
        ]
    return tuple(found)


def spelt(
    speaker: str, language: str
) -> dict[str, Float[Tensor, "time"]]:
    """Word -> a recording of it."""
    table = prompts.table(
        speakers=[speaker], kinds=["phonetic"], languages=[language]
    )
    return {
        SPELLING[ord(p.text.lower()) - ord("a")]: recording(p)
        for p in table
        if p.text.isalpha()
    }


def recording(prompt: prompts.Prompt) -> Float[Tensor, "time"]:
    x = prompt.waveform()
    if prompt.sample_rate != RATE:
        x = signals.resample(x, prompt.sample_rate, RATE)
    return signals.at_level(x - x.mean(), torch.tensor(LEVEL))


@cache
def lexicon(among: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Word -> phonemes, as the same package pronounces it."""
    return {word: pronounce(word) for word in among}


def describe(piece: Spoken) -> Mapping[str, str]:
    return {"name": piece.name, "case": piece.case, "word": piece.word}


def sound_of(piece: Spoken) -> tuple[Tensor, int]:
    return piece.waveform, RATE


def score(piece: Spoken, found: tuple[str, ...]) -> dict[str, float]:
    """Whether the nearest word of the list is the one that was said."""
    said = nearest_word(found, lexicon(piece.among))
    return {"right": float(said == piece.word)}


def keep(piece: Spoken, found: tuple[str, ...]) -> dict[str, list]:
    """What was heard, what it should have been, and the nearest word."""
    words = lexicon(piece.among)
    return {
        "phonemes": list(found),
        "expected": list(words[piece.word]),
        "word": [nearest_word(found, words)],
    }


COMPARISON = Comparison(
    name="speech-words",
    question="Which words are found by a published network for phonemes?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={"hama": hama},
    packages={"hama": ("hama",)},
    measure=score,
    keep=keep,
    replayed=(0, 10, 100),
)
