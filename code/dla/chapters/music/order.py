"""Forwards or backwards: which sequence models can tell?

Explained in overview/music/attention.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla.datasets import piano
from dla.models.attention import (
    AttentionBlock,
    AttentionSettings,
    positions,
)
from dla.spectral.mel import log_mel

BANDS = 32
FRAMES = 48  # of an excerpt, each 16 ms
KINDS = ("attention", "with positions", "causal", "convolution")


def notes() -> list[Float[Tensor, "frame band"]]:
    """Log-mel frames of the beginnings of 30 recorded piano notes."""
    found = []
    for note in piano.table():
        x = note.waveform()[: 2 * note.sample_rate]
        level = log_mel(
            x,
            sample_rate=note.sample_rate,
            n_fft=1024,
            hop_length=353,
            n_mels=BANDS,
            offset=1e-5,
        ).T
        found.append((level - level.mean()) / level.std())
    return found


def batches(
    notes: list[Tensor], seeds: tuple[int, ...], *, frames: int = FRAMES
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Sixteen excerpts for each seed, every one in both directions."""
    draws = [torch.Generator().manual_seed(s) for s in seeds]

    def draw(step: int) -> tuple[Tensor, Tensor]:
        return both_ways(
            torch.stack(
                [
                    excerpts(notes, g, count=16, frames=frames)
                    for g in draws
                ]
            )
        )

    return draw


def excerpts(
    notes: list[Tensor],
    generator: torch.Generator,
    *,
    count: int,
    frames: int = FRAMES,
) -> Float[Tensor, "excerpt frame band"]:
    """Stretches of notes that begin in their first half second."""
    which = torch.randint(len(notes), (count,), generator=generator)
    starts = torch.randint(30, (count,), generator=generator)
    return torch.stack(
        [
            notes[k][s : s + frames]
            for k, s in zip(
                which.tolist(), starts.tolist(), strict=True
            )
        ]
    )


def both_ways(
    x: Float[Tensor, "*batch excerpt frame band"],
) -> tuple[
    Float[Tensor, "*batch both frame band"],
    Float[Tensor, "*batch both"],
]:
    """Each excerpt, and each backwards; labels 0 and 1."""
    backwards = x.flip(-2)
    labels = torch.zeros(*x.shape[:-2], dtype=x.dtype)
    return (
        torch.cat([x, backwards], -3),
        torch.cat([labels, labels + 1], -1),
    )


class OrderNetwork(nn.Module):
    """One layer of a kind over frames, mean over time, one logit.

    Args:
        kind: one of KINDS. "causal": a frame sees itself and what came
            before. "convolution": five frames at a time.
        channels: of the layer.
    """

    def __init__(self, kind: str, *, channels: int = 16):
        super().__init__()
        if kind not in KINDS:
            raise ValueError(
                f"kind {kind!r}; there are {', '.join(KINDS)}"
            )
        self.kind = kind
        self.entry = nn.Linear(BANDS, channels)
        if kind == "convolution":
            self.block = nn.Conv1d(channels, channels, 5, padding=2)
        else:
            self.block = AttentionBlock(
                AttentionSettings(
                    channels, heads=2, hidden=2 * channels
                )
            )
        self.decide = nn.Linear(channels, 1)

    def forward(
        self, x: Float[Tensor, "*batch frame band"]
    ) -> Float[Tensor, "*batch"]:
        h = self.entry(x)
        if self.kind == "with positions":
            h = h + positions(h.shape[-2], h.shape[-1]).to(h)
        if self.kind == "convolution":
            h = h + self.block(h.mT).mT.relu()
        else:
            visible = None
            if self.kind == "causal":
                size = (h.shape[-2], h.shape[-2])
                visible = torch.ones(size, dtype=torch.bool).tril()
            h = self.block(h, visible)
        return self.decide(h.mean(-2))[..., 0]


def order_loss(
    outputs: Tensor, targets: Tensor
) -> Float[Tensor, "model"]:
    """Cross-entropy of the direction, in nats."""
    return nn.functional.binary_cross_entropy_with_logits(
        outputs, targets, reduction="none"
    ).mean(-1)
