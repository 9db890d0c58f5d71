"""Training for a fixed number of steps, several models side by side.

Not a trainer of Lightning's kind, because a page shows the whole loop on one screen and trains its
seeds side by side.

Used in decomposition/permutation-invariant-training.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state


@dataclass(frozen=True)
class Recipe:
    """How to train; the same for all models side by side."""

    steps: int  # a number of steps, never a time
    learning_rate: float = 3e-3  # at its peak
    warm_up: float = 0.1  # share of the steps before the peak
    weight_decay: float = 1e-2
    max_norm: float = 1.0  # of each model's gradient

    def rate(self, step: int) -> float:
        """Learning rate: a straight line up, half a cosine down.

        >>> [round(1e3 * Recipe(20).rate(k), 2) for k in (0, 1, 2, 19)]
        [1.5, 3.0, 2.98, 0.02]
        """
        rise = max(1, round(self.warm_up * self.steps))
        if step < rise:
            return self.learning_rate * (step + 1) / rise
        done = (step + 1 - rise) / (self.steps - rise + 1)
        return self.learning_rate * (1 + cos(pi * done)) / 2


def train(
    models: Sequence[nn.Module],
    draw: Callable[[int], tuple[Tensor, Tensor]],
    loss: Callable[[Tensor, Tensor], Tensor],
    recipe: Recipe,
    *,
    watch: Callable[[int, Callable[[Tensor], Tensor]], None]
    | None = None,
    until: int | None = None,
) -> tuple[list[nn.Module], Float[Tensor, "step model"]]:
    """Train models of one architecture side by side.

    Their parameters are stacked and the forward pass is mapped over
    the stack (`torch.func`), so that many small matrix products become
    few large ones. The models do not touch each other: each has its
    own data, loss, gradient and norm, and ends where it would have
    ended alone, up to rounding.

    Args:
        models: seeds or arms of an experiment, left as they are.
        draw: takes the step, returns inputs and targets, both
            starting with the axis "model".
        loss: takes outputs and targets (both "model ..."), returns
            one loss per model.
        recipe: the same for all.
        watch: called before every step with the step and a function
            from inputs to the present outputs, to look at the models
            while they learn.
        until: stop after so many steps of the recipe, to look at its
            beginning; without it, after all.

    Returns:
        The trained models and the loss of each before every step.

    Raises:
        FloatingPointError: a loss is no longer finite.
    """
    parameters, buffers = stack_module_state(list(models))
    skeleton = copy.deepcopy(models[0])

    def one(parameters, buffers, inputs):
        return functional_call(
            skeleton, (parameters, buffers), (inputs,)
        )

    optimizer = torch.optim.AdamW(
        parameters.values(),
        weight_decay=recipe.weight_decay,
        fused=True,
    )

    def predict(inputs):
        if len(models) > 1:
            return torch.vmap(one)(parameters, buffers, inputs)
        alone = [
            {name: stacked[0] for name, stacked in state.items()}
            for state in (parameters, buffers)
        ]
        return one(*alone, inputs[0]).unsqueeze(0)  # faster alone

    history = []
    for step in range(recipe.steps if until is None else until):
        if watch is not None:
            with torch.no_grad():
                watch(step, predict)
        inputs, targets = draw(step)
        outputs = predict(inputs)
        losses = loss(outputs, targets)
        if not losses.isfinite().all():
            raise FloatingPointError(
                f"losses {losses.tolist()} at step {step}"
            )
        optimizer.zero_grad()
        losses.sum().backward()
        clip_each(parameters.values(), recipe.max_norm)
        optimizer.param_groups[0]["lr"] = recipe.rate(step)
        optimizer.step()
        history.append(losses.detach())
    return unstack(models, parameters, buffers), torch.stack(history)


def clip_each(parameters, max_norm: float) -> None:
    """Shorten each model's gradient to a norm, in place.

    Args:
        parameters: stacked, first axis "model", with gradients.
        max_norm: longest gradient that is left alone.
    """
    gradients = [p.grad for p in parameters]
    squares = [g.flatten(1).square().sum(1) for g in gradients]
    norm = torch.stack(squares).sum(0).sqrt()
    scale = (max_norm / (norm + 1e-6)).clamp(max=1.0)
    for g in gradients:
        g.mul_(scale.view(-1, *[1] * (g.ndim - 1)))


def unstack(models, parameters, buffers) -> list[nn.Module]:
    """Copies of the models with their rows of the stacked tensors."""
    trained = [copy.deepcopy(m) for m in models]
    for index, model in enumerate(trained):
        state = {
            name: stacked[index].detach().clone()
            for name, stacked in {**parameters, **buffers}.items()
        }
        model.load_state_dict(state)
    return trained


def seeded(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    """A new model whose random start a seed decides.

    Modules draw their start from torch's global generator; it is left
    as it was.

    >>> seeded(lambda: nn.Linear(1, 1), 0).bias
    Parameter containing:
    tensor([0.5364], requires_grad=True)
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()
