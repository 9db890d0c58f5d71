"""Which filters should a small waveform model have.

Arms of one size: filters learned from a random start, learned from
windowed cosines and sines, or these as they are; and a mask network of
the same size. Same voices, same mixtures. Reported in
decomposition/permutation-invariant-training/conv-tasnet.
"""

from collections.abc import Callable
from math import pi

import torch
from jaxtyping import Float
from torch import Tensor

from dla.chapters.permutation_invariant_training import mixtures
from dla.chapters.permutation_invariant_training.separation_study import (
    LEVELS,
    held_out_mixtures,
    upit_loss,
    voices,
)
from dla.losses.pit import pairwise_loss, pit
from dla.losses.si_sdr import si_sdr
from dla.measures.improvement import si_sdr_improvement
from dla.models.conv_tasnet import ConvTasNet, ConvTasNetSettings
from dla.models.mask_network import (
    MaskNetwork,
    MaskNetworkSettings,
    separate,
)
from dla.models.tcn import TCNSettings
from dla.protocol.study import Study
from dla.spectral.stft import stft
from dla.train import Recipe, seeded

SIZES = ConvTasNetSettings(  # of the page's waveform model
    filters=64,
    length=32,
    tcn=TCNSettings(channels=32, hidden=64, skip=32, blocks=6),
)
MASKS = MaskNetworkSettings(channels=48, hidden=64, blocks=5)
SEEDS = (0, 1, 2)
DRAW = 2026  # seed of the mixtures of the test
MEASURED = "SI-SDR improvement (dB)"


def cosines_and_sines(
    filters: int, length: int
) -> Float[Tensor, "filters 1 length"]:
    """Windowed cosines and sines: a Fourier transform of real numbers.

    Frames half overlap under the root of a Hann window, so the same
    filters, played backwards as a decoder, give the waveform again.

    Args:
        filters: of them, twice as many as samples.
        length: of a frame in samples.

    Raises:
        ValueError: there are not twice as many filters as samples.
    """
    if filters != 2 * length:
        raise ValueError(
            f"{filters} filters of {length} samples; a frame of "
            f"{length} samples needs {2 * length} for this transform"
        )
    window = torch.hann_window(length).sqrt()
    n = torch.arange(length)
    k = torch.arange(filters // 2 + 1)
    phase = 2 * pi * k[:, None] * n / filters
    weight = torch.full((len(k), 1), (2 / filters) ** 0.5)
    weight[0] = weight[-1] = (1 / filters) ** 0.5
    cosines = weight * window * phase.cos()
    sines = (weight * window * phase.sin())[1:-1]
    return torch.cat([cosines, sines])[:, None]


def learned_from_random(seed: int) -> ConvTasNet:
    """The page's waveform model at its start."""
    return seeded(lambda: ConvTasNet(SIZES), seed)


def learned_from_fourier(seed: int) -> ConvTasNet:
    """The same, its filters started as cosines and sines."""
    network = learned_from_random(seed)
    bank = cosines_and_sines(SIZES.filters, SIZES.length)
    with torch.no_grad():
        network.encoder.weight.copy_(bank)
        network.decoder.weight.copy_(bank)
    return network


def frozen(network: ConvTasNet) -> ConvTasNet:
    """The network with filters that no training moves, in place."""
    for layer in (network.encoder, network.decoder):
        filters = layer.weight.detach()
        del layer.weight
        layer.register_buffer("weight", filters)
    return network


def fixed_fourier(seed: int) -> ConvTasNet:
    """Cosines and sines that stay."""
    return frozen(learned_from_fourier(seed))


def mask_network(seed: int) -> MaskNetwork:
    """A mask network of about as many parameters."""
    return seeded(lambda: MaskNetwork(MASKS), seed)


def sources_of(seed: int) -> Callable[[int], Tensor]:
    """One mixture of a second for every step, the same in all arms."""
    pool = voices(held_out=False)
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> Tensor:
        return mixtures.draw(
            pool,
            count=1,
            seconds=1.0,
            levels=LEVELS,
            generator=generator,
        )

    return draw


def waveforms(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches for the waveform models."""
    sources = sources_of(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        voices = sources(step)[None]
        return voices.sum(-2), voices

    return draw


def spectra(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches for the mask network."""
    sources = sources_of(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        transformed = stft(sources(step)[None])
        return transformed.sum(-3).abs(), transformed

    return draw


def waveform_loss(estimates: Tensor, sources: Tensor) -> Tensor:
    """Negative SI-SDR in dB of the sound, best order."""
    return pit(-pairwise_loss(si_sdr, estimates, sources))[0].mean(-1)


@torch.no_grad()
def improvement(model: ConvTasNet | MaskNetwork) -> dict[str, float]:
    """Mean SI-SDR improvement over a hundred held-out mixtures."""
    sources = held_out_mixtures(DRAW)
    mixture = sources.sum(-2)
    if isinstance(model, MaskNetwork):
        estimates = separate(model, mixture)
    else:
        estimates = torch.cat([model(m) for m in mixture.split(10)])
    gain = si_sdr_improvement(estimates, sources)
    return {MEASURED: gain.mean().item()}


STUDIES = tuple(
    Study(
        name=f"bank-{name}",
        question=f"How far do {words} get?",
        seeds=seeds,
        recipe=Recipe(steps=steps),
        model=model,
        draw=draw,
        loss=loss,
        measure=improvement,
        digits=1,
        keep=0,
    )
    for name, words, model, draw, loss, seeds, steps in (
        (
            "learned",
            "filters learned from a random start",
            learned_from_random,
            waveforms,
            waveform_loss,
            SEEDS,
            300,
        ),
        (
            "masks",
            "masks on a spectrogram, by a network of the same size,",
            mask_network,
            spectra,
            upit_loss,
            SEEDS,
            300,
        ),
        (
            "fixed-fourier",
            "cosines and sines",
            fixed_fourier,
            waveforms,
            waveform_loss,
            SEEDS,
            300,
        ),
        (
            "learned-fourier",
            "filters learned from cosines and sines",
            learned_from_fourier,
            waveforms,
            waveform_loss,
            SEEDS,
            300,
        ),
        (
            "learned-long",
            "filters learned for four times as long",
            learned_from_random,
            waveforms,
            waveform_loss,
            SEEDS[:2],
            1200,
        ),
        (
            "masks-long",
            "masks on a spectrogram, for four times as long,",
            mask_network,
            spectra,
            upit_loss,
            SEEDS,
            1200,
        ),
    )
)
