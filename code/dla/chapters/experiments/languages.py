"""Recorded prompts as stretches of log-mel spectrogram, by class.

Explained in overview/experiments/language. What belongs to the
question (which recordings, which filter, which split) is decided by
the experiment; here is what all its arms share.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import checks, signals
from dla.datasets.prompts import Prompt
from dla.spectral.mel import log_mel, mel_centres
from dla.spectral.stft import istft, stft

SAMPLE_RATE = 16000  # Hz, of everything
LEVEL = -23.0  # dB re full scale, of every recording
N_FFT = 512  # samples: 32 ms
HOP = 160  # samples: 10 ms
BANDS = 40
OFFSET = 1e-9  # energy per band: 90 dB below full scale
MIDDLE, SPREAD = -38.0, 20.0  # dB; of log-mels of speech, roughly
FRAMES = 150  # of a stretch: 1.5 s


def waveform(
    prompt: Prompt, *, band: int | None = None
) -> Float[Tensor, "time"]:
    """A recording at 16 kHz and at the common level.

    Args:
        prompt: recorded at 16 or at 8 kHz.
        band: a sampling rate in Hz to go through: 8000 leaves what a
            channel of 8 kHz leaves.
    """
    x, rate = prompt.waveform(), prompt.sample_rate
    for goal in (band or rate, SAMPLE_RATE):
        if goal < rate or goal == SAMPLE_RATE != rate:
            x, rate = signals.resample(x, rate, goal), goal
    return signals.at_level(x, torch.tensor(LEVEL))


def features(
    waveform: Float[Tensor, "*batch time"], *, offset: float = OFFSET
) -> Float[Tensor, "*batch band frame"]:
    """Log-mel spectrogram, shifted and scaled by fixed numbers.

    Args:
        waveform: at 16 kHz.
        offset: energy added to each band before the logarithm.

    >>> features(torch.zeros(1600)).shape
    torch.Size([40, 11])
    """
    level = log_mel(
        waveform,
        sample_rate=SAMPLE_RATE,
        n_fft=N_FFT,
        hop_length=HOP,
        n_mels=BANDS,
        offset=offset,
    )
    return (level - MIDDLE) / SPREAD


def equalise(
    waveform: Float[Tensor, "*batch time"],
    gain: Float[Tensor, "band"],
) -> Float[Tensor, "*batch time"]:
    """A stationary filter, given by its gain in each mel band.

    Zero phase, interpolated between the centres of the bands.

    Args:
        waveform: at 16 kHz.
        gain: in dB, one for each of the 40 bands.

    >>> x = torch.sin(torch.arange(1600.0))
    >>> y = equalise(x, torch.full((40,), 20.0))
    >>> torch.allclose(y, 10 * x, atol=1e-4)
    True
    """
    centres = mel_centres(sample_rate=SAMPLE_RATE, n_mels=BANDS)
    bins = torch.arange(N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT
    level = np.interp(bins.numpy(), centres.numpy(), gain.numpy())
    waveform = checks.as_sound("waveform", waveform)
    factor = torch.as_tensor(10 ** (level / 20), dtype=waveform.dtype)
    grid = {"n_fft": N_FFT, "hop_length": N_FFT // 4}
    spectrum = stft(waveform, **grid) * factor[:, None]
    return istft(spectrum, length=waveform.shape[-1], **grid)


def colour(
    recordings: Sequence[Float[Tensor, "band _"]],
) -> Float[Tensor, "band"]:
    """Average spectrum of speech in dB, pauses left out.

    The mean over the louder half of the frames of each recording.

    Args:
        recordings: each from :func:`features`.
    """
    parts = [loudest(r, 0.5) for r in recordings]
    return SPREAD * torch.cat(parts, dim=-1).mean(-1) + MIDDLE


def loudest(
    recording: Float[Tensor, "band time"], share: float
) -> Float[Tensor, "band part"]:
    """The loudest frames of a recording.

    Args:
        recording: from :func:`features`.
        share: of the frames, above 0, at most 1.

    >>> loudest(torch.tensor([[3.0, 1.0, 2.0, 4.0]]), 0.5)
    tensor([[3., 4.]])
    """
    recording = checks.as_floats("recording", recording)
    checks.refuse_non_finite(recording=recording)
    order = recording.mean(0).argsort(descending=True, stable=True)
    count = max(1, round(share * len(order)))
    return recording[:, order[:count].sort().values]


def quietest(
    recording: Float[Tensor, "band time"], share: float
) -> Float[Tensor, "band part"]:
    """The quietest frames of a recording: its pauses.

    >>> quietest(torch.tensor([[3.0, 1.0, 2.0, 4.0]]), 0.5)
    tensor([[1., 2.]])
    """
    recording = checks.as_floats("recording", recording)
    checks.refuse_non_finite(recording=recording)
    order = recording.mean(0).argsort(stable=True)
    count = max(1, round(share * len(order)))
    return recording[:, order[:count].sort().values]


def stretches(
    recording: Float[Tensor, "band time"],
) -> Float[Tensor, "stretch band frame"]:
    """All stretches of 1.5 s, half overlapping, of a recording.

    Raises:
        ValueError: the recording is shorter than one stretch.

    >>> stretches(torch.zeros(40, 380)).shape
    torch.Size([4, 40, 150])
    """
    if recording.shape[-1] < FRAMES:
        raise ValueError(
            f"{recording.shape[-1]} frames are less than one stretch of"
            f" {FRAMES}; choose prompts by min_seconds"
        )
    return recording.unfold(-1, FRAMES, FRAMES // 2).movedim(1, 0)


def draw(
    classes: Sequence[Sequence[Float[Tensor, "band _"]]],
    *,
    count: int,
    generator: torch.Generator,
) -> tuple[Float[Tensor, "item band frame"], Int[Tensor, "item"]]:
    """Random stretches of random classes, for training.

    Classes are equally likely; within a class a recording is as likely
    as it is long, and so is a place in it.

    Args:
        classes: recordings of each class, from :func:`features`.
        count: number of items.
        generator: source of the randomness; it advances.
    """
    labels = torch.randint(len(classes), (count,), generator=generator)
    items = []
    for label in labels.tolist():
        lengths = torch.tensor(
            [r.shape[-1] - FRAMES + 1.0 for r in classes[label]]
        )
        which = torch.multinomial(lengths, 1, generator=generator)
        recording = classes[label][int(which)]
        start = torch.randint(
            int(lengths[which]), (), generator=generator
        )
        items.append(recording[:, start : start + FRAMES])
    return torch.stack(items), labels
