r"""Five parameters of evidence and prior, fitted separately or together.

The temperature, the scale, the leap, the switch and the score of
"unvoiced", as numbers on the whole line. Used in analysis/melody/paths.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla.decoders import chain
from dla.decoders.pitch_viterbi import with_unvoiced

STEP = 100.0  # cents between two pitches
START = (-3.0, 3.0, -3.0, -3.0, -0.6)
Parts = Sequence[
    tuple[Float[Tensor, "frame pitch"], Int[Tensor, "frame"]]
]  # scores, and the true state of each frame; the last is "unvoiced"


def model(
    theta: Float[Tensor, "5"], pitches: int
) -> tuple[Callable[[Tensor], Tensor], Float[Tensor, "state state"]]:
    """Scores of the states, and log-transitions (def-melody-transition).

    Args:
        theta: logarithms of temperature and scale (cents), logits of
            leap and switch, score of "unvoiced" before the temperature.
        pitches: of the grid.
    """
    kappa, scale = theta[0].exp(), theta[1].exp()
    leap, switch = theta[2].sigmoid(), theta[3].sigmoid()
    cents = STEP * torch.arange(pitches, dtype=theta.dtype)
    near = torch.softmax(-(cents[:, None] - cents).abs() / scale, -1)
    move = (1 - switch) * ((1 - leap) * near + leap / pitches)
    begins = (switch / pitches).expand(1, pitches)
    transition = torch.cat(
        [
            torch.cat([move, switch.expand(pitches, 1)], 1),
            torch.cat([begins, (1 - switch).view(1, 1)], 1),
        ]
    )
    return (
        lambda s: with_unvoiced(s, theta[4]) / kappa,
        transition.log(),
    )


def of_paths(
    theta: Float[Tensor, "5"], parts: Parts
) -> Float[Tensor, ""]:
    """Log-likelihood of the true paths, in nat a frame."""
    emit, transition = model(theta, parts[0][0].shape[-1])
    total = sum(
        chain.path_score(y, emit(s), transition)
        - chain.log_partition(emit(s), transition)
        for s, y in parts
    )
    return total / sum(len(y) for _, y in parts)


def of_frames(
    theta: Float[Tensor, "5"], parts: Parts
) -> Float[Tensor, ""]:
    """Log-likelihood of the true states, each frame by itself."""
    emit, _ = model(theta, parts[0][0].shape[-1])
    log_p = torch.cat([emit(s).log_softmax(-1) for s, _ in parts])
    y = torch.cat([y for _, y in parts])
    return log_p.gather(-1, y[:, None]).mean()


def of_steps(
    theta: Float[Tensor, "5"], parts: Parts
) -> Float[Tensor, ""]:
    """Log-likelihood of the steps of the true paths, each by itself."""
    _, transition = model(theta, parts[0][0].shape[-1])
    steps = [transition[y[:-1], y[1:]] for _, y in parts]
    return torch.cat(steps).mean()


def fit(
    theta: Float[Tensor, "5"], parts: Parts, *criteria: Callable
) -> Float[Tensor, "5"]:
    """The parameters that maximise a sum of criteria (40 steps, L-BFGS)."""
    theta = theta.clone().requires_grad_()
    optimiser = torch.optim.LBFGS(
        [theta], max_iter=40, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = -sum(c(theta, parts) for c in criteria)
        value.backward()
        return value

    optimiser.step(loss)
    return theta.detach()
