"""A small network that estimates masks on a spectrogram.

Explained in decomposition/permutation-invariant-training.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn
from torch.nn import functional

from dla import checks
from dla.spectral.stft import istft, stft

# Between the logarithm, for which silent bins matter most, and the
# magnitude itself, for which only the loudest do; found by trying.
COMPRESSION = 0.4


@dataclass(frozen=True)
class MaskNetworkSettings:
    """Sizes of a mask network."""

    sources: int = 2  # C, masks per mixture
    n_fft: int = 256  # N, window in samples; 32 ms at 8 kHz
    hop_length: int = 128  # H, in samples; 16 ms at 8 kHz
    channels: int = 96  # on the residual path
    hidden: int = 144  # inside a block
    blocks: int = 6  # dilations 1, 2, 4, ... frames


class Block(nn.Module):
    """Widen, filter each channel over three frames, narrow, add."""

    def __init__(self, channels: int, hidden: int, dilation: int):
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, hidden)
        self.taps = nn.Parameter(torch.randn(3, hidden) / 3**0.5)
        self.narrow = nn.Linear(hidden, channels)
        self.dilation = dilation

    def forward(
        self, x: Float[Tensor, "*batch frame channel"]
    ) -> Float[Tensor, "*batch frame channel"]:
        d, frames = self.dilation, x.shape[-2]
        h = functional.relu(self.widen(self.norm(x)))
        h = functional.pad(h, (0, 0, d, d))
        h = (
            self.taps[0] * h[..., :frames, :]
            + self.taps[1] * h[..., d : d + frames, :]
            + self.taps[2] * h[..., 2 * d :, :]
        )
        return x + self.narrow(functional.relu(h))


class MaskNetwork(nn.Module):
    """Magnitude spectrogram of a mixture in, masks out.

    Residual blocks of dilated depthwise convolutions over frames; a
    softmax over the sources, so that the masks sum to one and the
    estimates to the mixture. The input is compressed and normalised
    over the whole mixture: its level has no effect.
    """

    def __init__(
        self, settings: MaskNetworkSettings = MaskNetworkSettings()
    ):
        super().__init__()
        self.settings = s = settings
        bins = s.n_fft // 2 + 1
        self.entry = nn.Linear(bins, s.channels)
        self.blocks = nn.Sequential(
            *(
                Block(s.channels, s.hidden, 2**b)
                for b in range(s.blocks)
            )
        )
        self.exit = nn.Sequential(
            nn.LayerNorm(s.channels),
            nn.ReLU(),
            nn.Linear(s.channels, s.sources * bins),
        )

    def forward(
        self, magnitude: Float[Tensor, "*batch freq frame"]
    ) -> Float[Tensor, "*batch source freq frame"]:
        x = compressed(magnitude).transpose(-1, -2)
        logits = self.exit(self.blocks(self.entry(x)))
        logits = logits.unflatten(-1, (self.settings.sources, -1))
        return logits.movedim(-3, -1).softmax(dim=-3)


def compressed(
    magnitude: Float[Tensor, "*batch freq frame"],
) -> Float[Tensor, "*batch freq frame"]:
    """Power of the magnitude, zero mean and unit variance.

    Over a whole mixture, so that its level has no effect.

    >>> compressed(torch.rand(129, 5)).std()
    tensor(1.)
    """
    magnitude = checks.as_floats("magnitude", magnitude)
    least = torch.finfo(magnitude.dtype).tiny  # a slope at silence
    magnitude = magnitude.masked_fill(magnitude == 0, least)
    x = magnitude**COMPRESSION
    x = x - x.mean((-2, -1), keepdim=True)
    return x / (x.std((-2, -1), keepdim=True) + 1e-8)


def separate(
    network: MaskNetwork, mixture: Float[Tensor, "*batch time"]
) -> Float[Tensor, "*batch source time"]:
    """Waveforms of the masked mixture; they sum to the mixture.

    Args:
        network: trained; its settings say how to transform.
        mixture: at the rate the network was trained at.
    """
    s = network.settings
    spectrum = stft(mixture, n_fft=s.n_fft, hop_length=s.hop_length)
    masks = network(spectrum.abs())
    return istft(
        masks * spectrum[..., None, :, :],
        length=mixture.shape[-1],
        n_fft=s.n_fft,
        hop_length=s.hop_length,
    )


def masked_si_sdr(
    masks: Float[Tensor, "*batch estimate freq frame"],
    sources: Complex[Tensor, "*batch source freq frame"],
) -> Float[Tensor, "*batch estimate source"]:
    r"""SI-SDR in dB of every masked mixture against every source.

    In the transform domain, from inner products alone, so that no
    waveform has to be built (eq-pit-masked):

    .. math::
        \langle M_i X, S_j \rangle
        = \sum_{m,k} M_i \operatorname{Re}(X^* S_j)

    Limited to about 40 dB either way, as a loss must be.

    Args:
        masks: real, one per estimate.
        sources: transforms that sum to the mixture.
    """
    mixture = sources.sum(-3, keepdim=True)
    cross = (mixture.conj() * sources).real
    inner = torch.einsum("...ikm,...jkm->...ij", masks, cross)
    estimate = (masks.square() * energy(mixture)).sum((-2, -1))
    source = energy(sources).sum((-2, -1))
    scale = estimate[..., :, None] * source[..., None, :]
    rho2 = inner.square() / scale.clamp_min(1e-30)  # silence
    return 10 * torch.log10((rho2 + 1e-4) / (1 - rho2 + 1e-4))


def energy(
    spectrum: Complex[Tensor, "*shape"],
) -> Float[Tensor, "*shape"]:
    """Squared magnitude, without the slow square root.

    >>> energy(torch.tensor([3.0 + 4.0j]))
    tensor([25.])
    """
    return spectrum.real.square() + spectrum.imag.square()
