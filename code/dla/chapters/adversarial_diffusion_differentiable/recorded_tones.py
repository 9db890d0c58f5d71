"""Levels of recorded vowels and struck metal: what a generator with a known truth is made of.

Recorded are the levels: of the harmonics of spoken vowels, of the
partials of struck sounds. Assembled is the rest: straight lines
between the levels, another pitch, phases of zero. Used in
synthesis/adversarial-diffusion-differentiable/pitch-and-vowel.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.datasets import percussion, prompts

RATE = 8000  # Hz
LOWEST = -60.0  # dB below the strongest; weaker is set to this
VOWELS = ("a", "e", "i", "o", "u")  # names of spoken letters
PITCH = {  # Hz, where the pitch of a voice's letters is looked for
    "carlo": (90.0, 175.0),
    "june": (130.0, 240.0),
    "menardi": (130.0, 240.0),
    "allison": (180.0, 290.0),
}
LANGUAGE = {
    "carlo": "it",
    "june": "fr",
    "menardi": "it",
    "allison": "es",  # her English letters are diphthongs
}
STRUCK = (
    "drum_cowbell",
    "elec_bell",
    "elec_chime",
    "perc_bell",
    "perc_bell2",
)
PARTIALS = 8  # of a struck sound, at most
LOW_CUT, APART = 200.0, 40.0  # Hz, rumble; nearest partials
WEAKEST = -30.0  # dB below the strongest partial


@dataclass(frozen=True)
class Envelope:
    """Levels at frequencies, and on straight lines between them."""

    frequencies: Float[Tensor, "point"]  # Hz, rising
    levels: Float[Tensor, "point"]  # dB, the largest 0

    def __call__(
        self, f: Float[Tensor, "*shape"]
    ) -> Float[Tensor, "*shape"]:
        """Level in dB at each frequency in Hz; outside, the outermost."""
        points = (self.frequencies.numpy(), self.levels.numpy())
        return torch.from_numpy(np.interp(f.numpy(), *points)).float()


def harmonics(
    frame: Float[Tensor, "time"], f0: float, *, sample_rate: int
) -> Float[Tensor, "harmonic"]:
    """Amplitudes of the harmonics that fit a frame best, Hann-weighted.

    Least squares over a cosine and a sine for each harmonic below half
    the sampling rate.

    >>> t = torch.arange(400) / 8000
    >>> tone = torch.cos(2 * torch.pi * 1000 * t)
    >>> harmonics(tone, 500.0, sample_rate=8000)[:3].abs().round(decimals=3)
    tensor([0., 1., 0.])
    """
    count = int(np.ceil(sample_rate / 2 / f0)) - 1
    time = np.arange(len(frame)) / sample_rate
    phase = 2 * np.pi * f0 * np.outer(time, np.arange(1, count + 1))
    waves = np.concatenate([np.cos(phase), np.sin(phase)], axis=1)
    weight = np.hanning(len(frame) + 2)[1:-1]
    fit = np.linalg.lstsq(
        weight[:, None] * waves,
        weight * frame.double().numpy(),
        rcond=None,
    )[0]
    return torch.from_numpy(np.hypot(fit[:count], fit[count:])).float()


def pitch(
    frame: Float[Tensor, "time"],
    low: float,
    high: float,
    *,
    sample_rate: int,
) -> float:
    """The frequency between two whose lag a frame resembles itself most at.

    Normalised cross-correlation of the frame's two ends, lags on whole
    samples and a parabola between them.
    """
    x = frame.double() - frame.double().mean()
    lags = range(int(sample_rate / high), int(sample_rate / low) + 2)
    values = []
    for lag in lags:
        a, b = x[:-lag], x[lag:]
        values.append(float(a @ b / (a.norm() * b.norm() + 1e-12)))
    k = int(np.argmax(values))
    shift = 0.0
    if 0 < k < len(values) - 1:
        left, top, right = values[k - 1 : k + 2]
        shift = 0.5 * (left - right) / (left - 2 * top + right - 1e-12)
    return sample_rate / (lags[k] + shift)


@cache
def vowel(speaker: str, letter: str) -> tuple[float, Envelope]:
    """Pitch and envelope of a spoken vowel.

    The median, over nine frames of 50 ms about the loudest stretch, of
    each harmonic's level.
    """
    table = prompts.table(
        speakers=[speaker],
        languages=[LANGUAGE[speaker]],
        kinds=["letters"],
    )
    (prompt,) = (p for p in table if p.text == letter)
    x = signals.resample(prompt.waveform(), prompt.sample_rate, RATE)
    size = RATE // 20
    power = x.square().unfold(0, size, size // 8).mean(-1)
    centre = int(power.argmax()) * (size // 8)
    starts = (centre + (np.arange(9) - 4) * 32).clip(0, len(x) - size)
    frames = [x[s : s + size] for s in starts]
    f0 = float(
        np.median(
            [
                pitch(f, *PITCH[speaker], sample_rate=RATE)
                for f in frames
            ]
        )
    )
    rows = torch.stack(
        [
            20 * torch.log10(harmonics(f, f0, sample_rate=RATE) + 1e-9)
            for f in frames
        ]
    )
    level = rows.median(0).values
    level = (level - level.max()).clamp(min=LOWEST)
    return f0, Envelope(f0 * torch.arange(1.0, len(level) + 1), level)


@cache
def struck(name: str) -> Envelope:
    """The strongest partials of a struck sound, as ratios to the lowest.

    The eight highest peaks of the spectrum of its first half second,
    above 200 Hz and at least 40 Hz apart, without those that are 30 dB
    below the highest.
    """
    (sample,) = (s for s in percussion.table() if s.name == name)
    x = sample.waveform()[: sample.sample_rate // 2].double()
    window = torch.hann_window(len(x), periodic=False).double()
    size = 1 << 17
    spectrum = torch.fft.rfft(x * window, size).abs()
    step = sample.sample_rate / size
    spectrum[: int(LOW_CUT / step)] = 0.0
    found = []
    while len(found) < PARTIALS:
        k = int(spectrum.argmax())
        found.append((k * step, float(spectrum[k])))
        near = int(APART / step)
        spectrum[max(0, k - near) : k + near + 1] = 0.0
    f, a = torch.tensor(sorted(found), dtype=torch.float32).T
    level = 20 * torch.log10(a / a.max())
    f, level = f[level > WEAKEST], level[level > WEAKEST]
    return Envelope(f / f[0], level)
