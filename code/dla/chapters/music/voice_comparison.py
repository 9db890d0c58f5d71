"""A voice out of a band: a published separator on the book's own mixtures.

Sentences over songs, whose parts are known; songs in which nobody sings,
and two talkers at once. Explained in overview/music/systems.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.datasets import prompts, songs
from dla.losses.si_sdr import si_sdr
from dla.protocol.comparison import Comparison
from dla.reference.spleeter import SAMPLE_RATE, Stems, spleeter

RATE = SAMPLE_RATE
SECONDS = 4.0  # of each piece
SPEAKERS = ("june", "carlo")
EACH = 3
EQUAL, BELOW = "a voice, the song as loud", "a voice, the song 10 dB above"
QUIET = "as loud, all 60 dB quieter"
TALKERS, GUITAR = "two talkers", "a guitar alone"
CASES = {EQUAL: 0.0, BELOW: -10.0, QUIET: 0.0, TALKERS: 0.0, GUITAR: None}
LEVEL = torch.tensor(-23.0)  # dB


@dataclass(frozen=True, eq=False)
class Mixture:
    """What is heard, and the voice in it."""

    case: str
    about: str
    waveform: Float[Tensor, "time"]  # 44.1 kHz
    voice: Float[Tensor, "time"] | None

    @property
    def name(self) -> str:
        return f"{self.case}: {self.about}"


def _cut(x: Tensor, rate: int) -> Float[Tensor, "time"]:
    x = signals.resample(x[: round(SECONDS * rate)], rate, RATE)
    return signals.at_level(x, LEVEL)
