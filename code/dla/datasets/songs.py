"""Eight songs, guitar and rest apart, with a beat grid (attribution).

Metal and rock by two musicians: passages of about 30 s, mono, at
22.05 kHz, 6 dB below the originals, uncut within. The two stems of a
song are aligned to the sample, and their sum is the mix.

The beats are a chart's: its author laid a grid of constant tempo under
the song for a game of skill. Nobody annotated beats by ear. A constant
shift fits the sound better, +0.005 s in the songs of muldjord and
+0.025 to +0.04 s in those of sectoid (measured with a detector whose
own delay was subtracted; one that has a delay finds more). In
"metal-madness", and in this passage of "escape-from-chaosland", the
onsets halfway between the beats are stronger than those on them.
State this wherever the grid is used as truth; `Song.caveat` does.
`tools/recordings/songs.py` states the rule by which passages were cut.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla.datasets import manifest

CORPUS = manifest.CORPORA / "songs"
STEMS = ("guitar", "rest")


@dataclass(frozen=True)
class Song:
    """One passage and what is known about it."""

    name: str  # here: armygeddon, chaos-god, ...
    title: str
    artist: str
    pack: str  # muldjord, sectoid
    seconds: float
    sample_rate: int  # Hz: 22050
    start: float  # s, where the passage begins in the original
    tempo: float  # quarter notes per minute, of the chart
    metre: int  # beats in a bar; 0: the chart does not say
    shift: float  # s by which the onsets lie later than the chart
    caveat: str  # what the beats are not
    licence: str  # SPDX identifier
    package: str  # Debian package that it was decoded from
    version: str

    def waveform(self, stem: str = "mixture") -> Float[Tensor, "time"]:
        """The guitar, the rest, or their sum, which may exceed 1.

        Raises:
            ValueError: another stem.

        >>> song = find("feelings")
        >>> rest = song.waveform("mixture") - song.waveform("guitar")
        >>> torch.allclose(rest, song.waveform("rest"))
        True
        """
        if stem == "mixture":
            return self.stems().sum(dim=0)
        if stem not in STEMS:
            raise ValueError(
                f"no stem {stem!r}; there are guitar, rest, mixture"
            )
        return manifest.waveform(CORPUS / self.name / f"{stem}.flac")

    def stems(self) -> Float[Tensor, "stem time"]:
        """Guitar and rest, aligned to the sample."""
        return torch.stack([self.waveform(stem) for stem in STEMS])

    def beats(self, *, shifted: bool = False) -> Float[Tensor, "beat"]:
        """Beat times in s from the passage's start; see `caveat`.

        Args:
            shifted: add `shift`, so that beats lie on onsets.

        >>> find("feelings").beats()[:3]
        tensor([0.0000, 0.6316, 1.2632], dtype=torch.float64)
        """
        times = [float(row["seconds"]) for row in self._grid()]
        offset = self.shift if shifted else 0.0
        return torch.tensor(times, dtype=torch.float64) + offset

    def bar_positions(self) -> Int[Tensor, "beat"]:
        """Each beat's place in its bar, from 1.

        Raises:
            ValueError: the chart does not state a metre.

        >>> find("chaos-god").bar_positions()[:5]
        tensor([1, 2, 3, 4, 1])
        """
        if not self.metre:
            raise ValueError(f"the chart of {self.name} has no metre")
        return torch.tensor(
            [int(row["beat_in_bar"]) for row in self._grid()]
        )

    def _grid(self) -> list[dict[str, str]]:
        """The rows of the passage's beats."""
        path = CORPUS / self.name / "beats.csv"
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def table(
    *,
    names: Sequence[str] | None = None,
    packs: Sequence[str] | None = None,
) -> tuple[Song, ...]:
    """The songs that meet every condition, sorted by name.

    Args:
        names, packs: what to keep; None keeps all.

    Raises:
        ValueError: a name that is not there (the message lists what
            is), or conditions that nothing meets together.

    >>> [song.title for song in table(packs=["muldjord"])][:2]
    ['Armygeddon', 'Chaos God']
    """
    rows = [
        row for row in manifest.rows(CORPUS) if row["stem"] == STEMS[0]
    ]
    every = tuple(manifest.typed(row, Song) for row in rows)
    kept = manifest.choose(every, name=names, pack=packs)
    return manifest.lasting(kept, min_seconds=None, max_seconds=None)


def find(name: str) -> Song:
    """The song of a name.

    Raises:
        ValueError: there is none (the message lists what is there).

    >>> find("war-of-freedom").artist
    'Sectoid (Carlos Viola Iborra)'
    """
    return manifest.find("name", name, table(), what="song")
