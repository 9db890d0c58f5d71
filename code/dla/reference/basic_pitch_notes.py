"""Notes with onset and end, from what Basic Pitch says frame by frame.

The rule that the package applies, without its two further steps (onsets
inferred from a rise of the notes, and notes that no onset begins), so
that it is readable here: :func:`notes_of`.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla.reference.basic_pitch import (
    LOWEST,
    SOUNDING,
    Activations,
    activations,
)

NOTE = np.dtype(
    [("onset", "f8"), ("offset", "f8"), ("pitch", "i8")]
)  # s, s, MIDI
BEGINS = 0.5  # activation of an onset, as the package takes it
SHORTEST = 12  # frames of a note: the package drops 11 and fewer
GAP = 11  # frames below after which a note has stopped


def basic_pitch_notes(
    waveform: Float[Tensor, "time"],
    *,
    sample_rate: int,
    shortest: int = SHORTEST,
) -> np.ndarray:
    """The notes of any music, in the order of their onsets.

    Args:
        waveform: mono.
        sample_rate: Hz; other rates than 22.05 kHz are resampled.
        shortest: frames of 11.6 ms that a note has at least.

    Returns:
        Of type :data:`NOTE`.

    Raises:
        MissingPackage: basic-pitch or onnxruntime is not installed.
        ValueError: no mono sound of finite numbers, or no frame.
    """
    heard = activations(waveform, sample_rate=sample_rate)
    return notes_of(heard, shortest=shortest)


def notes_of(
    heard: Activations, *, shortest: int = SHORTEST
) -> np.ndarray:
    """A note from each peak of the onsets to where it has stopped.

    It has stopped where its activation stays below 0.3 for 11 frames
    (0.13 s). Onsets are taken from the last to the first, and a note
    takes what sounds in its time at its pitch and the semitones beside
    it: it ends the one before. A note that is too short takes nothing.

    Args:
        heard: of one sound.
        shortest: frames that a note has at least.

    Raises:
        ValueError: notes of less than a frame.

    >>> notes = torch.zeros(60, 88)
    >>> notes[10:40, 39] = 0.9
    >>> onsets = torch.zeros(60, 88)
    >>> onsets[10, 39] = 0.8
    >>> times = torch.arange(60) / 100
    >>> heard = Activations(times, notes, onsets, torch.zeros(60, 264))
    >>> notes_of(heard).tolist()
    [(0.1, 0.4, 60)]
    """
    if shortest < 1:
        raise ValueError(
            f"notes of at least {shortest} frames; expected 1 or more"
        )
    sounds = (heard.notes >= SOUNDING).numpy()
    onsets = heard.onsets.numpy()
    around = np.pad(onsets, ((1, 1), (0, 0)), mode="edge")
    peak = (onsets > around[:-2]) & (onsets > around[2:])
    times = heard.times.double().numpy()
    found = []
    for start, row in np.argwhere(peak & (onsets >= BEGINS))[
        ::-1
    ].tolist():
        end = _stops(sounds[:-1, row], start)
        if end - start >= shortest:
            found.append((times[start], times[end], LOWEST + row))
            sounds[start:end, max(row - 1, 0) : row + 2] = False
    return np.sort(np.array(found, dtype=NOTE))


def _stops(sounds: np.ndarray, start: int) -> int:
    """The frame after the last one before a gap; the first counts."""
    on = np.flatnonzero(sounds[start + 1 :]) + 1
    on = np.append(0, on)
    gap = np.flatnonzero(np.diff(on) > GAP)
    return start + int(on[gap[0]] if len(gap) else on[-1]) + 1


def as_tones(
    notes: np.ndarray, *, seconds: float, sample_rate: int
) -> Float[Tensor, "time"]:
    """The notes as tones of four harmonics that die away, to be heard.

    Args:
        notes: of :data:`NOTE`.
        seconds: length of the sound.
        sample_rate: Hz.

    >>> one = np.array([(0.0, 0.5, 69)], dtype=NOTE)
    >>> as_tones(one, seconds=1.0, sample_rate=8000).shape
    torch.Size([8000])
    """
    sound = torch.zeros(round(seconds * sample_rate))
    for onset, offset, pitch in notes.tolist():
        first = round(onset * sample_rate)
        count = min(
            round((offset - onset) * sample_rate), len(sound) - first
        )
        t = torch.arange(max(count, 0)) / sample_rate
        frequency = 440.0 * 2 ** ((pitch - 69) / 12)
        tone = sum(
            torch.sin(2 * torch.pi * k * frequency * t) / k**1.5
            for k in range(1, 5)
            if k * frequency < sample_rate / 2
        )
        fade = ((offset - onset - t) / 0.01).clamp(0, 1)
        sound[first : first + len(t)] += (
            0.1 * tone * fade * (-2 * t).exp()
        )
    return sound
