r"""Deep chroma: a chroma that is learned, and chords from it.

Explained in analysis/chords/network. Two networks read the same
constant-Q spectrum and give the same things, twelve logits of pitch
classes and 25 of chords a frame. :class:`DenseChordNetwork` has a weight
of its own for every bin, as the deep chroma extractor (Korzeniowski and
Widmer, 2016). :class:`RingChordNetwork` shares its weights over all
transpositions, so that it commutes with them.

Pitch lies on a ring of seven octaves: six with sound and half an octave
of zeros at either end, so that what is transposed by up to six
semitones neither leaves the axis nor meets itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from dla import checks
from dla.models.chord_templates import binary_patterns
from dla.models.pitch_class_network import CircularConvolution
from dla.spectral.chroma import CLASSES

NONE = 2 * CLASSES  # class of no chord, behind all triads
SHARE = 3  # bins a semitone
OCTAVES = 6  # of the spectrum, from a C
BINS = OCTAVES * CLASSES * SHARE
RING = (OCTAVES + 1) * CLASSES  # semitones of the ring
MARGIN = (RING * SHARE - BINS) // 2  # bins of zeros at either end
GAMMA = 10.0  # of the compression; what it multiplies is level-free
QUIETEST = 1e-14  # mean square; below it all is silence


def on_ring(
    magnitude: Float[Tensor, "*batch 216 frame"],
) -> Float[Tensor, "*batch 252 frame"]:
    r"""The input of the networks: compressed, and with room at the ends.

    .. math::
        x(m, k) = \log\bigl(1 + \gamma\, |X(m, k)| / X_{\mathrm{rms}}\bigr)

    (def-chords-net-input). The mean square is that of the whole
    excerpt, so that a gain changes nothing.

    Args:
        magnitude: of a constant-Q transform, six octaves of 36 bins
            from a C.

    Raises:
        ValueError: another number of bins; or not finite.

    >>> on_ring(torch.ones(216, 5)).shape
    torch.Size([252, 5])
    """
    if magnitude.ndim < 2 or magnitude.shape[-2] != BINS:
        raise ValueError(
            f"magnitude {tuple(magnitude.shape)}: expected (..., {BINS}, frame), "
            f"{OCTAVES} octaves of {CLASSES * SHARE} bins"
        )
    magnitude = checks.as_floats("magnitude", magnitude)
    checks.refuse_non_finite(magnitude=magnitude)
    power = magnitude.square().mean((-2, -1), keepdim=True)
    x = torch.log1p(
        GAMMA * magnitude / power.clamp_min(QUIETEST).sqrt()
    )
    return functional.pad(x, (0, 0, MARGIN, MARGIN))


def transpose(
    ring: Float[Tensor, "*batch 252 frame"], semitones: int
) -> Float[Tensor, "*batch 252 frame"]:
    """The same music so many semitones higher.

    >>> x = on_ring(torch.rand(216, 2))
    >>> torch.equal(transpose(transpose(x, 5), -5), x)
    True
    """
    return ring.roll(SHARE * semitones, -2)


def transpose_classes(
    classes: Int[Tensor, "*frame"], semitones: int
) -> Int[Tensor, "*frame"]:
    """Chords so many semitones higher; no chord stays none, -1 stays -1.

    >>> transpose_classes(torch.tensor([11, 12, 24, -1]), 2)
    tensor([ 1, 14, 24, -1])
    """
    mode = classes.div(CLASSES, rounding_mode="floor")
    moved = CLASSES * mode + (classes + semitones) % CLASSES
    rooted = (classes >= 0) & (classes < NONE)
    return torch.where(rooted, moved, classes)


def rotate_logits(
    logits: Float[Tensor, "*batch 25 frame"], semitones: int
) -> Float[Tensor, "*batch 25 frame"]:
    """What an equivariant network says of the transposed music.

    >>> rotate_logits(torch.eye(25)[:, :1], 3).argmax()
    tensor(3)
    """
    rooted = logits[..., :NONE, :].unflatten(-2, (-1, CLASSES))
    rooted = rooted.roll(semitones, -2).flatten(-3, -2)
    return torch.cat([rooted, logits[..., NONE:, :]], -2)


class ChordsOfChroma(nn.Module):
    r"""Chords as a linear function of the logits of pitch classes.

    .. math:: a_{\mu r}(m) = b_\mu
        + \sum_q w_\mu\bigl((q - r) \bmod 12\bigr)\, z_q(m)

    (eq-chords-net-linear). Two patterns, begun as binary templates,
    and the logit of "N", which sees the sum over the classes.
    """

    def __init__(self):
        super().__init__()
        self.patterns = nn.Parameter(binary_patterns())
        self.bias = nn.Parameter(torch.zeros(len(self.patterns)))
        self.none = nn.Parameter(torch.tensor([0.0, -0.1]))

    def forward(
        self, chroma: Float[Tensor, "*batch 12 frame"]
    ) -> Float[Tensor, "*batch 25 frame"]:
        q = torch.arange(CLASSES, device=chroma.device)
        tied = self.patterns[:, (q - q[:, None]) % CLASSES]
        chords = tied.flatten(0, 1) @ chroma
        chords = chords + self.bias.repeat_interleave(CLASSES)[:, None]
        none = self.none[0] + self.none[1] * chroma.sum(
            -2, keepdim=True
        )
        return torch.cat([chords, none], -2)


class Over(nn.Module):
    """Weighted sum over neighbouring frames, each channel by itself.

    The same for all pitch classes, so that it commutes with rotations.
    It begins as the identity.
    """

    def __init__(self, channels: int, frames: int):
        super().__init__()
        weight = torch.zeros(channels, frames)
        weight[:, frames // 2] = 1.0
        self.weight = nn.Parameter(weight)

    def forward(
        self, x: Float[Tensor, "*batch channel 12 frame"]
    ) -> Float[Tensor, "*batch channel 12 frame"]:
        taps = self.weight.shape[-1]
        padded = functional.pad(x, (taps // 2, taps // 2))
        views = padded.unfold(-1, taps, 1)
        return torch.einsum("...cqmk,ck->...cqm", views, self.weight)


@dataclass(frozen=True)
class RingChordNetworkSettings:
    """Sizes."""

    channels: int = 12  # on the ring of 84 semitones
    hidden: int = 24  # on the circle of twelve pitch classes
    context: int = 7  # frames that each of two layers sees


class RingChordNetwork(nn.Module):
    """Chords from a spectrum; it commutes with transposition.

    A circular convolution over the ring (from each third bin to the
    next semitone), mean and maximum over the octaves, circular
    convolutions over the pitch classes, sums over time, and a chroma
    of which chords are read (eq-chords-net-equivariant).

    Args:
        settings: sizes.
    """

    def __init__(
        self,
        settings: RingChordNetworkSettings = RingChordNetworkSettings(),
    ):
        super().__init__()
        self.settings = settings
        c, h, taps = (
            settings.channels,
            settings.hidden,
            settings.context,
        )
        bins = RING * SHARE
        self.kernel = nn.Parameter(torch.randn(c, bins) * bins**-0.5)
        self.bias = nn.Parameter(torch.zeros(c))
        self.first = CircularConvolution(2 * c, h)
        self.before = Over(h, taps)
        self.second = CircularConvolution(h, h)
        self.after = Over(h, taps)
        self.to_chroma = CircularConvolution(h, 1)
        self.chords = ChordsOfChroma()

    def chroma(
        self, ring: Float[Tensor, "*batch 252 frame"]
    ) -> Float[Tensor, "*batch 12 frame"]:
        """The learned chroma: logits of the pitch classes."""
        bins = RING * SHARE
        # Row p of the circulant, w(3p - k), with w(n) = kernel[n - 1]:
        # the kernel read backwards, three bins on for each semitone.
        twice = self.kernel.flip(-1).repeat(1, 2)
        windows = twice.unfold(-1, bins, SHARE)[:, 1:].flip(1)
        x = torch.einsum("cpk,...km->...cpm", windows, ring)
        x = functional.relu(x + self.bias[:, None, None])
        x = x.unflatten(-2, (-1, CLASSES))  # octave, pitch class
        x = torch.cat([x.mean(-3), x.amax(-3)], -3)
        x = functional.relu(self.before(self.first(x)))
        x = functional.relu(self.after(self.second(x)))
        return self.to_chroma(x).squeeze(-3)

    def forward(
        self, ring: Float[Tensor, "*batch 252 frame"]
    ) -> Float[Tensor, "*batch 25 frame"]:
        """Logits of the chords of `dla.measures.chords.VOCABULARY`."""
        return self.chords(self.chroma(ring))


@dataclass(frozen=True)
class DenseChordNetworkSettings:
    """Sizes."""

    hidden: int = 48  # units of each of two layers
    context: int = 11  # frames that a decision sees


class DenseChordNetwork(nn.Module):
    """Chords from a spectrum; each bin and frame has weights of its own.

    Nothing ties a chord to its transpositions: what it knows of one it
    has to learn again for the next. A chroma is learned on the way, as in
    `RingChordNetwork`; each chord reads it with its own pattern.

    Args:
        settings: sizes.
    """

    def __init__(
        self,
        settings: DenseChordNetworkSettings = DenseChordNetworkSettings(),
    ):
        super().__init__()
        self.settings = settings
        h, taps = settings.hidden, settings.context
        self.first = nn.Conv1d(RING * SHARE, h, taps, padding=taps // 2)
        self.second = nn.Conv1d(h, h, 1)
        self.to_chroma = nn.Conv1d(h, CLASSES, 1)
        self.chords = nn.Conv1d(CLASSES, NONE + 1, 1)

    def chroma(
        self, ring: Float[Tensor, "*batch 252 frame"]
    ) -> Float[Tensor, "*batch 12 frame"]:
        """The learned chroma: logits of the pitch classes."""
        x = functional.relu(self.first(ring))
        return self.to_chroma(functional.relu(self.second(x)))

    def forward(
        self, ring: Float[Tensor, "*batch 252 frame"]
    ) -> Float[Tensor, "*batch 25 frame"]:
        """Logits of the chords of `dla.measures.chords.VOCABULARY`."""
        return self.chords(self.chroma(ring))


@torch.no_grad()
def over_transpositions(
    network: Callable[[Tensor], Tensor],
    ring: Float[Tensor, "*batch 252 frame"],
) -> Float[Tensor, "*batch 25 frame"]:
    r"""The mean over all transpositions, each turned back.

    .. math:: \bar f(x) = \tfrac1{12} \sum_g R_{-g}\, f(T_g x)

    (def-chords-net-averaged). Twelve shifts of a ring of 84: what it says
    follows a transposition up to the octave that the network hears.

    Args:
        network: from a ring to logits of chords.
        ring: of :func:`on_ring`.
    """
    half = CLASSES // 2
    turned = [
        rotate_logits(network(transpose(ring, g)), -g)
        for g in range(-half, half)
    ]
    return torch.stack(turned).mean(0)
