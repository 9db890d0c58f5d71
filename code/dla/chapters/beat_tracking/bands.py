"""A rendered excerpt gets a drummer and an overdriven amplifier.

Strokes from `dla.datasets.percussion` are laid on the exact beats of an
excerpt and between them. Explained in analysis/beat-tracking/network.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, signals
from dla.chapters.beat_tracking.excerpts import (
    JITTER,
    LEVEL,
    SAMPLE_RATE,
    Excerpt,
)
from dla.datasets import percussion
from dla.names import unknown
from dla.scores.sections import beats_per_bar

VOICES = {  # what may play them: kinds, or names that begin so
    "kick": ("bd_", "drum_bass", "drum_heavy"),
    "snare": ("sn_", "drum_snare"),
    "hat": ("hat_", "drum_cymbal_closed", "drum_cymbal_pedal"),
    "cymbal": ("drum_cymbal_hard", "drum_splash", "drum_cymbal_soft"),
}
GROOVES = ("backbeat", "half time", "fast", "rolling", "four")
DRIVE = (2.0, 30.0)  # gain before the clipping
DRUMS = (-6.0, 9.0)  # dB, drums over the rest
LONGEST = 0.6  # s of a stroke that are kept


def kit(
    samples: Sequence[percussion.Sample],
) -> dict[str, tuple[percussion.Sample, ...]]:
    """The samples that can play each voice.

    Raises:
        ValueError: none for a voice.

    >>> {v: len(s) for v, s in kit(percussion.table()).items()}
    {'kick': 18, 'snare': 6, 'hat': 23, 'cymbal': 4}
    """
    made = {
        voice: tuple(s for s in samples if s.name.startswith(starts))
        for voice, starts in VOICES.items()
    }
    for voice, found in made.items():
        if not found:
            raise ValueError(
                f"no {voice} among {len(samples)} samples; names of "
                f"{', '.join(VOICES[voice])} can play it"
            )
    return made


def strokes(
    groove: str, position: int, per_bar: int, division: int
) -> list[tuple[str, float]]:
    """What is struck in one beat: voice, and where in the beat.

    Args:
        groove: one of GROOVES.
            backbeat: kick on odd beats, snare on even ones.
            half time: kick on the first, snare in mid-bar.
            fast: kick on the beats, snare halfway.
            rolling: kick on every division, snare on even beats.
            four: kick on every beat, hats between.
        position: of the beat in the bar, from 1.
        per_bar: beats in a bar.
        division: of the beat, 2 or 3.

    Raises:
        ValueError: no such groove.

    >>> strokes("backbeat", 2, 4, 2)
    [('snare', 0.0), ('hat', 0.0), ('hat', 0.5)]
    """
    every = [k / division for k in range(division)]
    hats = [("hat", at) for at in every]
    even = "snare" if position % 2 == 0 else "kick"
    if groove == "backbeat":
        return [(even, 0.0), *hats]
    if groove == "half time":
        middle = position == per_bar // 2 + 1 and per_bar > 1
        first = [("kick", 0.0)] if position == 1 else []
        return [*first, *[("snare", 0.0)] * middle, *hats]
    if groove == "fast":
        return [("kick", 0.0), ("snare", every[-1]), ("hat", 0.0)]
    if groove == "rolling":
        kicks = [("kick", at) for at in every]
        return [*kicks, *[("snare", 0.0)] * (even == "snare")]
    if groove == "four":
        return [("kick", 0.0), *hats[1:]]
    raise ValueError(unknown("groove", groove, GROOVES))


def drums(
    excerpt: Excerpt,
    groove: str,
    sounds: Mapping[str, Float[Tensor, "stroke_time"]],
    rng: np.random.Generator,
) -> Float[Tensor, "time"]:
    """A groove over the beats of an excerpt, drums only.

    Strokes lie where a player would put them, 5 ms more or less, and
    differ in loudness by 2 dB. Every fourth bar opens with a cymbal.

    Args:
        excerpt: only its beats, metre and length are used.
        groove: one of GROOVES.
        sounds: a stroke for each of VOICES.
        rng: of the player.
    """
    per_bar = beats_per_bar(excerpt.meter)
    compound = excerpt.meter in ("6/8", "9/8", "12/8")
    beats = excerpt.beats.numpy()
    after = np.append(np.diff(beats), np.diff(beats)[-1])
    out = torch.zeros(len(excerpt.waveform))
    bars = 0
    for beat, length, position in zip(
        beats, after, excerpt.positions.tolist(), strict=True
    ):
        played = strokes(groove, position, per_bar, 2 + compound)
        if position == 1:
            bars += 1
            played += [("cymbal", 0.0)] * (bars % 4 == 1)
        for voice, part in played:
            late = rng.normal(0.0, JITTER)
            start = round((beat + part * length + late) * SAMPLE_RATE)
            loud = 10 ** (rng.normal(0.0, 2.0) / 20)
            stroke = sounds[voice][: max(len(out) - max(start, 0), 0)]
            start = max(start, 0)
            out[start : start + len(stroke)] += loud * stroke
    return out


def overdrive(
    waveform: Float[Tensor, "time"], gain: float
) -> Float[Tensor, "time"]:
    """A valve driven too hard: loud and soft become alike.

    Raises:
        ValueError: a waveform that is silent or not finite.

    >>> x = torch.tensor([0.1, 1.0])
    >>> y = overdrive(x, 20.0)
    >>> float(y[1] / y[0]) < 2
    True
    """
    waveform = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=waveform)
    checks.refuse_silence(waveform=waveform)
    return torch.tanh(gain * waveform / signals.rms(waveform) / 3)


def with_band(
    excerpt: Excerpt,
    instruments: Mapping[str, Sequence[percussion.Sample]],
    rng: np.random.Generator,
) -> Excerpt:
    """An excerpt with drums, and in half the cases overdriven.

    Groove, strokes, and levels are drawn; beats stay as they are.

    Args:
        excerpt: any.
        instruments: from `kit`.
        rng: decides.
    """
    groove = GROOVES[int(rng.integers(len(GROOVES)))]
    sounds = {}
    for voice, choice in instruments.items():
        sample = choice[int(rng.integers(len(choice)))]
        sounds[voice] = _stroke(sample) * 10 ** (
            rng.uniform(-9, 3) / 20
        )
    low, high = DRIVE
    gain = low * (high / low) ** rng.random()
    x = excerpt.waveform
    x = overdrive(x, gain) if rng.random() < 0.5 else x
    beat = drums(excerpt, groove, sounds, rng)
    x = signals.at_level(x, torch.tensor(LEVEL))
    over = torch.tensor(LEVEL + rng.uniform(*DRUMS))
    mixed = x + signals.at_level(beat, over)
    return dataclasses.replace(
        excerpt,
        instrument=f"{excerpt.instrument}, {groove}",
        waveform=signals.at_level(mixed, torch.tensor(LEVEL)),
    )


def _stroke(sample: percussion.Sample) -> Float[Tensor, "time"]:
    """From its attack, at peak one, faded after LONGEST."""
    x = sample.waveform()
    start = int((x.abs() > 0.1 * x.abs().max()).nonzero()[0])
    x = x[start : start + round(LONGEST * SAMPLE_RATE)].clone()
    fade = min(len(x), round(0.02 * SAMPLE_RATE))
    x[len(x) - fade :] *= torch.linspace(1, 0, fade)
    return x / x.abs().max()
