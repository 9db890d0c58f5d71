"""What the arms of the drum experiment hear, and the network they train.

Explained in analysis/beat-tracking/learned-priors.
"""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla import checks, signals
from dla.chapters.beat_tracking.excerpts import SAMPLE_RATE
from dla.chapters.beat_tracking.features import FRAME_RATE, HOP
from dla.spectral.novelty import compress
from dla.spectral.plp import plp
from dla.spectral.stft import stft

N_FFT = 1024  # 46 ms
EDGES = (0.0, 150.0, 2000.0, SAMPLE_RATE / 2)  # Hz: low, middle, high
PULSES = torch.arange(60.0, 301.0, 2.0)  # BPM, of the pulse channel


def band_flux(
    waveform: Float[Tensor, "time"], *, gamma: float = 10.0
) -> Float[Tensor, "band frame"]:
    """Half-wave rectified flux in three bands, 50 frames a second.

    Below 150 Hz, up to 2 kHz, above: where bass drum, snare and hats
    have most of their energy. Each band is divided by its largest
    value, so that one loud stroke sets the scale: see the failures.
    Silence, and what is below -140 dB, has no flux.

    Args:
        waveform: at 22050 Hz.
        gamma: of the compression (def-music-compress).

    Raises:
        ValueError: a waveform with channels, or not finite.

    >>> band_flux(torch.zeros(22050)).shape
    torch.Size([3, 51])
    """
    checks.refuse_other_axes("waveform", waveform, "time")
    waveform = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=waveform)
    if signals.power(waveform) < checks.QUIETEST:
        waveform = torch.zeros_like(waveform)
    magnitude = stft(waveform, n_fft=N_FFT, hop_length=HOP).abs()
    rise = compress(magnitude, gamma=gamma).diff(dim=-1).clamp_min(0)
    rise = torch.nn.functional.pad(rise, (1, 0))
    centres = torch.arange(N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT
    bands = [
        rise[(centres >= low) & (centres < high)].sum(0)
        for low, high in pairwise(EDGES)
    ]
    flux = torch.stack(bands)
    return flux / flux.amax(-1, keepdim=True).clamp_min(1e-6)


def small_network(channels: int, hidden: int = 12) -> nn.Sequential:
    """Features to one logit a frame, from 0.4 s on either side.

    Two convolutions over time, the second with gaps of four frames:
    it hears one or two beats, not the tempo of the piece.

    >>> sum(p.numel() for p in small_network(5).parameters())
    1873
    """
    return nn.Sequential(
        nn.Conv1d(channels, hidden, 9, padding=4),
        nn.ReLU(),
        nn.Conv1d(hidden, hidden, 9, padding=16, dilation=4),
        nn.ReLU(),
        nn.Conv1d(hidden, 1, 1),
        nn.Flatten(-2),
    )


ARMS = {  # bands (low, middle, high) kept, and whether with a pulse
    "black box": ((1.0, 1.0, 1.0), False),
    "with pulse": ((1.0, 1.0, 1.0), True),
    "high band": ((0.0, 0.0, 1.0), True),
}


def as_heard(
    flux: Float[Tensor, "band frame"], arm: str
) -> Float[Tensor, "channel frame"]:
    """Four channels: the bands an arm keeps, and their local pulse.

    What an arm is not given is zero, so that all have one shape. The
    pulse is that of the kept bands' sum, largest value one.

    Args:
        flux: of `band_flux`.
        arm: one of ARMS.

    Raises:
        ValueError: another arm.

    >>> as_heard(torch.ones(3, 200), "black box").sum(1)
    tensor([200., 200., 200.,   0.])
    """
    if arm not in ARMS:
        raise ValueError(f"an arm is one of {', '.join(ARMS)}: {arm!r}")
    flux = checks.as_floats("flux", flux)
    checks.refuse_non_finite(flux=flux)
    weights, periodic = ARMS[arm]
    kept = flux * torch.tensor(weights)[:, None]
    pulse = torch.zeros_like(flux[0])
    if periodic:
        novelty = kept.sum(0)
        pulse = plp(
            novelty - novelty.mean(),
            frame_rate=FRAME_RATE,
            bpm=PULSES,
            seconds=4.0,
        )
        pulse = pulse / pulse.max().clamp_min(1e-6)
    return torch.cat([kept, pulse[None]])
