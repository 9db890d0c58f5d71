"""Tones of a decoder one after the other, to hear.

Used in synthesis/adversarial-diffusion-differentiable/pitch-and-vowel.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.chapters.adversarial_diffusion_differentiable import (
    recorded_tones,
)
from dla.chapters.adversarial_diffusion_differentiable.decoders import (
    RATE,
    SIZE,
    Arm,
)
from dla.datasets import prompts
from dla.models.harmonic_noise import harmonics
from dla.spectral.griffin_lim import griffin_lim

HEARD = 2 * RATE  # Hz
SECONDS = 0.4  # of a tone
EDGE = 0.02  # s, of the fades at its ends


def letters(speaker: str) -> Float[Tensor, "time"]:
    """The five spoken vowels as they were recorded, cut to 0.4 s each.

    >>> letters("june").shape
    torch.Size([32000])
    """
    count = round(SECONDS * HEARD)
    rows = []
    table = prompts.table(
        speakers=[speaker],
        languages=[recorded_tones.LANGUAGE[speaker]],
        kinds=["letters"],
    )
    for prompt in table:
        if prompt.text in recorded_tones.VOWELS:
            x = signals.resample(
                prompt.waveform(), prompt.sample_rate, HEARD
            )[:count]
            rows.append(torch.nn.functional.pad(x, (0, count - len(x))))
    return torch.cat(rows)


def struck(
    envelopes: Sequence[recorded_tones.Envelope],
    f0: float,
    *,
    decay: float,
) -> Float[Tensor, "time"]:
    """Struck sounds at one pitch, decaying."""
    rows = [
        partials(f0 * e.frequencies[None], e.levels[None], decay=decay)
        for e in envelopes
    ]
    return torch.cat(rows)


def decoded(
    arm: Arm,
    levels: Float[Tensor, "tone level"],
    f0: Float[Tensor, "tone"],
    *,
    decay: float = 0.0,
) -> Float[Tensor, "time"]:
    """What a decoder's levels sound like, in dB, at pitches in Hz."""
    if arm.coordinate == "bin":
        return frames(10 ** (levels / 20), decay=decay)
    number = torch.arange(1, levels.shape[-1] + 1)
    return partials(f0[:, None] * number, levels, decay=decay)


def partials(
    frequency: Float[Tensor, "tone partial"],
    levels: Float[Tensor, "tone partial"],
    *,
    decay: float = 0.0,
) -> Float[Tensor, "time"]:
    """Sines at given frequencies and levels, all tones of one power.

    Args:
        frequency: Hz; partials at 4 kHz and above are left out.
        levels: dB.
        decay: dB in a second.

    >>> partials(torch.tensor([[440.0]]), torch.tensor([[0.0]])).shape
    torch.Size([6400])
    """
    hop = HEARD // 100
    frames = round(SECONDS * 100)
    amplitude = 10 ** (levels / 20) * (frequency < RATE / 2)
    amplitude = amplitude / amplitude.norm(dim=-1, keepdim=True)
    f = frequency.repeat_interleave(frames, dim=0).T
    A = amplitude.repeat_interleave(frames, dim=0).T
    sound = harmonics(
        f, A[:, None], sample_rate=HEARD, hop_length=hop
    ).sum(0)
    return shaped(sound, HEARD, decay)


def frames(
    spectrum: Float[Tensor, "tone bin"],
    *,
    decay: float = 0.0,
    seed: int = 0,
) -> Float[Tensor, "time"]:
    """Sounds with constant magnitudes, phases by Griffin and Lim.

    Args:
        spectrum: linear magnitudes of 32 ms at 8 kHz.
        decay: dB in a second.
        seed: of the first phases.

    >>> frames(torch.ones(1, 129)).shape
    torch.Size([6400])
    """
    hop, length = SIZE // 4, round(SECONDS * RATE)
    g = torch.Generator().manual_seed(seed)
    rows = []
    for one in spectrum:
        magnitude = one[:, None].expand(-1, length // hop + 1)
        phase = 2 * math.pi * torch.rand(magnitude.shape, generator=g)
        sound = griffin_lim(
            magnitude,
            length=length,
            n_fft=SIZE,
            hop_length=hop,
            phase=phase,
            momentum=0.99,
        )
        rows.append(sound / sound.norm())
    sound = signals.resample(torch.cat(rows), RATE, HEARD)
    return shaped(sound, HEARD, decay)


def shaped(
    sound: Float[Tensor, "time"], sample_rate: int, decay: float
) -> Float[Tensor, "time"]:
    """Fades at both ends of every tone, and a decay within it; peak 0.5."""
    count = round(SECONDS * sample_rate)
    t = torch.arange(count) / sample_rate
    ramp = (torch.minimum(t, SECONDS - t) / EDGE).clamp(0, 1)
    ramp = ramp * 10 ** (-decay * t / 20)
    sound = (sound.view(-1, count) * ramp).flatten()
    return 0.5 * sound / sound.abs().max()
