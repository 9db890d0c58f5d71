r"""Spectra of harmonic tones by formula, and four networks that read them.

For the experiment of analysis/melody/equivariance: what a network
learns about pitch that shares its weights along log frequency, and one
that does not. One change from arm to arm: `dense` shares nothing;
`wide` shares its weights and sees all partials; `plain` is `wide` with
a kernel too short for an octave; `harmonic` is `plain` with the
spectrum stacked at the distances of the partials.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from dla.names import unknown

PER_OCTAVE = 24  # B: a bin is 50 cents
PITCHES = 96  # bins of the answer: four octaves
BINS = 180  # of the spectrum
PARTIALS = 10
BLUR = 0.8  # bins, standard deviation of a partial's hump
NOISE = 0.05  # standard deviation, the strongest partial being one
SEEN = (24.0, 72.0)  # bins: two octaves in training
UNSEEN = ((4.0, 24.0), (72.0, 92.0))  # below and above
STACK = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0)  # h of the harmonic stack
ARMS = ("dense", "wide", "plain", "harmonic")
SETS = ("seen", "octaves", "timbre", "missing", "stretched")
STRETCH = (
    0.003  # of a stiff string: partial h at h sqrt(1 + STRETCH h h)
)

_H = torch.arange(1, PARTIALS + 1, dtype=torch.float32)
# Amplitudes of the partials, the strongest of each one.
TIMBRES = {
    "bright": _H**-0.5,
    "dark": _H**-1.5,
    "odd": torch.where(_H % 2 == 1, _H**-0.8, 0.1 * _H**-0.8),
}
UNSEEN_TIMBRES = {  # a formant, weak low partials, strong even ones
    "formant": torch.exp(-0.5 * ((_H - 3.5) / 1.2) ** 2).clamp_min(0.1),
    "rising": (_H / PARTIALS).clamp_min(0.15),
    "even": torch.where(_H % 2 == 0, _H**-0.5, 0.25 * _H**-0.5),
}


@dataclass(frozen=True, eq=False)
class Tones:
    """Spectra and the pitch of each."""

    spectra: Float[Tensor, "item bin"]
    pitch: Float[Tensor, "item"]  # bins, not whole


def spectra(
    pitch: Float[Tensor, "item"],
    amplitudes: Float[Tensor, "item partial"],
    generator: torch.Generator,
    *,
    stretch: float = 0.0,
) -> Float[Tensor, "item bin"]:
    r"""Humps at the partials, noise, compressed.

    .. math:: \sum_h a_h \exp\bigl(-\tfrac{1}{2 s^2}
        (i - p - B \log_2 h)^2\bigr)

    Args:
        pitch: :math:`p` in bins.
        amplitudes: :math:`a_h`; scaled so that the largest is one.
        generator: of the noise; it advances.
        stretch: partial h lies at h sqrt(1 + stretch h h) times the
            pitch, as of a stiff string.
    """
    ratio = _H * torch.sqrt(1 + stretch * _H**2)
    at = pitch[:, None] + PER_OCTAVE * torch.log2(ratio)
    apart = torch.arange(BINS) - at[..., None]
    humps = torch.exp(-0.5 * (apart / BLUR) ** 2)
    peak = amplitudes.amax(1, keepdim=True)
    x = torch.einsum("np,npb->nb", amplitudes / peak, humps)
    noise = NOISE * torch.randn(x.shape, generator=generator).abs()
    return torch.log1p(10 * (x + noise))


def draw_tones(
    count: int,
    generator: torch.Generator,
    *,
    timbres: dict[str, Tensor] | None = TIMBRES,
    ranges: Sequence[tuple[float, float]] = (SEEN,),
    missing: bool = False,
    stretch: float = 0.0,
) -> Tones:
    """Tones of random pitch and timbre.

    Args:
        count: how many.
        generator: decides.
        timbres: to choose from; each partial then varies by 2 dB.
            None: each partial's level is drawn between -30 and 0 dB.
        ranges: of the pitch in bins, chosen evenly.
        missing: without the first partial.
        stretch: as in :func:`spectra`.
    """
    low, high = torch.tensor(ranges).T
    chosen = torch.randint(len(low), (count,), generator=generator)
    share = torch.rand(count, generator=generator)
    pitch = low[chosen] + (high - low)[chosen] * share
    if timbres is None:
        level = -30 * torch.rand(count, PARTIALS, generator=generator)
        amplitudes = 10 ** (level / 20)
    else:
        table = torch.stack(list(timbres.values()))
        which = torch.randint(len(table), (count,), generator=generator)
        level = 2 * torch.randn(count, PARTIALS, generator=generator)
        amplitudes = table[which] * 10 ** (level / 20)
    if missing:
        amplitudes = amplitudes * (_H > 1)
    x = spectra(pitch, amplitudes, generator, stretch=stretch)
    return Tones(x, pitch)


def tone_set(name: str, *, count: int = 600, seed: int = 100) -> Tones:
    """A test set: as in training, or with one thing new.

    Args:
        name: of SETS: "seen" as in training, "octaves" above and
            below, "timbre" of UNSEEN_TIMBRES, "missing" without the
            fundamental, "stretched" with partials that are no
            multiples.
        count: how many tones.
        seed: of the draws.

    Raises:
        ValueError: no such set.
    """
    generator = torch.Generator().manual_seed(seed)
    if name == "seen":
        return draw_tones(count, generator)
    if name == "octaves":
        return draw_tones(count, generator, ranges=UNSEEN)
    if name == "timbre":
        return draw_tones(count, generator, timbres=UNSEEN_TIMBRES)
    if name == "missing":
        return draw_tones(count, generator, missing=True)
    if name == "stretched":
        return draw_tones(count, generator, stretch=STRETCH)
    raise ValueError(unknown("test set", name, SETS))


def stacked(
    x: Float[Tensor, "item bin"],
) -> Float[Tensor, "item harmonic bin"]:
    """The spectrum once for each h, partial h moved onto the pitch."""
    return torch.stack(
        [_moved(x, round(PER_OCTAVE * math.log2(h))) for h in STACK], 1
    )


def _moved(x: Tensor, by: int) -> Tensor:
    """x(i + by), zeros beyond the ends."""
    if by >= 0:
        return functional.pad(x[:, by:], (0, by))
    return functional.pad(x[:, :by], (-by, 0))


class SharedNetwork(nn.Module):
    """Convolutions along log frequency, and a logit for each pitch.

    Args:
        reach: bins on either side that the first layer sees.
        harmonic: whether the spectrum is stacked.
        channels: of the two hidden layers.
    """

    def __init__(
        self, reach: int, *, harmonic: bool, channels: int = 16
    ):
        super().__init__()
        self.harmonic = harmonic
        inputs = len(STACK) if harmonic else 1
        self.layers = nn.Sequential(
            nn.Conv1d(inputs, channels, 2 * reach + 1, padding=reach),
            nn.ReLU(),
            nn.Conv1d(channels, channels, 1),
            nn.ReLU(),
            nn.Conv1d(channels, 1, 1),
        )

    def forward(
        self, x: Float[Tensor, "item bin"]
    ) -> Float[Tensor, "item pitch"]:
        x = stacked(x) if self.harmonic else x.unsqueeze(1)
        return self.layers(x)[:, 0, :PITCHES]


def arm(name: str) -> nn.Module:
    """A network at its start.

    Args:
        name: of ARMS.

    Raises:
        ValueError: no such arm.
    """
    if name == "dense":
        return nn.Sequential(
            nn.Linear(BINS, 256),
            nn.ReLU(),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Linear(128, PITCHES),
        )
    if name == "wide":
        return SharedNetwork(PITCHES, harmonic=False)
    if name == "plain":
        return SharedNetwork(7, harmonic=False)
    if name == "harmonic":
        return SharedNetwork(7, harmonic=True)
    raise ValueError(unknown("arm", name, ARMS))


def nearest(pitch: Float[Tensor, "item"]) -> Int[Tensor, "item"]:
    """The class of a pitch: its bin."""
    return pitch.round().long()


@torch.no_grad()
def tone_accuracies(
    network: nn.Module, tones: Tones
) -> tuple[float, float]:
    """Raw pitch and raw chroma accuracy: within a bin, 50 cents."""
    apart = network(tones.spectra).argmax(-1) - tones.pitch
    folded = apart - PER_OCTAVE * torch.round(apart / PER_OCTAVE)
    return (
        float((apart.abs() <= 1).double().mean()),
        float((folded.abs() <= 1).double().mean()),
    )
