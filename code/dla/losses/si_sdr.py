"""Scale-invariant signal-to-distortion ratio.

Explained in decomposition/permutation-invariant-training.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks

SOFTEST = 1e-22  # energy, below which silence begins


def si_sdr(
    estimate: Float[Tensor, "*batch time"],
    target: Float[Tensor, "*batch time"],
    *,
    eps: float = 1e-8,
) -> Float[Tensor, "*batch"]:
    r"""Scale-invariant signal-to-distortion ratio in dB, high is good.

    With both signals centred, the estimate is split into its projection
    on the target and a residual, and their energies are compared
    (Le Roux et al., 2019; def-pit-si-sdr):

    .. math::
        10 \log_{10} \frac{\|\alpha s\|^2}{\|\hat s - \alpha s\|^2},
        \qquad \alpha = \frac{\langle \hat s, s \rangle}{\|s\|^2}

    Args:
        estimate: separated waveform :math:`\hat s`; its gain does not
            matter.
        target: reference waveform :math:`s`, same shape.
        eps: added to every energy, so that silence and perfection
            stay finite; of signals whose energy is below one, this
            share of it, so that the level of both does not matter.

    Returns:
        A silent estimate scores 0 dB, a silent target -80 dB.

    Raises:
        ValueError: the shapes differ (broadcasting would compare the
            wrong signals), or fewer than two samples.

    >>> s = torch.tensor([1.0, -1.0, 1.0, -1.0])
    >>> noise = torch.tensor([0.1, 0.1, -0.1, -0.1])
    >>> si_sdr(s + noise, s)
    tensor(20.00)
    """
    checks.refuse_different_shapes(estimate=estimate, target=target)
    estimate = checks.as_sound("estimate", estimate, shortest=2)
    target = checks.as_sound("target", target, shortest=2)
    estimate = estimate - estimate.mean(dim=-1, keepdim=True)
    target = target - target.mean(dim=-1, keepdim=True)
    projection = (estimate * target).sum(-1, keepdim=True)
    power = energy(target)
    scaled = projection / (power + share(eps, power)) * target
    wanted, rest = energy(scaled), energy(estimate - scaled)
    least = share(eps, wanted + rest)
    ratio = (wanted + least) / (rest + least)
    return 10 * torch.log10(ratio).squeeze(-1)


def energy(
    x: Float[Tensor, "*batch time"],
) -> Float[Tensor, "*batch 1"]:
    """Sum of squares over the last axis, kept for broadcasting.

    >>> energy(torch.tensor([3.0, 4.0]))
    tensor([25.])
    """
    return x.square().sum(-1, keepdim=True)


def share(
    eps: float, energy: Float[Tensor, "*shape"]
) -> Float[Tensor, "*shape"]:
    """That part of an energy, of energies above one that of one.

    >>> share(0.1, torch.tensor([0.5, 2.0]))
    tensor([0.0500, 0.1000])
    """
    return eps * energy.detach().clamp(SOFTEST, 1.0)
