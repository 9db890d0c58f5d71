"""Experiment E11: four networks, fixed or random timbres, five test sets.

Reported in analysis/melody/equivariance.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from dla.chapters.melody.harmonic_arms import (
    ARMS,
    SETS,
    TIMBRES,
    arm,
    draw_tones,
    nearest,
    tone_accuracies,
    tone_set,
)
from dla.protocol.study import Study
from dla.train import Recipe, seeded

TONES = 4000  # of a training set


def dense(seed: int) -> nn.Module:
    """No shared weights."""
    return seeded(lambda: arm("dense"), seed)


def wide(seed: int) -> nn.Module:
    """Shared weights, all partials in view."""
    return seeded(lambda: arm("wide"), seed)


def plain(seed: int) -> nn.Module:
    """Shared weights, less than an octave in view."""
    return seeded(lambda: arm("plain"), seed)


def harmonic(seed: int) -> nn.Module:
    """Shared weights, stacked at the partials."""
    return seeded(lambda: arm("harmonic"), seed)


def _batches(
    seed: int, timbres: dict[str, Tensor] | None
) -> Callable[[int], tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    tones = draw_tones(TONES, generator, timbres=timbres)
    target = nearest(tones.pitch)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        chosen = torch.randint(TONES, (32,), generator=generator)
        return tones.spectra[chosen][None], target[chosen][None]

    return draw


def fixed_timbres(
    seed: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches of tones of the three timbres."""
    return _batches(seed, TIMBRES)


def random_timbres(
    seed: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches of tones, each partial's level drawn."""
    return _batches(seed, None)


def cross_entropy(
    logits: Float[Tensor, "model item pitch"],
    target: Int[Tensor, "model item"],
) -> Float[Tensor, "model"]:
    """Of the bin of the pitch, mean over tones."""
    return functional.cross_entropy(
        logits.movedim(-1, 1), target, reduction="none"
    ).mean(-1)


def measured(network: nn.Module) -> dict[str, float]:
    """Raw pitch and raw chroma accuracy on each test set."""
    network = network.eval()
    values = {}
    for name in SETS:
        pitch, chroma = tone_accuracies(network, tone_set(name))
        values |= {f"{name}: pitch": pitch, f"{name}: chroma": chroma}
    return {name: round(x, 4) for name, x in values.items()}


STUDIES = tuple(
    Study(
        name=f"harmonic-{name}{suffix}",
        question=f"What does the {name} network know of pitch, {what}?",
        seeds=(0, 1, 2, 3, 4),
        recipe=Recipe(steps=1200),
        shorter=(600,),
        model=model,
        draw=draw,
        loss=cross_entropy,
        measure=measured,
        digits=2,
        keep=0,
    )
    for name, model in zip(
        ARMS, (dense, wide, plain, harmonic), strict=True
    )
    for suffix, what, draw in (
        ("", "taught three timbres", fixed_timbres),
        ("-random", "taught random timbres", random_timbres),
    )
    if not (suffix and name in ("wide", "plain"))
)
