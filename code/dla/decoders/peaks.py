"""Peaks of an activation: the decoder that knows nothing of tempo.

Explained in analysis/beat-tracking.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from dla import checks


def pick_peaks(
    activation: Float[Tensor, "frame"],
    *,
    frame_rate: float,
    threshold: float = 0.5,
    distance: float = 0.1,
) -> Float[Tensor, "peak"]:
    r"""Times of the frames that stand out from their neighbourhood.

    Frame m is a peak if its value is at least the threshold, larger
    than the d values before it and not smaller than the d values after
    it: of equal values the first, never two within d frames.

    Args:
        activation: one value per frame.
        frame_rate: frames per second.
        threshold: smallest value of a peak.
        distance: d / frame_rate, in s; at least one frame is used.

    Returns:
        in s, ascending; frame m is at m / frame_rate.

    Raises:
        ValueError: a value that is not finite, a row too many, or a
            distance or a rate that is not positive.

    >>> activation = torch.tensor([0.1, 0.9, 0.9, 0.2, 0.4, 0.7])
    >>> pick_peaks(activation, frame_rate=10.0, distance=0.2)
    tensor([0.1000, 0.5000], dtype=torch.float64)
    """
    checks.refuse_other_axes("activation", activation, "frame")
    activation = checks.as_floats("activation", activation)
    checks.refuse_non_finite(activation=activation)
    if frame_rate <= 0 or distance <= 0:
        raise ValueError(
            f"frame rate {frame_rate} and distance {distance} s "
            "have to be positive"
        )
    reach = max(1, round(distance * frame_rate))
    around = pad(activation, (reach, reach), value=-torch.inf)
    windows = around.unfold(0, reach, 1)  # windows[m] starts at m - d
    before = windows[: len(activation)].amax(1)
    after = windows[reach + 1 :].amax(1)
    peaks = (activation > before) & (activation >= after)
    peaks &= activation >= threshold
    return peaks.nonzero()[:, 0].double() / frame_rate
