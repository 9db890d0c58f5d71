"""Sentences at 4 kHz with their mel levels, and a WaveNet that has both in one input.

What both studies of the autoregressive page share. Reported in
synthesis/phase-and-likelihood/autoregression.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from dla import signals
from dla.coding import mu_law
from dla.datasets import prompts
from dla.models.wavenet import (
    WaveNet,
    WaveNetSettings,
    bits_per_sample,
    receptive_field,
)
from dla.spectral.mel import log_mel

RATE = 4000  # Hz
GRID = {"n_fft": 256, "hop_length": 32}  # 64 ms, 8 ms
BANDS = 16
LEVELS = 64  # 6 bits
DIVISION = 0  # seed of the division of the prompts
CENTRE, SPREAD = -40.0, 15.0  # dB; brings levels to about one
SETTINGS = WaveNetSettings(
    levels=LEVELS, channels=24, skip=48, layers=8, conditions=BANDS
)
WARM = receptive_field(SETTINGS)  # samples that no loss counts


@dataclass(frozen=True)
class Sentence:
    """One prompt, as the networks get it."""

    text: str  # name of the prompt
    sound: Float[Tensor, "time"]  # at 4 kHz, peak 0.9
    codes: Int[Tensor, "time"]  # companded, 6 bits
    condition: Float[Tensor, "band time"]  # mel levels, held a frame


@cache
def sentences(speaker: str, *, held_out: bool) -> tuple[Sentence, ...]:
    """A quarter of a speaker's prompts, or the other three.

    >>> len(sentences("june", held_out=True))
    10
    """
    table = prompts.table(speakers=[speaker], kinds=["prompt"])
    side = prompts.split(table, seed=DIVISION)[int(held_out)]
    return tuple(_sentence(p) for p in side)


def _sentence(prompt: prompts.Prompt) -> Sentence:
    sound = signals.resample(
        prompt.waveform(), prompt.sample_rate, RATE
    )
    hop = GRID["hop_length"]
    whole = len(sound) // hop * hop
    sound = 0.9 * sound[:whole] / sound.abs().max()
    return Sentence(
        prompt.text,
        sound,
        mu_law.encode(sound, levels=LEVELS),
        condition(sound),
    )


def condition(
    sound: Float[Tensor, "time"],
) -> Float[Tensor, "band time"]:
    """Mel levels of a sound, one column a sample, each held for a frame.

    Args:
        sound: at 4 kHz; a whole number of hops.
    """
    hop = GRID["hop_length"]
    level = log_mel(sound, sample_rate=RATE, n_mels=BANDS, **GRID)
    level = (level[:, : len(sound) // hop] - CENTRE) / SPREAD
    return level.repeat_interleave(hop, dim=-1)


class Vocoder(nn.Module):
    """A WaveNet whose codes and conditions come in one array.

    Args:
        heard: whether it is told the mel levels; if not, they are
            replaced by zeros, and the network is the same otherwise.
    """

    def __init__(self, *, heard: bool):
        super().__init__()
        self.heard = heard
        self.network = WaveNet(SETTINGS)

    def forward(
        self, inputs: Float[Tensor, "batch row time"]
    ) -> Float[Tensor, "batch level time"]:
        codes, levels = inputs[:, 0].long(), inputs[:, 1:]
        return self.network(codes, levels * float(self.heard))


def batches(
    seed: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Six stretches of a third of a second, of June's training sentences."""
    pool = sentences("june", held_out=False)
    codes = torch.cat([s.codes for s in pool])
    rows = torch.cat([s.condition for s in pool], dim=-1)
    generator = torch.Generator().manual_seed(seed)
    length = WARM + 1024

    def draw(step: int) -> tuple[Tensor, Tensor]:
        start = torch.randint(
            len(codes) - length, (6, 1), generator=generator
        )
        place = start + torch.arange(length)
        inputs = torch.cat(
            [
                codes[place][:, None].float(),
                rows[:, place].movedim(1, 0),
            ],
            dim=1,
        )
        return inputs[None], codes[place][None]

    return draw


def bits(
    logits: Float[Tensor, "model batch level time"],
    codes: Int[Tensor, "model batch time"],
) -> Float[Tensor, "model"]:
    """Bits per sample, of what has a whole receptive field before it."""
    counted = bits_per_sample(
        logits[..., WARM:].flatten(0, 1),
        codes[..., WARM:].flatten(0, 1),
    )
    return counted.unflatten(0, logits.shape[:2]).mean(-1)


@torch.no_grad()
def held_out_bits(
    model: Vocoder, pool: Sequence[Sentence]
) -> Float[Tensor, "sentence"]:
    """Bits per sample of each sentence, with the recording before each sample."""
    values = []
    for s in pool:
        inputs = torch.cat([s.codes[None].float(), s.condition])
        logits = model(inputs[None])
        values.append(bits(logits[None], s.codes[None, None])[0])
    return torch.stack(values)


def measured(model: Vocoder) -> dict[str, float]:
    """Means over June's held-out sentences, and over all of Carlo's held-out ones."""
    return {
        f"bits per sample, {name}": held_out_bits(
            model, sentences(name, held_out=True)
        )
        .mean()
        .item()
        for name in ("june", "carlo")
    }
