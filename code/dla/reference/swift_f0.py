"""SwiftF0: the pitch of one voice from a network of 14 386 parameters.

A convolutional network over a spectrogram, trained on synthetic and
recorded voices and instruments with their pitch (Nieradzik, 2025; the
packaged network is a later and smaller one than the paper's, of 95 842
parameters). Its range ends at 46.9 and 2093.8 Hz.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla.reference.published import Package, PitchTrack, as_samples

PACKAGE = Package(
    name="swift-f0",
    tested="0.3.0",
    module="swift_f0",
    beside=("onnxruntime", "flatbuffers", "protobuf"),
    licence="MIT",
    source="Nieradzik (2025), arXiv:2508.18440",
)
SAMPLE_RATE = 16000  # Hz
VOICED = 0.5  # confidence, as the package decides


def swift_f0(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> PitchTrack:
    """Pitch and voicing every 16 ms, as SwiftF0 hears them.

    It does not level: its authors ask for a peak of about one half
    where a recording is quiet.

    Args:
        waveform: one voice, mono, between -1 and 1.
        sample_rate: Hz; other rates than 16 kHz are resampled.

    Raises:
        MissingPackage: swift-f0 or onnxruntime is not installed.
        ValueError: no mono sound of finite numbers.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    PACKAGE.folder  # noqa: B018
    from swift_f0 import SwiftF0

    found = SwiftF0(threads=1).detect(x, SAMPLE_RATE)
    confidence = torch.as_tensor(found.confidence, dtype=torch.float32)
    return PitchTrack(
        times=torch.as_tensor(found.timestamps),
        frequency=torch.as_tensor(found.pitch_hz, dtype=torch.float32),
        voiced=confidence >= VOICED,
        confidence=confidence,
    )
