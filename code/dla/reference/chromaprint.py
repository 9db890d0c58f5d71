"""Chromaprint: a word of 32 bits for every eighth of a second of chroma.

AcoustID's fingerprint, by Lalinský, since 2010. Its authors name the
identification of full files as its use, not that of short excerpts in
noise. A word sees 2.6 s. The package is one of npm, Chromaprint compiled
for browsers; it runs in Node here.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import packages
from dla.reference.published import MissingPackage, as_samples

SCRIPT = Path(__file__).with_suffix(".mjs")
SAMPLE_RATE = 11025  # Hz, Chromaprint's own
LOUDEST = 0.9  # of full scale: it takes 16 bits


class NodePackage(NamedTuple):
    """A package of npm, and what runs it."""

    name: str
    tested: str  # the version that the book's numbers are from
    licence: str  # SPDX identifiers, as the package says
    source: str

    @property
    def installed(self) -> str | None:
        """Its version here; None if it, or Node, is missing."""
        if shutil.which("node") is None:
            return None
        return packages.node_version(self.name)

    @property
    def folder(self) -> Path:
        """Where its files are.

        Raises:
            MissingPackage: it is not installed, or Node is not.
        """
        folder = packages.node_folder(self.name)
        if folder is None or self.installed is None:
            raise MissingPackage(
                f"{self.name} is not installed, or Node is not: no build and no test needs "
                f"it, but running the system here does. To install it beside the book: "
                f"npm install --no-save {self.name}@{self.tested}"
            )
        return folder


PACKAGE = NodePackage(
    name="@unimusic/chromaprint",
    tested="0.1.4",
    licence="MIT; Chromaprint as a whole LGPL-2.1, as it says",
    source="Lalinský, https://github.com/acoustid/chromaprint",
)


def chromaprint(
    waveforms: Sequence[Float[Tensor, "time"]], *, sample_rate: int
) -> list[Int[Tensor, "word"]]:
    """Raw fingerprints, a word of 32 bits every 0.124 s; one Node for all.

    What is shorter than 2.6 s has no word.

    Args:
        waveforms: mono, each brought to one peak level.
        sample_rate: Hz; resampled to Chromaprint's 11025 Hz.

    Raises:
        MissingPackage: the package, or Node, is not installed.
        ValueError: no mono sounds of finite numbers.
    """
    sounds = [
        as_samples(x, sample_rate, wanted_rate=SAMPLE_RATE)
        for x in waveforms
    ]
    command = ["node", str(SCRIPT), str(PACKAGE.folder)]
    told = subprocess.run(
        [*command, str(SAMPLE_RATE)],
        input=b"".join(map(_as_bytes, sounds)),
        stdout=subprocess.PIPE,
        check=True,
    )
    return [
        torch.tensor(json.loads(line), dtype=torch.int64)
        for line in told.stdout.splitlines()
    ]


def _as_bytes(sound: np.ndarray) -> bytes:
    """Number of samples, and the samples in 16 bits."""
    peak = max(float(np.abs(sound).max()), 1e-9)
    steps = np.round(sound * (LOUDEST * 32767 / peak)).astype("<i2")
    return (
        np.int32(len(steps)).astype("<i4").tobytes() + steps.tobytes()
    )
