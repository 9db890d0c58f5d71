"""Contrast: find what belongs here among what was elsewhere.

Explained in overview/speech/ideas.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dla import checks


def contrast(
    guess: Float[Tensor, "*batch place feature"],
    truth: Float[Tensor, "*batch place feature"],
    *,
    hidden: Bool[Tensor, "*batch place"],
    temperature: float = 0.1,
) -> Float[Tensor, "*batch"]:
    r"""Cross-entropy of naming the place that a guess was made for.

    The InfoNCE loss (van den Oord et al., 2018; def-speech-contrast).
    Scores are cosines over the temperature; candidates are all hidden
    places of the same excerpt.

    Args:
        guess: of each place, from what surrounds it.
        truth: what was there.
        hidden: which places count, one or more in each excerpt.
        temperature: of the softmax.

    Raises:
        ValueError: shapes differ, or an excerpt hides nothing.

    >>> x = torch.eye(4)[None]
    >>> all_of_it = torch.ones(1, 4, dtype=torch.bool)
    >>> contrast(x, x, hidden=all_of_it) < 1e-3
    tensor([True])
    """
    checks.refuse_different_shapes(guess=guess, truth=truth)
    if not hidden.any(-1).all():
        raise ValueError("an excerpt hides no place: nothing to find")
    guess, truth = (
        torch.nn.functional.normalize(
            checks.as_floats(name, x), dim=-1, eps=1e-6
        )
        for name, x in (("guess", guess), ("truth", truth))
    )
    score = guess @ truth.mT / temperature
    score = score.masked_fill(~hidden[..., None, :], -math.inf)
    found = score.log_softmax(-1).diagonal(dim1=-2, dim2=-1)
    lost = torch.where(hidden, -found, torch.zeros_like(found))
    return lost.sum(-1) / hidden.sum(-1)
