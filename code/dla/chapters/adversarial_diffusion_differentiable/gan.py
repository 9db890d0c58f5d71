"""Small adversarial networks on vectors, several trained side by side.

Reported in synthesis/adversarial-diffusion-differentiable. Generator and discriminator are
perceptrons with two hidden layers; a whole training of five seeds takes some seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, softplus

# What a generator minimises, from the logits of what it made; D is their sigmoid.
GENERATOR_LOSS: dict[str, Callable[[Tensor], Tensor]] = {
    "saturating": lambda logit: -softplus(logit),  # log(1 - D)
    "non-saturating": lambda logit: softplus(-logit),  # -log D
    "least squares": lambda logit: (logit - 1).square() / 2,
}


@dataclass(frozen=True)
class GANSettings:
    """The same for all networks side by side."""

    latent: int = 8  # numbers that a generator starts from
    hidden: int = 48  # channels of both hidden layers of both networks
    samples: int = 64  # of what is made
    batch: int = 32
    lead: int = (
        200  # steps of the discriminator before the generator's first
    )
    rate: float = 1e-3  # of Adam
    plain_rate: float = 0.02  # of gradient descent without Adam


class Perceptrons(nn.Module):
    """Perceptrons of one shape side by side, with weights of their own.

    Args:
        sizes: of input, hidden layers and output.
        seeds: one a network; the same seed, the same start.
    """

    def __init__(self, sizes: Sequence[int], seeds: Sequence[int]):
        super().__init__()
        draws = {s: torch.Generator().manual_seed(s) for s in seeds}
        self.weights, self.biases = (
            nn.ParameterList(),
            nn.ParameterList(),
        )
        for rows, columns in pairwise(sizes):
            start = {
                s: torch.randn(rows, columns, generator=g)
                for s, g in draws.items()
            }
            weight = torch.stack([start[s] for s in seeds])
            self.weights.append((2 / rows) ** 0.5 * weight)
            self.biases.append(torch.zeros(len(seeds), 1, columns))

    def forward(
        self, x: Float[Tensor, "model item feature"]
    ) -> Float[Tensor, "model item output"]:
        last = len(self.weights) - 1
        for k, (W, b) in enumerate(
            zip(self.weights, self.biases, strict=True)
        ):
            x = torch.baddbmm(b, x, W)
            x = x if k == last else leaky_relu(x, 0.2)
        return x


def discriminator_loss(
    real: Float[Tensor, "*batch item"],
    made: Float[Tensor, "*batch item"],
    loss: str,
) -> Float[Tensor, "*batch"]:
    """What a discriminator minimises, from its logits.

    Cross-entropy for both logarithmic losses, squares to the labels 1
    and 0 for "least squares".
    """
    if loss == "least squares":
        return ((real - 1).square() + made.square()).mean(-1) / 2
    return (softplus(-real) + softplus(made)).mean(-1)


def train(
    data: Float[Tensor, "item sample"],
    *,
    losses: Sequence[str],
    seeds: Sequence[int],
    steps: int,
    plain: bool = False,
    watch: Callable[[int, Perceptrons, Perceptrons], None]
    | None = None,
    settings: GANSettings | None = None,
) -> Perceptrons:
    """Train generators against discriminators, one step each in turn.

    Every loss with every seed; networks of one seed start alike and draw
    alike. The order is that of the losses, the seeds within.

    Args:
        data: what to imitate.
        losses: names in ``GENERATOR_LOSS``.
        seeds: of starts and draws.
        steps: of the generators, after the discriminators' lead.
        plain: generators by gradient descent in place of Adam; the
            discriminators have Adam in any case.
        watch: called before each step of the generators, with their
            gradients of that step, and once at the end.
        settings: without any, the defaults.

    Returns:
        The generators.
    """
    s = settings or GANSettings()
    every = [seed for _ in losses for seed in seeds]
    G = Perceptrons([s.latent, s.hidden, s.hidden, s.samples], every)
    D = Perceptrons(
        [s.samples, s.hidden, s.hidden, 1], [1000 + k for k in every]
    )
    how = {"lr": s.rate, "betas": (0.5, 0.9), "fused": True}
    optimise_d = torch.optim.Adam(D.parameters(), **how)
    optimise_g = (
        torch.optim.SGD(G.parameters(), lr=s.plain_rate)
        if plain
        else torch.optim.Adam(G.parameters(), **how)
    )
    draws = [torch.Generator().manual_seed(2000 + k) for k in seeds]

    def by_loss(logits: Tensor) -> list[tuple[str, Tensor]]:
        return list(zip(losses, logits.split(len(seeds)), strict=True))

    for step in range(-s.lead, steps):
        place = torch.stack(
            [
                torch.randint(len(data), (s.batch,), generator=g)
                for g in draws
            ]
        ).repeat(len(losses), 1)
        z = torch.stack(
            [torch.randn(s.batch, s.latent, generator=g) for g in draws]
        ).repeat(len(losses), 1, 1)
        made = G(z)
        both = D(torch.cat([data[place], made.detach()], dim=1))[..., 0]
        optimise_d.zero_grad()
        sum(
            discriminator_loss(*part.split(s.batch, dim=1), name).sum()
            for name, part in by_loss(both)
        ).backward()
        optimise_d.step()
        if step < 0:
            continue
        optimise_g.zero_grad()
        sum(
            GENERATOR_LOSS[name](part).mean(-1).sum()
            for name, part in by_loss(D(made)[..., 0])
        ).backward(inputs=list(G.parameters()))
        if watch is not None:
            watch(step, G, D)
        optimise_g.step()
    if watch is not None:
        watch(steps, G, D)
    return G
