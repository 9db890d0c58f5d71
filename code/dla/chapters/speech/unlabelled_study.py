"""Two networks that learn from a quarter of an hour of recordings without labels.

Reported in overview/speech/ideas: one names the cluster of hidden
frames, the other finds hidden frames among others.
"""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from dla.chapters.speech import unlabelled
from dla.models.masked_predictor import MaskedPredictor
from dla.protocol.statistics import cluster_error
from dla.protocol.study import Study
from dla.train import Recipe, seeded

STEPS, SHORTER = 3600, 900


def naming_network(seed: int) -> MaskedPredictor:
    """At its start, to name clusters."""
    return seeded(MaskedPredictor, seed)


def contrasting_network(seed: int) -> MaskedPredictor:
    """At its start, to find frames among others."""
    return seeded(partial(MaskedPredictor, contrast=True), seed)


def naming_batches(
    seed: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches with clusters of the hidden frames."""
    return unlabelled.excerpts(seed, contrast=False)


def contrasting_batches(
    seed: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches without clusters."""
    return unlabelled.excerpts(seed, contrast=True)


def compare(
    features: Callable[[Tensor], Tensor],
) -> dict[str, float]:
    """Probes of features, and what these gain over log-mel, in percent.

    Standard errors over words, and over texts (eq-experiments-cluster).
    """
    words = unlabelled.probe_words(features)
    plain = unlabelled.probe_words(_as_they_are)
    voices, texts = unlabelled.probe_voices(features)
    bare, _ = unlabelled.probe_voices(_as_they_are)
    gain = torch.cat([words[k] - plain[k] for k in words])
    word = [k for one in words.values() for k in range(len(one))]
    return {
        **{
            f"words of {name.capitalize()} (%)": _percent(right)
            for name, right in words.items()
        },
        "words, over log-mel (%)": _percent(gain),
        "its standard error over words (%)": 100
        * cluster_error(gain, word),
        "voices (%)": _percent(voices),
        "voices, over log-mel (%)": _percent(voices - bare),
        "its standard error over texts (%)": 100
        * cluster_error(voices - bare, texts),
        "penalty for words (power of 10)": math.log10(
            unlabelled.penalty_for_words(features)
        ),
        "penalty for voices (power of 10)": math.log10(
            unlabelled.penalty_for_voices(features)
        ),
    }


@torch.no_grad()
def probe(network: MaskedPredictor) -> dict[str, float]:
    """:func:`compare` of a network's frozen features."""
    return compare(unlabelled.of_network(network))


def _percent(right: Tensor) -> float:
    return 100 * right.mean().item()


def _as_they_are(x: Tensor) -> Tensor:
    return x


NAMED = Study(
    name="unlabelled-named",
    question="What do features hold that were learned by naming hidden frames?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=STEPS),
    shorter=(SHORTER,),
    model=naming_network,
    draw=naming_batches,
    loss=unlabelled.name_loss,
    measure=probe,
    digits=1,
    keep=0,
)
CONTRASTED = Study(
    name="unlabelled-contrasted",
    question="What do features hold that were learned by finding hidden frames?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=STEPS),
    shorter=(SHORTER,),
    model=contrasting_network,
    draw=contrasting_batches,
    loss=unlabelled.contrast_loss,
    measure=probe,
    digits=1,
    keep=0,
)
STUDIES = (NAMED, CONTRASTED)
