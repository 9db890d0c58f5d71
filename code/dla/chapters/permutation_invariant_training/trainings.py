"""What the chapter's trainings share: mini-batches, losses, scores.

Used in decomposition/permutation-invariant-training.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from dla import signals, units
from dla.chapters.permutation_invariant_training import (
    controls_study,
    mixtures,
)
from dla.losses.pit import pairwise_loss, pit, reorder
from dla.losses.si_sdr import si_sdr
from dla.measures.improvement import si_sdr_improvement
from dla.models import mask_network
from dla.spectral.stft import stft


def batches(
    voices: Sequence[Float[Tensor, "time"]],
    seeds: Sequence[int],
    *,
    count: int = 4,
    seconds: float = 2.0,
    levels: tuple[float, float] = (-2.5, 2.5),
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """New mixtures for every step, other ones for every seed.

    Args:
        voices: speech of each person, from :func:`mixtures.voice`.
        seeds: one a model, of its mixtures.
        count: mixtures a step.
        seconds: length of a mixture in s.
        levels: bounds in dB of the first voice above the second.

    Returns:
        A function from the step to magnitudes of the mixtures
        "model mixture freq frame" and transforms of the sources
        "model mixture source freq frame".
    """
    generators = [torch.Generator().manual_seed(s) for s in seeds]

    def draw(step: int) -> tuple[Tensor, Tensor]:
        sources = torch.stack(
            [
                mixtures.draw(
                    voices,
                    count=count,
                    seconds=seconds,
                    levels=levels,
                    generator=g,
                )
                for g in generators
            ]
        )
        spectra = stft(sources)
        return spectra.sum(-3).abs(), spectra

    return draw


def frame_errors(
    masks: Float[Tensor, "*batch estimate freq frame"],
    spectra: Complex[Tensor, "*batch source freq frame"],
) -> Float[Tensor, "*batch frame estimate source"]:
    """Squared error of every masked mixture against every source.

    In units of the mean energy of a source in a frame, so that half of
    the mixture, as an estimate, costs about one half. In silence every
    mask costs nothing.
    """
    wanted = spectra[..., None, :, :, :]
    masked = masks * spectra.sum(-3, keepdim=True)
    error = mask_network.energy(masked[..., :, None, :, :] - wanted)
    total = mask_network.energy(spectra).sum((-3, -2)).mean(-1)
    least = torch.finfo(total.dtype).tiny
    scale = spectra.shape[-3] / total.clamp(min=least)
    by_frame = error.sum(-2).movedim(-1, -3)
    return by_frame * scale[..., None, None, None]


def in_fixed_order(
    pairwise: Float[Tensor, "*batch estimate source"],
) -> Float[Tensor, "*batch"]:
    """Mean loss of estimate i against source i.

    >>> in_fixed_order(torch.tensor([[0.0, 1.0], [4.0, 9.0]]))
    tensor(4.5000)
    """
    return pairwise.diagonal(dim1=-2, dim2=-1).mean(-1)


@torch.no_grad()
def gains(
    model: nn.Module,
    sources: Float[Tensor, "mixture source time"],
    *,
    best_order: bool = True,
) -> Float[Tensor, "mixture"]:
    """SI-SDR improvement in dB of every mixture."""
    estimates = mask_network.separate(model, sources.sum(-2))
    return si_sdr_improvement(estimates, sources, best_order=best_order)


def pm(values: Tensor, digits: int = 1) -> str:
    """Mean and standard deviation as text.

    >>> pm(torch.tensor([1.0, 2.0, 3.0]))
    '2.0 ± 1.0'
    """
    mean, spread = values.mean().item(), values.std().item()
    return f"{mean:.{digits}f} ± {spread:.{digits}f}"


def held_out_mixtures(
    *speakers: str,
    count: int = 100,
    levels: tuple[float, float] = (-2.5, 2.5),
    talkers: int = 2,
    seed: int = 99,
) -> Float[Tensor, "mixture source time"]:
    """Mixtures of three seconds of prompts that no training heard."""
    return mixtures.draw(
        controls_study.voices(speakers, held_out=True),
        count=count,
        seconds=3.0,
        levels=levels,
        talkers=talkers,
        generator=torch.Generator().manual_seed(seed),
    )


@torch.no_grad()
def matched(
    model: nn.Module, sources: Float[Tensor, "source time"]
) -> Float[Tensor, "source time"]:
    """Estimates in the order and at the levels of their sources.

    SI-SDR sees neither; without them two players could not be compared.
    """
    estimates = mask_network.separate(model, sources.sum(-2))
    order = pit(-pairwise_loss(si_sdr, estimates, sources))[1]
    levels = units.db(signals.power(sources))
    return signals.at_level(reorder(estimates, order), levels)
