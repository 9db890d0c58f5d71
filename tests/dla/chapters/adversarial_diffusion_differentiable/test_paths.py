"""Laws of the ways from noise to a mixture with the exact field."""

import pytest
import torch

from dla.chapters.adversarial_diffusion_differentiable import paths
from dla.chapters.adversarial_diffusion_differentiable.mixture import Mixture

HUMPS = Mixture(
    *(torch.tensor(v, dtype=torch.double) for v in ([0.3, 0.7], [-1.2, 0.7], [0.25, 0.4]))
)
U = (torch.arange(199, dtype=torch.double) + 1) / 200
START = 2**0.5 * torch.erfinv(2 * U - 1)


@pytest.mark.parametrize("name", paths.LISTS)
def test_a_list_goes_from_noise_to_signal(name):
    a, b = paths.amplitudes(name, 6)
    assert (a.diff() > 0).all() and (b.diff() < 0).all()
    torch.testing.assert_close(torch.stack([a[-1], b[-1]]), torch.tensor([1.0, 0.0]).double())
    assert a[0] < 0.01 and b[0] > 0.99


@pytest.mark.parametrize("name", ["cosine", "linear"])
def test_amplitudes_of_a_diffusion_keep_the_power(name):
    a, b = paths.amplitudes(name, 6)
    torch.testing.assert_close(a.square() + b.square(), torch.ones(7).double())


def test_the_signal_of_the_schedule_is_that_of_many_small_steps():
    t = (torch.arange(200_000, dtype=torch.double) + 0.5) / 200_000
    beta = paths.SLOWEST + (paths.FASTEST - paths.SLOWEST) * t
    product = (1 - beta / 200_000).sqrt().log().sum().exp()
    torch.testing.assert_close(paths.signal(torch.tensor(1.0).double()), product, rtol=1e-3, atol=0)


def test_a_list_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="straight, cosine, linear"):
        paths.amplitudes("curved", 3)


@pytest.mark.parametrize("name", paths.LISTS)
def test_many_steps_end_in_the_mixture(name):
    ends = paths.remix(HUMPS, START, name, 512)
    assert (ends - HUMPS.quantile(U)).abs().mean() < 0.01


def test_many_steps_in_time_end_in_the_mixture():
    ends = paths.euler_in_time(HUMPS, START, 512)
    assert (ends - HUMPS.quantile(U)).abs().mean() < 0.01


def test_one_step_from_noise_lands_at_the_mean():
    ends = paths.remix(HUMPS, START, "straight", 1)
    mean = (HUMPS.weights * HUMPS.means).sum()
    torch.testing.assert_close(ends, mean.expand_as(ends))
