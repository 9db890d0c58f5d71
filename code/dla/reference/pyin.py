"""pYIN: YIN's candidates at many thresholds, and a hidden Markov model.

Mauch and Dixon (2014), by librosa: no network, no training. It is what a
learnt pitch tracker has to be better than.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dla.reference.published import Package, PitchTrack, as_samples

PACKAGE = Package(
    name="librosa",
    tested="0.11.0",
    module="librosa",
    beside=(),
    licence="ISC",
    source="Mauch and Dixon (2014), doi:10.1109/ICASSP.2014.6853678",
)


def pyin(
    waveform: Float[Tensor, "time"],
    *,
    sample_rate: int,
    f_min: float = 65.4,
    f_max: float = 2093.0,
) -> PitchTrack:
    """Pitch and voicing every quarter of a frame, by librosa's pYIN.

    A frame holds four periods of the lowest frequency, and is a power
    of two: 2048 samples, hop 512, for the defaults at 22.05 kHz.

    Args:
        waveform: one voice, mono.
        sample_rate: Hz.
        f_min, f_max: range in Hz; six octaves, C2 to C7, by default.

    Raises:
        MissingPackage: librosa is not installed.
        ValueError: no mono sound of finite numbers, or limits that do
            not ascend to less than half the sampling rate.
    """
    if not 0 < f_min < f_max < sample_rate / 2:
        raise ValueError(
            f"range from {f_min:g} to {f_max:g} Hz at {sample_rate} Hz: expected ascending "
            "limits below half the sampling rate"
        )
    x = as_samples(waveform, sample_rate)
    PACKAGE.folder  # noqa: B018
    import librosa

    periods = 4 * sample_rate / f_min
    frame_length = 1 << math.ceil(math.log2(periods))
    frequency, voiced, probability = librosa.pyin(
        x,
        fmin=f_min,
        fmax=f_max,
        sr=sample_rate,
        frame_length=frame_length,
        fill_na=None,  # its guess, also where it says unvoiced
    )
    hop = frame_length / 4 / sample_rate
    return PitchTrack(
        times=torch.arange(len(frequency), dtype=torch.float64) * hop,
        frequency=torch.as_tensor(frequency, dtype=torch.float32),
        voiced=torch.as_tensor(voiced),
        confidence=torch.as_tensor(probability, dtype=torch.float32),
    )
