"""Performances with a tempo curve, and activations planted on their beats.

The activation's errors are drawn and do not depend on the tempo.
Explained in analysis/beat-tracking/priors.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.chapters.beat_tracking.features import FRAME_RATE
from dla.scores.tempo import TempoCurve, tempo_points
from dla.spectral.tempogram import fourier_tempogram

ROUNDING = 1e-4  # magnitude; tempograms of probabilities have about 1


def played(
    curve: str, *, bpm: float, beats: int, rng: np.random.Generator
) -> Float[Tensor, "beat"]:
    """Beat times of a performance, the first after half a second.

    Args:
        curve: "steady", "accelerando", "rubato", "fermata", ...: see
            `dla.scores.tempo.tempo_points`.
        bpm: tempo in beats per minute that the curve starts from.
        beats: how many.
        rng: for the curves that are random.

    Raises:
        ValueError: no such curve.

    >>> rng = np.random.default_rng(0)
    >>> played("steady", bpm=120.0, beats=3, rng=rng)
    tensor([0.5000, 1.0000, 1.5000], dtype=torch.float64)
    """
    places = np.arange(beats)
    points = tempo_points(curve, bpm, places, 1.0, rng)
    return 0.5 + torch.from_numpy(TempoCurve(points).time(places))


@dataclass(frozen=True)
class Flaws:
    """What is wrong with a planted activation. Chances per beat."""

    missing: float = 0.15  # a beat without a peak
    extra: float = 0.35  # a peak half-way to the next beat
    jitter: float = 0.01  # s, standard deviation of all peaks
    least: float = 0.35  # heights are uniform from here to 1 ...
    weaker: float = 0.8  # ... times this for extra peaks
    width: float = 0.02  # s, standard deviation of a peak's shape
    floor: float = 0.05  # standard deviation of noise everywhere


def plant_activation(
    beats: Float[Tensor, "beat"],
    *,
    generator: torch.Generator,
    flaws: Flaws = Flaws(),
    frame_rate: float = FRAME_RATE,
) -> Float[Tensor, "frame"]:
    """An activation with known errors, one second past the last beat.

    Every beat gets a peak of random height or none, every gap between
    two beats perhaps a false one in its middle. The same numbers are
    drawn for the same number of beats, whatever their times: two
    performances of one piece have the same errors.

    Args:
        beats: times in s.
        generator: source of the randomness; it advances.
        flaws: how many errors of which kind.
        frame_rate: in frames per second.

    Returns:
        Probabilities, from 0.001 to 0.999.

    Raises:
        ValueError: fewer than two beats, or times that do not ascend.

    >>> g = torch.Generator().manual_seed(0)
    >>> none = Flaws(
    ...     missing=0.0, extra=0.0, jitter=0.0, least=1.0, floor=0.0
    ... )
    >>> beats = torch.tensor([0.5, 1.0])
    >>> a = plant_activation(beats, generator=g, flaws=none)
    >>> a[[25, 26, 37, 50]]
    tensor([0.999, 0.607, 0.001, 0.999])
    """
    count = len(beats)
    if count < 2:
        raise ValueError(f"{count} beats: a gap takes two")
    checks.refuse_unsorted(beats=beats)
    chance, height, late = (
        torch.rand(2, count, generator=generator, dtype=torch.float64),
        torch.rand(2, count, generator=generator, dtype=torch.float64),
        torch.randn(2, count, generator=generator, dtype=torch.float64),
    )
    height = flaws.least + (1 - flaws.least) * height
    beats = beats.double()
    middles = (beats[:-1] + beats[1:]) / 2
    there = torch.cat(
        [chance[0] >= flaws.missing, chance[1, :-1] < flaws.extra]
    )
    centres = torch.cat([beats, middles]) + flaws.jitter * torch.cat(
        [late[0], late[1, :-1]]
    )
    heights = torch.cat([height[0], flaws.weaker * height[1, :-1]])
    frames = int((float(beats[-1]) + 1.0) * frame_rate)
    times = torch.arange(frames, dtype=torch.float64) / frame_rate
    away = (times[:, None] - centres[there]) / flaws.width
    peaks = heights[there] * torch.exp(-0.5 * away.square())
    noise = torch.randn(frames, generator=generator).abs()
    whole = torch.maximum(peaks.amax(1), flaws.floor * noise)
    return whole.clamp(0.001, 0.999).float()


def local_tempo(
    activation: Float[Tensor, "frame"],
    intervals: Tensor,
    *,
    seconds: float = 4.0,
    sharpness: float = 4.0,
) -> Float[Tensor, "frame interval"]:
    """Weights of the intervals by a local tempogram, for `decode`.

    The magnitude at the tempo of each interval, relative to the
    frame's largest, to a power, plus a thousandth; in silence, and
    where rounding is all that is left of it, a thousandth each.

    Args:
        activation: at 50 frames a second.
        intervals: in frames, shape (interval,).
        seconds: length of the window.
        sharpness: the power.
    """
    activation = checks.as_sound("activation", activation)
    strength = fourier_tempogram(
        activation - activation.mean(),
        frame_rate=FRAME_RATE,
        bpm=60 * FRAME_RATE / intervals.float(),
        seconds=seconds,
    ).abs()
    largest = strength.amax(0, keepdim=True).clamp_min(ROUNDING)
    relative = (strength / largest) * (largest > ROUNDING)
    return (relative**sharpness + 1e-3).mT
