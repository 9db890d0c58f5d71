"""Sound effects of a game: footsteps, doors, water, fire (attribution).

Single events, mono, at 22.05 kHz, 6 dB below the originals, not
trimmed. A game plays one of several takes of an event, and the takes
are mostly cuts of one recording: `Effect.group` holds takes of one
event, and events cut from one recording, together, and `split` keeps
groups whole. With takes on both sides a classifier recognises the
recording: these effects gave an accuracy of 0.72 with folds by file
and 0.38 by group. `tools/recordings/effects.py` states the rule by
which the files were chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from dla.datasets import manifest

CORPUS = manifest.CORPORA / "effects"


@dataclass(frozen=True)
class Effect:
    """One recording and what is known about it."""

    file: str  # below CORPUS
    name: str  # the game's: default_dirt_footstep.1, ...
    event: str  # without module and take: dirt_footstep, ...
    kind: str  # body break dig door dug explosion fire footstep ...
    group: str  # shared by takes, and by cuts of one recording
    author: str
    origin: str  # address of the (first) source recording, or empty
    seconds: float
    sample_rate: int  # Hz: 22050
    licence: str  # SPDX identifier
    package: str  # Debian package that it was decoded from
    version: str

    def waveform(self) -> Float[Tensor, "time"]:
        """The samples, in [-1, 1)."""
        return manifest.waveform(CORPUS / self.file)


def table(
    *,
    kinds: Sequence[str] | None = None,
    events: Sequence[str] | None = None,
    min_seconds: float | None = None,
    max_seconds: float | None = None,
) -> tuple[Effect, ...]:
    """The effects that meet every condition, sorted by file.

    Args:
        kinds, events: names to keep; None keeps all.
        min_seconds, max_seconds: bounds of the duration.

    Raises:
        ValueError: a name that is not there (the message says what
            is), or conditions that nothing meets together.

    >>> steps = table(kinds=["footstep"])
    >>> len(steps), len({s.event for s in steps})
    (32, 11)
    """
    rows = manifest.rows(CORPUS)
    every = tuple(manifest.typed(row, Effect) for row in rows)
    return manifest.lasting(
        manifest.choose(every, kind=kinds, event=events),
        min_seconds=min_seconds,
        max_seconds=max_seconds,
    )


def find(name: str) -> Effect:
    """The effect of a name.

    Raises:
        ValueError: there is none (the message has near names).

    >>> find("default_dirt_footstep.1").kind
    'footstep'
    """
    return manifest.find("name", name, table(), what="effect")


def split(
    table: Sequence[Effect], *, test: float = 0.25, seed: int
) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
    """Effects for training and effects for testing, by group.

    Takes of one event, and events cut from one recording, fall on the
    same side. Groups of the same kinds are divided in the same
    proportion; a group that has no like is for training.

    Args:
        table: what to divide.
        test: share of the groups that is held out, between 0 and 1.
        seed: another seed, another division.

    Returns:
        (train, test), each in the order of the table.

    >>> train, test = split(table(), seed=0)
    >>> {e.group for e in train} & {e.group for e in test}
    set()
    """
    return manifest.divide(
        table,
        group=lambda e: e.group,
        stratum=lambda _, same: tuple(sorted({e.kind for e in same})),
        test=test,
        seed=seed,
    )
