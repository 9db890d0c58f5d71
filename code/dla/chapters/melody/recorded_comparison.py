"""Published pitch trackers on recorded sound: piano notes and voices.

The name of a piano note is its truth, to some 15 cents. Nobody wrote
down the pitch of the voices: there, a tracker is compared with the frames
in which the two others agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.chapters.melody.alone_comparison import PACKAGES, SYSTEMS
from dla.chapters.melody.tracks import on_frames, signed_cents
from dla.datasets import piano, prompts
from dla.measures.melody import cents_between
from dla.protocol.comparison import Comparison, Result
from dla.reference.published import PitchTrack

LEVEL = -25.0  # dB
STRUCK = (0.1, 1.1)  # s of a piano note that are scored
NEAR = 50.0  # cents
STEP = 0.01  # s between the frames of a voice
PROMPTS = 3  # of each voice and language
SPOKEN = (2.0, 6.0)  # s, shortest and longest of them


@dataclass(frozen=True, eq=False)
class Sound:
    """A recording, and its pitch where it has a name."""

    name: str
    waveform: Float[Tensor, "time"]  # -25 dB
    sample_rate: int  # Hz
    frequency: float  # Hz; 0 where nobody says

    @property
    def times(self) -> Float[Tensor, "frame"]:
        """Frames in s: what is scored of a note; all of a voice."""
        if self.frequency:
            return torch.arange(*STRUCK, STEP, dtype=torch.float64)
        seconds = len(self.waveform) / self.sample_rate
        return torch.arange(0, seconds, STEP, dtype=torch.float64)


@lru_cache
def notes() -> tuple[Sound, ...]:
    """Thirty notes of a piano, their first 1.2 s."""
    longest = STRUCK[1] + 0.1
    return tuple(
        Sound(
            n.note,
            _levelled(n.waveform()[: round(longest * n.sample_rate)]),
            n.sample_rate,
            n.frequency,
        )
        for n in piano.table()
    )


@lru_cache
def voices() -> tuple[Sound, ...]:
    """Three prompts of each voice and language, of 2 to 6 s."""
    every = prompts.table(kinds=["prompt"], min_seconds=SPOKEN[0])
    groups: dict[tuple[str, str], list] = {}
    for prompt in every:
        if prompt.seconds <= SPOKEN[1]:
            group = groups.setdefault(
                (prompt.speaker, prompt.language), []
            )
            group.append(prompt)
    chosen = []
    for same in groups.values():
        step = max(1, len(same) // PROMPTS)
        chosen += same[::step][:PROMPTS]
    return tuple(
        Sound(p.file, _levelled(p.waveform()), p.sample_rate, 0.0)
        for p in chosen
    )


def _levelled(x: Float[Tensor, "time"]) -> Float[Tensor, "time"]:
    return signals.at_level(x, torch.tensor(LEVEL))


def name_of(sound: Sound) -> Mapping[str, str]:
    return {"name": sound.name}


def samples_of(sound: Sound) -> tuple[Tensor, int]:
    return sound.waveform, sound.sample_rate


def score_note(sound: Sound, track: PitchTrack) -> dict[str, float]:
    """Of a note's first second: share of frames right, and the whole.

    A note is right if the median of its frames is.
    """
    frequency, voiced = on_frames(track, sound.times)
    truth = np.full_like(frequency, sound.frequency)
    right = np.abs(cents_between(truth, frequency)) < NEAR
    middle = np.abs(
        cents_between([sound.frequency], [float(np.median(frequency))])
    )
    return {
        "raw_pitch": right.mean(),
        "note": float(middle[0] < NEAR),
        "voiced": voiced.mean(),
    }


def share_voiced(sound: Sound, track: PitchTrack) -> dict[str, float]:
    """Nobody knows the truth; what is compared comes later."""
    _, voiced = on_frames(track, sound.times)
    return {"voiced": voiced.mean()}


def keep_voice(sound: Sound, track: PitchTrack) -> dict[str, list[int]]:
    """Cents of MIDI pitch every 10 ms, negative where unvoiced."""
    return {"cents": signed_cents(track, sound.times)}


def agreement(
    result: Result, system: str, *, tolerance: float = NEAR
) -> dict[str, float]:
    """A tracker against the frames in which all others agree.

    Others agree on a pitch where all call a frame voiced and no two of
    them lie further apart than the tolerance; on its absence, where all
    call it unvoiced.

    Args:
        result: of the comparison of the voices.
        system: that is judged.
        tolerance: in cents.

    Returns:
        `raw_pitch`: of the frames with a pitch, those where the system
        is that near to the others' mean; `raw_chroma`: the same,
        octaves forgiven; `voicing_recall` and `false_alarm`; `pitched`:
        share of all frames that have a pitch by the others.
    """
    others = [s for s in result.comparison.systems if s != system]
    cents = {s: _all_cents(result, s) for s in (system, *others)}
    there = np.stack([cents[s] for s in others])
    pitched = (there > 0).all(0) & (
        np.ptp(np.abs(there), 0) < tolerance
    )
    silent = (there < 0).all(0)
    own = cents[system]
    error = np.abs(own) - np.abs(there).mean(0)
    octaves = 1200 * np.round(error / 1200)
    return {
        "raw_pitch": float((np.abs(error) < tolerance)[pitched].mean()),
        "raw_chroma": float(
            (np.abs(error - octaves) < tolerance)[pitched].mean()
        ),
        "voicing_recall": float((own > 0)[pitched].mean()),
        "false_alarm": float((own > 0)[silent].mean()),
        "pitched": float(pitched.mean()),
    }


def _all_cents(result: Result, system: str) -> np.ndarray:
    return np.concatenate(
        [trial.kept["cents"] for trial in result.of(system)]
    )


COMPARISONS = (
    Comparison(
        name="melody-piano",
        question="Do published trackers name recorded piano notes?",
        pieces=notes,
        describe=name_of,
        sound=samples_of,
        systems=SYSTEMS,
        packages=PACKAGES,
        measure=score_note,
        replayed=(10, 20),
    ),
    Comparison(
        name="melody-voices",
        question="Where do published trackers agree about the pitch of recorded voices?",
        pieces=voices,
        describe=name_of,
        sound=samples_of,
        systems=SYSTEMS,
        packages=PACKAGES,
        measure=share_voiced,
        keep=keep_voice,
        replayed=(0,),
    ),
)
