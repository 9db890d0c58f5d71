"""Laws of the axes, arms and measures of noise prediction on periods."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from dla.chapters.adversarial_diffusion_differentiable import denoising
from dla.models.diffusion import alpha_bar, bound_weights, linear_betas, posterior

BETAS = linear_betas(20, first=0.01, last=0.5)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


CLEAN = torch.randn(300, 6, generator=rng()) @ torch.randn(6, 6, generator=rng(1)) + 2.0
AXES = denoising.principal_axes(CLEAN)


def test_on_its_axes_the_data_are_uncorrelated_and_nothing_is_lost():
    turned = AXES.turn(CLEAN)
    torch.testing.assert_close(
        torch.cov(turned.mT), torch.diag(AXES.variances), atol=1e-4, rtol=1e-4
    )
    torch.testing.assert_close(AXES.back(turned), CLEAN, atol=1e-4, rtol=1e-4)
    assert (AXES.variances.diff() <= 0).all()


def arms(count=4000):
    inputs, targets = denoising.batches(CLEAN, BETAS, seeds=1, count=count)(0)
    levels, eps = inputs[..., -1], targets[..., :-1]
    weights = targets[..., -1]
    return dict(zip(denoising.ARMS, zip(levels, weights, eps, strict=True), strict=True))


def test_all_arms_have_the_same_noise():
    noises = [eps for _, _, eps in arms().values()]
    assert all(torch.equal(noises[0], other) for other in noises[1:])


def test_a_factor_and_more_visits_have_the_same_expected_loss():
    error = {  # any function of the level
        name: (weights * (levels + 0.1)).mean() for name, (levels, weights, _) in arms().items()
    }
    torch.testing.assert_close(error["weighted"], error["visits"], rtol=5e-3, atol=0)
    assert abs(error["unweighted"] / error["visits"] - 1) > 0.1


def test_levels_are_visited_as_the_weights_ask():
    left = alpha_bar(BETAS)
    first = 2 / math.pi * left[0].sqrt().acos().float()
    share = (arms()["visits"][0] - first).abs().lt(1e-6).float().mean()
    w = bound_weights(BETAS)
    assert share.item() == pytest.approx((w[0] / w.sum()).item(), abs=2e-3)


def test_the_weight_of_flow_matching_makes_a_velocity_of_the_noise():
    levels, weights, _ = arms()["flow"]
    angle = torch.pi / 2 * levels
    tau = angle.sin() / (angle.sin() + angle.cos())
    torch.testing.assert_close(weights, 1 / (1 - tau).square(), rtol=1e-2, atol=0)


def test_batches_follow_from_the_step():
    draw = denoising.batches(CLEAN, BETAS, seeds=2, count=3)
    assert torch.equal(draw(4)[0], draw(4)[0])
    assert not torch.equal(draw(4)[0], draw(5)[0])


def test_the_error_is_weighted_item_by_item():
    outputs = torch.zeros(1, 2, 2)
    targets = torch.tensor([[[1.0, 1.0, 3.0], [2.0, 0.0, 0.5]]])
    torch.testing.assert_close(denoising.weighted_error(outputs, targets), torch.tensor([2.0]))


def test_samples_of_the_linear_guess_have_the_covariance_of_the_data():
    made = denoising.sample(
        denoising.linear_guess(AXES.variances), AXES, count=20_000, seed=0, steps=200
    )
    torch.testing.assert_close(made.mean(0), AXES.mean, atol=0.1, rtol=0.05)
    spread = AXES.turn(made).var(0) / AXES.variances
    torch.testing.assert_close(spread, torch.ones(6), atol=0.1, rtol=0)


def test_samples_of_the_training_mean_are_training_sounds():
    predict = denoising.training_mean(AXES.turn(CLEAN))
    made = denoising.sample(predict, AXES, count=50, seed=0)
    assert torch.cdist(made, CLEAN).amin(1).max() < 1e-2


def test_the_training_mean_is_bayes_rule_over_the_training_sounds():
    clean = torch.tensor([[-1.0], [2.0]])
    x, a, b = torch.tensor([[0.3]]), 0.8, 0.6
    p = torch.exp(-((x - a * clean) ** 2) / (2 * b**2))
    expected = (p * (x - a * clean) / b).sum() / p.sum()
    level = torch.tensor([[2 / math.pi * math.atan2(b, a)]])
    found = denoising.training_mean(clean)(torch.cat([x, level], 1))
    torch.testing.assert_close(found.squeeze(), expected)


def test_the_bound_is_the_sum_of_the_divergences_of_its_steps():
    variances = torch.tensor([2.0, 0.5])
    clean = variances.sqrt() * torch.randn(20_000, 2, generator=rng())
    betas, left = BETAS[::4], alpha_bar(BETAS[::4])
    predict, g = denoising.linear_guess(variances), rng(99)  # the same noises
    end = Normal(left[-1].sqrt() * clean, (1 - left[-1]).sqrt().expand(clean.shape))
    nats = kl_divergence(end, Normal(torch.zeros(2), torch.ones(2)).expand(clean.shape))
    for step, kept in enumerate(left.float(), start=1):
        a, b = kept.sqrt(), (1 - kept).sqrt()
        eps = torch.randn(clean.shape, generator=g)
        level = torch.full((len(clean), 1), 2 / math.pi * float(torch.atan2(b, a)))
        x_t = a * clean + b * eps
        guess = (x_t - b * predict(denoising.noisy(clean, eps, level))) / a
        true, variance = posterior(clean, x_t, betas=betas, step=step)
        model, _ = posterior(guess, x_t, betas=betas, step=step)
        if step == 1:
            nats = nats - Normal(model, betas[0].sqrt()).log_prob(clean)
        else:
            nats = nats + kl_divergence(
                Normal(true, variance.sqrt()), Normal(model, variance.sqrt())
            )
    bits = denoising.bound_bits(predict, clean, betas, seed=99)
    torch.testing.assert_close(bits.double(), nats.mean().double() / math.log(2), atol=1e-3, rtol=0)
    entropy = (variances.log2() + math.log2(2 * math.pi * math.e)).mean() / 2
    assert bits > entropy


def test_levels_are_those_of_the_harmonics_and_have_a_floor():
    n = torch.arange(64)
    x = torch.cos(2 * torch.pi * 3 * n / 64) + 0.1 * torch.cos(2 * torch.pi * 5 * n / 64)
    levels = denoising.harmonic_levels(x[None])[0]
    expected = torch.full((16,), -40.0)
    expected[2], expected[4] = 0.0, -20.0
    torch.testing.assert_close(levels, expected, atol=1e-3, rtol=0)
