"""What published trackers say of the chapter's recorded sounds.

The packages are not needed to read the book, so their contours are
kept, with date, versions and the hash of each sound. Made again by
``python -m dla.chapters.melody.contours`` where the packages are
installed. Used in analysis/melody.
"""

import hashlib
import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

import dla
from dla import signals
from dla.datasets import piano, prompts
from dla.measures.melody import at_times, cents_between
from dla.reference import pesto, pyin, swift_f0
from dla.spectral.yin import VOICED, yin

FILE = Path(dla.__file__).parent / "studies" / "melody-contours.json"
FRAME_RATE = 50.0  # frames per second, of what is kept
SPEAKERS = ("allison", "june", "carlo", "russian")
SPOKEN, STRUCK = 4.0, 1.5  # s, of a voice and of a note
SYSTEMS = {
    "swift-f0": swift_f0.swift_f0,
    "pesto": pesto.pesto,
    "pYIN": pyin.pyin,
}
VERSIONS = {
    "swift-f0": swift_f0.PACKAGE,
    "pesto": pesto.PACKAGE,
    "pYIN": pyin.PACKAGE,
}
VOICE = {"f_min": 60.0, "f_max": 500.0, "frame_length": 1024}
NOTE = {"f_min": 26.0, "f_max": 4800.0, "frame_length": 2048}
RATES = {"voice": 16000, "note": 22050}  # Hz


class Contour(NamedTuple):
    """Pitch and voicing, one value a frame of `frame_times`."""

    frequency: np.ndarray  # Hz
    voiced: np.ndarray  # bool


@lru_cache
def recordings() -> dict[str, Float[Tensor, "time"]]:
    """Four voices and thirty piano notes, as they are in their files."""
    found = {}
    for speaker in SPEAKERS:
        longest = prompts.table(
            speakers=[speaker], kinds=["prompt"], min_seconds=SPOKEN
        )[0]
        found[speaker] = longest.waveform()[
            : round(SPOKEN * longest.sample_rate)
        ]
    for note in piano.table():
        found[note.note] = note.waveform()[
            : round(STRUCK * note.sample_rate)
        ]
    return found


@lru_cache
def sounds() -> dict[str, Float[Tensor, "time"]]:
    """The recordings at -25 dB."""
    return {
        k: signals.at_level(x, torch.tensor(-25.0))
        for k, x in recordings().items()
    }


def kind(name: str) -> str:
    """`voice` or `note`."""
    return "voice" if name in SPEAKERS else "note"


def frame_times(name: str) -> np.ndarray:
    """Times in s of the frames of a sound."""
    seconds = len(sounds()[name]) / RATES[kind(name)]
    return np.arange(0.0, seconds, 1 / FRAME_RATE)


def ours(name: str) -> Contour:
    """Our YIN on a sound, with the settings of its kind."""
    rate = RATES[kind(name)]
    settings = VOICE if kind(name) == "voice" else NOTE
    found = yin(
        sounds()[name],
        sample_rate=rate,
        hop_length=round(rate / 100),
        **settings,
    )
    times = np.arange(len(found.frequency)) * round(rate / 100) / rate
    wanted = frame_times(name)
    return Contour(
        at_times(times, found.frequency, wanted),
        at_times(times, found.aperiodicity, wanted) < VOICED,
    )


@lru_cache
def published() -> dict[str, dict[str, Contour]]:
    """System -> sound -> its contour, as kept.

    Raises:
        ValueError: a sound is another one than was tracked.
    """
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    for name, x in recordings().items():
        if kept["sounds"].get(name) != _hash(x):
            raise ValueError(
                f"{name} is not the sound whose contours are kept in {FILE.name}; run "
                "python -m dla.chapters.melody.contours"
            )
    return {
        system: {name: _decoded(*rows) for name, rows in found.items()}
        for system, found in kept["systems"].items()
    }


def every(name: str) -> dict[str, Contour]:
    """Tracker -> contour of a sound: our YIN, and `SYSTEMS`."""
    kept = {
        system: found[name] for system, found in published().items()
    }
    return {"YIN": ours(name)} | kept


def apart(
    a: Contour, b: Contour, *, tolerance: float = 50.0
) -> np.ndarray:
    """Frames that both call voiced, at pitches further apart, in cents."""
    both = a.voiced & b.voiced
    first, second = (np.where(both, c.frequency, 1.0) for c in (a, b))
    return both & (np.abs(cents_between(first, second)) > tolerance)


def movement(frequency: np.ndarray) -> np.ndarray:
    """Cents a frame, from the frames before and after.

    NaN where one of the three has no pitch, and at the ends.

    >>> movement(np.array([220.0, 230.0, 440.0, 0.0]))
    array([ nan, 600.,  nan,  nan])
    """
    moved = np.full(len(frequency), np.inf)
    moved[1:-1] = (
        np.abs(cents_between(frequency[:-2], frequency[2:])) / 2
    )
    return np.where(np.isinf(moved) | (frequency == 0), np.nan, moved)


def kept_on() -> dict[str, str]:
    """The day of the contours, and the version of each system."""
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    return {"day": kept["day"], **kept["versions"]}


def agreed(
    name: str, *, without: str, tolerance: float = 50.0
) -> np.ndarray:
    """Pitch on which the trackers agree, one left out; else 0.

    In Hz, the geometric mean. A frame counts where all others call it
    voiced and any two of them lie within the tolerance. The one that
    is to be judged has no say in its own reference.

    Args:
        name: of a sound.
        without: tracker that is left out: "YIN" or one of `SYSTEMS`.
        tolerance: in cents.
    """
    others = every(name)
    del others[without]
    pitch = np.array([c.frequency for c in others.values()])
    voiced = np.all([c.voiced for c in others.values()], axis=0)
    low, high = pitch.min(0), pitch.max(0)
    near = np.abs(cents_between(low, high)) < tolerance
    logs = np.log(np.where(pitch > 0, pitch, 1.0))
    return np.where(voiced & near, np.exp(logs.mean(0)), 0.0)


def _hash(x: Tensor) -> str:
    """Of samples as the file has them: a level would be another on another processor."""
    return hashlib.sha256(x.numpy().astype("<f4").tobytes()).hexdigest()


def _encoded(frequency: np.ndarray, voiced: np.ndarray) -> list:
    hertz = [round(float(f), 1) for f in frequency]
    return [hertz, "".join("01"[int(v)] for v in voiced)]


def _decoded(hertz: list, voiced: str) -> Contour:
    return Contour(
        np.array(hertz), np.array([v == "1" for v in voiced])
    )


def _track(system: str, name: str) -> list:
    rate = RATES[kind(name)]
    # pYIN's own range for voices; for notes the range of our YIN
    as_yin = system == "pYIN" and kind(name) == "note"
    options = {k: NOTE[k] for k in ("f_min", "f_max")} if as_yin else {}
    found = SYSTEMS[system](sounds()[name], sample_rate=rate, **options)
    wanted = frame_times(name)
    return _encoded(
        at_times(found.times, found.frequency, wanted),
        at_times(found.times, found.voiced, wanted),
    )


def main() -> None:
    """Run all systems on all sounds, and keep what they say."""
    result = {
        "day": datetime.now(UTC).date().isoformat(),
        "versions": {k: str(p.installed) for k, p in VERSIONS.items()},
        "sounds": {name: _hash(x) for name, x in recordings().items()},
        "systems": {
            system: {name: _track(system, name) for name in sounds()}
            for system in SYSTEMS
        },
    }
    text = json.dumps(result, separators=(",", ":"))
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
