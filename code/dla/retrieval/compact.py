"""An index in a file: the peaks of some sounds, two bytes each.

Landmarks are pairs of peaks, and many share one: keeping the peaks and
pairing them when the file is read takes a fraction of the bytes.
Explained in comparison/audio-retrieval.

The file, all numbers without sign and little-endian, so that a script
of a page reads it in one loop:

- four bytes, the letters ``DLP1``;
- four bytes, the number of sounds;
- for each sound four bytes, the number of its words;
- for each sound its words, two bytes each. A word is 512 s + k. Where s
  is below 127, a peak is at bin k, s frames after the last peak of this
  sound (the first: after frame 0). Where s is 127, there is no peak: k
  frames of silence pass.

Bins are of `fingerprint.N_FFT`, frames of `fingerprint.HOP`, at
`fingerprint.SAMPLE_RATE`. What the sounds are called is not in it.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from dla.retrieval import fingerprint

LETTERS = b"DLP1"
BINS = fingerprint.BINS  # 512: the lower nine bits of a word
PAUSE = 127  # in the upper seven: no peak, but frames that pass
LONGEST = BINS - 1  # frames that a pause can say


def to_bytes(sounds: Sequence[Int[Tensor, "peak 2"]]) -> bytes:
    """A file of the peaks of some sounds, as `fingerprint.peaks` gives them.

    Raises:
        ValueError: frames that do not ascend, or bins that are none.

    >>> len(to_bytes([torch.tensor([[0, 100], [3, 20]])]))
    16
    """
    words = [_words(peaks) for peaks in sounds]
    counts = [len(sounds), *map(len, words)]
    body = np.concatenate([np.zeros(0, "<u2"), *words])
    return LETTERS + np.array(counts, "<u4").tobytes() + body.tobytes()


def _words(peaks: Int[Tensor, "peak 2"]) -> np.ndarray:
    found, last = [], 0
    for frame, freq in peaks.tolist():
        step, last = frame - last, frame
        if step < 0 or not 0 <= freq < BINS:
            raise ValueError(
                f"peak at frame {frame}, bin {freq}, {step} frames after the last; "
                f"expected ascending frames, and bins below {BINS}"
            )
        while step >= PAUSE:
            passed = min(step, LONGEST)
            found.append(PAUSE * BINS + passed)
            step -= passed
        found.append(step * BINS + freq)
    return np.array(found, "<u2")


def from_bytes(file: bytes) -> list[Int[Tensor, "peak 2"]]:
    """The inverse of :func:`to_bytes`.

    Raises:
        ValueError: no such file, or one that is cut short.

    >>> from_bytes(to_bytes([torch.tensor([[300, 7]])]))
    [tensor([[300,   7]])]
    """
    if file[:4] != LETTERS:
        raise ValueError(
            f"a file that begins with {file[:4]!r}; expected {LETTERS!r}"
        )
    count = int(np.frombuffer(file, "<u4", 1, 4)[0])
    sizes = np.frombuffer(file, "<u4", count, 8).tolist()
    start = 8 + 4 * count
    if len(file) != start + 2 * sum(sizes):
        raise ValueError(
            f"{len(file)} bytes; expected {start + 2 * sum(sizes)}, "
            "as its counts say"
        )
    words = torch.from_numpy(
        np.frombuffer(file, "<u2", sum(sizes), start).astype(np.int64)
    )
    return [_peaks(part) for part in words.split(sizes)]


def _peaks(words: Int[Tensor, "word"]) -> Int[Tensor, "peak 2"]:
    step, low = words // BINS, words % BINS
    pause = step == PAUSE
    frame = torch.where(pause, low, step).cumsum(dim=0)
    return torch.stack([frame, low], dim=-1)[~pause]


def index(file: bytes) -> fingerprint.Index:
    """The index of the sounds of a file, in their order."""
    return fingerprint.build(
        [fingerprint.pair(peaks) for peaks in from_bytes(file)]
    )
