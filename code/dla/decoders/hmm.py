"""Hidden Markov model: probabilities of states, from what is observed.

Explained in analysis/chords. A thin layer over
:mod:`dla.decoders.chain`: probabilities come in, their logarithms are
the scores.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla.decoders import chain


@dataclass(frozen=True)
class HMM:
    """Where a path begins and how it goes on."""

    transition: Float[
        Tensor, "state state"
    ]  # from, to; rows sum to one
    initial: Float[Tensor, "state"]  # sums to one

    def __post_init__(self):
        for name in ("transition", "initial"):
            rows = getattr(self, name)
            sums = rows.sum(-1)
            if (rows < 0).any() or not torch.allclose(
                sums, torch.ones_like(sums), atol=1e-4
            ):
                raise ValueError(
                    f"{name} {tuple(rows.shape)} holds no distribution: its least value is "
                    f"{float(rows.min()):.3g}, its sums are {float(sums.min()):.3g} to "
                    f"{float(sums.max()):.3g}; did you pass logarithms, or [to, from]?"
                )

    def log_likelihood(
        self, emission: Float[Tensor, "*batch frame state"]
    ) -> Float[Tensor, "*batch"]:
        r"""Log probability of what was observed, over all paths, in nat.

        Args:
            emission: :math:`\log p(x_n \mid y_n = j)`.
        """
        return chain.log_partition(
            emission, self.transition.log(), self.initial.log()
        )

    def posterior(
        self, emission: Float[Tensor, "*batch frame state"]
    ) -> Float[Tensor, "*batch frame state"]:
        """Probability of each state in each frame, given all frames."""
        return chain.marginals(
            emission, self.transition.log(), self.initial.log()
        ).states

    def decode(
        self, emission: Float[Tensor, "*batch frame state"]
    ) -> Int[Tensor, "*batch frame"]:
        """The most probable path (Viterbi)."""
        return chain.viterbi(
            emission, self.transition.log(), self.initial.log()
        ).states


def sticky(states: int, stay: float) -> HMM:
    r"""The model that knows only that a state lasts.

    It stays with probability :math:`p` and goes to each other state
    with :math:`(1 - p)/(K - 1)`, so that a state lasts
    :math:`1/(1-p)` frames on average; it begins anywhere
    (analysis/chords/sequences).

    Args:
        states: :math:`K`, two or more.
        stay: :math:`p`.

    Raises:
        ValueError: fewer than two states, or no probability.

    >>> sticky(3, 0.8).transition
    tensor([[0.8000, 0.1000, 0.1000],
            [0.1000, 0.8000, 0.1000],
            [0.1000, 0.1000, 0.8000]], dtype=torch.float64)
    """
    if states < 2 or not 0 <= stay <= 1:
        raise ValueError(
            f"{states} states that stay with probability {stay}: expected two or more, and 0 to 1"
        )
    transition = torch.full(
        (states, states), (1 - stay) / (states - 1), dtype=torch.float64
    )
    transition.fill_diagonal_(stay)
    return HMM(
        transition,
        torch.full((states,), 1 / states, dtype=torch.float64),
    )
