"""Mixtures of voices: random excerpts at random levels.

The recipe of decomposition/permutation-invariant-training.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.datasets import prompts

SAMPLE_RATE = 8000  # Hz, of every mixture


def voice(
    table: Sequence[prompts.Prompt],
) -> Float[Tensor, "time"]:
    """The prompts of one speaker in a row, at 8 kHz.

    >>> june = prompts.table(speakers=["june"], kinds=["letters"])
    >>> voice(june).shape
    torch.Size([117767])
    """
    return signals.resample(
        prompts.speech(table), table[0].sample_rate, SAMPLE_RATE
    )


def draw(
    voices: Sequence[Float[Tensor, "time"]],
    *,
    count: int,
    seconds: float,
    levels: tuple[float, float],
    generator: torch.Generator,
    talkers: int = 2,
) -> Float[Tensor, "mixture source time"]:
    """Sources of random mixtures; their sum is the mixture.

    Each mixture gets other voices, in random order, and a random
    excerpt of each. The last has power one, the others a level above
    it that is drawn evenly between two bounds.

    Args:
        voices: speech of each person, from :func:`voice`.
        count: number of mixtures.
        seconds: length of every mixture in s.
        levels: lower and upper bound in dB.
        generator: source of the randomness; it advances.
        talkers: people in a mixture.

    Raises:
        ValueError: more talkers than voices.
    """
    if talkers > len(voices):
        raise ValueError(
            f"{talkers} talkers asked for, {len(voices)} voices given"
        )
    length = round(seconds * SAMPLE_RATE)
    low, high = levels
    sources = []
    for _ in range(count):
        people = torch.randperm(len(voices), generator=generator)
        sources += [
            excerpt(voices[p], length, generator)
            for p in people[:talkers].tolist()
        ]
    level = low + (high - low) * torch.rand(
        count, talkers, generator=generator
    )
    level[:, -1] = 0.0
    stacked = torch.stack(sources).unflatten(0, (count, talkers))
    return signals.at_level(stacked, level)


def excerpt(
    voice: Float[Tensor, "time"],
    length: int,
    generator: torch.Generator,
) -> Float[Tensor, "excerpt"]:
    """A stretch of so many samples from a random place.

    Raises:
        ValueError: there is less speech than asked for.
    """
    if len(voice) <= length:
        raise ValueError(
            f"an excerpt of {length} samples does not fit into "
            f"{len(voice)} samples of speech"
        )
    start = torch.randint(len(voice) - length, (), generator=generator)
    return voice[start : start + length]
