"""The beat network without the ingredient: no drums in its training.

Reported in analysis/beat-tracking/network, beside `beats_study`, from
which it differs in nothing else.
"""

from collections.abc import Callable

from torch import Tensor

from dla.chapters.beat_tracking import beats_study
from dla.chapters.beat_tracking.training import tolerant_loss
from dla.models.beat_tcn import BeatTCN
from dla.protocol.study import Study
from dla.train import Recipe


def batches(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Cuts of the plain pieces only."""
    return beats_study.batches(seed, drums=False)


def measured(model: BeatTCN) -> dict[str, float]:
    """As of the network that has heard drums."""
    return beats_study.measured(model)


STUDY = Study(
    name="undrummed",
    question="What does the beat network score without drums in training?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=900),
    model=beats_study.network,
    draw=batches,
    loss=tolerant_loss,
    measure=measured,
    digits=2,
    keep=0,
)
