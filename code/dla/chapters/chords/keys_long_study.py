"""The dense arms with transposed copies, trained longer: what would turn?

Reported in analysis/chords/keys, beside `keys_study`, from which these
differ in the number of steps only.
"""

from torch import nn

from dla.chapters.chords import keys_study
from dla.chapters.chords.training import chord_loss
from dla.protocol.study import Study
from dla.train import Recipe

STEPS = 1500  # three times as many


def measured(model: nn.Module) -> dict[str, float]:
    """As of the networks that were trained for a shorter time."""
    return keys_study.measured(model)


STUDIES = tuple(
    Study(
        name=f"chord-keys-{name}-long",
        question=f"What changes if the arm {name} is trained longer?",
        seeds=(0, 1, 2, 3, 4),
        recipe=Recipe(steps=STEPS),
        model=model,
        draw=draw,
        loss=chord_loss,
        measure=measured,
        digits=1,  # a frame of one piece is 0.006
        keep=0,
    )
    for name, model, draw in (
        (
            "augmented",
            keys_study.dense,
            keys_study.in_all_keys,
        ),
        (
            "augmented-eighth",
            keys_study.dense,
            keys_study.eighth_in_all_keys,
        ),
    )
)
