"""Decoders from vowel and pitch to a spectrum that differ in one thing each.

Used in synthesis/adversarial-diffusion-differentiable/pitch-and-vowel.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

RATE = 8000  # Hz
SIZE = 256  # samples of a frame, 32 ms
BINS = SIZE // 2 + 1
HARMONICS = 20  # what 200 Hz has below 4 kHz
FLOOR = -60.0  # dB, added to each bin's power
BASIS = 20  # cosines of an envelope
CLASSES = 5
CENTRE, SPREAD = 250.0, 50.0  # Hz, brings pitches to about one
PERIODS = (400.0, 200.0, 100.0, 50.0, 25.0)  # Hz, of the pitch's waves
MIDDLE, REACH = -30.0, 35.0  # dB, of all levels that a decoder gives


def lobes(
    frequency: Float[Tensor, "*batch partial"],
) -> Float[Tensor, "*batch partial bin"]:
    r"""Spectra of Hann-windowed cosines with phase zero in the middle.

    .. math::
        W_k(f) = \frac{2}{\sum_n w_n} \sum_{n=-N/2}^{N/2-1} w_n
        \cos(2 \pi f n / F_s) \cos(2 \pi k n / N)

    (def-vowel-frame). Real, because the frame is even; about 1 where
    k F_s / N = f.

    Args:
        frequency: Hz.

    >>> spectrum = lobes(torch.tensor([1000.0]))[0]
    >>> spectrum[31:34].round(decimals=2)
    tensor([0.5000, 1.0000, 0.5000])
    """
    n = torch.arange(SIZE, dtype=torch.float32) - SIZE // 2
    window = torch.hann_window(SIZE)
    k = torch.arange(BINS, dtype=torch.float32)
    read = window[:, None] * torch.cos(
        2 * math.pi * n[:, None] * k / SIZE
    )
    wave = torch.cos(2 * math.pi * frequency[..., None] * n / RATE)
    return wave @ read * (2 / window.sum())


def level(power: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Power in dB above a floor that silence has.

    >>> level(torch.tensor([1.0, 0.0])).round()
    tensor([  0., -60.])
    """
    return 10 * torch.log10(power + 10 ** (FLOOR / 10))


@dataclass(frozen=True)
class Arm:
    """What a decoder is told, and what the numbers that it gives mean."""

    coordinate: str  # "frequency", "harmonic" or "bin"
    told: bool  # the pitch, beside the vowel
    waves: bool = True  # how: also as waves, or as a number alone


ARMS = {
    "source-filter": Arm("frequency", told=False),
    "source-filter, told": Arm("frequency", told=True),
    "harmonic": Arm("harmonic", told=True),
    "wavetable": Arm("harmonic", told=False),
    "black box": Arm("bin", told=True),
}


class Decoder(nn.Module):
    """Levels of harmonics, or of bins, from a vowel's number and a pitch.

    One trunk for all arms. Its last layer gives the coefficients of
    cosines over absolute frequency, of cosines over the harmonic's
    number, or the bins themselves.

    Args:
        arm: see :class:`Arm`.
        width: of the two hidden layers.
    """

    def __init__(self, arm: Arm, width: int = 64):
        super().__init__()
        if arm.coordinate not in ("frequency", "harmonic", "bin"):
            raise ValueError(
                f"coordinate {arm.coordinate!r}: expected 'frequency', 'harmonic' or 'bin'"
            )
        self.arm = arm
        self.vowel = nn.Linear(CLASSES, 16, bias=False)
        self.pitch = nn.Linear(1 + 2 * len(PERIODS), 16)
        self.trunk = nn.Sequential(
            nn.SiLU(),
            nn.Linear(16, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(
                width, BINS if arm.coordinate == "bin" else BASIS
            ),
        )

    def forward(
        self, inputs: Float[Tensor, "batch two"]
    ) -> Float[Tensor, "batch level"]:
        """Levels in dB of the harmonics 1 to 20, or of the bins.

        Args:
            inputs: vowel's number and pitch in Hz, side by side.
        """
        number, f0 = inputs[:, 0], inputs[:, 1:]
        one_hot = (number[:, None] == torch.arange(CLASSES)).float()
        given = self.vowel(one_hot) + float(self.arm.told) * self.pitch(
            features(f0, self.arm.waves)
        )
        c = self.trunk(given)
        if self.arm.coordinate != "bin":
            h = torch.arange(1, HARMONICS + 1)
            where = (
                f0 * h / (RATE / 2)
                if self.arm.coordinate == "frequency"
                else ((h - 0.5) / HARMONICS).expand(len(f0), -1)
            )
            order = torch.arange(BASIS)
            basis = torch.cos(math.pi * where[..., None] * order)
            c = (basis @ c[..., None])[..., 0]
        return MIDDLE + REACH * torch.tanh(c)


def features(
    f0: Float[Tensor, "*batch 1"], waves: bool = True
) -> Float[Tensor, "*batch feature"]:
    """A pitch in Hz as a number, and as waves of several periods.

    Args:
        f0: Hz.
        waves: if not, these are zero.

    >>> features(torch.tensor([300.0]), waves=False)[:3]
    tensor([1., 0., 0.])
    """
    line = (f0 - CENTRE) / SPREAD
    turns = 2 * math.pi * f0 / torch.tensor(PERIODS)
    rest = torch.cat([turns.cos(), turns.sin()], dim=-1)
    return torch.cat([line, float(waves) * rest], dim=-1)


def frame(
    arm: Arm,
    levels: Float[Tensor, "*batch level"],
    f0: Float[Tensor, "*batch"],
    shapes: Float[Tensor, "*batch harmonic bin"] | None = None,
) -> Float[Tensor, "*batch bin"]:
    """The spectrum that a decoder's levels mean, linear.

    Args:
        arm: the decoder's.
        levels: its outputs in dB.
        f0: pitch in Hz.
        shapes: `lobes` of the harmonics, if they are at hand.
    """
    amplitude = 10 ** (levels / 20)
    if arm.coordinate == "bin":
        return amplitude
    f = f0[..., None] * torch.arange(1, HARMONICS + 1)
    if shapes is None:
        shapes = lobes(f)
    amplitude = amplitude * (f < RATE / 2)
    return (amplitude[..., None, :] @ shapes)[..., 0, :]
