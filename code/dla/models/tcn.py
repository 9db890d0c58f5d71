"""Temporal convolutional network: the separator of Conv-TasNet.

Explained in decomposition/permutation-invariant-training.
"""

import copy
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class TCNSettings:
    """Sizes, with the letters of Luo and Mesgarani (2019, table I)."""

    channels: int = 128  # B, on the residual path between blocks
    hidden: int = 192  # H, inside a block
    skip: int = 128  # Sc, of each block's contribution to the output
    kernel: int = 3  # P, of the depthwise convolutions, odd
    blocks: int = 5  # X, in a repeat; dilations 1, 2, 4, ...
    repeats: int = 1  # R

    @property
    def dilations(self) -> list[int]:
        """Of all blocks in order: 1, 2, 4, ..., R times over."""
        return [2**b for b in range(self.blocks)] * self.repeats


class GlobalNorm(nn.Module):
    """Zero mean, unit variance over channels *and* frames, then gains.

    The statistics span the utterance: every output depends on every
    input frame (Luo and Mesgarani, 2019; def-pit-norm).
    """

    def __init__(self, channels: int):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(
        self, x: Float[Tensor, "batch channel frame"]
    ) -> Float[Tensor, "batch channel frame"]:
        return functional.group_norm(x, 1, self.gain, self.bias)


class Block(nn.Module):
    """Widen, filter each channel over time, narrow: (change, skip)."""

    def __init__(self, settings: TCNSettings, dilation: int):
        super().__init__()
        s = settings
        self.widen = nn.Sequential(
            nn.Conv1d(s.channels, s.hidden, 1),
            nn.PReLU(),
            GlobalNorm(s.hidden),
        )
        self.filter = nn.Sequential(
            nn.Conv1d(
                s.hidden,
                s.hidden,
                s.kernel,
                dilation=dilation,
                padding=dilation * (s.kernel // 2),
                groups=s.hidden,
            ),
            nn.PReLU(),
            GlobalNorm(s.hidden),
        )
        self.narrow = nn.Conv1d(s.hidden, s.channels + s.skip, 1)
        self.sizes = [s.channels, s.skip]

    def forward(
        self, x: Float[Tensor, "batch channel frame"]
    ) -> tuple[
        Float[Tensor, "batch channel frame"],
        Float[Tensor, "batch skip frame"],
    ]:
        both = self.narrow(self.filter(self.widen(x)))
        change, skip = both.split(self.sizes, dim=1)
        return x + change, skip


class TCN(nn.Module):
    """Features of a mixture in, one logit per source and feature out.

    Norm and bottleneck, R repeats of X blocks, the sum of their skip
    outputs through one more layer (Luo and Mesgarani, 2019, fig. 1).

    Args:
        features: N, number of features per frame.
        sources: C.
        settings: sizes.
    """

    def __init__(
        self, features: int, sources: int, settings: TCNSettings
    ):
        super().__init__()
        s = settings
        self.entry = nn.Sequential(
            GlobalNorm(features), nn.Conv1d(features, s.channels, 1)
        )
        self.blocks = nn.ModuleList(Block(s, d) for d in s.dilations)
        self.exit = nn.Sequential(
            nn.PReLU(), nn.Conv1d(s.skip, sources * features, 1)
        )
        self.sources = sources

    def forward(
        self, x: Float[Tensor, "batch feature frame"]
    ) -> Float[Tensor, "batch source feature frame"]:
        total = 0.0
        hidden = self.entry(x)
        for block in self.blocks:
            hidden, skip = block(hidden)
            total = total + skip
        return self.exit(total).unflatten(1, (self.sources, -1))


def without_norms(model: nn.Module) -> nn.Module:
    """A copy whose normalisations do nothing.

    For looking at what the convolutions alone can reach.
    """
    model = copy.deepcopy(model)
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, GlobalNorm):
                setattr(module, name, nn.Identity())
    return model
