"""Train a beat network on excerpts, and ask it for an activation.

Explained in analysis/beat-tracking/network.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla.chapters.beat_tracking.batches import Item, batch
from dla.chapters.beat_tracking.features import levels, with_rise
from dla.losses.shift_tolerant import TOLERANCE, shift_tolerant_bce
from dla.models.beat_tcn import BeatTCN, BeatTCNSettings
from dla.train import Recipe, seeded, train

# A false peak is punished in 2r + 1 windows, so a beat that weighs as
# much is said to be as probable as it is (eq-beat-tolerant-odds).
WEIGHTS = (2.0 * TOLERANCE + 1,) * 2  # of a beat, of a downbeat
SMALL = BeatTCNSettings(channels=24)


def tolerant_loss(
    outputs: Float[Tensor, "model batch 2 frame"],
    targets: Float[Tensor, "model batch 2 frame"],
) -> Float[Tensor, "model"]:
    """Shift-tolerant loss of both rows (def-beat-tolerant), added."""
    return sum(
        shift_tolerant_bce(
            outputs[..., k, :], targets[..., k, :], weight=weight
        ).mean(-1)
        for k, weight in enumerate(WEIGHTS)
    )


def fit(
    items: Sequence[Item],
    *,
    steps: int,
    size: int = 8,
    frames: int = 512,
    settings: BeatTCNSettings = SMALL,
    seed: int = 0,
) -> tuple[BeatTCN, Float[Tensor, "step"]]:
    """A network trained on altered cuts of excerpts.

    Args:
        items: to draw from.
        steps: of the optimiser.
        size: cuts in a batch.
        frames: in a cut, 50 a second.
        settings: of the network.
        seed: of its start and of the draws.

    Returns:
        The network, ready to be asked, and the loss at each step.
    """
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        inputs, targets = batch(
            items, generator, size=size, frames=frames
        )
        return inputs[None], targets[None]

    start = seeded(lambda: BeatTCN(settings), seed)
    (network,), history = train(
        [start], draw, tolerant_loss, Recipe(steps=steps)
    )
    return network.eval(), history[:, 0]


def activation(
    network: nn.Module, waveform: Float[Tensor, "time"]
) -> Float[Tensor, "2 frame"]:
    """Activations of beats and of downbeats, 50 frames per second.

    Args:
        network: trained.
        waveform: at 22.05 kHz, not silent.
    """
    with torch.no_grad():
        logits = network(with_rise(levels(waveform))[None])[0]
    return torch.sigmoid(logits)
