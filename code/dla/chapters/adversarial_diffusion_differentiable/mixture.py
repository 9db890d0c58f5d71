r"""A mixture of normal densities in one dimension, and noise added to it: all in closed form.

Reported in synthesis/adversarial-diffusion-differentiable/diffusion. A noisy value is
:math:`x = a x_0 + b \epsilon` with :math:`x_0` from the mixture.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Mixture:
    """Components of a density of one number."""

    weights: Float[Tensor, "component"]  # sum to one
    means: Float[Tensor, "component"]
    deviations: Float[Tensor, "component"]

    def log_density(
        self, x: Float[Tensor, "*batch"], a: float, b: float
    ) -> Float[Tensor, "*batch"]:
        r"""Of :math:`a x_0 + b \epsilon`; of x_0 itself for a 1, b 0."""
        return self._joint(x, a, b).logsumexp(-1)

    def clean(
        self, x: Float[Tensor, "*batch"], a: float, b: float
    ) -> Float[Tensor, "*batch"]:
        """Mean of x_0 given the noisy value."""
        off, variance = self._parts(x, a, b)
        gain = a * self.deviations.square() / variance
        return self._average(x, a, b, self.means + gain * off)

    def noise(
        self, x: Float[Tensor, "*batch"], a: float, b: float
    ) -> Float[Tensor, "*batch"]:
        r"""Mean of :math:`\epsilon` given the noisy value."""
        off, variance = self._parts(x, a, b)
        return self._average(x, a, b, b / variance * off)

    def quantile(
        self, share: Float[Tensor, "*batch"]
    ) -> Float[Tensor, "*batch"]:
        """The value below which that share of the x_0 lies, by halving.

        >>> one = torch.ones(1, dtype=torch.float64)
        >>> z = Mixture(one, 0 * one, one).quantile(torch.tensor([0.975]))
        >>> round(z.item(), 4)
        1.96
        """
        share = share.to(self.means.dtype)
        far = 10 * self.deviations.max() + self.means.abs().max()
        low, high = (
            torch.full_like(share, sign * far.item())
            for sign in (-1, 1)
        )
        for _ in range(60):
            middle = (low + high) / 2
            z = (middle[..., None] - self.means) / self.deviations
            below = (
                self.weights * (1 + torch.erf(z / 2**0.5)) / 2
            ).sum(-1)
            low = torch.where(below < share, middle, low)
            high = torch.where(below < share, high, middle)
        return (low + high) / 2

    def _parts(self, x, a, b):
        variance = (a * self.deviations).square() + b * b
        return x[..., None] - a * self.means, variance

    def _joint(self, x, a, b):
        off, variance = self._parts(x, a, b)
        return (
            self.weights.log()
            - off.square() / variance / 2
            - (2 * math.pi * variance).log() / 2
        )

    def _average(self, x, a, b, values):
        return (self._joint(x, a, b).softmax(-1) * values).sum(-1)
