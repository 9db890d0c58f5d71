"""Laws of a mixture with noise added: all against sums over a fine grid."""

import pytest
import torch

from dla.chapters.adversarial_diffusion_differentiable.mixture import Mixture

HUMPS = Mixture(
    *(torch.tensor(v, dtype=torch.double) for v in ([0.3, 0.7], [-1.2, 0.7], [0.25, 0.4]))
)
LEVELS = [(0.9, 0.3), (0.5, 0.8), (0.0, 1.0)]
FINE = torch.linspace(-9, 9, 3601, dtype=torch.double)


def clean_density(x):
    parts = torch.distributions.Normal(HUMPS.means, HUMPS.deviations)
    return (HUMPS.weights * parts.log_prob(x[:, None]).exp()).sum(1)


def joint(x, a, b):
    noise = torch.distributions.Normal(a * FINE, b)
    return clean_density(FINE) * noise.log_prob(x[:, None]).exp()


@pytest.mark.parametrize(("a", "b"), LEVELS)
def test_the_density_is_the_clean_one_blurred_by_the_noise(a, b):
    x = torch.linspace(-2, 2, 9, dtype=torch.double)
    blurred = joint(x, a, b).sum(1) * 0.005
    torch.testing.assert_close(HUMPS.log_density(x, a, b).exp(), blurred)


def test_without_noise_it_is_the_clean_density():
    torch.testing.assert_close(HUMPS.log_density(FINE, 1.0, 0.0).exp(), clean_density(FINE))


@pytest.mark.parametrize(("a", "b"), LEVELS)
def test_means_are_those_of_bayes_rule(a, b):
    x = torch.linspace(-2, 2, 9, dtype=torch.double)
    p = joint(x, a, b) / joint(x, a, b).sum(1, keepdim=True)
    torch.testing.assert_close(HUMPS.clean(x, a, b), (p * FINE).sum(1))
    torch.testing.assert_close(HUMPS.noise(x, a, b), (p * (x[:, None] - a * FINE) / b).sum(1))


def test_a_quantile_has_its_share_below_it():
    share = torch.tensor([0.01, 0.3, 0.5, 0.9], dtype=torch.double)
    below = torch.stack(
        [clean_density(FINE)[q > FINE].sum() * 0.005 for q in HUMPS.quantile(share)]
    )
    torch.testing.assert_close(below, share, atol=3e-3, rtol=0)
