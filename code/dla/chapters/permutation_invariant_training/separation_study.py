"""Study: the mask network on June and Carlo, trained to the end.

Data, network and loss of
decomposition/permutation-invariant-training/real-voices; four times
the steps that the page has time for, and five seeds.
"""

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
from dla.protocol.study import Study, Trained
from dla.spectral.stft import stft
from dla.train import Recipe, seeded, train

SPEAKERS = ("june", "carlo")
STEPS = 4800
LEVELS = (-2.5, 2.5)  # dB, of one voice over the other
COUNT, SECONDS = 4, 2.0  # mixtures in a batch, and their length
HELD_OUT = {
    "held out": 99,
    "fresh draw": 2026,
}  # seeds of test mixtures


def voices(side: int) -> list[Float[Tensor, "time"]]:
    """Speech of both speakers: side 0 to learn from, 1 held out."""
    tables = [prompts.table(speakers=[name]) for name in SPEAKERS]
    return [
        mixtures.voice(prompts.split(table, seed=1)[side])
        for table in tables
    ]


def held_out(seed: int) -> Float[Tensor, "mixture source time"]:
    """A hundred mixtures of prompts that no training has heard."""
    return mixtures.draw(
        voices(1),
        count=100,
        seconds=3.0,
        levels=LEVELS,
        generator=torch.Generator().manual_seed(seed),
    )


def upit_loss(masks: Tensor, spectra: Tensor) -> Float[Tensor, "model"]:
    """Negative SI-SDR under the best order of the utterance."""
    return pit(-masked_si_sdr(masks, spectra))[0].mean(-1)


@torch.no_grad()
def improvement(
    network: MaskNetwork, sources: Float[Tensor, "mixture source time"]
) -> float:
    """Mean SI-SDR improvement in dB."""
    estimates = separate(network, sources.sum(-2))
    return float(si_sdr_improvement(estimates, sources).mean())


def train_seed(seed: int, until: int | None) -> Trained:
    """One network; its start and its mixtures follow from the seed."""
    pool = voices(0)
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        sources = mixtures.draw(
            pool,
            count=COUNT,
            seconds=SECONDS,
            levels=LEVELS,
            generator=generator,
        )
        spectra = stft(sources[None])
        return spectra.sum(-3).abs(), spectra

    (network,), history = train(
        [seeded(MaskNetwork, seed)],
        draw,
        upit_loss,
        Recipe(steps=STEPS),
        until=until,
    )
    numbers = {}
    if until is None:
        numbers = {
            name: improvement(network, held_out(draw))
            for name, draw in HELD_OUT.items()
        }
    return Trained(history[:, 0].tolist(), numbers, network)


STUDY = Study(
    name="separation",
    script=__file__,
    seeds=(0, 1, 2, 3, 4),
    steps=STEPS,
    train=train_seed,
    kept=0,
)
