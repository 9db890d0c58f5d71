"""A small WaveGlow on June's sentences at 4 kHz, told their mel levels.

Reported in synthesis/phase-and-likelihood/flows. Sentences, mel levels
and their division are those of the autoregressive page.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla.chapters.phase_and_likelihood import vocoding
from dla.models.waveglow import (
    WaveGlow,
    WaveGlowSettings,
    log_likelihood,
)
from dla.protocol.study import Study
from dla.train import Recipe, seeded

SETTINGS = WaveGlowSettings(
    group=8, steps=6, hidden=32, conditions=vocoding.BANDS
)
GAIN = 5.0  # of the waveform: its power becomes about one
STEP = 2.0**-15  # amplitude that one 16-bit step is worth
LENGTH = 1280  # samples of a stretch


class Flow(nn.Module):
    """A WaveGlow whose samples and conditions come in one array.

    Out come, in one array too, the latent numbers and, in one more
    row, the logarithm of the determinant, divided among the columns.
    """

    def __init__(self):
        super().__init__()
        self.network = WaveGlow(SETTINGS)

    def forward(
        self, inputs: Float[Tensor, "batch row time"]
    ) -> Float[Tensor, "batch row column"]:
        group = SETTINGS.group
        z, log_det = self.network(
            GAIN * inputs[:, 0], inputs[:, 1:, ::group]
        )
        spread = (log_det / z.shape[-1])[:, None, None]
        return torch.cat([z, spread.expand(-1, 1, z.shape[-1])], dim=1)


def batches(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Twelve stretches of a third of a second, with a hiss of one 16-bit step.

    The hiss keeps digital silence from having an infinite density.
    """
    pool = vocoding.sentences("june", held_out=False)
    rows = torch.cat(
        [torch.cat([s.sound[None], s.condition]) for s in pool], dim=-1
    )
    generator = torch.Generator().manual_seed(seed)
    hop = vocoding.GRID["hop_length"]

    def draw(step: int) -> tuple[Tensor, Tensor]:
        frames = (rows.shape[-1] - LENGTH) // hop
        start = hop * torch.randint(
            frames, (12, 1), generator=generator
        )
        inputs = rows[:, start + torch.arange(LENGTH)].movedim(1, 0)
        hiss = torch.rand(inputs[:, 0].shape, generator=generator) - 0.5
        inputs[:, 0] += STEP * hiss
        return inputs[None], inputs[None, :, 0]

    return draw


def bits(
    outputs: Float[Tensor, "model batch row column"],
    sounds: Float[Tensor, "model batch time"],
) -> Float[Tensor, "model"]:
    """Bits per sample at 16-bit resolution (eq-flow-resolution)."""
    z, spread = outputs[..., :-1, :], outputs[..., -1, :]
    nats = log_likelihood(
        z.flatten(0, 1), spread.sum(-1).flatten(0, 1)
    ).unflatten(0, z.shape[:2])
    per_sample = nats / sounds.shape[-1] + math.log(GAIN * STEP)
    return -per_sample.mean(-1) / math.log(2)


def network(seed: int) -> Flow:
    """At its start."""
    return seeded(Flow, seed)


@torch.no_grad()
def measured(model: Flow) -> dict[str, float]:
    """Means over June's held-out sentences, and over all of Carlo's held-out ones."""
    values = {}
    for name in ("june", "carlo"):
        rows = []
        for s in vocoding.sentences(name, held_out=True):
            inputs = torch.cat([s.sound[None], s.condition])
            outputs = model(inputs[None])
            rows.append(bits(outputs[None], s.sound[None, None]))
        values[f"bits per sample, {name}"] = (
            torch.cat(rows).mean().item()
        )
    return values


STUDY = Study(
    name="flow",
    question="How many bits does a sample of June cost a flow?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=900, learning_rate=2e-3),
    shorter=(300,),
    model=network,
    draw=batches,
    loss=bits,
    measure=measured,
    digits=2,
    keep=0,
)
