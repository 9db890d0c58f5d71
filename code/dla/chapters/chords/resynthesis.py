"""Chord symbols as sound, to be heard beside what they describe."""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, scores, signals
from dla.measures.chords import NONE, Chords, class_of
from dla.models.chord_templates import TRIADS
from dla.spectral.chroma import CLASSES

INSTRUMENT = "drawbar organ"
BASS, MIDDLE = 36, 60  # MIDI: where the root lies, and the triad above
SHORTEST = 0.05  # s: what is shorter is left out


def chord_notes(chords: Chords) -> list[tuple[float, float, int]]:
    """Root in the bass and the triad around middle C, as rows.

    Each as (onset, duration, pitch) in s; "N" and what is neither
    major nor minor rests.

    >>> import numpy as np
    >>> chord_notes(Chords(np.array([[0.0, 1.0]]), ["D:min"]))
    [(0.0, 1.0, 38), (0.0, 1.0, 62), (0.0, 1.0, 65), (0.0, 1.0, 69)]
    """
    rows = []
    for (begin, end), label in zip(
        chords.intervals, chords.labels, strict=True
    ):
        number = class_of(label)
        if not 0 <= number < NONE or end - begin < SHORTEST:
            continue
        mode, root = divmod(number, CLASSES)
        pitches = [BASS + root] + [
            MIDDLE + (root + step) % CLASSES for step in TRIADS[mode]
        ]
        span = float(begin), float(end - begin)
        rows += [(*span, pitch) for pitch in sorted(pitches)]
    return rows


def resynthesise(
    chords: Chords,
    *,
    seconds: float,
    sample_rate: int = 22050,
    instrument: str = INSTRUMENT,
    level: float = -25.0,
) -> Float[Tensor, "time"]:
    """What a list of symbols sounds like.

    Args:
        chords: in s.
        seconds: length of the sound.
        sample_rate: in Hz.
        instrument: by the standard's name.
        level: in dB.

    Raises:
        ValueError: no symbol that can be played.
    """
    rows = chord_notes(chords)
    if not rows:
        raise ValueError(
            f"{len(chords.labels)} symbols, none major or minor: nothing to play"
        )
    score = scores.from_notes(rows)  # a quarter is a second
    sound = scores.render(
        score,
        instruments=instrument,
        tempo=60.0,
        end=min(seconds, score.duration),
        tail=max(seconds - score.duration, 0.0) + 0.1,
        sample_rate=sample_rate,
    )
    wave = sound.mixture[: round(seconds * sample_rate)]
    return signals.at_level(wave, torch.tensor(level))


def together(
    waveform: Float[Tensor, "time"],
    chords: Chords,
    *,
    sample_rate: int = 22050,
    below: float = 3.0,
) -> Float[Tensor, "time"]:
    """A sound and its symbols at once: a wrong one is a wrong chord.

    Args:
        waveform: mono.
        chords: in s.
        sample_rate: in Hz.
        below: by how many dB the symbols are softer.

    Raises:
        ValueError: silence, or no symbol that can be played.
    """
    waveform = checks.as_sound("waveform", waveform)
    checks.refuse_silence(waveform=waveform)
    loudness = 20 * float(signals.rms(waveform.detach()).log10())
    played = resynthesise(
        chords,
        seconds=len(waveform) / sample_rate,
        sample_rate=sample_rate,
        level=loudness - below,
    )
    return waveform + played
