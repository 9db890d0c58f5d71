"""BeatNet: how sure a causal network is of a beat, and of a downbeat.

One convolution along frequency and two recurrent layers, which know
the past alone; a particle filter finds beats in what they say (Heydari
et al., 2021). Here is the network; what decodes it is the book's. The
package asks for madmom, whose spectrum is computed here as it is
defined there (Boeck et al., 2016): :func:`spectrum`.
"""

from typing import Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla.reference.published import Package, as_samples, one_core

PACKAGE = Package(
    name="BeatNet",
    tested="1.1.3",
    module="BeatNet",
    beside=(),
    licence="CC-BY-4.0",
    source="Heydari et al. (2021), ISMIR, arXiv:2108.03576",
)
SAMPLE_RATE = 22050  # Hz
HOP, WINDOW = 441, 1411  # samples: 20 and 64 ms
FRAME_RATE = 50.0  # Hz
BANDS_PER_OCTAVE = 24
LOWEST, HIGHEST, A4 = 30.0, 17000.0, 440.0  # Hz
FEATURES = 272  # levels and rises of 136 bands
LEFT_OUT = {"GTZAN": 1, "Ballroom": 2, "Rock": 3}  # of the training


class BeatActivation(NamedTuple):
    """How sure the network is, frame by frame; the rest is no beat."""

    times: Float[Tensor, "frame"]  # s, of the frames' centres
    beat: Float[Tensor, "frame"]  # probability of one that opens no bar
    downbeat: Float[Tensor, "frame"]


def beatnet(
    waveform: Float[Tensor, "time"],
    *,
    sample_rate: int,
    without: Literal["GTZAN", "Ballroom", "Rock"] = "GTZAN",
) -> BeatActivation:
    """Probability of a beat and of a downbeat, every 20 ms.

    The level matters: the spectrum is compressed as it is.

    Args:
        waveform: music, mono, mastered: with a peak near one.
        sample_rate: Hz; other rates than 22.05 kHz are resampled.
        without: corpus that this one of three networks has not heard.

    Raises:
        MissingPackage: BeatNet is not installed.
        ValueError: no mono sound of finite numbers, or another corpus.
    """
    if without not in LEFT_OUT:
        raise ValueError(
            f"no network without {without!r}; there are "
            + ", ".join(LEFT_OUT)
        )
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    file = f"models/model_{LEFT_OUT[without]}_weights.pt"
    stored = torch.load(
        PACKAGE.folder / file, map_location="cpu", weights_only=True
    )
    network = _Network()
    network.load_state_dict(stored)
    features = with_rise(spectrum(torch.from_numpy(x)))
    with one_core():
        found = network.eval()(features).softmax(-1)
    return BeatActivation(
        times=torch.arange(len(found)).double() * HOP / SAMPLE_RATE,
        beat=found[:, 0].clone(),
        downbeat=found[:, 1].clone(),
    )


class _Network(nn.Module):
    """The layers by the names of the file; 402 k parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(1, 2, 10)
        self.linear0 = nn.Linear(2 * ((FEATURES - 9) // 2), 150)
        self.lstm = nn.LSTM(150, 150, 2, batch_first=True)
        self.linear = nn.Linear(150, 3)

    def forward(
        self, features: Float[Tensor, "frame feature"]
    ) -> Float[Tensor, "frame 3"]:
        h = self.conv1(features[:, None]).relu()
        h = nn.functional.max_pool1d(h, 2).flatten(1)
        h, _ = self.lstm(self.linear0(h)[None])
        return self.linear(h[0])


def spectrum(
    samples: Float[Tensor, "time"],
) -> Float[Tensor, "frame band"]:
    """Levels in bands of a quarter tone, log10(1 + magnitude).

    Frame m is centred on sample 441 m. The highest bin is left out.

    Args:
        samples: at 22.05 kHz, a sample at least.

    >>> spectrum(torch.zeros(22050)).shape
    torch.Size([50, 136])
    """
    count = -(-len(samples) // HOP)
    half = WINDOW // 2
    length = (count - 1) * HOP + WINDOW
    padded = torch.zeros(length, dtype=samples.dtype)
    fits = min(len(samples), length - half)
    padded[half:][:fits] = samples[:fits]
    frames = padded.unfold(0, WINDOW, HOP)
    window = torch.hann_window(WINDOW, periodic=False).to(samples)
    magnitude = torch.fft.rfft(frames * window).abs()[:, : WINDOW // 2]
    return torch.log10(1 + magnitude @ filters().to(samples).T)


def filters() -> Float[Tensor, "band freq"]:
    """Triangles of sum one between bins nearest to quarter tones.

    Where the transform is too coarse for quarter tones, those that fall
    into one bin are one; the lowest triangles hold a single bin.

    >>> filters().shape
    torch.Size([136, 705])
    """
    bins = np.arange(WINDOW // 2) * SAMPLE_RATE / WINDOW
    first, last = (
        BANDS_PER_OCTAVE * np.log2(f / A4) for f in (LOWEST, HIGHEST)
    )
    steps = np.arange(np.ceil(first), np.floor(last) + 1)
    tones = A4 * 2 ** (steps / BANDS_PER_OCTAVE)
    corners = np.unique(abs(bins - tones[:, None]).argmin(1))
    matrix = torch.zeros(len(corners) - 2, len(bins))
    for row, k in enumerate(range(1, len(corners) - 1)):
        low, peak, high = corners[k - 1 : k + 2].tolist()
        matrix[row, low : peak + 1] = torch.linspace(
            0, 1, peak - low + 1
        )
        matrix[row, peak : high + 1] = torch.linspace(
            1, 0, high - peak + 1
        )
    return matrix / matrix.sum(-1, keepdim=True)


def with_rise(
    level: Float[Tensor, "frame band"],
) -> Float[Tensor, "frame feature"]:
    """Levels, and beside them by how much they rose in a frame.

    >>> with_rise(torch.tensor([[0.0], [2.0], [1.0]])).tolist()
    [[0.0, 0.0], [2.0, 2.0], [1.0, 0.0]]
    """
    rise = level.diff(dim=0, prepend=level[:1]).clamp_min(0)
    return torch.cat([level, rise], dim=-1)
