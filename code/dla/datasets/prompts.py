"""Recorded telephone prompts: six voices, five languages (attribution).

Read speech, trimmed at both ends, mono, not levelled. Who speaks,
under which licence, and what such material cannot show is on the
book's attribution page. `tools/recordings/prompts.py` states the rule
by which the files were chosen.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla.datasets import manifest
from dla.names import list_of_names

CORPUS = manifest.CORPORA / "prompts"


@dataclass(frozen=True)
class Prompt:
    """One recording and what is known about it."""

    file: str  # below CORPUS
    speaker: str  # allison, armelle, carlo, june, menardi, russian
    sex: str  # f or m, as the source package documents it
    language: str  # ISO 639-1: en, es, fr, it, ru
    kind: str  # digits, letters, phonetic (spelling words), prompt
    text: str  # a word's label; a prompt's name (no transcripts)
    seconds: float
    sample_rate: int  # Hz: 16000; 8000 for armelle and menardi
    licence: str  # SPDX identifier where there is one
    package: str  # Debian package that it was decoded from
    version: str

    def waveform(self) -> Float[Tensor, "time"]:
        """The samples, in [-1, 1), at the prompt's own rate."""
        return manifest.waveform(CORPUS / self.file)


def table(
    *,
    speakers: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    sample_rate: int | None = None,
    kinds: Sequence[str] | None = None,
    min_seconds: float | None = None,
) -> tuple[Prompt, ...]:
    """The prompts that meet every condition, sorted by file.

    Args:
        speakers, languages, kinds: names to keep; None keeps all.
        sample_rate: in Hz. Selects; does not resample.
        min_seconds: shortest duration to keep.

    Raises:
        ValueError: a name or a rate that is not there (the message
            lists what is), or conditions that nothing meets together.

    >>> len(table(speakers=["june"], kinds=["phonetic"]))
    26
    """
    rows = manifest.rows(CORPUS)
    every = tuple(manifest.typed(row, Prompt) for row in rows)
    kept = manifest.choose(
        every,
        speaker=speakers,
        language=languages,
        sample_rate=None if sample_rate is None else [sample_rate],
        kind=kinds,
    )
    if min_seconds is not None:
        kept = [p for p in kept if p.seconds >= min_seconds]
    if not kept:
        there = sorted(
            {(p.speaker, p.language, p.sample_rate) for p in every}
        )
        longest = max(p.seconds for p in every)
        raise ValueError(
            "no prompt meets all conditions; there are "
            + ", ".join(f"{s} ({n}, {r} Hz)" for s, n, r in there)
            + f"; the longest prompt has {longest:.1f} s"
        )
    return tuple(kept)


def split(
    table: Sequence[Prompt], *, test: float = 0.25, seed: int
) -> tuple[tuple[Prompt, ...], tuple[Prompt, ...]]:
    """Prompts for training and prompts for testing, by text.

    All recordings of one text by one speaker fall on the same side
    (a "9" among the digits and a "9" in the spelling alphabet, a
    prompt in English and its translation by the same voice). Within
    each speaker, every kind and language is divided in the same
    proportion. A speaker's division does not depend on which other
    speakers are in the table.

    Args:
        table: what to divide.
        test: share of the texts that is held out, between 0 and 1.
        seed: another seed, another division.

    Returns:
        (train, test), each in the order of the table.

    >>> june = table(speakers=["june"], kinds=["prompt"])
    >>> train, test = split(june, seed=0)
    >>> set(train) | set(test) == set(june), set(train) & set(test)
    (True, set())
    """
    return manifest.divide(
        table,
        group=lambda p: (p.speaker, p.text.lower()),
        stratum=lambda key, same: (
            key[0],
            *sorted({(p.language, p.kind) for p in same}),
        ),
        test=test,
        seed=seed,
    )


def speech(
    table: Sequence[Prompt], *, seconds: float | None = None
) -> Float[Tensor, "time"]:
    """The prompts one after the other, cut after `seconds`.

    Raises:
        ValueError: prompts of different sampling rates, or less
            speech than asked for.

    >>> speech(table(speakers=["carlo"]), seconds=2.0).shape
    torch.Size([32000])
    """
    rate = _common_rate(table)
    parts, samples = [], 0
    wanted = None if seconds is None else round(seconds * rate)
    for p in table:
        if wanted is not None and samples >= wanted:
            break
        parts.append(p.waveform())
        samples += len(parts[-1])
    if wanted is not None and samples < wanted:
        raise ValueError(
            f"asked for {seconds} s of speech, "
            f"the table has {samples / rate:.1f} s"
        )
    return torch.cat(parts)[:wanted]


def load(
    *,
    speakers: Sequence[str],
    seconds: float,
    seed: int = 0,
    languages: Sequence[str] | None = None,
    kinds: Sequence[str] = ("prompt",),
) -> Float[Tensor, "speaker time"]:
    """A stretch of speech of each speaker, for a quick example.

    Each speaker's prompts are drawn in an order that the seed decides
    and joined until the stretch is full. The rows are in the order of
    `speakers`, at the speakers' common sampling rate, not levelled.

    >>> load(speakers=["june", "carlo"], seconds=3.0).shape
    torch.Size([2, 48000])
    """
    tables = [
        table(speakers=[s], languages=languages, kinds=kinds)
        for s in list_of_names("speakers", speakers)
    ]
    _common_rate([p for one in tables for p in one])
    rows = []
    for speaker, one in zip(speakers, tables, strict=True):
        name = zlib.crc32(speaker.encode())
        order = np.random.default_rng([seed, name]).permutation(
            len(one)
        )
        rows.append(speech([one[i] for i in order], seconds=seconds))
    return torch.stack(rows)


def _common_rate(table: Sequence[Prompt]) -> int:
    """The sampling rate of all prompts of a table that has one."""
    rates = {p.speaker: p.sample_rate for p in table}
    if len(set(rates.values())) > 1:
        raise ValueError(
            "prompts of different sampling rates do not join: "
            + ", ".join(f"{s} {r} Hz" for s, r in rates.items())
        )
    if not rates:
        raise ValueError("the table is empty")
    return next(iter(rates.values()))
