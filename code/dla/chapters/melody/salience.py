"""Sound to salience to contour: what a salience network hears and is taught.

Explained in analysis/melody/salience.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla import checks
from dla.chapters.melody.corpus import HOP, SAMPLE_RATE, Piece
from dla.decoders.pitch_average import average_peak
from dla.decoders.pitch_viterbi import PitchPrior, decode_pitch
from dla.losses.blurred_targets import blurred_targets, frame_bce
from dla.measures.melody import MelodyScores, melody_scores
from dla.models.salience_network import (
    SalienceNetwork,
    SalienceNetworkSettings,
)
from dla.spectral.harmonic_sum import decaying, harmonic_sum
from dla.spectral.hcqt import C2_HZ, HARMONICS, hcqt

WIDTH = 1.0  # bins, standard deviation of a target's hill
BINS, BINS_PER_OCTAVE = 97, 24  # four octaves from C2, 50 cents a bin
FLOOR = 60.0  # dB below the loudest value of a sound
CUT, SHIFT = 48, 6  # frames of a training cut; bins it is moved by
SIZE = 6  # cuts in a batch
VOICED = 0.3  # salience above which a frame is called voiced
PRIOR = PitchPrior(
    step=1200 / BINS_PER_OCTAVE, scale=20.0, leap=1e-3, switch=1e-2
)


class Item(NamedTuple):
    """What the network hears of a piece, and where its pitch is."""

    features: Float[Tensor, "harmonic bin frame"]
    position: Float[Tensor, "frame"]  # bins; NaN where the part rests


class Contour(NamedTuple):
    """One frequency a frame, and whether the tracker calls it voiced."""

    frequency: Float[Tensor, "frame"]  # Hz
    voiced: Tensor  # bool, "frame"


def compressed(
    magnitude: Float[Tensor, "*batch harmonic bin frame"],
) -> Float[Tensor, "*batch harmonic bin frame"]:
    """Decibels on a scale from 0, 60 dB below the loudest value, to 1.

    The level of a sound does not matter; silence is 0.

    >>> compressed(torch.tensor([[[0.2, 0.02, 0.0]]]))
    tensor([[[1.0000, 0.6667, 0.0000]]])
    """
    magnitude = checks.as_floats("magnitude", magnitude)
    checks.refuse_non_finite(magnitude=magnitude)
    loudest = magnitude.amax((-3, -2, -1), keepdim=True)
    relative = magnitude / loudest.clamp_min(1e-9)
    level = 20 * torch.log10(relative.clamp_min(1e-9))
    return (1 + level / FLOOR).clamp_min(0)


def heard(
    waveform: Float[Tensor, "*batch time"],
) -> Float[Tensor, "*batch harmonic bin frame"]:
    """The compressed HCQT of a sound at 22.05 kHz, 43 frames a second."""
    return compressed(
        hcqt(
            waveform,
            sample_rate=SAMPLE_RATE,
            n_bins=BINS,
            bins_per_octave=BINS_PER_OCTAVE,
            hop_length=HOP,
        )
    )


def to_position(
    frequency: Float[Tensor, "*shape"],
) -> Float[Tensor, "*shape"]:
    r"""Position of a frequency on the axis of pitch, in bins.

    .. math:: \pi = B \log_2 (f / f_0)

    NaN for 0 Hz, where nobody plays.

    >>> to_position(torch.tensor([130.812, 0.0]))
    tensor([24., nan])
    """
    frequency = checks.as_floats("frequency", frequency)
    octaves = torch.log2(frequency / C2_HZ)
    return (BINS_PER_OCTAVE * octaves).masked_fill(
        frequency <= 0, torch.nan
    )


def to_frequency(
    position: Float[Tensor, "*shape"],
) -> Float[Tensor, "*shape"]:
    """The inverse of :func:`to_position`, in Hz.

    >>> to_frequency(torch.tensor([24.0]))
    tensor([130.8120])
    """
    return C2_HZ * 2 ** (position / BINS_PER_OCTAVE)


def items(pieces: Sequence[Piece]) -> tuple[Item, ...]:
    """Features and pitch of pieces, ready to be drawn from."""
    return tuple(
        Item(heard(p.waveform), to_position(p.f0)) for p in pieces
    )


def moved(item: Item, bins: int) -> Item:
    """Music so many bins higher; what comes in at the edge is silent.

    >>> item = Item(torch.eye(3)[None], torch.arange(3.0))
    >>> moved(item, 1).features[0].argmax(0), moved(item, 1).position
    (tensor([1, 2, 0]), tensor([1., 2., 3.]))
    """
    features = item.features.roll(bins, dims=-2)
    if bins > 0:
        features[:, :bins] = 0
    elif bins < 0:
        features[:, bins:] = 0
    return Item(features, item.position + bins)


def batches(
    pool: Sequence[Item], generator: torch.Generator
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Random cuts, moved by up to SHIFT bins, with blurred targets.

    Returns:
        A function of the step, as `train` takes it.
    """

    def drawn(low: int, high: int) -> int:
        return int(torch.randint(low, high, (), generator=generator))

    def draw(step: int) -> tuple[Tensor, Tensor]:
        cuts = []
        for _ in range(SIZE):
            item = pool[drawn(0, len(pool))]
            first = drawn(0, len(item.position) - CUT + 1)
            window = slice(first, first + CUT)
            cut = Item(
                item.features[..., window], item.position[window]
            )
            cuts.append(moved(cut, drawn(-SHIFT, SHIFT + 1)))
        features = torch.stack([c.features for c in cuts])
        position = torch.stack([c.position for c in cuts])
        return features[None], blurred_targets(position, BINS)[None]

    return draw


def loss(
    outputs: Float[Tensor, "model batch bin frame"],
    targets: Float[Tensor, "model batch bin frame"],
) -> Float[Tensor, "model"]:
    """Binary cross-entropy of a frame, mean over the batch."""
    return frame_bce(outputs, targets).mean(-1)


@torch.no_grad()
def salience(
    model: nn.Module, features: Float[Tensor, "harmonic bin frame"]
) -> Float[Tensor, "bin frame"]:
    """What a trained network says, between zero and one."""
    return torch.sigmoid(model(features[None])[0])


def contour(
    salience: Float[Tensor, "bin frame"], *, voiced: float = VOICED
) -> Contour:
    """The peak of each frame by itself, averaged.

    Args:
        salience: between zero and one.
        voiced: a frame whose peak is higher is called voiced.
    """
    peak = average_peak(salience)
    return Contour(to_frequency(peak.position), peak.height > voiced)


def voicing(
    salience: Float[Tensor, "bin frame"],
) -> Float[Tensor, "frame"]:
    r"""Probability that a frame is voiced: the mass of its hills.

    .. math:: v = \frac{1}{\sqrt{2 \pi} \sigma} \sum_k s_k

    (eq-melody-mass): however the pitch is in doubt, the sum is not.

    >>> hill = blurred_targets(torch.tensor([40.0, torch.nan]), 97)
    >>> voicing(hill)
    tensor([1., 0.])
    """
    checks.refuse_non_finite(salience=salience)
    mass = (2 * math.pi) ** 0.5 * WIDTH
    return (salience.sum(-2) / mass).clamp(0, 1)


def tracked(
    scores: Float[Tensor, "bin frame"],
    salience: Float[Tensor, "bin frame"],
    *,
    unvoiced: Float[Tensor, "frame"] | float,
    prior: PitchPrior = PRIOR,
) -> Contour:
    """The best path (Viterbi), then averaged around it.

    Args:
        scores: of each pitch in nat.
        salience: what the average is weighted by, not negative.
        unvoiced: score of "no voice" in nat, one or one a frame.
        prior: how a melody moves.
    """
    path = decode_pitch(scores.mT, unvoiced, prior)
    peak = average_peak(salience, peak=path.pitch)
    return Contour(to_frequency(peak.position), path.voiced)


def summed(
    features: Float[Tensor, "harmonic bin frame"], *, power: float = 0.5
) -> Float[Tensor, "bin frame"]:
    """Harmonic summation of compressed magnitudes, its largest value one.

    Args:
        features: of :func:`heard`, from which magnitudes are taken back.
        power: what they are raised to: one keeps them, less raises
            weak harmonics.

    Raises:
        ValueError: a power that is not positive.
    """
    if not power > 0:
        raise ValueError(f"a power of {power}: expected a positive one")
    features = checks.as_floats("features", features)
    checks.refuse_non_finite(features=features)
    magnitude = 10 ** ((features - 1) * FLOOR / 20)
    magnitude = torch.where(features > 0, magnitude, 0.0) ** power
    total = harmonic_sum(magnitude, decaying(HARMONICS))
    return total / total.max().clamp_min(1e-9)


def piece_scores(
    pieces: Sequence[Piece], contours: Sequence[Contour]
) -> list[MelodyScores]:
    """The five measures of each piece."""
    return [
        melody_scores(p.f0, c.frequency, c.voiced)
        for p, c in zip(pieces, contours, strict=True)
    ]


__all__ = ["SalienceNetwork", "SalienceNetworkSettings"]
