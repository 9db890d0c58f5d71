"""The chapter's small Conv-TasNet, trained past its page's 300 steps.

Reported in decomposition/permutation-invariant-training/real-voices,
whose network, data, loss and recipe these are.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from dla.chapters.permutation_invariant_training import mixtures
from dla.chapters.permutation_invariant_training.separation_study import (
    DRAWS,
    LEVELS,
    held_out_mixtures,
    voices,
)
from dla.losses.pit import pairwise_loss, pit
from dla.losses.si_sdr import si_sdr
from dla.measures.improvement import si_sdr_improvement
from dla.models.conv_tasnet import ConvTasNet, ConvTasNetSettings
from dla.models.tcn import TCNSettings
from dla.protocol.study import Study
from dla.train import Recipe, seeded

SIZES = ConvTasNetSettings(
    filters=64,
    length=32,
    tcn=TCNSettings(channels=32, hidden=64, skip=32, blocks=6),
)


def network(seed: int) -> ConvTasNet:
    """The small Conv-TasNet at its start."""
    return seeded(lambda: ConvTasNet(SIZES), seed)


def batches(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Two new mixtures of one second for every step."""
    pool = voices(held_out=False)
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        sources = mixtures.draw(
            pool,
            count=2,
            seconds=1.0,
            levels=LEVELS,
            generator=generator,
        )
        return sources.sum(-2)[None], sources[None]

    return draw


def upit_loss(
    estimates: Float[Tensor, "model mixture estimate time"],
    sources: Float[Tensor, "model mixture source time"],
) -> Float[Tensor, "model"]:
    """Negative SI-SDR in dB of the waveforms under the best order."""
    return pit(-pairwise_loss(si_sdr, estimates, sources))[0].mean(-1)


@torch.no_grad()
def improvement(model: ConvTasNet) -> dict[str, float]:
    """Mean SI-SDR improvement over each draw of mixtures."""
    values = {}
    for name, seed in DRAWS.items():
        sources = held_out_mixtures(seed)
        gain = si_sdr_improvement(model(sources.sum(-2)), sources)
        values[name] = gain.mean().item()
    return values


STUDY = Study(
    name="waveform",
    question="Is the waveform model bad, or stopped early?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=1200),
    shorter=(300,),
    model=network,
    draw=batches,
    loss=upit_loss,
    measure=improvement,
    digits=1,
    keep=0,
)
