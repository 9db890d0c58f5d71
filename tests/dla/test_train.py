"""Laws of training: side by side is one by one, and nothing is left to chance."""

import pytest
import torch
from torch import nn

from dla.train import Recipe, clip_each, seeded, train


def starts(count: int) -> list[nn.Module]:
    def make():
        return nn.Sequential(nn.Linear(3, 5), nn.LayerNorm(5), nn.Linear(5, 1)).double()

    return [seeded(make, seed) for seed in range(count)]


def data(models: int, step: int):
    rng = torch.Generator().manual_seed(step)
    inputs = torch.randn(3, 8, 3, generator=rng, dtype=torch.float64)[:models]
    return inputs, inputs.sum(-1, keepdim=True) ** 2


def squared(outputs, targets):
    return (outputs - targets).square().mean((1, 2))


def states(models):
    return [p for m in models for p in m.state_dict().values()]


def test_side_by_side_is_one_by_one():
    together, history = train(starts(3), lambda s: data(3, s), squared, Recipe(20))
    for k, start in enumerate(starts(3)):
        (alone,), losses = train(
            [start], lambda s, k=k: tuple(x[k : k + 1] for x in data(3, s)), squared, Recipe(20)
        )
        torch.testing.assert_close(losses[:, 0], history[:, k])
        torch.testing.assert_close(states([alone]), states([together[k]]))


@pytest.mark.parametrize("max_norm", [0.1, 1e6])
def test_is_adamw_with_clipping_and_the_recipes_rates(max_norm):
    recipe = Recipe(15, max_norm=max_norm)
    (trained,), history = train(starts(1), lambda s: data(1, s), squared, recipe)
    (model,) = starts(1)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=recipe.weight_decay)
    for step in range(recipe.steps):
        inputs, targets = data(1, step)
        loss = squared(model(inputs[0])[None], targets)[0]
        torch.testing.assert_close(loss.detach(), history[step, 0])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), recipe.max_norm)
        optimizer.param_groups[0]["lr"] = recipe.rate(step)
        optimizer.step()
    torch.testing.assert_close(states([trained]), states([model]))


def test_same_seed_same_result_to_the_last_bit():
    first, second = (train(starts(2), lambda s: data(2, s), squared, Recipe(10)) for _ in range(2))
    assert torch.equal(first[1], second[1])
    assert all(torch.equal(a, b) for a, b in zip(states(first[0]), states(second[0]), strict=True))


def test_learns_and_leaves_the_given_models_alone():
    models = starts(2)
    _, history = train(models, lambda s: data(2, 0), squared, Recipe(200, learning_rate=0.02))
    assert (history[-1] < 0.2 * history[0]).all()
    assert all(torch.equal(a, b) for a, b in zip(states(models), states(starts(2)), strict=True))


def test_each_gradient_is_clipped_by_its_own_norm():
    parameters = [torch.zeros(2, 3), torch.zeros(2, 2, 2)]
    for p, rows in zip(parameters, ([[3.0], [0.01]], [[[4.0]], [[0.02]]]), strict=True):
        p.grad = torch.tensor(rows).expand_as(p).clone()
    before = [p.grad.clone() for p in parameters]
    clip_each(parameters, 1.0)
    norms = [torch.cat([p.grad[k].flatten() for p in parameters]).norm() for k in range(2)]
    torch.testing.assert_close(norms[0], torch.tensor(1.0))
    assert torch.equal(parameters[0].grad[1], before[0][1])
    assert torch.equal(parameters[1].grad[1], before[1][1])


def test_the_rate_rises_to_its_peak_and_falls_to_nearly_nothing():
    recipe = Recipe(100, learning_rate=2.0, warm_up=0.2)
    rates = [recipe.rate(step) for step in range(100)]
    assert rates.index(max(rates)) == 19 and max(rates) == 2.0
    assert rates[:20] == sorted(rates[:20]) and rates[19:] == sorted(rates[19:], reverse=True)
    assert 0 < rates[-1] < 0.01


def test_watching_sees_the_outputs_before_each_step_and_changes_nothing():
    probe, seen = data(2, 99)[0], []

    def watch(step, predict):
        seen.append((step, predict(probe)))

    watched, _ = train(starts(2), lambda s: data(2, s), squared, Recipe(5), watch=watch)
    unwatched, _ = train(starts(2), lambda s: data(2, s), squared, Recipe(5))
    assert [step for step, _ in seen] == [0, 1, 2, 3, 4]
    expected = torch.stack([m(x) for m, x in zip(starts(2), probe, strict=True)])
    torch.testing.assert_close(seen[0][1], expected)
    assert not seen[0][1].requires_grad
    assert all(torch.equal(a, b) for a, b in zip(states(watched), states(unwatched), strict=True))


def test_stops_at_a_loss_that_is_not_a_number():
    with pytest.raises(FloatingPointError, match="nan.* at step 0"):
        train(starts(2), lambda s: data(2, s), lambda o, t: squared(o, t) * torch.nan, Recipe(3))
