"""Silero VAD: where in a recording somebody speaks.

A convolutional front end and one recurrent layer, frame by frame, each
frame seen with the last 4 ms before it (Silero Team, 2024). The package
asks for nothing that is needed here: one of its ONNX files is run by
onnxruntime, its own code is not imported.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla.reference.published import Package, as_samples, run_onnx

PACKAGE = Package(
    name="silero-vad",
    tested="6.2.3",
    module="silero_vad",
    beside=("onnxruntime", "flatbuffers", "protobuf"),
    licence="MIT",
    source="Silero Team (2024), https://github.com/snakers4/silero-vad",
)
MODEL = "data/silero_vad_16k_sequence.onnx"
SAMPLE_RATE = 16000  # Hz
FRAME = 512  # samples: 32 ms
BEFORE = 64  # samples of the frame before that a frame sees
STATE = (1, 1, 128)
SPEECH = 0.5  # probability of a frame that is called speech


class SpeechActivity(NamedTuple):
    """How sure the network is of speech, frame by frame."""

    times: Float[Tensor, "frame"]  # s, of the frames' centres
    probability: Float[Tensor, "frame"]


def silero_vad(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> SpeechActivity:
    """Probability of speech, every 32 ms.

    The package's further rules (no speech shorter than 250 ms, no pause
    shorter than 100 ms, 30 ms around) are not applied.

    Args:
        waveform: any sound, mono.
        sample_rate: Hz; other rates than 16 kHz are resampled.

    Raises:
        MissingPackage: silero-vad or onnxruntime is not installed.
        ValueError: no mono sound of finite numbers.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    folder = PACKAGE.folder
    seen = frames_of(x)
    silent = np.zeros(STATE, dtype=np.float32)
    (probability,) = run_onnx(
        folder / MODEL,
        ["speech_probs"],
        {"input": seen, "h": silent, "c": silent},
    )
    centre = FRAME * (torch.arange(len(seen)) + 0.5)
    return SpeechActivity(
        times=centre.double() / SAMPLE_RATE,
        probability=torch.from_numpy(probability.reshape(-1)),
    )


def frames_of(samples: np.ndarray) -> np.ndarray:
    """Frames of 512 samples, each behind the last 64 of the one before.

    The last is filled with silence.

    >>> seen = frames_of(np.arange(1.0, 1025.0, dtype=np.float32))
    >>> seen.shape, seen[0, 63:65].tolist(), seen[1, [0, 64]].tolist()
    ((2, 576), [0.0, 1.0], [449.0, 513.0])
    """
    count = -(-len(samples) // FRAME)
    padded = np.zeros(BEFORE + count * FRAME, dtype=np.float32)
    padded[BEFORE:][: len(samples)] = samples
    return np.stack(
        [padded[k * FRAME :][: BEFORE + FRAME] for k in range(count)]
    )
