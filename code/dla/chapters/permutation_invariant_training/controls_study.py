"""The chapter's mask network, trained on other people than June and Carlo.

Whether the network knows these two, or low voices from high ones.
Reported in decomposition/permutation-invariant-training/real-voices.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from dla.chapters.permutation_invariant_training import mixtures
from dla.chapters.permutation_invariant_training.separation_study import (
    DIVISION,
    LEVELS,
    network,
    upit_loss,
)
from dla.datasets import prompts
from dla.measures.improvement import si_sdr_improvement
from dla.models.mask_network import MaskNetwork, separate
from dla.protocol.study import Study
from dla.spectral.stft import stft
from dla.train import Recipe

TWO_WOMEN = ("june", "allison")
FOUR_VOICES = ("june", "carlo", "allison", "russian")
# Carlo is the only man; Menardi is in no training.
PAIRS = (
    ("june", "carlo"),
    ("june", "allison"),
    ("allison", "carlo"),
    ("russian", "carlo"),
    ("menardi", "carlo"),
    ("allison", "russian"),
    ("russian", "menardi"),
)
DRAW = 2026  # seed of the mixtures, none of which chose a setting


def voices(
    speakers: tuple[str, ...], *, held_out: bool
) -> list[Float[Tensor, "time"]]:
    """Of each speaker a quarter of the prompts, or the rest."""
    sides = [
        prompts.split(prompts.table(speakers=[name]), seed=DIVISION)
        for name in speakers
    ]
    return [mixtures.voice(side[int(held_out)]) for side in sides]


def batches(
    speakers: tuple[str, ...], seed: int
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Four new mixtures of two seconds, of any two of the speakers."""
    pool = voices(speakers, held_out=False)
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        sources = mixtures.draw(
            pool,
            count=4,
            seconds=2.0,
            levels=LEVELS,
            generator=generator,
        )
        spectra = stft(sources)[None]
        return spectra.sum(-3).abs(), spectra

    return draw


def two_women(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches of June and Allison."""
    return batches(TWO_WOMEN, seed)


def four_voices(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches of two of four people."""
    return batches(FOUR_VOICES, seed)


def held_out_mixtures(
    pair: tuple[str, str],
) -> Float[Tensor, "mixture source time"]:
    """A hundred of two people, of three seconds, never heard."""
    return mixtures.draw(
        voices(pair, held_out=True),
        count=100,
        seconds=3.0,
        levels=LEVELS,
        generator=torch.Generator().manual_seed(DRAW),
    )


@torch.no_grad()
def improvement_by_pair(model: MaskNetwork) -> dict[str, float]:
    """Mean SI-SDR improvement in dB for every pair of people."""
    values = {}
    for pair in PAIRS:
        sources = held_out_mixtures(pair)
        estimates = separate(model, sources.sum(-2))
        gain = si_sdr_improvement(estimates, sources)
        values[" and ".join(pair)] = gain.mean().item()
    return values


STUDIES = tuple(
    Study(
        name=name,
        question=question,
        seeds=(0, 1),
        recipe=Recipe(steps=1200),
        shorter=(300,),
        model=network,
        draw=draw,
        loss=upit_loss,
        measure=improvement_by_pair,
        digits=1,
        keep=0,
    )
    for name, question, draw in (
        (
            "two-women",
            "What does a network trained on two women do to others?",
            two_women,
        ),
        (
            "four-voices",
            "What does a network trained on four people do to others?",
            four_voices,
        ),
    )
)
