"""A network that learns from recordings alone: what was hidden here?

Explained in overview/speech/ideas.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla.models.attention import (
    AttentionBlock,
    AttentionSettings,
    positions,
)

SMALL = AttentionSettings(channels=48, heads=4, hidden=96)


@dataclass(frozen=True)
class MaskedPredictorSettings:
    """Sizes."""

    features: int = 80  # of a frame
    answers: int = 64  # clusters to name, or channels to compare
    blocks: int = 1
    attention: AttentionSettings = SMALL


class MaskedPredictor(nn.Module):
    """Frames and a flag "hidden" in; for each frame an answer out.

    Where the flag is one, a learned vector takes the place of the
    frame. What it answers is trained for: which cluster the frame
    belongs to, or (``contrast``) a vector beside the projection of the
    frame itself.

    Args:
        settings: sizes.
        contrast: return guess and truth instead of logits.
    """

    def __init__(
        self,
        settings: MaskedPredictorSettings = MaskedPredictorSettings(),
        *,
        contrast: bool = False,
    ):
        super().__init__()
        s = settings
        channels = s.attention.channels
        self.settings = s
        self.entry = nn.Linear(s.features, channels)
        self.hidden = nn.Parameter(0.1 * torch.randn(channels))
        self.blocks = nn.ModuleList(
            AttentionBlock(s.attention) for _ in range(s.blocks)
        )
        self.norm = nn.LayerNorm(channels)
        self.answer = nn.Linear(channels, s.answers)
        self.truth = (
            nn.Linear(s.features, s.answers) if contrast else None
        )

    def embed(
        self,
        x: Float[Tensor, "*batch frame feature"],
        depth: int | None = None,
    ) -> Float[Tensor, "*batch frame channel"]:
        """Features of frames, of which the last column says "hidden".

        Args:
            x: frames with their flags.
            depth: blocks to go through; all by default.
        """
        frames, flag = x[..., :-1], x[..., -1:]
        h = flag * self.hidden + (1 - flag) * self.entry(frames)
        h = h + positions(h.shape[-2], h.shape[-1]).to(h)
        for block in self.blocks[:depth]:
            h = block(h)
        return self.norm(h)

    def forward(
        self, x: Float[Tensor, "*batch frame feature"]
    ) -> Float[Tensor, "*batch frame answer"]:
        answer = self.answer(self.embed(x))
        if self.truth is None:
            return answer
        return torch.cat([answer, self.truth(x[..., :-1])], -1)
