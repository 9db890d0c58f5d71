r"""Linear-chain conditional random field over the frames of a network.

Explained in analysis/chords. The network scores states, the field adds
scores of transitions, and one normalisation over all paths makes a
probability of a whole path:

.. math::
    \log p(y \mid x) = \text{score}(y, x) - \log Z(x)

(eq-chords-crf). Lafferty, McCallum, Pereira (2001).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from dla.decoders import chain


class LinearChainCRF(nn.Module):
    """Scores of transitions and of beginnings, learned with a network.

    Both begin at zero: then frames are independent, and the loss is
    the cross-entropy summed over the frames.

    Args:
        states: how many.
    """

    def __init__(self, states: int):
        super().__init__()
        self.transition = nn.Parameter(
            torch.zeros(states, states)
        )  # from, to
        self.initial = nn.Parameter(torch.zeros(states))

    def forward(
        self,
        emission: Float[Tensor, "*batch frame state"],
        states: Int[Tensor, "*batch frame"],
    ) -> Float[Tensor, "*batch"]:
        r"""Log probability of a path, given the scores of a network.

        Its gradient is a difference: what the path has, minus what the
        field expects (eq-chords-gradient).

        Args:
            emission: scores of the network (logits, not normalised).
            states: the path.

        Raises:
            ValueError: as :func:`dla.decoders.chain.path_score`.

        >>> crf = LinearChainCRF(2)
        >>> crf(torch.zeros(3, 2), torch.tensor([0, 1, 1])).exp()
        tensor(0.1250, dtype=torch.float64, grad_fn=<ExpBackward0>)
        """
        score = chain.path_score(
            states, emission.double(), *self._scores()
        )
        return score - chain.log_partition(emission, *self._scores())

    def posterior(
        self, emission: Float[Tensor, "*batch frame state"]
    ) -> Float[Tensor, "*batch frame state"]:
        """Probability of each state in each frame."""
        return chain.marginals(emission, *self._scores()).states

    def decode(
        self, emission: Float[Tensor, "*batch frame state"]
    ) -> Int[Tensor, "*batch frame"]:
        """The most probable path."""
        return chain.viterbi(emission, *self._scores()).states

    def _scores(self) -> tuple[Tensor, Tensor]:
        return self.transition.double(), self.initial.double()
