"""The chapter's mask network, trained four times as long as its page can.

Reported in decomposition/permutation-invariant-training/real-voices,
whose network, data, loss and recipe these are.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from dla.chapters.permutation_invariant_training import mixtures
from dla.datasets import prompts
from dla.losses.pit import pit
from dla.measures.improvement import si_sdr_improvement
from dla.models.mask_network import (
    MaskNetwork,
    masked_si_sdr,
    separate,
)
from dla.protocol.study import Study
from dla.spectral.stft import stft
from dla.train import Recipe, seeded

SPEAKERS = ("june", "carlo")
DIVISION = 1  # seed of the division of the prompts, as on the page
LEVELS = (-2.5, 2.5)  # dB, of one voice above the other
# Seeds of the mixtures: the page's, and one that nobody had looked at.
PAGE = "SI-SDR improvement (dB), mixtures of the page"
FRESH = "SI-SDR improvement (dB), fresh mixtures"
DRAWS = {PAGE: 99, FRESH: 2026}


def voices(*, held_out: bool) -> list[Float[Tensor, "time"]]:
    """Both speakers: a quarter of their prompts, or the rest."""
    sides = [
        prompts.split(prompts.table(speakers=[name]), seed=DIVISION)
        for name in SPEAKERS
    ]
    return [mixtures.voice(side[int(held_out)]) for side in sides]


def network(seed: int) -> MaskNetwork:
    """The mask network at its start."""
    return seeded(MaskNetwork, seed)


def batches(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Four new mixtures of two seconds for every step."""
    pool = voices(held_out=False)
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


def upit_loss(
    masks: Float[Tensor, "model mixture estimate freq frame"],
    spectra: Tensor,
) -> Float[Tensor, "model"]:
    """Negative SI-SDR in dB under the best order (eq-pit-masked)."""
    return pit(-masked_si_sdr(masks, spectra))[0].mean(-1)


def held_out_mixtures(
    seed: int,
) -> Float[Tensor, "mixture source time"]:
    """A hundred, of three seconds, that no training has heard."""
    return mixtures.draw(
        voices(held_out=True),
        count=100,
        seconds=3.0,
        levels=LEVELS,
        generator=torch.Generator().manual_seed(seed),
    )


@torch.no_grad()
def improvement(model: MaskNetwork) -> dict[str, float]:
    """Mean SI-SDR improvement over each draw of mixtures."""
    values = {}
    for name, seed in DRAWS.items():
        sources = held_out_mixtures(seed)
        estimates = separate(model, sources.sum(-2))
        gain = si_sdr_improvement(estimates, sources)
        values[name] = gain.mean().item()
    return values


STUDY = Study(
    name="separation",
    question="How far do June and Carlo come apart in 4800 steps?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=4800),
    shorter=(1200,),
    model=network,
    draw=batches,
    loss=upit_loss,
    measure=improvement,
    digits=1,
    keep=0,
)
