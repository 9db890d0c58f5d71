"""The chapter's beat network, trained twice as long: what would turn?

Reported in analysis/beat-tracking/network, beside `beats_study`, from
which it differs in the number of steps and of seeds.
"""

from collections.abc import Callable

from torch import Tensor

from dla.chapters.beat_tracking import beats_study
from dla.chapters.beat_tracking.training import tolerant_loss
from dla.models.beat_tcn import BeatTCN
from dla.protocol.study import Study
from dla.train import Recipe


def batches(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Those of the shorter training, and as many after them."""
    return beats_study.batches(seed)


def measured(model: BeatTCN) -> dict[str, float]:
    """As of the network that was trained half as long."""
    return beats_study.measured(model)


STUDY = Study(
    name="beats-long",
    question="What changes if the beat network is trained twice as long?",
    seeds=(0, 1, 2),
    recipe=Recipe(steps=1800),
    shorter=(900,),
    model=beats_study.network,
    draw=batches,
    loss=tolerant_loss,
    measure=measured,
    digits=2,
    keep=0,
)
