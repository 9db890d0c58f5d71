r"""Pitch learned without a label: what goes in, what comes out.

Spectra on log frequency, two altered and shifted views of each frame,
the loss, calibration by one tone, and the contour. Explained in
analysis/melody/equivariance.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from dla import checks, signals
from dla.chapters.melody.corpus import HOP, SAMPLE_RATE, corpus
from dla.losses.equivariance import (
    leaving_share,
    ratio_loss,
    shifted_cross_entropy,
)
from dla.spectral.cqt import (
    GROUP,
    centre_frequencies,
    correlate,
    kernels,
)

BINS = 216  # of a view: six octaves
PER_OCTAVE = 36  # B
WIDTH = 18  # bins to the octave whose width is that of our kernels:
# half of B, so that they are half as long as those of a CQT
REACH = 16  # K: a view is shifted by up to so many bins
F_MIN = 65.41 * 2 ** (-REACH / PER_OCTAVE)  # Hz: C2 is bin REACH
GAIN = 1000.0  # of a magnitude in the logarithm
TILT = 8.0  # dB, standard deviation of a random equaliser at a knot
KNOTS = 8  # of the equaliser, over the whole spectrum
LOUDER = 6.0  # dB, standard deviation of a random gain
TONE = 220.0  # Hz, of the one tone that calibrates
HARMONICS = 10  # of that tone


def spectra(
    waveform: Float[Tensor, "*batch time"],
) -> Float[Tensor, "*batch frame bin"]:
    """Magnitudes on log frequency, REACH bins more on either side.

    A constant-Q transform whose kernels are half as long as the
    distance of the bins asks for: neighbours overlap, and notes are
    kept apart in time. Still each bin is the same shape on its own
    scale, so a transposition is a shift.

    Args:
        waveform: at 22.05 kHz.

    Returns:
        Frame m is centred on sample 512 m.
    """
    waveform = checks.as_sound("waveform", waveform)
    centres = centre_frequencies(
        BINS + 2 * REACH, f_min=F_MIN, bins_per_octave=PER_OCTAVE
    )
    parts = [
        correlate(
            waveform,
            kernels(
                part, sample_rate=SAMPLE_RATE, bins_per_octave=WIDTH
            ),
            HOP,
        )
        for part in centres.split(GROUP)
    ]
    return torch.cat(parts, -2).abs().mT


def compress(
    magnitude: Float[Tensor, "*shape"],
) -> Float[Tensor, "*shape"]:
    """log(1 + g X): partials and noise on one scale; zero stays zero."""
    return torch.log1p(GAIN * magnitude)


@lru_cache
def unlabelled(side: str = "train") -> Float[Tensor, "frame bin"]:
    """All frames of a side's parts in which something sounds."""
    frames = torch.cat([spectra(p.waveform) for p in corpus(side)])
    power = frames.square().sum(-1)
    return frames[power > 1e-3 * power.mean()]


def equalised(
    magnitude: Float[Tensor, "frame bin"],
    generator: torch.Generator,
    *,
    tilt: float = TILT,
) -> Float[Tensor, "frame bin"]:
    """Each frame through its own random smooth filter, and louder.

    The pitch of a sound is not changed by a filter.

    Args:
        magnitude: spectra.
        generator: source of the randomness; it advances.
        tilt: standard deviation of the filter at its knots in dB.
    """
    frames, bins = magnitude.shape
    knots = tilt * torch.randn(frames, 1, KNOTS, generator=generator)
    curve = functional.interpolate(
        knots, size=bins, mode="linear", align_corners=True
    )[:, 0]
    gain = LOUDER * torch.randn(frames, 1, generator=generator)
    return magnitude * 10 ** ((curve + gain) / 20)


def crop(
    magnitude: Float[Tensor, "frame wide"], shift: Int[Tensor, "frame"]
) -> Float[Tensor, "frame bin"]:
    """BINS of each spectrum, in which it lies `shift` bins higher."""
    at = torch.arange(BINS) + REACH - shift[:, None]
    return magnitude.gather(1, at)


def pairs(
    seed: int,
    *,
    size: int = 64,
    tilt: float = TILT,
    source: Callable[[], Float[Tensor, "frame bin"]] = unlabelled,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches: two views of each frame, and the shift.

    Args:
        seed: of the draws.
        size: frames in a batch.
        tilt: of the random filter, another one for each view.
        source: gives the frames.

    Returns:
        A function of the step: views (1, 2 size, bin), shifts
        (1, size).
    """
    frames = source()
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        chosen = torch.randint(
            len(frames), (size,), generator=generator
        )
        shift = torch.randint(
            -REACH, REACH + 1, (size,), generator=generator
        )
        x = frames[chosen]
        one = crop(
            equalised(x, generator, tilt=tilt), torch.zeros_like(shift)
        )
        two = crop(equalised(x, generator, tilt=tilt), shift)
        return compress(torch.cat([one, two]))[None], shift[None]

    return draw


def pair_loss(
    logits: Float[Tensor, "model twice bin"],
    shift: Int[Tensor, "model batch"],
    *,
    charged: bool = True,
) -> Float[Tensor, "model"]:
    """Shifted cross-entropy and PESTO's ratio, added, mean over frames.

    Args:
        logits: of the first views, then of the second ones.
        shift: of the second views against the first.
        charged: what leaves at an end costs log d, as silence does.
    """
    first, second = logits.chunk(2, dim=1)
    loss = shifted_cross_entropy(first, second, shift)
    p, q = first.softmax(-1), second.softmax(-1)
    loss = loss + ratio_loss(p, q, shift, bins_per_octave=PER_OCTAVE)
    if charged:
        dearest = math.log(logits.shape[-1])
        loss = loss + dearest * leaving_share(p, q, shift)
    return loss.mean(-1)


@torch.no_grad()
def unlabelled_losses(network: nn.Module) -> tuple[float, float]:
    """What can be known without labels, on validation parts.

    Always the same frames, shifts and filters.

    Returns:
        The loss, and the share of the answers that leaves at an end.
    """
    draw = pairs(0, size=1000, source=lambda: unlabelled("validation"))
    views, shift = draw(0)
    logits = network(views[0])[None]
    p, q = logits.softmax(-1).chunk(2, dim=1)
    leaving = leaving_share(p, q, shift)
    return float(pair_loss(logits, shift)), float(leaving.mean())


def position(
    logits: Float[Tensor, "*batch bin"], *, radius: int = 3
) -> Float[Tensor, "*batch"]:
    """The answer in bins: the mean of the distribution near its peak."""
    p = logits.softmax(-1)
    peak = p.argmax(-1, keepdim=True)
    near = peak + torch.arange(-radius, radius + 1)
    near = near.clamp(0, p.shape[-1] - 1)
    weight = p.gather(-1, near)
    return (weight * near).sum(-1) / weight.sum(-1)


def harmonic_tone(
    frequency: float,
    *,
    amplitudes: Sequence[float] | None = None,
    seconds: float = 1.0,
) -> Float[Tensor, "time"]:
    """A tone at -25 dB, as loud as the pieces.

    Args:
        frequency: of its fundamental in Hz.
        amplitudes: of its partials; without it 1 / h for HARMONICS.
        seconds: duration.
    """
    if amplitudes is None:
        amplitudes = [1 / h for h in range(1, HARMONICS + 1)]
    tone = sum(
        a
        * signals.sine(
            h * frequency, seconds=seconds, sample_rate=SAMPLE_RATE
        )
        for h, a in enumerate(amplitudes, start=1)
        if a
    )
    return signals.at_level(tone, torch.tensor(-25.0))


def inputs(
    waveform: Float[Tensor, "time"],
) -> Float[Tensor, "frame bin"]:
    """What the network is asked with: the middle bins, compressed."""
    return compress(spectra(waveform)[:, REACH : REACH + BINS])


@lru_cache
def side_inputs(
    side: str, *, draw: int = 0
) -> tuple[Float[Tensor, "frame bin"], ...]:
    """Of each part of a draw of the corpus, kept."""
    return tuple(inputs(p.waveform) for p in corpus(side, seed=draw))


@torch.no_grad()
def answers(
    network: nn.Module, frames: Float[Tensor, "frame bin"]
) -> Float[Tensor, "frame"]:
    """What the network says of each frame, in bins, not calibrated.

    Args:
        network: trained.
        frames: from `inputs`.
    """
    return position(network(frames))


def calibrate(network: nn.Module, *, frequency: float = TONE) -> float:
    r"""The network's constant in octaves, from one tone.

    .. math:: c = \log_2 f_\text{tone} - y(x_\text{tone}) / B

    (eq-melody-calibration), from the frame in the tone's middle.
    """
    said = answers(network, inputs(harmonic_tone(frequency)))
    return (
        math.log2(frequency) - float(said[len(said) // 2]) / PER_OCTAVE
    )


def contour(
    network: nn.Module,
    frames: Float[Tensor, "frame bin"],
    constant: float,
) -> Float[Tensor, "frame"]:
    """Frequency of each frame in Hz: 2 ** (answer / B + constant)."""
    return 2 ** (answers(network, frames) / PER_OCTAVE + constant)


def cents_off(
    network: nn.Module,
    frames: Float[Tensor, "frame bin"],
    f0: Float[Tensor, "frame"],
    constant: float,
) -> Float[Tensor, "frame"]:
    """Error in cents, in the frames in which the part sounds."""
    said = contour(network, frames, constant)[f0 > 0]
    return 1200 * torch.log2(said / f0[f0 > 0])


def accuracies(
    network: nn.Module, side: str, constant: float, *, draw: int = 0
) -> Float[Tensor, "piece 2"]:
    """Raw pitch and raw chroma accuracy of each part of a side.

    Within 50 cents; chroma forgives octaves.
    """
    rows = []
    for piece, frames in zip(
        corpus(side, seed=draw),
        side_inputs(side, draw=draw),
        strict=True,
    ):
        cents = cents_off(network, frames, piece.f0, constant)
        folded = cents - 1200 * torch.round(cents / 1200)
        rows.append(
            [
                (cents.abs() <= 50).double().mean(),
                (folded.abs() <= 50).double().mean(),
            ]
        )
    return torch.tensor(rows)


@torch.no_grad()
def mean_entropy(network: nn.Module, side: str) -> float:
    """Of the network's answers to a side's frames, in bits."""
    logits = network(torch.cat(side_inputs(side)))
    log_p = logits.log_softmax(-1)
    nats = -(log_p.exp() * log_p).sum(-1).mean()
    return float(nats) / math.log(2)
