r"""A normalising flow for sound: invertible, with a density that can be computed.

Explained in synthesis/phase-and-likelihood/flows.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from dla import checks

LARGEST = 3.0  # of a log scale: the inverse divides by exp(-3) at most


@dataclass(frozen=True)
class WaveGlowSettings:
    """Sizes."""

    group: int = 8  # G, samples that make one column
    steps: int = 6  # K, of convolution and coupling
    hidden: int = 48  # channels inside a coupling's network
    kernel: int = 3  # of its convolutions over columns, odd
    layers: int = 3  # of these; dilations 1, 2, 4, ...
    conditions: int = 0  # numbers that go with each column; 0: none


class InvertibleConvolution(nn.Module):
    """One square matrix for all columns (Kingma and Dhariwal, 2018).

    Starts as a random rotation, whose determinant is one.
    """

    def __init__(self, channels: int):
        super().__init__()
        q, r = torch.linalg.qr(torch.randn(channels, channels))
        q = q * r.diagonal().sign()
        q[:, 0] *= torch.linalg.det(q).sign()
        self.weight = nn.Parameter(q)

    def forward(
        self, x: Float[Tensor, "batch channel column"]
    ) -> tuple[
        Float[Tensor, "batch channel column"], Float[Tensor, "batch"]
    ]:
        r"""Product, and :math:`T \log |\det W|` (eq-flow-convolution)."""
        log_det = torch.linalg.slogdet(self.weight).logabsdet
        return self.weight @ x, (x.shape[-1] * log_det).expand(len(x))

    def inverse(
        self, z: Float[Tensor, "batch channel column"]
    ) -> Float[Tensor, "batch channel column"]:
        """Solves for the input, at each column."""
        return torch.linalg.solve(self.weight, z)


class AffineCoupling(nn.Module):
    """One half decides scale and shift of the other (Dinh et al., 2017).

    The network that decides is never inverted, so it may be anything;
    here dilated convolutions over columns, of which the last starts at
    zero: the layer starts as the identity.
    """

    def __init__(self, settings: WaveGlowSettings):
        super().__init__()
        s = settings
        self.kept = s.group // 2
        self.entry = nn.Conv1d(self.kept + s.conditions, s.hidden, 1)
        self.filters = nn.ModuleList(
            nn.Conv1d(
                s.hidden, s.hidden, s.kernel, dilation=2**i,
                padding=2**i * (s.kernel // 2),
            )
            for i in range(s.layers)
        )  # fmt: skip
        self.exit = nn.Conv1d(s.hidden, 2 * (s.group - self.kept), 1)
        nn.init.zeros_(self.exit.weight)
        nn.init.zeros_(self.exit.bias)

    def decide(
        self,
        half: Float[Tensor, "batch kept column"],
        condition: Float[Tensor, "batch condition column"] | None,
    ) -> tuple[
        Float[Tensor, "batch other column"],
        Float[Tensor, "batch other column"],
    ]:
        """Logarithm of the scale, at most 3 either way, and the shift."""
        if condition is not None:
            half = torch.cat([half, condition], dim=1)
        h = self.entry(half)
        for layer in self.filters:
            h = h + functional.gelu(layer(h))
        raw, shift = self.exit(h).chunk(2, dim=1)
        return LARGEST * torch.tanh(raw / LARGEST), shift

    def forward(
        self,
        x: Float[Tensor, "batch channel column"],
        condition: Float[Tensor, "batch condition column"]
        | None = None,
    ) -> tuple[
        Float[Tensor, "batch channel column"], Float[Tensor, "batch"]
    ]:
        r"""The coupled halves, and :math:`\sum \log s` (eq-flow-coupling)."""
        kept, other = x[:, : self.kept], x[:, self.kept :]
        log_scale, shift = self.decide(kept, condition)
        changed = log_scale.exp() * other + shift
        return torch.cat([kept, changed], dim=1), log_scale.sum((1, 2))

    def inverse(
        self,
        z: Float[Tensor, "batch channel column"],
        condition: Float[Tensor, "batch condition column"]
        | None = None,
    ) -> Float[Tensor, "batch channel column"]:
        """The same decision, undone."""
        kept, changed = z[:, : self.kept], z[:, self.kept :]
        log_scale, shift = self.decide(kept, condition)
        other = (changed - shift) * (-log_scale).exp()
        return torch.cat([kept, other], dim=1)


class WaveGlow(nn.Module):
    """Sound in, as many independent normal numbers out, and back (Prenger et al., 2018).

    ``group`` samples in a row become one column; then, ``steps`` times,
    a matrix mixes the rows and one half of them decides what happens
    to the other.
    """

    def __init__(self, settings: WaveGlowSettings = WaveGlowSettings()):
        super().__init__()
        self.settings = s = settings
        self.mixers = nn.ModuleList(
            InvertibleConvolution(s.group) for _ in range(s.steps)
        )
        self.couplings = nn.ModuleList(
            AffineCoupling(s) for _ in range(s.steps)
        )

    def forward(
        self,
        x: Float[Tensor, "batch time"],
        condition: Float[Tensor, "batch condition column"]
        | None = None,
    ) -> tuple[
        Float[Tensor, "batch group column"], Float[Tensor, "batch"]
    ]:
        r"""Latent numbers, and :math:`\log |\det \partial z / \partial x|`.

        Raises:
            ValueError: a length that is no multiple of ``group``, or a
                condition that does not fit.
        """
        x = checks.as_floats("x", x)
        group = self.settings.group
        if x.shape[-1] % group:
            raise ValueError(
                f"x {tuple(x.shape)} has {x.shape[-1]} samples, no "
                f"multiple of the group of {group}; cut or pad it"
            )
        z = x.unflatten(-1, (-1, group)).mT
        self._refuse_other_conditions(z, condition)
        total = x.new_zeros(len(x))
        for mix, couple in zip(
            self.mixers, self.couplings, strict=True
        ):
            z, mixed = mix(z)
            z, coupled = couple(z, condition)
            total = total + mixed + coupled
        return z, total

    def inverse(
        self,
        z: Float[Tensor, "batch group column"],
        condition: Float[Tensor, "batch condition column"]
        | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Sound of latent numbers: everything undone, last step first."""
        self._refuse_other_conditions(z, condition)
        steps = list(zip(self.mixers, self.couplings, strict=True))
        for mix, couple in reversed(steps):
            z = mix.inverse(couple.inverse(z, condition))
        return z.mT.flatten(-2)

    def _refuse_other_conditions(
        self, z: Tensor, condition: Tensor | None
    ) -> None:
        wanted = (self.settings.conditions, z.shape[-1])
        given = (
            (0, z.shape[-1])
            if condition is None
            else tuple(condition.shape[1:])
        )
        if wanted != given:
            raise ValueError(
                f"condition has {given[0]} rows and {given[1]} columns; "
                f"expected {wanted[0]} and {wanted[1]}"
            )


def log_likelihood(
    z: Float[Tensor, "batch group column"],
    log_det: Float[Tensor, "batch"],
) -> Float[Tensor, "batch"]:
    r"""Logarithm of the density of the sound, in nats (eq-flow-change).

    .. math::
        \log p(x) = \sum \log \mathcal N(z; 0, 1)
                    + \log \left|\det \frac{\partial z}{\partial x}\right|

    Args:
        z: from :class:`WaveGlow`.
        log_det: beside it.

    >>> log_likelihood(torch.zeros(1, 2, 1), torch.zeros(1))
    tensor([-1.8379])
    """
    squares = z.square().sum((1, 2)) / 2
    constant = z[0].numel() * math.log(2 * math.pi) / 2
    return log_det - squares - constant
