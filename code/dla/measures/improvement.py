"""What a separation gained over doing nothing.

Explained in decomposition/permutation-invariant-training.
"""

from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.losses.pit import pairwise_loss, pit
from dla.losses.si_sdr import si_sdr


def si_sdr_improvement(
    estimates: Float[Tensor, "*batch estimate time"],
    sources: Float[Tensor, "*batch source time"],
    *,
    best_order: bool = True,
) -> Float[Tensor, "*batch"]:
    r"""SI-SDR over that of the mixture, in dB, mean over the sources.

    The mixture is the sum of the sources; it is what a separator
    returns that does nothing.

    Args:
        estimates: :math:`\hat s_i`, as many as sources.
        sources: :math:`s_j`, none silent.
        best_order: give each estimate the source that suits the
            mixture as a whole best; otherwise the source of its own
            number.

    Raises:
        ValueError: signals that are not finite, or a silent source.

    >>> import torch
    >>> pair = torch.tensor([[1.0, -1, 1, -1], [1, 1, -1, -1]])
    >>> si_sdr_improvement(pair.flip(0) + 0.1 * pair, pair)
    tensor(20.00)
    """
    estimates = checks.as_sound("estimates", estimates, shortest=2)
    sources = checks.as_sound("sources", sources, shortest=2)
    checks.refuse_non_finite(estimates=estimates, sources=sources)
    checks.refuse_silence(sources=sources)
    pairwise = pairwise_loss(si_sdr, estimates, sources)
    if best_order:
        score = -pit(-pairwise)[0]
    else:
        score = pairwise.diagonal(dim1=-2, dim2=-1).mean(-1)
    mixture = sources.sum(-2, keepdim=True).expand_as(sources)
    return score - si_sdr(mixture, sources).mean(-1)
