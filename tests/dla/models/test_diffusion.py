"""Laws of the diffusion: its kernels, its bound, its step, its network."""

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from dla.models.diffusion import (
    NoiseNetwork,
    NoiseNetworkSettings,
    alpha_bar,
    bound_weights,
    ddim_step,
    linear_betas,
    posterior,
)
from dla.train import seeded

BETAS = linear_betas(6, first=0.05, last=0.5)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_steps_one_by_one_have_the_mean_and_the_variance_of_one_large_step():
    mean, variance = torch.tensor(1.0).double(), torch.tensor(0.0).double()
    for beta, left in zip(BETAS, alpha_bar(BETAS), strict=True):
        mean, variance = (1 - beta).sqrt() * mean, (1 - beta) * variance + beta
        torch.testing.assert_close((mean**2, variance), (left, 1 - left))


@pytest.mark.parametrize("bad", [{"first": 0.0, "last": 0.5}, {"first": 0.5, "last": 0.1}])
def test_variances_that_do_not_ascend_between_zero_and_one_are_refused(bad):
    with pytest.raises(ValueError, match="ascend"):
        linear_betas(5, **bad)


@pytest.mark.parametrize("step", [2, 4, 6])
def test_the_posterior_is_bayes_rule_on_a_grid(step):
    x = torch.linspace(-9, 9, 3601, dtype=torch.double)
    x_0, x_t = torch.tensor(0.8).double(), torch.tensor(-0.5).double()
    before, beta = alpha_bar(BETAS)[step - 2], BETAS[step - 1]
    p = Normal(before.sqrt() * x_0, (1 - before).sqrt()).log_prob(x)
    p = (p + Normal((1 - beta).sqrt() * x, beta.sqrt()).log_prob(x_t)).softmax(0)
    mean, variance = posterior(x_0, x_t, betas=BETAS, step=step)
    torch.testing.assert_close(mean, (p * x).sum())
    torch.testing.assert_close(variance, (p * (x - mean) ** 2).sum())


def test_the_first_step_back_ends_in_the_clean_sound():
    x_0, x_t = torch.randn(2, 5, generator=rng())
    mean, variance = posterior(x_0.double(), x_t.double(), betas=BETAS, step=1)
    torch.testing.assert_close(mean, x_0.double())
    assert variance == 0


@pytest.mark.parametrize("step", [0, 7])
def test_steps_that_are_not_there_are_refused(step):
    with pytest.raises(ValueError, match="numbered from 1"):
        posterior(torch.zeros(3), torch.zeros(3), betas=BETAS, step=step)


@pytest.mark.parametrize("step", [2, 3, 6])
def test_a_weight_times_the_squared_error_is_the_divergence_of_the_step(step):
    x_0, noise, wrong = torch.tensor([0.7, -1.1, 0.4]).double()
    left = alpha_bar(BETAS)[step - 1]
    x_t = left.sqrt() * x_0 + (1 - left).sqrt() * noise
    guess = (x_t - (1 - left).sqrt() * wrong) / left.sqrt()
    (true, variance), (model, _) = (posterior(x, x_t, betas=BETAS, step=step) for x in (x_0, guess))
    found = kl_divergence(Normal(true, variance.sqrt()), Normal(model, variance.sqrt()))
    torch.testing.assert_close(bound_weights(BETAS)[step - 1] * (noise - wrong) ** 2, found)


def test_the_first_weight_is_that_of_a_normal_density_of_the_first_variance():
    x_0, noise, wrong = torch.tensor([0.7, -1.1, 0.4]).double()
    beta = BETAS[0]
    x_1 = (1 - beta).sqrt() * x_0 + beta.sqrt() * noise
    mean = (x_1 - beta.sqrt() * wrong) / (1 - beta).sqrt()
    density = Normal(mean, beta.sqrt())
    cost = density.log_prob(mean) - density.log_prob(x_0)
    torch.testing.assert_close(bound_weights(BETAS)[0] * (noise - wrong) ** 2, cost)


def test_a_step_with_the_true_noise_ends_on_the_same_line():
    x_0, noise = torch.randn(2, 4, generator=rng())
    x = ddim_step(0.6 * x_0 + 0.8 * noise, noise, here=(0.6, 0.8), there=(0.9, 0.2))
    torch.testing.assert_close(x, 0.9 * x_0 + 0.2 * noise)


def test_a_step_from_pure_noise_is_refused():
    with pytest.raises(ValueError, match="no signal"):
        ddim_step(torch.ones(2), torch.ones(2), here=(0.0, 1.0), there=(0.5, 0.5))


def at(x_0, noise, level):
    angle = torch.pi / 2 * level
    return torch.cat([angle.cos() * x_0 + angle.sin() * noise, level], dim=-1)


@pytest.mark.parametrize("level", [0.05, 0.5, 0.95])
def test_it_starts_as_the_best_linear_guess(level):
    variances = torch.tensor([4.0, 1.0, 0.01])
    network = seeded(lambda: NoiseNetwork(variances), 0)
    draws = torch.randn(2, 100_000, 3, generator=rng())
    x_0, noise = variances.sqrt() * draws[0], draws[1]
    inputs = at(x_0, noise, torch.full((100_000, 1), level))
    slope = (inputs[:, :3] * noise).mean(0) / inputs[:, :3].square().mean(0)
    guess = network(inputs) / inputs[:, :3]
    torch.testing.assert_close(guess, slope.expand_as(guess), atol=0.02, rtol=0.02)


def test_only_the_first_axes_are_corrected():
    settings = NoiseNetworkSettings(corrected=2, hidden=8)
    plain, other = (seeded(lambda: NoiseNetwork(torch.ones(5), settings), 0) for _ in range(2))
    torch.nn.init.normal_(other.layers[-1].weight, generator=rng())
    inputs = torch.rand(7, 6, generator=rng())
    apart = (plain(inputs) != other(inputs)).any(0)
    assert apart.tolist() == [True, True, False, False, False]


def test_the_level_decides():
    network = seeded(lambda: NoiseNetwork(torch.ones(4)), 0)
    torch.nn.init.normal_(network.layers[-1].weight, generator=rng())
    x = torch.randn(1, 4, generator=rng()).expand(2, 4)
    low, high = network(torch.cat([x, torch.tensor([[0.2], [0.7]])], dim=1))
    assert (low != high).all()


def test_an_axis_on_which_the_clean_sounds_are_equal_has_nothing_to_correct():
    network = seeded(lambda: NoiseNetwork(torch.tensor([1.0, 0.0])), 0)
    torch.nn.init.normal_(network.layers[-1].weight, generator=rng())
    noise = torch.randn(5, 2, generator=rng())
    found = network(at(torch.zeros(5, 2), noise, torch.full((5, 1), 0.5)))
    torch.testing.assert_close(found[:, 1], noise[:, 1])
    assert (found[:, 0] - noise[:, 0]).abs().min() > 1e-2
