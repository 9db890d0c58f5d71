"""What the improvement over the mixture must be."""

import torch

from dla.losses.si_sdr import si_sdr
from dla.measures.improvement import si_sdr_improvement


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_returning_the_mixture_improves_nothing():
    sources = noise(4, 2, 500)
    mixture = sources.sum(-2, keepdim=True).expand_as(sources)
    for best in (True, False):
        gain = si_sdr_improvement(mixture, sources, best_order=best)
        torch.testing.assert_close(gain, torch.zeros(4, dtype=torch.float64))


def test_is_the_mean_difference_of_si_sdr():
    sources = noise(2, 500)
    estimates = sources + 0.1 * noise(3, 500)[1:]
    mixture = sources.sum(0)
    gains = [si_sdr(e, s) - si_sdr(mixture, s) for e, s in zip(estimates, sources, strict=True)]
    torch.testing.assert_close(si_sdr_improvement(estimates, sources), sum(gains) / 2)


def test_the_best_order_forgives_exchanged_estimates_and_a_fixed_one_does_not():
    sources = noise(3, 2, 500)
    estimates = sources + 0.1 * noise(3, 2, 501)[..., 1:]
    good = si_sdr_improvement(estimates, sources)
    torch.testing.assert_close(si_sdr_improvement(estimates.flip(1), sources), good)
    fixed = si_sdr_improvement(estimates, sources, best_order=False)
    torch.testing.assert_close(fixed, good)
    swapped = si_sdr_improvement(estimates.flip(1), sources, best_order=False)
    assert (swapped < good - 10).all()
