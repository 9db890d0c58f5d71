"""Single pitch periods of recorded voices, as vectors of 64 numbers.

Reported in synthesis/adversarial-diffusion-differentiable. One vibration of the vocal folds, with
what the vocal tract makes of it, is the smallest real sound that a generator can be asked for.
"""

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from dla.datasets import prompts
from dla.spectral.yin import yin

RATE = 16000  # Hz
SAMPLES = 64  # of a period, whatever its length was
RANGE = {
    "june": (140.0, 350.0),
    "carlo": (70.0, 220.0),
}  # of the pitch, in Hz
PERIODIC = 0.05  # aperiodicity of a frame that counts as a vowel
FINE = 256  # samples of a period before what lies above 32 harmonics is left out
DIVISION = 0  # seed of the division of the prompts
FRAME = 640  # samples: 40 ms, two periods of the lowest voice and more
HOP = 256  # samples between frames: 16 ms


@cache
def periods(
    speaker: str, *, held_out: bool
) -> Float[Tensor, "period sample"]:
    """Periods of a quarter of a speaker's prompts, or of the other three.

    From each frame that is nearly periodic one period is cut, brought to
    64 samples, and turned until its fundamental is a cosine; its mean is
    zero and its mean square one.

    >>> periods("june", held_out=True).shape[1]
    64
    """
    table = prompts.table(speakers=[speaker], kinds=["prompt"])
    side = prompts.split(table, seed=DIVISION)[int(held_out)]
    return torch.cat([_cut(p.waveform(), speaker) for p in side])


def _cut(
    sound: Float[Tensor, "time"], speaker: str
) -> Float[Tensor, "period sample"]:
    lowest, highest = RANGE[speaker]
    pitch = yin(
        sound,
        sample_rate=RATE,
        f_min=lowest,
        f_max=highest,
        frame_length=FRAME,
        hop_length=HOP,
    )
    found = []
    for frame in (pitch.aperiodicity < PERIODIC).nonzero()[:, 0]:
        length = RATE / pitch.frequency[frame].item()
        start = frame.item() * HOP - length / 2
        place = start + length / FINE * torch.arange(FINE)
        if start < 0 or place[-1] > len(sound) - 2:
            continue
        found.append(_between(sound, place))
    if not found:
        return torch.zeros(0, SAMPLES)
    X = torch.fft.rfft(torch.stack(found))[:, : SAMPLES // 2 + 1]
    return aligned(torch.fft.irfft(X, n=SAMPLES))


def _between(
    sound: Float[Tensor, "time"], place: Float[Tensor, "sample"]
) -> Float[Tensor, "sample"]:
    left = place.long()
    share = place - left
    return (1 - share) * sound[left] + share * sound[left + 1]


def aligned(
    cut: Float[Tensor, "*batch sample"],
) -> Float[Tensor, "*batch sample"]:
    """Periods turned until their fundamental is a cosine, with mean zero and mean square one.

    A turn by any fraction of a sample is a phase for each harmonic. The
    harmonic at half the rate has no phase of its own and is left out.

    >>> n = torch.arange(8)
    >>> sine = torch.sin(2 * torch.pi * n / 8)
    >>> torch.allclose(aligned(sine), 2**0.5 * torch.cos(2 * torch.pi * n / 8), atol=1e-6)
    True
    """
    X = torch.fft.rfft(cut)
    k = torch.arange(X.shape[-1])
    inside = (k > 0) & (2 * k < cut.shape[-1])
    X = X * torch.polar(inside.to(cut.dtype), -k * X[..., 1:2].angle())
    x = torch.fft.irfft(X, n=cut.shape[-1])
    return x / x.square().mean(-1, keepdim=True).sqrt()


def buzz(
    period: Float[Tensor, "period sample"],
    *,
    seconds: float,
    each: int = 50,
) -> Float[Tensor, "time"]:
    """Periods said one after the other, each some fifty times, at 250 a second.

    Neighbours are cross-faded, so that nothing clicks.
    """
    count = round(seconds * RATE / SAMPLES)
    row = torch.arange(count) / each
    left, share = row.long() % len(period), (row % 1)[:, None]
    right = (left + 1) % len(period)
    mixed = (1 - share) * period[left] + share * period[right]
    return 0.1 * mixed.flatten()
