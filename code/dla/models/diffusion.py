r"""Diffusion: a fixed way into noise, and a regression for the way back.

Explained in synthesis/adversarial-diffusion-differentiable/diffusion.
Steps are numbered from 1, so :math:`\beta_t` is ``betas[t - 1]``.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla import checks


def linear_betas(
    steps: int, *, first: float, last: float
) -> Float[Tensor, "step"]:
    r"""Variances :math:`\beta_t` of the noise added in each step.

    A straight line, as in Ho et al. (2020), whose thousand steps go
    from 0.0001 to 0.02.

    Raises:
        ValueError: no steps, or variances that do not ascend between
            0 and 1.

    >>> linear_betas(3, first=0.1, last=0.3)
    tensor([0.1000, 0.2000, 0.3000], dtype=torch.float64)
    """
    if steps < 1 or not 0 < first <= last < 1:
        raise ValueError(
            f"{steps} steps from {first:g} to {last:g}: expected at least "
            "one, and variances that ascend between 0 and 1"
        )
    return torch.linspace(first, last, steps, dtype=torch.float64)


def alpha_bar(betas: Float[Tensor, "step"]) -> Float[Tensor, "step"]:
    r"""Share of the signal's power that is left after each step.

    :math:`\bar\alpha_t = \prod_{j \le t} (1 - \beta_j)`
    (eq-diffusion-closed).

    >>> alpha_bar(torch.tensor([0.5, 0.5]))
    tensor([0.5000, 0.2500])
    """
    return (1 - checks.as_floats("betas", betas)).cumprod(-1)


def posterior(
    x_0: Float[Tensor, "*batch"],
    x_t: Float[Tensor, "*batch"],
    *,
    betas: Float[Tensor, "step"],
    step: int,
) -> tuple[Float[Tensor, "*batch"], Float[Tensor, ""]]:
    r"""Mean and variance of :math:`q(x_{t-1} \mid x_t, x_0)`.

    (eq-diffusion-posterior)

    Args:
        x_0: clean.
        x_t: after `step` steps.
        betas: variances of all steps.
        step: t, from 1 (where the mean is `x_0`, the variance zero).

    Raises:
        ValueError: no such step; shapes that differ.

    >>> betas = torch.tensor([0.5, 0.5])
    >>> posterior(torch.ones(1), torch.zeros(1), betas=betas, step=2)
    (tensor([0.4714]), tensor(0.3333))
    """
    if not 1 <= step <= len(betas):
        raise ValueError(
            f"step {step} of {len(betas)}; they are numbered from 1"
        )
    x_0, x_t = (
        checks.as_floats(name, x)
        for name, x in (("x_0", x_0), ("x_t", x_t))
    )
    checks.refuse_different_shapes(x_0=x_0, x_t=x_t)
    left = torch.cat([torch.ones_like(betas[:1]), alpha_bar(betas)])
    beta, before, now = betas[step - 1], left[step - 1], left[step]
    of_clean = before.sqrt() * beta / (1 - now)
    of_noisy = (1 - beta).sqrt() * (1 - before) / (1 - now)
    variance = (1 - before) / (1 - now) * beta
    return of_clean * x_0 + of_noisy * x_t, variance


def bound_weights(
    betas: Float[Tensor, "step"],
) -> Float[Tensor, "step"]:
    r"""Weight of the squared noise error in each term of the bound.

    With the posterior's variance for :math:`t > 1` and
    :math:`\beta_1` for the last step (eq-diffusion-weight):
    :math:`w_1 = 1 / 2 \alpha_1` and

    .. math::
        w_t = \frac{\beta_t}{2 \alpha_t (1 - \bar\alpha_{t-1})} .

    >>> bound_weights(torch.tensor([0.5, 0.5]))
    tensor([1., 1.])
    """
    betas = checks.as_floats("betas", betas)
    later = betas[1:] / (2 * (1 - betas[1:]))
    later = later / (1 - alpha_bar(betas)[:-1])
    return torch.cat([1 / (2 * (1 - betas[:1])), later])


def ddim_step(
    x: Float[Tensor, "*batch sample"],
    noise: Float[Tensor, "*batch sample"],
    *,
    here: tuple[float, float],
    there: tuple[float, float],
) -> Float[Tensor, "*batch sample"]:
    r"""One step of the deterministic sampler (Song et al., 2021).

    Takes the noise for what it is believed to be, and mixes signal
    and noise anew (eq-diffusion-step).

    Args:
        x: :math:`a x_0 + b \epsilon`.
        noise: what :math:`\epsilon` is believed to be.
        here: a and b of `x`; a may be zero only where the step is
            from pure noise, and then `noise` says nothing of `x_0`:
            refused.
        there: a and b of the result.

    Raises:
        ValueError: no signal in `x`; shapes that differ.

    >>> ddim_step(torch.ones(1), torch.ones(1), here=(0.6, 0.8), there=(1.0, 0.0))
    tensor([0.3333])
    """
    x, noise = (
        checks.as_floats(name, value)
        for name, value in (("x", x), ("noise", noise))
    )
    checks.refuse_different_shapes(x=x, noise=noise)
    if not here[0] > 0:
        raise ValueError(f"no signal in x: a is {here[0]:g}")
    clean = (x - here[1] * noise) / here[0]
    return there[0] * clean + there[1] * noise


@dataclass(frozen=True)
class NoiseNetworkSettings:
    """Sizes."""

    corrected: int = 0  # axes that get a correction, the first; 0: all
    hidden: int = 128  # units of each of both hidden layers
    waves: int = 16  # numbers that tell the level of the noise


class NoiseNetwork(nn.Module):
    r"""Predicts the noise: the best linear guess, and a correction.

    If axis i of the clean data has variance :math:`\lambda_i`, mean
    zero, and no correlation with the others, the noisy one has
    :math:`v_i = a^2 \lambda_i + b^2`. The best linear guess of the
    noise is :math:`b x_i / v_i`, and it misses
    :math:`a^2 \lambda_i / v_i` of its variance. The network sees
    :math:`x_i / \sqrt{v_i}` and predicts what is missed, in units of
    its deviation: all levels and axes have one scale (as in Karras et
    al., 2022, there with one variance for all axes). It starts with
    no correction: as the linear guess.

    Args:
        variances: :math:`\lambda_i` of the clean data.
    """

    def __init__(
        self,
        variances: Float[Tensor, "axis"],
        settings: NoiseNetworkSettings = NoiseNetworkSettings(),
    ):
        super().__init__()
        s = settings
        axes = s.corrected or len(variances)
        self.settings = s
        self.register_buffer("variances", variances.clone())
        self.layers = nn.Sequential(
            nn.Linear(axes + s.waves, s.hidden),
            nn.SiLU(),
            nn.Linear(s.hidden, s.hidden),
            nn.SiLU(),
            nn.Linear(s.hidden, axes),
        )
        nn.init.zeros_(self.layers[-1].weight)
        nn.init.zeros_(self.layers[-1].bias)

    def forward(
        self, inputs: Float[Tensor, "*batch number"]
    ) -> Float[Tensor, "*batch axis"]:
        r"""The noise in each vector.

        Args:
            inputs: :math:`a x_0 + b \epsilon` with
                :math:`a^2 + b^2 = 1`, and as a last number the level
                of the noise, :math:`\tfrac{2}{\pi} \arctan(b/a)`:
                0 clean, 1 noise alone.
        """
        x, level = inputs[..., :-1], inputs[..., -1:]
        a, b = (f(torch.pi / 2 * level) for f in (torch.cos, torch.sin))
        signal = a.square() * self.variances
        deviation = (signal + b.square()).sqrt()
        scaled = x / deviation
        k = torch.arange(self.settings.waves, dtype=x.dtype)
        waves = torch.cos(torch.pi * k * level)
        axes = self.layers[-1].out_features
        told = torch.cat([scaled[..., :axes], waves], dim=-1)
        missed = (signal.sqrt() / deviation)[..., :axes]
        correction = missed * self.layers(told)
        rest = x.shape[-1] - axes
        return b / deviation * scaled + nn.functional.pad(
            correction, (0, rest)
        )
