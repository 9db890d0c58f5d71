"""Patterns of recorded drum strokes; the bass drum's place is the trace Z.

Z is that of `dla.protocol.confounder`. Explained in
analysis/beat-tracking/learned-priors.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from dla.chapters.beat_tracking.excerpts import SAMPLE_RATE
from dla.chapters.beat_tracking.features import FRAME_RATE
from dla.datasets import percussion

KIT = {  # recorded strokes, all CC0, and how loud each is played
    "bass": ("drum_bass_hard", 1.0),
    "snare": ("drum_snare_hard", 0.5),
    "hat": ("drum_cymbal_closed", 0.35),
}
ON_THE_BEAT, OFF_THE_BEAT, ANYWHERE = 0, 1, 2  # values of Z


@dataclass(frozen=True, eq=False)
class Pattern:
    """Strokes of a drum kit, and the beats that they are played to."""

    beats: Float[Tensor, "beat"]  # s
    strokes: Mapping[str, tuple[Float[Tensor, "n"], Float[Tensor, "n"]]]
    seconds: float  # name of the stroke -> times in s, gains

    def waveform(
        self, sample_rate: int = SAMPLE_RATE
    ) -> Float[Tensor, "time"]:
        """The pattern played on the recorded kit.

        Raises:
            ValueError: another sampling rate than the recordings'.
        """
        if sample_rate != SAMPLE_RATE:
            raise ValueError(
                f"the strokes are recorded at {SAMPLE_RATE} Hz, "
                f"got {sample_rate}"
            )
        length = round(self.seconds * SAMPLE_RATE)
        sound = torch.zeros(length)
        for name, (times, gains) in self.strokes.items():
            stroke = recorded(name)
            for time, gain in zip(times, gains, strict=True):
                start = round(float(time) * SAMPLE_RATE)
                part = stroke[: max(0, length - start)]
                sound[start : start + len(part)] += gain * part
        return sound


@functools.cache
def recorded(name: str) -> Float[Tensor, "time"]:
    """A stroke of the kit, with peak 1 times its loudness."""
    file, loudness = KIT[name]
    wave = percussion.find(file).waveform()
    return loudness * wave / wave.abs().max()


def drum_pattern(
    trace: int,
    *,
    bpm: float,
    seconds: float,
    generator: torch.Generator,
    accent: float = 1.0,
    left_out: float = 0.1,
    phase: int = 0,
) -> Pattern:
    """Hats on every half beat, and the bass drum where Z puts it.

    The hats are the content: they tell the tempo, and which of them
    are beats only if those are accented. The bass drum is the trace.
    Everything that is random is drawn whatever the trace and the
    accent: two patterns from generators in one state differ in these
    alone.

    Args:
        trace: Z; ON_THE_BEAT, OFF_THE_BEAT (half-way) or ANYWHERE
            (as many strokes, at times of their own).
        bpm: beats per minute.
        seconds: length.
        generator: source of the randomness; it advances.
        accent: gain of the hats on beats over that of the others.
        left_out: chance that a stroke is not played.
        phase: 0 if the first hat is a beat, 1 if the second is.

    Raises:
        ValueError: another trace or phase.
    """
    if trace not in (ON_THE_BEAT, OFF_THE_BEAT, ANYWHERE):
        raise ValueError(f"the trace is 0, 1 or 2, got {trace!r}")
    if phase not in (0, 1):
        raise ValueError(f"the phase is 0 or 1, got {phase!r}")
    half = 30.0 / bpm
    start = 0.1 + half * torch.rand(1, generator=generator).item()
    count = int((seconds - start - 0.1) / half)
    grid = start + half * torch.arange(count)
    on = torch.arange(count) % 2 == phase
    hats_played = torch.rand(count, generator=generator) >= left_out
    bass_played = torch.rand(count, generator=generator) >= left_out
    gains = 0.7 + 0.6 * torch.rand(2, count, generator=generator)
    anywhere = torch.rand(count, generator=generator).sort().values
    where = on if trace != OFF_THE_BEAT else ~on
    bass = where & bass_played
    times = grid[bass]
    if trace == ANYWHERE:
        times = start + anywhere[bass] * (seconds - start - 0.2)
    hats = gains[0] * torch.where(on, accent, 1.0)
    return Pattern(
        beats=grid[on],
        strokes={
            "hat": (grid[hats_played], hats[hats_played]),
            "bass": (times, gains[1][bass]),
        },
        seconds=seconds,
    )


def backbeat(
    frames: float, *, seconds: float, generator: torch.Generator
) -> Pattern:
    """Bass drum and snare in turn, hats between: two per bar.

    `beats[::2]` are those of the bass drum: the beats of a listener
    who taps at half the tempo.

    Args:
        frames: interval of the beats in frames of 20 ms.
        seconds: length.
        generator: source of the randomness; it advances.
    """
    offset = torch.randint(5, 15, (1,), generator=generator).item()
    count = int((seconds - 0.1) * FRAME_RATE - offset) // frames
    beats = (offset + frames * torch.arange(count)) / FRAME_RATE
    gains = 0.7 + 0.6 * torch.rand(3, len(beats), generator=generator)
    late = beats + frames / 2 / FRAME_RATE
    heard = torch.rand(len(beats), generator=generator) > 0.1
    hats = torch.cat([beats, late[heard]])
    return Pattern(
        beats=beats,
        strokes={
            "bass": (beats[::2], gains[0, ::2]),
            "snare": (beats[1::2], gains[1, 1::2]),
            "hat": (hats, torch.cat([gains[2], gains[2, heard]])),
        },
        seconds=seconds,
    )
