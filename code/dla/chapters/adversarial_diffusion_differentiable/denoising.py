r"""Noise prediction on pitch periods: axes, arms of the training, what is measured.

Reported in synthesis/adversarial-diffusion-differentiable/diffusion. What
predicts noise takes :math:`a x_0 + b \epsilon` with
:math:`a^2 + b^2 = 1` and, as a last number, the level
:math:`\tfrac{2}{\pi} \arctan(b/a)`, like
:class:`dla.models.diffusion.NoiseNetwork`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from dla.models.diffusion import alpha_bar, bound_weights, ddim_step

Predictor = Callable[[Tensor], Tensor]
ARMS = ("unweighted", "weighted", "visits", "flow")
RATIOS = (1.7, -2.3)  # log10 of b / a, where sampling starts and ends


@dataclass(frozen=True)
class Axes:
    """Principal axes of some sounds: on them their numbers are uncorrelated."""

    mean: Float[Tensor, "sample"]
    directions: Float[Tensor, "sample axis"]
    variances: Float[Tensor, "axis"]  # largest first

    def turn(
        self, x: Float[Tensor, "*batch sample"]
    ) -> Float[Tensor, "*batch axis"]:
        """Sounds to coordinates."""
        return (x - self.mean) @ self.directions

    def back(
        self, x: Float[Tensor, "*batch axis"]
    ) -> Float[Tensor, "*batch sample"]:
        """Coordinates to sounds."""
        return x @ self.directions.mT + self.mean


def principal_axes(x: Float[Tensor, "item sample"]) -> Axes:
    """Axes of a set of sounds.

    >>> x = torch.tensor([[1.0, 1.0], [-1.0, -1.0], [0.5, -0.5], [-0.5, 0.5]])
    >>> principal_axes(x).variances
    tensor([1.3333, 0.3333])
    """
    variances, directions = torch.linalg.eigh(torch.cov(x.mT))
    return Axes(
        x.mean(0), directions.flip(1), variances.flip(0).clamp_min(1e-9)
    )


def noisy(
    x_0: Float[Tensor, "*batch axis"],
    eps: Float[Tensor, "*batch axis"],
    level: Float[Tensor, "*batch one"],
) -> Float[Tensor, "*batch number"]:
    """What a predictor gets: the noisy sound, and the level of its noise."""
    angle = torch.pi / 2 * level
    return torch.cat([angle.cos() * x_0 + angle.sin() * eps, level], -1)


def batches(
    clean: Float[Tensor, "item axis"],
    betas: Float[Tensor, "step"],
    *,
    seeds: int,
    count: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Inputs of all arms and seeds, with noise and weight as targets.

    The arms have the same sounds, noises and uniform numbers.
    """
    steps, left = len(betas), alpha_bar(betas)
    share = bound_weights(betas) / bound_weights(betas).mean()

    def draw(step: int) -> tuple[Tensor, Tensor]:
        g = torch.Generator().manual_seed(1000 + step)
        rows = torch.randint(len(clean), (seeds, count), generator=g)
        x_0 = clean[rows]
        eps = torch.randn(x_0.shape, generator=g)
        u = torch.rand(seeds, count, 1, generator=g)
        u = (u + torch.arange(count)[:, None]) / count  # spread evenly
        t = (steps * u).long()
        often = torch.searchsorted(share.cumsum(0) / steps, u.double())
        level, visited = (
            2 / torch.pi * left[k.clamp_max(steps - 1)].sqrt().acos()
            for k in (t, often)
        )
        straight = 2 / torch.pi * torch.atan2(u, 1 - u)
        same = torch.ones_like(u)
        arms = {
            "unweighted": (level.float(), same),
            "weighted": (
                level.float(),
                share[t.clamp_max(steps - 1)].float(),
            ),
            "visits": (visited.float(), same),
            "flow": (straight, 1 / (1 - u).square()),
        }
        chosen = [arms[name] for name in ARMS]
        return (
            torch.cat([noisy(x_0, eps, at) for at, _ in chosen]),
            torch.cat([torch.cat([eps, w], -1) for _, w in chosen]),
        )

    return draw


def weighted_error(
    outputs: Float[Tensor, "model item axis"],
    targets: Float[Tensor, "model item number"],
) -> Float[Tensor, "model"]:
    """Mean of weight times squared error of the noise."""
    eps, w = targets[..., :-1], targets[..., -1:]
    return (w * (eps - outputs).square()).mean((1, 2))


@torch.no_grad()
def sample(
    predict: Predictor,
    axes: Axes,
    *,
    count: int,
    seed: int,
    steps: int = 40,
) -> Float[Tensor, "count sample"]:
    """Sounds made from noise, at ratios b / a in geometric progression."""
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(count, len(axes.variances), generator=g)
    ratios = torch.cat([torch.logspace(*RATIOS, steps), torch.zeros(1)])
    angles = ratios.atan()
    for now, then in pairwise(angles):
        level = torch.full((count, 1), 2 / math.pi * float(now))
        x = ddim_step(
            x,
            predict(torch.cat([x, level], -1)),
            here=(float(now.cos()), float(now.sin())),
            there=(float(then.cos()), float(then.sin())),
        )
    return axes.back(x)


@torch.no_grad()
def bound_bits(
    predict: Predictor,
    clean: Float[Tensor, "item axis"],
    betas: Float[Tensor, "step"],
    *,
    seed: int,
) -> Float[Tensor, ""]:
    """Evidence bound in bits per number (eq-diffusion-weight), one noise a step.

    Of a density: it may be negative.
    """
    g = torch.Generator().manual_seed(seed)
    left, w = alpha_bar(betas), bound_weights(betas)
    d, end = clean.shape[-1], float(left[-1])
    nats = (
        end * clean.square().sum(-1) - d * end - d * math.log(1 - end)
    )
    nats = nats / 2 + d / 2 * math.log(2 * math.pi * float(betas[0]))
    for kept, weight in zip(left, w, strict=True):
        eps = torch.randn(clean.shape, generator=g)
        level = 2 / math.pi * math.acos(math.sqrt(float(kept)))
        inputs = noisy(clean, eps, torch.full((len(clean), 1), level))
        off = predict(inputs) - eps
        nats = nats + float(weight) * off.square().sum(-1)
    return nats.mean() / d / math.log(2)


def linear_guess(variances: Float[Tensor, "axis"]) -> Predictor:
    """The best predictor for normal data of these variances."""

    def predict(inputs: Tensor) -> Tensor:
        x, angle = inputs[..., :-1], torch.pi / 2 * inputs[..., -1:]
        a, b = angle.cos(), angle.sin()
        return b * x / (a.square() * variances + b.square())

    return predict


def training_mean(clean: Float[Tensor, "item axis"]) -> Predictor:
    """The minimiser of the loss over these sounds: a mean over all of them."""

    def predict(inputs: Tensor) -> Tensor:
        x, angle = inputs[:, :-1], torch.pi / 2 * inputs[0, -1]
        a, b = angle.cos(), angle.sin()
        off = torch.cdist(x / a, clean).square() * (a / b) ** 2 / 2
        return (x - a * (-off).softmax(-1) @ clean) / b

    return predict


def harmonic_levels(
    x: Float[Tensor, "item sample"],
) -> Float[Tensor, "item harmonic"]:
    """Levels of the first sixteen harmonics of periods in dB, -40 at least.

    >>> n = torch.arange(64)
    >>> harmonic_levels(torch.cos(2 * torch.pi * n / 64)[None])[0, :2]
    tensor([  0., -40.])
    """
    X = torch.fft.rfft(x)[:, 1:17].abs() / (x.shape[-1] / 2)
    return 20 * X.clamp_min(0.01).log10()
