"""The page's vocoder trained five times as long: what of it was the length?

Declared after one such training had been seen. Reported in
synthesis/adversarial-diffusion-differentiable/source-filter.
"""

import copy

from dla.chapters.adversarial_diffusion_differentiable import (
    vocoder,
    vocoder_study,
)
from dla.protocol.study import Study
from dla.train import Recipe


def measured(model: vocoder.Vocoder) -> dict[str, float]:
    """Distances to the recordings; pitch and voicing against YIN's.

    With the weights in half precision, as they are committed.
    """
    values = vocoder.measured(model)
    model = copy.deepcopy(model).half().float()
    for name in ("june", "carlo"):
        cents, agreed = vocoder.pitch_errors(
            model, vocoder.tested(name)
        )
        values[f"pitch, {name}, cents"] = cents.mean().item()
        values[f"voicing, {name}"] = agreed.mean().item()
    return values


STUDY = Study(
    name="vocoder-long",
    question="What does the vocoder become in five times as many steps?",
    seeds=(0,),
    recipe=Recipe(steps=800),
    model=vocoder_study.network,
    draw=vocoder.batches,
    loss=vocoder.loss,
    measure=measured,
    digits=2,
    keep=0,
)
