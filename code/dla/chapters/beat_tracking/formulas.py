"""What the theory of the tempo prior predicts, as numbers.

Explained in analysis/beat-tracking/learned-priors.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks


def geometric_lambda(mean_change: float, interval: float) -> float:
    r"""Maximum-likelihood lambda on an endless grid of intervals.

    .. math:: \hat\lambda = \tau \operatorname{asinh}
        \frac{1}{\tau \bar d}

    (eq-beat-lambda-grid). Without any change it is infinite.

    Args:
        mean_change: :math:`\bar d`, mean of |next/this - 1|.
        interval: :math:`\tau`, frames per beat.

    >>> geometric_lambda(0.01, 25.0), geometric_lambda(0.0, 25.0)
    (52.4, inf)
    """
    if mean_change <= 0:
        return math.inf
    return interval * math.asinh(1 / (interval * mean_change))


def grid_hits(period: float, window: float) -> float:
    r"""Expected F-measure of a pulse of the right period, random phase.

    :math:`\min(1, 2\varepsilon/T)` (eq-beat-steady).

    Args:
        period: T, of the beats, in s.
        window: :math:`\varepsilon`, tolerance on either side, in s.

    >>> round(grid_hits(0.3, 0.07), 2)
    0.47
    """
    return min(1.0, 2 * window / period)


def log_odds(
    activation: Float[Tensor, "*shape"],
    observation_lambda: float = 16.0,
) -> Float[Tensor, "*shape"]:
    r"""What a frame is worth to a path that has a beat there, in nat.

    .. math:: L(a) = \log \frac{(\Lambda - 1)\, a}{1 - a}

    (def-beat-odds). Zero at :math:`a = 1/\Lambda` (eq-beat-neutral).

    >>> log_odds(torch.tensor([1 / 16, 0.5]))
    tensor([0.0000, 2.7081])
    """
    activation = checks.as_floats("activation", activation)
    return torch.logit(activation) + math.log(observation_lambda - 1)


def critical_activation(
    strong: float,
    interval: int,
    observation_lambda: float = 16.0,
) -> float:
    r"""Weak-beat activation at which the decoder changes level.

    Below it the path of half the tempo is the more probable one
    (eq-beat-octave-point):

    .. math:: L(a_{\text{weak}}) =
        \frac{W_{2\tau} - W_\tau}{W_\tau} \, L(a_{\text{strong}})

    Args:
        strong: :math:`a_{\text{strong}}`, activation around strong beats.
        interval: :math:`\tau`, of the faster path, in frames.
        observation_lambda: :math:`\Lambda`.

    >>> round(critical_activation(0.95, 18), 2)
    0.53
    """
    width = math.ceil(interval / observation_lambda)
    double = math.ceil(2 * interval / observation_lambda)
    worth = float(log_odds(torch.tensor(strong), observation_lambda))
    needed = (double - width) / width * worth
    odds = math.exp(needed) / (observation_lambda - 1)
    return odds / (1 + odds)
