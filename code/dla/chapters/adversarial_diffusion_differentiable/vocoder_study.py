"""The page's vocoder on June's sentences, 80 mel bands to 16 kHz.

Reported in synthesis/adversarial-diffusion-differentiable/source-filter.
"""

from dla.chapters.adversarial_diffusion_differentiable import vocoder
from dla.protocol.study import Study
from dla.train import Recipe, seeded


def network(seed: int) -> vocoder.Vocoder:
    """At its start."""
    return seeded(vocoder.Vocoder, seed)


def measured(model: vocoder.Vocoder) -> dict[str, float]:
    """Distances to recordings of which no training has heard anything."""
    return vocoder.measured(model)


STUDY = Study(
    name="vocoder",
    question="How near to a recording comes a voice that is told its mel levels only?",
    seeds=(0, 1, 2),
    recipe=Recipe(steps=160),
    shorter=(50,),
    model=network,
    draw=vocoder.batches,
    loss=vocoder.loss,
    measure=measured,
    digits=2,
    keep=0,
)
