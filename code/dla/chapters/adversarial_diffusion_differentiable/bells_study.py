"""The page's black box on struck sounds, at two lengths.

Reported in synthesis/adversarial-diffusion-differentiable/pitch-and-vowel.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from dla.chapters.adversarial_diffusion_differentiable import (
    pitch_and_vowel as trial,
)
from dla.chapters.adversarial_diffusion_differentiable import (
    recorded_tones,
)
from dla.chapters.adversarial_diffusion_differentiable.decoders import (
    ARMS,
    Decoder,
    frame,
)
from dla.protocol.study import Study
from dla.train import Recipe, seeded

ARM = ARMS["black box"]
TESTS = {"cut": 4, "new": 1}  # tones of each sound


def network(seed: int) -> Decoder:
    """At its start."""
    return seeded(lambda: Decoder(ARM), seed)


def batches(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """A seed's hundred tones, shuffled once, 20 a step in turn."""
    tones = trial.rings("train", each=20, seeds=[seed])
    g = torch.Generator().manual_seed(seed)
    order = torch.randperm(tones.f0.shape[1], generator=g)
    turns = order.split(trial.BATCH)

    def batch(step: int) -> tuple[Tensor, Tensor]:
        chosen = turns[step % len(turns)]
        return tones.asked()[:, chosen], tones.spectrum[:, chosen]

    return batch


def loss(levels: Tensor, target: Tensor) -> Tensor:
    """Relative error (def-vowel-relative), one number a model."""
    spectrum = frame(ARM, levels, target[..., 0])
    return trial.relative_error(spectrum, target).mean(-1)


def measured(model: Decoder) -> dict[str, float]:
    """Relative error in dB of each struck sound, new pitches of the bands and 400 Hz."""
    found = {}
    for kind, each in TESTS.items():
        tones = trial.rings(kind, each=each, seeds=[0])
        made = trial.made(ARM, [model], tones)
        (row,) = trial.relative_level(made, tones).tolist()
        for name, value in zip(recorded_tones.STRUCK, row, strict=True):
            found[f"{name}, {kind}, dB"] = value
    return found


STUDY = Study(
    name="bells",
    question="How near do free bins come to struck metal?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=3200, learning_rate=1e-2),
    shorter=(400,),
    model=network,
    draw=batches,
    loss=loss,
    measure=measured,
    keep=0,
)
