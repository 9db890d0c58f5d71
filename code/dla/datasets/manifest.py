"""What the loaders of the recorded corpora share (attribution).

A corpus is a folder of FLAC files with a `manifest.csv`, one row per
file. Each loader gives its rows a type, a `table` and a meaning.
"""

import csv
import zlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import soundfile
import torch
from jaxtyping import Float
from torch import Tensor

from dla.names import refuse_unknown, unknown

CORPORA = Path(__file__).parent / "corpora"

T = TypeVar("T")


def rows(corpus: Path) -> list[dict[str, str]]:
    """The rows of a corpus's manifest, in the file's order."""
    path = corpus / "manifest.csv"
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def typed(row: dict[str, str], kind: type[T]) -> T:
    """A row as a dataclass, each field converted to its type.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Take:
    ...     name: str
    ...     seconds: float
    >>> typed({"name": "a", "seconds": "1.50", "path": "x"}, Take)
    Take(name='a', seconds=1.5)
    """
    return kind(**{f.name: f.type(row[f.name]) for f in fields(kind)})


def waveform(path: Path) -> Float[Tensor, "time"]:
    """The samples of a mono file, in [-1, 1), at its own rate.

    The file is opened by Python, so that an audit hook sees which
    recordings a chapter depends on.
    """
    with open(path, "rb") as file:
        samples, _ = soundfile.read(file, dtype="float32")
    return torch.from_numpy(samples)


def find(
    field: str, value: object, every: Sequence, *, what: str
) -> Any:
    """The first item whose field has a value; `what` items are.

    Raises:
        ValueError: no item has it; names what is there or near.
    """
    for item in every:
        if getattr(item, field) == value:
            return item
    there = sorted({getattr(item, field) for item in every})
    raise ValueError(unknown(what, value, there, see="table()"))


def choose(every: Sequence, **wanted: Sequence | None) -> list:
    """The items whose fields have one of the wanted values.

    Args:
        every: items with those fields as attributes.
        wanted: field -> values to keep; None keeps all.

    Raises:
        ValueError: a value that no item has.
    """
    kept = list(every)
    for field, values in wanted.items():
        if values is not None:
            refuse_unknown(field, values, every)
            kept = [i for i in kept if getattr(i, field) in values]
    return kept


def lasting(
    items: Sequence,
    *,
    min_seconds: float | None,
    max_seconds: float | None,
) -> tuple:
    """The items whose duration lies within bounds; None is no bound.

    Raises:
        ValueError: none is left.
    """
    if not items:
        raise ValueError("no recording meets all conditions")
    low = 0.0 if min_seconds is None else min_seconds
    high = float("inf") if max_seconds is None else max_seconds
    kept = tuple(i for i in items if low <= i.seconds <= high)
    if not kept:
        shortest = min(i.seconds for i in items)
        longest = max(i.seconds for i in items)
        raise ValueError(
            f"no recording lasts {low} to {high} s; those that meet "
            f"the other conditions last {shortest:.2f} to "
            f"{longest:.2f} s"
        )
    return kept


def divide(
    items: Sequence,
    *,
    group: Callable[[Any], Hashable],
    stratum: Callable[[Any, list], tuple],
    test: float,
    seed: int,
) -> tuple[tuple, tuple]:
    """Items for training and items for testing, whole groups each.

    Within every stratum the share `test` of the groups is held out,
    at least one and not all if there are two or more. A stratum's
    division depends on its groups and the seed, on nothing else.

    Args:
        items: what to divide.
        group: the group of an item, sortable.
        stratum: of a group and its items, what it is divided within.
        test: share of the groups that is held out, between 0 and 1.
        seed: another seed, another division.

    Returns:
        (train, test), each in the order of the items.

    >>> divide("abAB", group=str.lower, stratum=lambda *_: (), test=0.5,
    ...        seed=0)
    (('b', 'B'), ('a', 'A'))
    """
    if not 0 < test < 1:
        raise ValueError(f"test is a share between 0 and 1, got {test}")
    members: dict[Hashable, list] = {}
    for item in items:
        members.setdefault(group(item), []).append(item)
    strata: dict[tuple, list] = {}
    for key in sorted(members):
        strata.setdefault(stratum(key, members[key]), []).append(key)
    held_out = set()
    for name, keys in strata.items():
        word = zlib.crc32(repr(name).encode())
        generator = np.random.default_rng([seed, word])
        count = round(test * len(keys))
        if len(keys) > 1:
            count = min(max(count, 1), len(keys) - 1)
        order = generator.permutation(len(keys))
        held_out |= {keys[i] for i in order[:count]}
    sides: tuple[list, list] = ([], [])
    for item in items:
        sides[group(item) in held_out].append(item)
    return tuple(sides[0]), tuple(sides[1])
