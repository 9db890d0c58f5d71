"""Words to be found by an example of somebody else.

The words of the international spelling alphabet, by voices of the
prompts. Explained in comparison/audio-retrieval/indexing.
"""

from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.datasets import prompts
from dla.spectral.mel import log_mel

RATE = 16000  # Hz
LEVEL = -25.0  # dB
HOP = 256  # samples: 62.5 frames a second
COEFFICIENTS = 12  # of the cepstrum, without the level


@lru_cache
def words(
    speaker: str, language: str
) -> dict[str, Float[Tensor, "time"]]:
    """Letter -> the word that spells it, at 16 kHz and one level.

    >>> len(words("june", "fr"))
    26
    """
    table = prompts.table(
        speakers=[speaker], kinds=["phonetic"], languages=[language]
    )
    found = {}
    for p in sorted(table, key=lambda p: p.text):
        if p.text.isalpha():
            x = signals.resample(p.waveform(), p.sample_rate, RATE)
            x = signals.at_level(x - x.mean(), torch.tensor(LEVEL))
            found[p.text] = x
    return found


def cepstrum(
    waveform: Float[Tensor, "time"],
) -> Float[Tensor, "coefficient frame"]:
    r"""Cosine transform of log-mel levels, each coefficient standardised.

    Coefficients 1 to 12 of 40 bands up to 3.8 kHz, so that telephone
    recordings have all of them; mean zero and variance one over the
    frames (cepstral mean and variance normalisation).

    Args:
        waveform: at 16 kHz.

    >>> cepstrum(words("june", "fr")["b"]).shape[0]
    12
    """
    levels = log_mel(
        waveform,
        sample_rate=RATE,
        n_fft=512,
        hop_length=HOP,
        n_mels=40,
        f_max=3800.0,
    )
    b = (torch.arange(40) + 0.5) * torch.pi / 40
    orders = torch.arange(1, COEFFICIENTS + 1)[:, None]
    c = torch.cos(orders * b) @ levels
    c = c - c.mean(1, keepdim=True)
    return c / c.square().mean(1, keepdim=True).sqrt().clamp_min(1e-3)


def distances(
    query: Float[Tensor, "coefficient frame"],
    other: Float[Tensor, "coefficient column"],
) -> Float[Tensor, "frame column"]:
    """Cosine distance of each frame to each frame, between 0 and 2.

    >>> distances(torch.eye(2), torch.eye(2)).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    q, o = (
        torch.nn.functional.normalize(c, dim=0) for c in (query, other)
    )
    return (1 - q.T @ o).clamp(0, 2)
