"""The page's WaveNet on June's sentences, told their mel levels.

Reported in synthesis/phase-and-likelihood/autoregression.
"""

from dla.chapters.phase_and_likelihood import vocoding
from dla.protocol.study import Study
from dla.train import Recipe, seeded


def network(seed: int) -> vocoding.Vocoder:
    """At its start."""
    return seeded(lambda: vocoding.Vocoder(heard=True), seed)


def measured(model: vocoding.Vocoder) -> dict[str, float]:
    """Bits per sample of sentences that no training has seen."""
    return vocoding.measured(model)


STUDY = Study(
    name="autoregression",
    question="How many bits does a sample of June cost, her mel levels known?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=300),
    shorter=(100,),
    model=network,
    draw=vocoding.batches,
    loss=vocoding.bits,
    measure=measured,
    digits=2,
    keep=0,
)
