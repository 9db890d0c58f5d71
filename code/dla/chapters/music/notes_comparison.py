"""Notes of a piano, heard by a published transcriber, and where it fails.

Six chorales on a piano, in tune and not, on strings; one pitch repeated
slowly and fast; recorded notes. Explained in overview/music/systems.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import mir_eval
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.datasets import piano
from dla.protocol.comparison import Comparison
from dla.reference.basic_pitch_notes import NOTE, basic_pitch_notes
from dla.scores import from_notes, load, render
from dla.scores.library import names
from dla.scores.rendering import A4

RATE = 22050  # Hz
LEVEL = -23.0  # dB
QUARTERS = 16.0  # of a chorale, from its begin: about 11 s
CHORALES = names("chorales")[:6]
SHARP = 45.0  # cents
PIANO, TUNED, STRINGS = (
    "piano",
    "piano, 45 cents sharp",
    "strings",
)
RECORDED = "recorded notes, one after another"
REPEATED = {"C4 every 0.17 s": 0.25, "C4 every 0.1 s": 0.15}
SCALE = "C major every 0.1 s"  # quarters at 90 a minute
MAJOR = (0, 2, 4, 5, 7, 9, 11, 12)  # semitones
MIDDLE_C = 60
TWELVE = 12.0  # quarters of repeated notes: 8 s
GAP = 0.6  # s between recorded notes
CASES = (PIANO, TUNED, STRINGS, RECORDED, *REPEATED, SCALE)
NEAR, LATE = 0.05, 0.15  # s between onsets; usual, and generous
BRIEF = 3  # frames: 35 ms


@dataclass(frozen=True, eq=False)
class Passage:
    """A sound, and its notes."""

    case: str
    about: str
    waveform: Float[Tensor, "time"]  # 22.05 kHz, -23 dB
    notes: np.ndarray  # of NOTE

    @property
    def name(self) -> str:
        return f"{self.case}: {self.about}"


@lru_cache
def pieces() -> tuple[Passage, ...]:
    """Six chorales three times, three of one pitch or scale, recorded notes."""
    settings = {
        PIANO: {},
        TUNED: {"tuning": A4 * 2 ** (SHARP / 1200)},
        STRINGS: {"instruments": "string ensemble 1"},
    }
    found = [
        _rendered(case, name, load(name), end=QUARTERS, **more)
        for case, more in settings.items()
        for name in CHORALES
    ]
    found.append(_recorded())
    for case, step in REPEATED.items():
        starts = np.arange(0, TWELVE, step)
        score = from_notes([(t, step, MIDDLE_C) for t in starts])
        found.append(_rendered(case, "piano", score))
    step = REPEATED["C4 every 0.1 s"]
    score = from_notes(
        [
            (t, step, MIDDLE_C + MAJOR[k % len(MAJOR)])
            for k, t in enumerate(np.arange(0, TWELVE, step))
        ]
    )
    found.append(_rendered(SCALE, "piano", score))
    return tuple(found)


def _rendered(case: str, about: str, score, **settings) -> Passage:
    played = render(score, **settings)
    notes = np.zeros(len(played.notes), dtype=NOTE)
    for name in NOTE.names:
        notes[name] = played.notes[name]
    return Passage(case, about, _levelled(played.mixture), notes)


def _recorded() -> Passage:
    """The thirty notes of the recorded piano, in random order."""
    table = piano.table()
    order = torch.randperm(
        len(table), generator=torch.Generator().manual_seed(0)
    ).tolist()
    step = round(GAP * RATE)
    sound = torch.zeros(step * (len(table) + 2))
    notes = np.zeros(len(table), dtype=NOTE)
    for place, k in enumerate(order):
        x = signals.resample(
            table[k].waveform(), table[k].sample_rate, RATE
        )
        x = signals.at_level(x[: 2 * step], torch.tensor(LEVEL))
        x = x * (1 - torch.arange(len(x)) / len(x))
        begin = place * step
        sound[begin:][: len(x)] += x
        pitch = round(69 + 12 * float(np.log2(table[k].frequency / A4)))
        notes[place] = (begin / RATE, (begin + len(x)) / RATE, pitch)
    return Passage(RECORDED, "piano", _levelled(sound), notes)


def _levelled(x: Float[Tensor, "time"]) -> Float[Tensor, "time"]:
    return signals.at_level(x, torch.tensor(LEVEL))


def describe(piece: Passage) -> Mapping[str, str]:
    return {"name": piece.name, "case": piece.case}


def sound_of(piece: Passage) -> tuple[Tensor, int]:
    return piece.waveform, RATE


def score(piece: Passage, found: np.ndarray) -> dict[str, float]:
    """Notes within 50 ms and half a semitone, as MIREX counts them.

    Of those found that are no note, how many lie an octave or more
    above one that sounds (an overtone, or a string that rings on).
    """
    truth = piece.notes
    pairs, generous = (
        mir_eval.transcription.match_notes(
            *_intervals(truth),
            *_intervals(found),
            onset_tolerance=near,
            offset_ratio=None,
        )
        for near in (NEAR, LATE)
    )
    hit = {k for _, k in pairs}
    wrong = [n for k, n in enumerate(found) if k not in hit]
    octave = sum(
        any(
            n["pitch"] - t["pitch"] in (12, 19, 24, 28, 31, 36)
            for t in truth
            if abs(t["onset"] - n["onset"]) < NEAR
        )
        for n in wrong
    )
    return {
        "matched": len(pairs),
        "within 0.15 s": len(generous),
        "notes": len(truth),
        "found": len(found),
        "overtones": octave,
    }


def _intervals(notes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Onsets and ends in s, and pitches in Hz, as mir_eval asks for them."""
    ends = np.maximum(notes["offset"], notes["onset"] + 0.01)
    return (
        np.stack([notes["onset"], ends], -1),
        A4 * 2.0 ** ((notes["pitch"] - 69) / 12),
    )


def keep(piece: Passage, found: np.ndarray) -> dict[str, list]:
    """The notes: onset and end in ms, and pitch."""
    return {
        "onset": (1000 * found["onset"]).round().astype(int).tolist(),
        "offset": (1000 * found["offset"]).round().astype(int).tolist(),
        "pitch": found["pitch"].tolist(),
    }


def notes_kept(kept: Mapping[str, list]) -> np.ndarray:
    """The notes that :func:`keep` kept."""
    notes = np.zeros(len(kept["pitch"]), dtype=NOTE)
    notes["onset"] = np.array(kept["onset"]) / 1000
    notes["offset"] = np.array(kept["offset"]) / 1000
    notes["pitch"] = kept["pitch"]
    return notes


def later(
    notes: np.ndarray, seconds: float, *, whole: float
) -> np.ndarray:
    """The notes so much later in a piece; what passes its end, first.

    A null that keeps the durations and, for whole beats, the rhythm.

    >>> notes = np.array([(9.0, 9.5, 60)], dtype=NOTE)
    >>> later(notes, 2.0, whole=10.0)["onset"]
    array([1.])
    """
    moved = notes.copy()
    moved["onset"] = (notes["onset"] + seconds) % whole
    moved["offset"] = moved["onset"] + notes["offset"] - notes["onset"]
    return moved


def begun_again(written: np.ndarray, found: np.ndarray) -> int:
    """Notes found that begin later in one that is written.

    At its pitch, while it sounds, and not within 150 ms of the begin of
    any at this pitch.
    """
    count = 0
    for note in found:
        key = written[written["pitch"] == note["pitch"]]
        late = note["onset"] - key["onset"]
        inside = (late > 0) & (late < key["offset"] - key["onset"])
        count += bool((abs(late) >= LATE).all() and inside.any())
    return count


def brief_notes(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> np.ndarray:
    """Notes of 35 ms and more, with the same network."""
    return basic_pitch_notes(
        waveform, sample_rate=sample_rate, shortest=BRIEF
    )


COMPARISON = Comparison(
    name="music-notes",
    question="Which notes of a piano does a published transcriber hear?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={
        "Basic Pitch": basic_pitch_notes,
        "from 35 ms": brief_notes,
    },
    packages={
        "Basic Pitch": ("basic-pitch", "onnxruntime"),
        "from 35 ms": ("basic-pitch", "onnxruntime"),
    },
    measure=score,
    keep=keep,
    replayed=(0, 18),
    tolerance=3.0,
    digits=0,
)
