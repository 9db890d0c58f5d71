"""Where is speech? A published detector in noise, and on what is no speech.

Sentences with a second of nothing before and after them, as they are and
spoilt, and sounds without a voice. Explained in overview/speech/systems.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dla import signals
from dla.chapters.speech import mistakes
from dla.chapters.speech.enhanced_comparison import fire
from dla.datasets import effects, songs
from dla.protocol.comparison import Comparison
from dla.reference.silero_vad import (
    FRAME,
    SPEECH,
    SpeechActivity,
    silero_vad,
)

RATE = mistakes.SAMPLE_RATE
CHOSEN = (0, 1, 2)  # of a talker's sentences
AROUND = RATE  # samples of nothing on each side: 1 s
LOUD = 30.0  # dB below its loudest frame, from which a voice is speech
NOISES = {
    "white noise, 5 dB": 5.0,
    "fire, 5 dB": 5.0,
    "white noise, -5 dB": -5.0,
    "white noise, -10 dB": -10.0,
}  # case -> dB, voice over noise while the sentence lasts
QUIET = {"40 dB quieter": -40.0, "50 dB quieter": -50.0}
CLEAN, WHISPER, BACK = "clean", "whisper", "backwards"
NO_SPEECH = ("songs", "effects", "white noise alone")
SECONDS = 0.5  # that an effect lasts at least
HEARD = "allison 1"  # whose probabilities are kept
CASES = (CLEAN, *NOISES, *QUIET, WHISPER, BACK, *NO_SPEECH)


@dataclass(frozen=True, eq=False)
class Sound:
    """What comes in, and which frames of it are speech."""

    case: str
    about: str
    waveform: Float[Tensor, "time"]
    speech: Bool[Tensor, "frame"]
    other: Bool[Tensor, "frame"]  # surely none; the rest is not scored

    @property
    def name(self) -> str:
        return f"{self.case}: {self.about}"


@lru_cache
def pieces() -> tuple[Sound, ...]:
    """Twelve sentences in each case with a voice, and other sounds."""
    spoken = mistakes.sentences()
    chosen = [
        k for k in range(len(spoken)) if k % mistakes.EACH in CHOSEN
    ]
    spoken = spoken[chosen]
    about = [
        f"{mistakes.TALKERS[k // mistakes.EACH]} {k % mistakes.EACH}"
        for k in chosen
    ]
    voices = around(spoken)
    whisper = mistakes.whispered(spoken, sample_rate=RATE)
    white = torch.randn(
        voices.shape, generator=torch.Generator().manual_seed(0)
    )
    burning = fire(voices.shape[-1]).expand_as(voices)
    made = {CLEAN: voices}
    for case, level in NOISES.items():
        noise = white if case.startswith("white") else burning
        made[case] = in_noise(voices, noise, level)
    for case, gain in QUIET.items():
        made[case] = 10 ** (gain / 20) * voices
    made[WHISPER] = around(whisper)
    made[BACK] = voices.flip(-1)
    found = [
        Sound(case, which, x, *truth_of(shape))
        for case, sounds in made.items()
        for which, x, shape in zip(
            about,
            sounds,
            sounds if case in (WHISPER, BACK) else voices,
            strict=True,
        )
    ]
    return tuple(found + _without_voice(white[0]))


def around(
    voices: Float[Tensor, "voice time"],
) -> Float[Tensor, "voice longer"]:
    """A second of nothing on each side."""
    return torch.nn.functional.pad(voices, (AROUND, AROUND))


def in_noise(
    voices: Float[Tensor, "voice longer"],
    noise: Float[Tensor, "voice longer"],
    level: float,
) -> Float[Tensor, "voice longer"]:
    """Noise throughout, so many dB below the voice in the sentence."""
    ratio = [
        x[..., AROUND:-AROUND].square().mean(-1, keepdim=True)
        for x in (voices, noise)
    ]
    gain = (ratio[0] / ratio[1]).sqrt() * 10 ** (-level / 20)
    return voices + gain * noise


def truth_of(
    voice: Float[Tensor, "time"],
) -> tuple[Bool[Tensor, "frame"], Bool[Tensor, "frame"]]:
    """Frames of speech, and frames that lie in the nothing around it.

    Args:
        voice: clean, of :func:`around`.
    """
    count = -(-len(voice) // FRAME)
    padded = torch.nn.functional.pad(
        voice, (0, count * FRAME - len(voice))
    )
    power = padded.unflatten(0, (count, FRAME)).square().mean(1)
    speech = power > 10 ** (-LOUD / 10) * power.max()
    begins = torch.arange(count) * FRAME
    other = (begins + FRAME <= AROUND) | (begins >= len(voice) - AROUND)
    return speech & ~other, other


def _without_voice(white: Tensor) -> list[Sound]:
    sounds = [
        ("songs", s.name, _resampled(s)[: 5 * RATE])
        for s in songs.table()
    ]
    sounds += [
        ("effects", e.file, x)
        for e in effects.table()
        if len(x := _resampled(e)) >= SECONDS * RATE
    ]
    sounds.append(("white noise alone", "white", white))
    level = torch.tensor(mistakes.LEVEL)
    found = []
    for case, about, x in sounds:
        count = -(-len(x) // FRAME)
        none = torch.zeros(count, dtype=torch.bool)
        found.append(
            Sound(case, about, signals.at_level(x, level), none, ~none)
        )
    return found


def _resampled(sound) -> Float[Tensor, "time"]:
    return signals.resample(sound.waveform(), sound.sample_rate, RATE)


def describe(piece: Sound) -> Mapping[str, str]:
    return {"name": piece.name, "case": piece.case}


def sound_of(piece: Sound) -> tuple[Tensor, int]:
    return piece.waveform, RATE


def score(piece: Sound, found: SpeechActivity) -> dict[str, float]:
    """How many frames of speech were found, and how many of no speech."""
    called = found.probability > SPEECH
    return {
        "hits": int((called & piece.speech).sum()),
        "speech": int(piece.speech.sum()),
        "false": int((called & piece.other).sum()),
        "other": int(piece.other.sum()),
    }


def keep(piece: Sound, found: SpeechActivity) -> dict[str, list] | None:
    """The probabilities of one sentence, to two digits."""
    if piece.about != HEARD:
        return None
    return {
        "probability": [round(float(p), 2) for p in found.probability]
    }


COMPARISON = Comparison(
    name="speech-activity",
    question="Where does a published detector find speech?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={"Silero VAD": silero_vad},
    packages={"Silero VAD": ("silero-vad", "onnxruntime")},
    measure=score,
    keep=keep,
    replayed=(0, 40, -1),
    tolerance=2.0,
    digits=0,
)
