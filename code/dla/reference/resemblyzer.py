"""Resemblyzer: one vector a voice, the same for all that it says.

Three recurrent layers over a mel spectrogram, trained so that
recordings of one speaker lie near each other's mean and far from those
of others (Wan et al., 2018). The package asks for webrtcvad, to leave
out pauses; its weights are run here without it, on sounds that have
none.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla.reference.published import Package, as_samples, one_core

PACKAGE = Package(
    name="Resemblyzer",
    tested="0.1.4",
    module="resemblyzer",
    beside=("librosa",),
    licence="Apache-2.0",
    source="Wan et al. (2018), arXiv:1710.10467",
)
WEIGHTS = "pretrained.pt"
SAMPLE_RATE = 16000  # Hz
LEVEL = -30.0  # dB, to which a quieter sound is raised
WINDOW, HOP = 400, 160  # samples of a spectrum
MELS = 40
FRAMES = 160  # of a part, 1.6 s: what the network was trained on
STEP = 77  # frames between two parts: 1.3 a second
COVERED = 0.75  # of a last part that must be sound


def resemblyzer(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Float[Tensor, "256"]:
    """A voice's embedding: no entry negative, of norm one.

    The mean over parts of 1.6 s, every 0.77 s; a shorter sound is
    followed by silence.

    Args:
        waveform: one voice, mono.
        sample_rate: Hz; other rates than 16 kHz are resampled.

    Raises:
        MissingPackage: Resemblyzer is not installed.
        ValueError: no mono sound of finite numbers, or a silent one.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    power = float(np.square(x, dtype=np.float64).mean())
    if not power > 0:
        raise ValueError("a silent sound; expected a voice")
    folder = PACKAGE.folder
    import librosa

    x = x * max(1.0, 10 ** (LEVEL / 20) / power**0.5)
    starts = starts_of(len(x))
    length = (starts[-1] + FRAMES) * HOP
    x = np.pad(x, (0, max(0, length - len(x))))
    mel = librosa.feature.melspectrogram(
        y=x, sr=SAMPLE_RATE, n_fft=WINDOW, hop_length=HOP, n_mels=MELS
    ).T
    parts = np.stack([mel[s : s + FRAMES] for s in starts])
    stored = torch.load(
        folder / WEIGHTS, map_location="cpu", weights_only=True
    )
    weights = stored["model_state"]
    recurrent = nn.LSTM(MELS, 256, 3, batch_first=True)
    last = nn.Linear(256, 256)
    for network, name in ((recurrent, "lstm."), (last, "linear.")):
        network.load_state_dict(
            {
                key.removeprefix(name): value
                for key, value in weights.items()
                if key.startswith(name)
            }
        )
    with one_core():
        _, (hidden, _) = recurrent(
            torch.from_numpy(parts.astype(np.float32))
        )
        each = nn.functional.normalize(last(hidden[-1]).relu(), dim=-1)
        return nn.functional.normalize(each.mean(0), dim=-1).clone()


def starts_of(samples: int) -> list[int]:
    """First frames of the parts that a sound of so many samples has.

    >>> starts_of(16000), starts_of(48000)
    ([0], [0, 77, 154])
    """
    frames = -(-(samples + 1) // HOP)
    starts = list(range(0, max(1, frames - FRAMES + STEP + 1), STEP))
    covered = (samples - starts[-1] * HOP) / (FRAMES * HOP)
    if covered < COVERED and len(starts) > 1:
        starts.pop()
    return starts
