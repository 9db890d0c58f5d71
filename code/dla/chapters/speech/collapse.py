"""A codebook inside a network, learned by gradient: whose codes stay in use?

Explained in overview/speech/ideas.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla.models.quantiser import straight_through

COMMITMENT = 0.25  # weight of the latent's way to its code (van den Oord et al., 2017)


def train_codebooks(
    vectors: Float[Tensor, "item feature"],
    *,
    seeds: tuple[int, ...],
    latent: int = 8,
    size: int = 64,
    from_data: bool = False,
    replace_every: int | None = None,
    spread: float = 1.0,
    steps: int = 400,
    batch: int = 128,
) -> list["Codec"]:
    """Linear encoder, codebook, linear decoder, for some seeds side by side.

    Adam on the squared error, through :func:`straight_through`; codes
    are drawn to the latents that chose them (def-speech-codebook-loss).

    Args:
        vectors: to learn from, of about unit variance.
        seeds: of start and mini-batches.
        latent: number of features between encoder and codebook.
        size: number of codes.
        from_data: let the codes start at latents, not at random.
        replace_every: after so many steps, move codes that no latent
            has chosen since to latents; without it, never.
        spread: deviation of random codes at the start.
        steps: of training.
        batch: vectors in a step.
    """
    draws = [torch.Generator().manual_seed(seed) for seed in seeds]
    features = vectors.shape[-1]

    def normal(*shape: int) -> Tensor:
        return torch.stack(
            [torch.randn(shape, generator=g) for g in draws]
        )

    def some(count: int) -> Tensor:
        picked = [
            torch.randint(len(vectors), (count,), generator=g)
            for g in draws
        ]
        return vectors[torch.stack(picked)]

    down = normal(features, latent) / features**0.5
    up = normal(latent, features) / latent**0.5
    codes = (
        some(size) @ down
        if from_data
        else spread * normal(size, latent)
    )
    parameters = [p.requires_grad_() for p in (down, up, codes)]
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    chosen = torch.zeros(len(seeds), size)
    for step in range(steps):
        x = some(batch)
        z = x @ down
        index = choose(z.detach(), codes.detach())
        q = torch.take_along_dim(codes, index[..., None], 1)
        loss = (
            (straight_through(z, q) @ up - x).square().mean((1, 2))
            + (q - z.detach()).square().mean((1, 2))
            + COMMITMENT * (z - q.detach()).square().mean((1, 2))
        )
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
        chosen.scatter_add_(
            1, index, torch.ones_like(index, dtype=chosen.dtype)
        )
        if replace_every and (step + 1) % replace_every == 0:
            with torch.no_grad():
                fresh = some(size) @ down
                dead = (chosen == 0)[..., None]
                codes.copy_(torch.where(dead, fresh, codes))
            chosen.zero_()
    return [
        Codec(*(p.detach()[k] for p in parameters))
        for k in range(len(seeds))
    ]


def choose(
    latent: Float[Tensor, "seed item feature"],
    codes: Float[Tensor, "seed code feature"],
) -> Tensor:
    """Nearest code, for each seed in its own codebook."""
    half = codes.square().sum(-1)[:, None] / 2
    return (latent @ codes.mT - half).argmax(-1)


class Codec:
    """What was learned: tokens of vectors, and vectors of tokens."""

    def __init__(self, down: Tensor, up: Tensor, codes: Tensor):
        self.down, self.up, self.codes = down, up, codes

    def encode(self, vectors: Float[Tensor, "item feature"]) -> Tensor:
        return choose((vectors @ self.down)[None], self.codes[None])[0]

    def decode(self, tokens: Tensor) -> Float[Tensor, "item feature"]:
        return self.codes[tokens] @ self.up
