"""aiSFX: one vector a sound, near for sounds that are filed together.

Eight convolutions over a mel spectrogram, trained to name the category
of sounds in several libraries of effects at once (Ma and Lerch, 2022);
what comes before the last layers is the embedding. The package asks for
Essentia, whose spectrogram is computed here as it is defined there:
:func:`spectrogram`. (The package's other one, with librosa, levels
sounds first; the weights are from the first.)
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla.reference.published import Package, as_samples, one_core

PACKAGE = Package(
    name="aisfx",
    tested="0.1.2",
    module="aisfx",
    beside=(),
    licence="CC-BY-4.0",
    source="Ma and Lerch (2022), ISMIR, pp. 866-875",
)
WEIGHTS = "models/checkpoint.pth"
SAMPLE_RATE = 44100  # Hz
WINDOW, HOP = 2048, 1024  # samples
BANDS = 96
FULL = 9.457798957824707  # largest value of the training: 1 after it
FRAMES, STEP = 100, 50  # of a part: 2.3 s, every 1.2 s
CHANNELS = (1, 64, 128, 256, 512)
COUNTS = [  # what the file needs to say how many categories a library has
    (np._core.multiarray.scalar, "numpy.core.multiarray.scalar"),
    np.dtype,
    np.dtypes.Int64DType,
]


def aisfx(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Float[Tensor, "512"]:
    """A sound's embedding: the mean over its parts of 2.3 s.

    Not levelled, as in the training. A shorter sound is followed by
    silence; what is left at the end of a longer one is not heard.

    Args:
        waveform: any sound, mono.
        sample_rate: Hz; other rates than 44.1 kHz are resampled.

    Raises:
        MissingPackage: aisfx is not installed.
        ValueError: no mono sound of finite numbers.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    path = PACKAGE.folder / WEIGHTS
    with torch.serialization.safe_globals(COUNTS):
        stored, _ = torch.load(
            path, map_location="cpu", weights_only=True
        )
    name = "embedding_net."
    network = _Network()
    network.load_state_dict(
        {
            key.removeprefix(name): value
            for key, value in stored.items()
            if key.startswith(name)
        }
    )
    parts = parts_of(spectrogram(torch.from_numpy(x)) / FULL)
    with one_core():
        return network.eval()(parts).mean(0).clone()


class _Network(nn.Module):
    """The layers by the names of the file; 4.7 M parameters."""

    def __init__(self):
        super().__init__()
        for k in range(1, len(CHANNELS)):
            block = nn.Module()
            width = CHANNELS[k]
            for i, before in ((1, CHANNELS[k - 1]), (2, width)):
                layer = nn.Conv2d(
                    before, width, 3, padding=1, bias=False
                )
                setattr(block, f"conv{i}", layer)
                setattr(block, f"bn{i}", nn.BatchNorm2d(width))
            setattr(self, f"conv_block{k}", block)

    def forward(
        self, parts: Float[Tensor, "part frame band"]
    ) -> Float[Tensor, "part 512"]:
        h = parts[:, None]
        for k in range(1, len(CHANNELS)):
            block = getattr(self, f"conv_block{k}")
            h = block.bn1(block.conv1(h)).relu()
            h = block.bn2(block.conv2(h)).relu()
            if k < len(CHANNELS) - 1:
                h = nn.functional.max_pool2d(h, 2)
        return h.mean(3).amax(2)


def parts_of(
    frames: Float[Tensor, "frame band"],
) -> Float[Tensor, "part 100 band"]:
    """Parts of 100 frames, every 50; a short sound is one, filled up.

    >>> parts_of(torch.zeros(40, 96)).shape, parts_of(torch.zeros(260, 96)).shape
    (torch.Size([1, 100, 96]), torch.Size([4, 100, 96]))
    """
    lacking = max(FRAMES - len(frames), 0)
    filled = nn.functional.pad(frames, (0, 0, 0, lacking))
    return filled.unfold(0, FRAMES, STEP).mT


def spectrogram(
    samples: Float[Tensor, "time"],
) -> Float[Tensor, "frame band"]:
    r"""log10(1 + 10000 E), E the mean power in a band.

    Frame m is centred on sample 1024 m.

    Args:
        samples: at 44.1 kHz, a sample at least.

    >>> spectrogram(torch.zeros(44100)).shape
    torch.Size([44, 96])
    """
    count = -(-len(samples) // HOP)
    half = WINDOW // 2
    padded = nn.functional.pad(samples, (half, WINDOW))
    frames = padded.unfold(0, WINDOW, HOP)[:count]
    window = torch.hann_window(WINDOW, periodic=False).to(samples)
    power = torch.fft.rfft(frames * window).abs().square()
    return torch.log10(1 + 1e4 * power @ filters().to(samples).T)


def filters() -> Float[Tensor, "band freq"]:
    """Triangles of sum one, straight and evenly spaced in mel (HTK).

    The weight of a bin is linear in its mel, not in its frequency.

    >>> filters().shape
    torch.Size([96, 1025])
    """
    bins = torch.arange(WINDOW // 2 + 1, dtype=torch.float64)
    mel = hz_to_mel(bins * SAMPLE_RATE / WINDOW)
    step = float(mel[-1]) / (BANDS + 1)
    place = mel / step - torch.arange(1, BANDS + 1)[:, None]
    weight = (1 - place.abs()).clamp_min(0)
    total = weight.sum(-1, keepdim=True)
    return (weight / total.where(total > 0, 1.0)).float()


def hz_to_mel(
    frequency: Float[Tensor, "*shape"],
) -> Float[Tensor, "*shape"]:
    """Frequency in mel as the Hidden Markov Model Toolkit has it.

    >>> hz_to_mel(torch.tensor([0.0, 700.0]))
    tensor([  0.0000, 781.1841])
    """
    return 1127.01048 * torch.log1p(frequency / 700)
