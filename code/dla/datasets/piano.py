"""Thirty recorded notes of one grand piano (attribution).

A0 to C8 in minor thirds, all struck equally hard, mono, at 22.05 kHz,
not levelled: the first 4 s at most, the last 0.1 s of them faded out.
The tone begins 9 to 23 ms after the start. One piano, one room, one
loudness: what holds here need not hold for another.
"""

import re
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from dla.datasets import manifest

CORPUS = manifest.CORPORA / "piano"

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {"": 0, "#": 1, "b": -1}


@dataclass(frozen=True)
class Note:
    """One recorded note and what is known about it."""

    file: str  # below CORPUS
    note: str  # C4 is middle C; sharps only
    pitch: int  # MIDI note number; A4 is 69
    velocity_layer: int  # 10 of 16: how hard it was struck
    seconds: float
    sample_rate: int  # Hz: 22050
    licence: str  # SPDX identifier
    package: str  # npm package that it was decoded from
    version: str

    @property
    def frequency(self) -> float:
        """Fundamental in Hz, equal temperament, A4 = 440 Hz."""
        return 440.0 * 2 ** ((self.pitch - 69) / 12)

    def waveform(self) -> Float[Tensor, "time"]:
        """The samples, in [-1, 1)."""
        return manifest.waveform(CORPUS / self.file)


def table(
    *, lowest: int | str = 21, highest: int | str = 108
) -> tuple[Note, ...]:
    """The notes from the lowest to the highest, sorted by pitch.

    Args:
        lowest, highest: MIDI pitch or note name, both included.

    Raises:
        ValueError: what is not a pitch, or a range without notes.

    >>> [n.note for n in table(lowest="C4", highest=72)]
    ['C4', 'D#4', 'F#4', 'A4', 'C5']
    """
    rows = manifest.rows(CORPUS)
    every = [manifest.typed(row, Note) for row in rows]
    low, high = midi_pitch(lowest), midi_pitch(highest)
    kept = tuple(n for n in every if low <= n.pitch <= high)
    if not kept:
        raise ValueError(
            f"no note from {lowest} to {highest}; there are every "
            "third semitone from A0 (21) to C8 (108)"
        )
    return kept


def find(note: int | str) -> Note:
    """The recording of a MIDI pitch or of a note name.

    Raises:
        ValueError: no recording of it (the message names the
            nearest), or not a pitch.

    >>> find("Eb4") == find(63)
    True
    >>> find("A4").frequency
    440.0
    """
    pitch, every = midi_pitch(note), table()
    for one in every:
        if one.pitch == pitch:
            return one
    near = sorted(every, key=lambda n: abs(n.pitch - pitch))[:2]
    raise ValueError(
        f"no recording of {note!r} (MIDI {pitch}); the nearest are "
        + " and ".join(f"{n.note} ({n.pitch})" for n in near)
    )


def midi_pitch(note: int | str) -> int:
    """MIDI pitch of a note name such as C4, F#3, Eb5; of a pitch, it.

    Raises:
        ValueError: not a note name.

    >>> midi_pitch("A4"), midi_pitch("Cb4"), midi_pitch(60)
    (69, 59, 60)
    """
    if not isinstance(note, str):
        return note
    parts = re.fullmatch(r"([A-Ga-g])([#b]?)(-?\d+)", note)
    if parts is None:
        raise ValueError(
            f"{note!r} is not a note name: a letter A to G, # or b if "
            "needed, and the octave, as in C4, F#3 or Eb5"
        )
    step, sign, octave = parts.groups()
    return 12 * (int(octave) + 1) + STEPS[step.upper()] + SIGNS[sign]
