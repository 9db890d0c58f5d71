"""Novelty: how much of a spectrum is new, frame by frame.

Not librosa's onset strength, because no gradient passes that, and the page explains each step.

Explained in overview/music/invariance-and-alignment.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks


def compress(
    magnitude: Float[Tensor, "*shape"], *, gamma: float = 100.0
) -> Float[Tensor, "*shape"]:
    r"""Logarithmic compression (def-music-compress).

    .. math:: Y = \log(1 + \gamma |X|)

    Args:
        magnitude: :math:`|X|`, not negative.
        gamma: :math:`\gamma`; magnitudes far below its inverse stay
            proportional, those far above become logarithms.

    >>> compress(torch.tensor([0.0, 0.01, 1.0]), gamma=100.0)
    tensor([0.000, 0.693, 4.615])
    """
    magnitude = checks.as_floats("magnitude", magnitude)
    return torch.log1p(gamma * magnitude)


def spectral_flux(
    magnitude: Float[Tensor, "*batch bin frame"],
    *,
    gamma: float = 100.0,
) -> Float[Tensor, "*batch frame"]:
    r"""Half-wave rectified flux of the compressed spectrum.

    .. math::
        \Delta(m) = \sum_k \max\{0,\; Y(m, k) - Y(m - 1, k)\}

    Energy that appears counts, energy that disappears does not
    (def-music-novelty). The first frame has no past: its value is 0.

    Args:
        magnitude: of any time-frequency transform.
        gamma: of the compression, see :func:`compress`.

    >>> beat = torch.tensor([[0.0, 1.0, 0.5, 1.0]])
    >>> spectral_flux(beat, gamma=1.0)
    tensor([0.000, 0.693, 0.000, 0.288])
    """
    level = compress(magnitude, gamma=gamma)
    rise = level.diff(dim=-1).clamp_min(0).sum(-2)
    return torch.nn.functional.pad(rise, (1, 0))


def subtract_average(
    novelty: Float[Tensor, "*batch frame"], *, radius: int
) -> Float[Tensor, "*batch frame"]:
    r"""What stands out above the local average, the rest zero.

    .. math::
        \bar\Delta(m) = \max\Bigl\{0,\; \Delta(m)
        - \frac{1}{2r + 1} \sum_{j=-r}^{r} \Delta(m + j) \Bigr\}

    At the ends the average is over the frames that exist
    (def-music-local-average).

    Args:
        novelty: :math:`\Delta`.
        radius: :math:`r` in frames.

    Raises:
        ValueError: a negative radius, or a novelty that is not finite
            (the average would spread it).

    >>> subtract_average(torch.tensor([0.0, 3.0, 0.0]), radius=1)
    tensor([0., 2., 0.])
    """
    if radius < 0:
        raise ValueError(f"a radius of {radius} frames is negative")
    novelty = checks.as_floats("novelty", novelty)
    checks.refuse_non_finite(novelty=novelty)
    frames = novelty.shape[-1]
    sums = torch.nn.functional.pad(novelty.double().cumsum(-1), (1, 0))
    m = torch.arange(frames, device=novelty.device)
    end = (m + radius + 1).clamp_max(frames)
    start = (m - radius).clamp_min(0)
    average = (sums[..., end] - sums[..., start]) / (end - start)
    return (novelty - average.to(novelty)).clamp_min(0)
