"""The planted rule of levels, trained for longer than the page can.

A fixed order, the first voice 3 dB above the second in every training
mixture, and the same again from fresh seeds; PIT with 3 dB, also soft,
with 10 dB and with random levels. Reported in
decomposition/permutation-invariant-training/prior.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from dla.chapters.permutation_invariant_training import mixtures
from dla.chapters.permutation_invariant_training.separation_study import (
    upit_loss,
    voices,
)
from dla.losses.pit import soft_pit
from dla.measures.improvement import si_sdr_improvement
from dla.models.mask_network import (
    MaskNetwork,
    MaskNetworkSettings,
    masked_si_sdr,
    separate,
)
from dla.protocol.study import Study
from dla.spectral.stft import stft
from dla.train import Recipe, seeded

SMALL = MaskNetworkSettings(channels=64, hidden=96, blocks=5)
LEVELS = (10, 3, 0, -3, -10)  # dB, first voice above the second
NEAR, FAR = 3, 10  # dB, in training
RANDOM = (-12, 12)  # dB, bounds of the arm without a rule
SEEDS = (0, 1, 2, 3)
FRESH = (4, 5)  # of the confirmation, chosen after the first four
BETA = 0.5  # per dB, of the soft minimum
DRAW = 2026  # seed of the mixtures of the test
ORDERS = ("fixed order", "best order")


def network(seed: int) -> MaskNetwork:
    """The small mask network at its start."""
    return seeded(lambda: MaskNetwork(SMALL), seed)


def batches(
    difference: float, seed: int
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Three mixtures of a second, the first voice so much louder."""
    pool = voices(held_out=False)
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        sources = mixtures.draw(
            pool,
            count=3,
            seconds=1.0,
            levels=(difference, difference),
            generator=generator,
        )
        spectra = stft(sources)[None]
        return spectra.sum(-3).abs(), spectra

    return draw


def near(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches with a rule of 3 dB."""
    return batches(NEAR, seed)


def far(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches with a rule of 10 dB."""
    return batches(FAR, seed)


def free(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches without a rule: levels up to 12 dB either way."""
    pool = voices(held_out=False)
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        sources = mixtures.draw(
            pool,
            count=3,
            seconds=1.0,
            levels=RANDOM,
            generator=generator,
        )
        spectra = stft(sources)[None]
        return spectra.sum(-3).abs(), spectra

    return draw


def fixed_order_loss(masks: Tensor, spectra: Tensor) -> Tensor:
    """Negative SI-SDR in dB, estimate i against source i."""
    pairwise = -masked_si_sdr(masks, spectra)
    return pairwise.diagonal(dim1=-2, dim2=-1).mean((-2, -1))


def soft_loss(masks: Tensor, spectra: Tensor) -> Tensor:
    """Negative SI-SDR in dB, soft minimum over the orders."""
    pairwise = -masked_si_sdr(masks, spectra)
    return soft_pit(pairwise, beta=BETA).mean(-1)


@torch.no_grad()
def improvement_by_level(model: MaskNetwork) -> dict[str, float]:
    """SI-SDR improvement in dB at every level, in both orders."""
    values = {}
    for level in LEVELS:
        sources = mixtures.draw(
            voices(held_out=True),
            count=100,
            seconds=3.0,
            levels=(level, level),
            generator=torch.Generator().manual_seed(DRAW),
        )
        estimates = separate(model, sources.sum(-2))
        for order in ORDERS:
            gain = si_sdr_improvement(
                estimates, sources, best_order=order == ORDERS[1]
            )
            values[f"{order}, {level} dB"] = gain.mean().item()
    return values


STUDIES = tuple(
    Study(
        name=name,
        question=f"What does {arm} make of {rule}?",
        seeds=seeds,
        recipe=Recipe(steps=steps),
        shorter=shorter,
        model=network,
        draw=draw,
        loss=loss,
        measure=improvement_by_level,
        digits=1,
        keep=seeds[0],
    )
    for name, arm, rule, draw, loss, seeds, shorter, steps in (
        (
            "fixed-order-3-db",
            "a fixed order",
            "a rule of 3 dB",
            near,
            fixed_order_loss,
            SEEDS,
            (200, 1200),
            4000,
        ),
        (
            "pit-10-db",
            "PIT",
            "a rule of 10 dB",
            far,
            upit_loss,
            SEEDS[:3],
            (200,),
            1200,
        ),
        (
            "fixed-order-fresh",
            "a fixed order, from other seeds,",
            "a rule of 3 dB",
            near,
            fixed_order_loss,
            FRESH,
            (),
            4000,
        ),
        (
            "pit-3-db",
            "PIT",
            "a rule of 3 dB",
            near,
            upit_loss,
            SEEDS[:3],
            (),
            1200,
        ),
        (
            "soft-pit-3-db",
            "soft PIT",
            "a rule of 3 dB",
            near,
            soft_loss,
            SEEDS[:3],
            (),
            1200,
        ),
        (
            "pit-random-levels",
            "PIT",
            "levels without a rule",
            free,
            upit_loss,
            SEEDS[:3],
            (),
            1200,
        ),
    )
)
