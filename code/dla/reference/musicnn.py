"""musicnn: words for music.

A network over 96 mel bands that was trained to give the fifty words that
players of a game most often gave recordings (Pons and Serra, 2019). The
package holds the weights as a TensorFlow checkpoint; the layers are
built here in torch, and neither TensorFlow nor librosa is needed.
Compared with the package's own graph in TensorFlow 2.21, behind librosa
0.11 and the product in single precision, on 81 parts of the book's
sounds: no probability differs by more than 8e-6. (librosa of 2019
mirrored the sound at its ends, which moves some by 0.02.)
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla.reference.checkpoint import read_checkpoint
from dla.reference.published import Package, as_samples, one_core
from dla.spectral.mel import mel_spectrogram

PACKAGE = Package(
    name="musicnn",
    tested="0.1.0",
    module="musicnn",
    beside=(),
    licence="ISC",
    source="Pons and Serra (2019), musicnn: Pre-trained "
    "convolutional neural networks for music audio tagging",
)
WEIGHTS = "MTT_musicnn"  # a folder; the files have no stem
SAMPLE_RATE = 16000  # Hz
WINDOW, HOP = 512, 256  # samples
BANDS = 96
FRAMES = 187  # of a part, 3.0 s
BN_EPS = 1e-3  # of the framework that it was trained with
AROUND = 3  # frames before and after, of convolutions of 7 frames
TIMBRAL, TEMPORAL, MIDDLE = 2, 3, 3  # convolutions of each kind
TAGS = (
    *("guitar", "classical", "slow", "techno", "strings", "drums"),
    *("electronic", "rock", "fast", "piano", "ambient", "beat"),
    *("violin", "vocal", "synth", "female", "indian", "opera", "male"),
    *("singing", "vocals", "no vocals", "harpsichord", "loud", "quiet"),
    *("flute", "woman", "male vocal", "no vocal", "pop", "soft"),
    *("sitar", "solo", "man", "classic", "choir", "voice", "new age"),
    *("dance", "male voice", "female vocal", "beats", "harp", "cello"),
    *("no voice", "weird", "country", "metal", "female voice"),
    "choral",
)  # as the outputs follow each other


class Tagged(NamedTuple):
    """How likely each of the words is, part by part of 3.0 s."""

    words: tuple[str, ...]
    likely: Float[Tensor, "part word"]  # 0 to 1, each on its own

    def mean(self) -> dict[str, float]:
        """Of all parts, the likeliest word first."""
        values = self.likely.mean(0).tolist()
        pairs = zip(self.words, values, strict=True)
        return dict(sorted(pairs, key=lambda pair: -pair[1]))


def musicnn(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Tagged:
    """Fifty words and how likely each is, every 3.0 s.

    What is left after the last whole part is not heard.

    Args:
        waveform: music, mono, 3 s at least.
        sample_rate: Hz; other rates than 16 kHz are resampled.

    Raises:
        MissingPackage: musicnn is not installed.
        ValueError: no mono sound of finite numbers, or a short one.
    """
    x = torch.from_numpy(
        as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    )
    parts = parts_of(spectrogram(x))
    weights = read_checkpoint(f"{PACKAGE.folder / WEIGHTS}/")
    with one_core():
        likely = network(parts, weights).sigmoid().clone()
    return Tagged(TAGS, likely)


def spectrogram(
    samples: Float[Tensor, "time"], *, half: bool = False
) -> Float[Tensor, "frame band"]:
    r"""log10(1 + 10000 E), E the energy in a mel band.

    Frame m is centred on sample 256 m, with silence around the sound.
    The package rounds E to half precision and multiplies it by a whole
    number. NumPy 1 chose single precision for the product, from the
    number's value; NumPy 2 keeps half, in which it is infinite from
    :math:`E = 6.55` on. An infinity leaves the network no number.

    Args:
        samples: at 16 kHz.
        half: the product too, as the package does it with NumPy 2.

    >>> x = 0.5 * torch.sin(2 * torch.pi * torch.arange(16000) / 16)
    >>> spectrogram(x).shape
    torch.Size([63, 96])
    >>> round(float(spectrogram(x).max()), 1)
    6.1
    >>> spectrogram(x, half=True).max()
    tensor(inf)
    """
    energy = mel_spectrogram(
        samples,
        sample_rate=SAMPLE_RATE,
        n_fft=WINDOW,
        hop_length=HOP,
        n_mels=BANDS,
    ).T.half()
    if half:
        return torch.log10(10000 * energy + 1).float()
    return torch.log10(10000 * energy.float() + 1)


def parts_of(
    frames: Float[Tensor, "frame band"],
) -> Float[Tensor, "part 187 band"]:
    """Parts of 187 frames, one after another; the rest is dropped.

    Raises:
        ValueError: fewer than 187 frames.

    >>> parts_of(torch.zeros(400, 96)).shape
    torch.Size([2, 187, 96])
    """
    if len(frames) < FRAMES:
        raise ValueError(
            f"{len(frames)} frames of {HOP / SAMPLE_RATE:g} s are too "
            f"short; expected {FRAMES} or more, 3 s"
        )
    return frames.unfold(0, FRAMES, FRAMES).mT


def network(
    parts: Float[Tensor, "part frame band"],
    weights: dict[str, Tensor],
) -> Float[Tensor, "part word"]:
    """What goes into a sigmoid, one number a word.

    Five convolutions over the bands, two as wide as an instrument's
    spectrum and three as long as a beat, each taking the loudest band;
    three more over time; the largest and the mean of all over time.

    Args:
        parts: any number of frames.
        weights: by the names of the checkpoint.
    """

    def named(layer: str, number: int, part: str) -> Tensor:
        name = f"{layer}_{number}" if number else layer
        return weights[f"{name}/{part}"]

    def normal(h: Tensor, number: int) -> Tensor:
        arrays = (
            named("batch_normalization", number, part)
            for part in (
                "moving_mean",
                "moving_variance",
                "gamma",
                "beta",
            )
        )
        return nn.functional.batch_norm(h, *arrays, eps=BN_EPS)

    def convolved(h: Tensor, number: int) -> Tensor:
        """Rectified, then normalised; as many frames as before."""
        kernel = named("conv2d", number, "kernel").permute(3, 2, 0, 1)
        before = (kernel.shape[2] - 1) // 2
        after = kernel.shape[2] - 1 - before
        h = nn.functional.conv2d(
            nn.functional.pad(h, (0, 0, before, after)),
            kernel,
            named("conv2d", number, "bias"),
        )
        return normal(h.relu(), number + 1)

    h = normal(parts[:, None], 0)
    front = TIMBRAL + TEMPORAL
    kept = [
        torch.cat([convolved(h, k).amax(3) for k in range(front)], 1)
    ]
    for k in range(MIDDLE):
        h = convolved(kept[-1].mT[:, None], front + k)[..., 0]
        kept.append(h + kept[-1] if k else h)
    whole = torch.cat(kept, 1)
    pooled = torch.stack([whole.amax(2), whole.mean(2)], 2).flatten(1)
    pooled = normal(pooled, front + MIDDLE + 1)
    hidden = pooled @ weights["dense/kernel"] + weights["dense/bias"]
    hidden = normal(hidden.relu(), front + MIDDLE + 2)
    return hidden @ weights["dense_1/kernel"] + weights["dense_1/bias"]
