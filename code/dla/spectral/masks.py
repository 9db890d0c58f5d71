"""Ideal masks: what a separator could do if it knew the sources.

Each is the least-squares answer to the same question - which factor
turns the mixture into the source? - under another restriction or
assumption. Explained in decomposition/permutation-invariant-training.
"""

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from dla import checks

EPS = 1e-12  # gives a bin without any sound the mask zero


def ideal_binary_mask(
    sources: Complex[Tensor, "*batch source freq frame"],
) -> Float[Tensor, "*batch source freq frame"]:
    r"""One for the loudest source of each bin, zero for the others.

    The best choice among zeros and ones for two sources
    (eq-pit-mask-binary). Equally loud: the first.

    Args:
        sources: transforms :math:`S_c` of the sources.

    >>> pair = torch.tensor([[[3.0 + 0j]], [[-4j]]])
    >>> ideal_binary_mask(pair)[:, 0, 0]
    tensor([0., 1.])
    """
    sources = checks.as_floats("sources", sources)
    checks.refuse_non_finite(sources=sources)
    magnitude = sources.abs()
    loudest = magnitude.argmax(dim=-3, keepdim=True)
    return torch.zeros_like(magnitude).scatter(-3, loudest, 1.0)


def ideal_ratio_mask(
    sources: Complex[Tensor, "*batch source freq frame"],
) -> Float[Tensor, "*batch source freq frame"]:
    r"""Share of the magnitudes, :math:`|S_c| / \sum_j |S_j|`.

    The best mask if all sources had the phase of the mixture
    (eq-pit-mask-ratio).

    Args:
        sources: transforms :math:`S_c` of the sources.

    >>> pair = torch.tensor([[[3.0 + 0j]], [[-4j]]])
    >>> ideal_ratio_mask(pair)[:, 0, 0]
    tensor([0.4286, 0.5714])
    """
    magnitude = checks.as_floats("sources", sources).abs()
    total = magnitude.sum(dim=-3, keepdim=True)
    return magnitude / (total + negligible(total))


def wiener_mask(
    sources: Complex[Tensor, "*batch source freq frame"],
) -> Float[Tensor, "*batch source freq frame"]:
    r"""Share of the energies, :math:`|S_c|^2 / \sum_j |S_j|^2`.

    The best mask on average over phases that are independent and
    uniform (eq-pit-mask-wiener).

    Args:
        sources: transforms :math:`S_c` of the sources.

    >>> pair = torch.tensor([[[3.0 + 0j]], [[-4j]]])
    >>> wiener_mask(pair)[:, 0, 0]
    tensor([0.3600, 0.6400])
    """
    energy = checks.as_floats("sources", sources).abs().square()
    total = energy.sum(dim=-3, keepdim=True)
    return energy / (total + negligible(total))


def phase_sensitive_mask(
    sources: Complex[Tensor, "*batch source freq frame"],
) -> Float[Tensor, "*batch source freq frame"]:
    r"""Best real mask, :math:`|S_c| / |X| \cos(\angle S_c - \angle X)`.

    The projection of the source on the mixture (Erdogan et al., 2015;
    eq-pit-mask-phase). Not limited to [0, 1]: clamp it for the best
    mask that a sigmoid can make.

    Args:
        sources: transforms :math:`S_c` of the sources; the mixture
            :math:`X` is their sum.

    >>> pair = torch.tensor([[[3.0 + 0j]], [[-1.0 + 0j]]])
    >>> phase_sensitive_mask(pair)[:, 0, 0]
    tensor([ 1.500, -0.500])
    """
    return complex_mask(sources).real


def complex_mask(
    sources: Complex[Tensor, "*batch source freq frame"],
) -> Complex[Tensor, "*batch source freq frame"]:
    r"""The mask :math:`S_c / X` that leaves no error.

    It turns the phase too (eq-pit-mask-complex).

    Args:
        sources: transforms :math:`S_c` of the sources; the mixture
            :math:`X` is their sum.

    >>> pair = torch.tensor([[[1.0 + 0j]], [[1j]]])
    >>> complex_mask(pair)[:, 0, 0]
    tensor([0.5000-0.5000j, 0.5000+0.5000j])
    """
    sources = checks.as_floats("sources", sources)
    mixture = sources.sum(dim=-3, keepdim=True)
    energy = mixture.abs().square()
    return sources * mixture.conj() / (energy + negligible(energy))


def negligible(
    total: Float[Tensor, "*batch 1 freq frame"],
) -> Float[Tensor, "*batch 1 1 1"]:
    """What is added to a divisor: nothing beside the loudest bin.

    EPS where the loudest bin reaches one, and less in proportion in
    softer sounds, whose masks are those of the same sounds at any gain.

    >>> negligible(torch.full((1, 2, 2), 0.01)).squeeze()
    tensor(1.0000e-14)
    """
    loudest = total.detach().amax((-2, -1), keepdim=True)
    return EPS * loudest.clamp(1e-20, 1.0)
