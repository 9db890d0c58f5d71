"""DNSMOS: the marks that listeners would give, from the estimate alone.

A convolutional network over a log-power spectrogram, trained on the
marks of listeners who judged noise suppressors by Recommendation P.835
of the ITU-T: signal, background, overall (Reddy et al., 2022). The ONNX
file of the package is run here; its own code is not imported.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from torch import Tensor

from dla.reference.published import Package, as_samples, run_onnx

PACKAGE = Package(
    name="speechmos",
    tested="0.0.1.1",
    module="speechmos",
    beside=("onnxruntime", "flatbuffers", "protobuf"),
    licence="MIT",
    source="Reddy et al. (2022), doi:10.1109/ICASSP43922.2022.9746108",
)
MODEL = "dnsmos_models/sig_bak_ovr.onnx"
SAMPLE_RATE = 16000  # Hz
WINDOW = 144160  # samples: 9.01 s, what the network takes at once
# From its outputs to marks, highest power first, as the package does.
SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
OVERALL = (-0.06766283, 1.11546468, 0.04602535)


class Marks(NamedTuple):
    """Means of listeners' marks as predicted, nominally 1 to 5."""

    signal: float  # the voice alone
    background: float  # how little the rest disturbs
    overall: float


def dnsmos(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Marks:
    """Marks of a recording; there is no reference.

    A sound of less than 9.01 s is doubled until it is as long; windows
    start every second, and the mean counts.

    Args:
        waveform: one voice, mono, between -1 and 1. Its level matters.
        sample_rate: Hz; other rates than 16 kHz are resampled.

    Raises:
        MissingPackage: speechmos or onnxruntime is not installed.
        ValueError: no mono sound of finite numbers.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    folder = PACKAGE.folder
    curves = (SIGNAL, BACKGROUND, OVERALL)
    marks = []
    for window in windows_of(x):
        found = run_onnx(
            folder / MODEL, None, {"input_1": window[None]}
        )
        pairs = zip(curves, found[0][0], strict=True)
        marks.append([np.polyval(curve, y) for curve, y in pairs])
    return Marks(*map(float, np.mean(marks, axis=0)))


def windows_of(x: np.ndarray) -> list[np.ndarray]:
    """Windows of 9.01 s, one a second; a shorter sound is doubled.

    >>> one = windows_of(np.zeros(16000))  # one second: sixteen
    >>> len(one), len(one[0])
    (7, 144160)
    >>> len(windows_of(np.zeros(11 * 16000)))
    2
    """
    while len(x) < WINDOW:
        x = np.concatenate([x, x])
    # as the package counts them: a last one that would fit may be left out
    seconds = len(x) // SAMPLE_RATE
    count = int(seconds - WINDOW / SAMPLE_RATE) + 1
    return [x[k * SAMPLE_RATE :][:WINDOW] for k in range(count)]
