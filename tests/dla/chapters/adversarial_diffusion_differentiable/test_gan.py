"""Small adversarial networks side by side: what is equal, what is independent, what is learned."""

import pytest
import torch
from torch.testing import assert_close

from dla.chapters.adversarial_diffusion_differentiable import gan

SMALL = gan.GANSettings(latent=2, hidden=8, samples=2, batch=16, lead=20)


def cloud():
    g = torch.Generator().manual_seed(0)
    return torch.tensor([2.0, -1.0]) + 0.3 * torch.randn(200, 2, generator=g)


def made(losses, seeds, **options):
    settings, far = options.pop("settings", SMALL), options.pop("far", 0.0)
    G = gan.train(cloud() + far, losses=losses, seeds=seeds, settings=settings, **options)
    z = torch.randn(1, 500, 2, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return G(z.expand(len(losses) * len(seeds), -1, -1))


def test_a_seed_trained_among_others_ends_where_it_ends_alone():
    together = made(["saturating", "non-saturating"], [3, 4], steps=10)
    alone = made(["non-saturating"], [4], steps=10)
    assert_close(together[3], alone[0], atol=1e-4, rtol=1e-3)
    assert not torch.allclose(together[2], alone[0], atol=1e-2)


def test_one_seed_starts_alike_under_each_loss():
    start = made(["saturating", "least squares"], [5], steps=0)
    assert torch.equal(start[0], start[1])
    later = made(["saturating", "least squares"], [5], steps=5)
    assert not torch.equal(later[0], later[1])


@pytest.mark.parametrize("loss", list(gan.GENERATOR_LOSS))
def test_a_generator_finds_a_cloud(loss):
    quick = gan.GANSettings(latent=2, hidden=8, samples=2, batch=16, lead=20, rate=5e-3)
    before, after = (
        (made([loss], [0, 1], steps=steps, settings=quick).mean(1) - cloud().mean(0)).norm()
        for steps in (0, 300)
    )
    assert after < before / 3


def test_each_loss_of_the_generator_falls_where_the_logit_rises():
    logit = torch.linspace(-6, 0.9, 50, requires_grad=True)
    for loss in gan.GENERATOR_LOSS.values():
        (slope,) = torch.autograd.grad(loss(logit).sum(), logit)
        assert (slope < 0).all()


@pytest.mark.parametrize(("kind", "best"), [("saturating", 0.0), ("least squares", 0.5)])
def test_a_discriminator_that_cannot_tell_does_best_in_the_middle(kind, best):
    logits = torch.linspace(-3, 3, 601)
    values = torch.stack([gan.discriminator_loss(l[None], l[None], kind) for l in logits])
    assert logits[values.argmin()].item() == pytest.approx(best, abs=1e-5)


def test_without_adam_a_generator_without_slope_stays_where_it_is():
    hard = gan.GANSettings(latent=2, hidden=8, samples=2, batch=16, lead=600, rate=1e-2)
    start, end = (
        made(["saturating"], [0], steps=k, plain=True, settings=hard, far=20.0) for k in (0, 20)
    )
    other = made(["non-saturating"], [0], steps=20, plain=True, settings=hard, far=20.0)
    assert (end - start).norm() < 0.05 * (other - start).norm()


def test_watch_sees_each_step_and_the_end():
    steps = []
    made(["saturating"], [0], steps=3, watch=lambda step, G, D: steps.append(step))
    assert steps == [0, 1, 2, 3]
