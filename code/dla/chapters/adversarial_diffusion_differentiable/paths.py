r"""From noise to a mixture with the exact field, along lists of levels.

Reported in synthesis/adversarial-diffusion-differentiable/diffusion.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla.chapters.adversarial_diffusion_differentiable.mixture import (
    Mixture,
)

SLOWEST, FASTEST = (
    0.1,
    20.0,
)  # beta(t) at t = 0 and 1 (Song et al., 2021)
LISTS = ("straight", "cosine", "linear")


def amplitudes(
    name: str, steps: int
) -> tuple[Float[Tensor, "level"], Float[Tensor, "level"]]:
    r"""Amplitudes a and b of signal and noise, from noise to signal.

    Args:
        name: equal steps of :math:`\tau` (straight), of the angle
            (cosine), of the time of a schedule with linear
            :math:`\beta` (linear).
        steps: how many; there is one level more.

    Raises:
        ValueError: no such list.

    >>> amplitudes("straight", 2)[0]
    tensor([0.0000, 0.5000, 1.0000], dtype=torch.float64)
    """
    s = torch.linspace(1, 0, steps + 1, dtype=torch.float64)
    if name == "straight":
        return 1 - s, s
    if name == "cosine":
        return (torch.pi / 2 * s).cos(), (torch.pi / 2 * s).sin()
    if name == "linear":
        return signal(s), (1 - signal(s).square()).sqrt()
    raise ValueError(f"no list {name!r}; there are {', '.join(LISTS)}")


def signal(t: Float[Tensor, "*level"]) -> Float[Tensor, "*level"]:
    """Amplitude of the signal at a time of the schedule with linear beta."""
    rise = FASTEST - SLOWEST
    return (-(rise * t.square() / 4 + SLOWEST * t / 2)).exp()


def remix(
    data: Mixture, x: Float[Tensor, "point"], name: str, steps: int
) -> Float[Tensor, "point"]:
    """Steps of eq-diffusion-step: the Euler steps of the straight path."""
    a, b = amplitudes(name, steps)
    for k in range(steps):
        clean, noise = (
            data.clean(x, a[k], b[k]),
            data.noise(x, a[k], b[k]),
        )
        x = a[k + 1] * clean + b[k + 1] * noise
    return x


def euler_in_time(
    data: Mixture, x: Float[Tensor, "point"], steps: int
) -> Float[Tensor, "point"]:
    r"""Euler steps of :math:`dx/dt = a' \hat x_0 + b' \hat\epsilon`, linear beta."""
    for t in torch.linspace(1, 0, steps + 1, dtype=torch.float64)[:-1]:
        a = signal(t)
        b = (1 - a.square()).sqrt()
        slope = -a * (SLOWEST + (FASTEST - SLOWEST) * t) / 2
        velocity = slope * data.clean(x, a, b)
        velocity = velocity - slope * a / b * data.noise(x, a, b)
        x = x - velocity / steps
    return x
