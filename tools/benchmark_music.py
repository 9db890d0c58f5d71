"""Time the transforms of overview/music against librosa, on one thread.

    OMP_NUM_THREADS=1 python tools/benchmark_music.py

One minute of noise; least CPU time of a few runs, in the same process.
"""

from functools import partial

import librosa
import torch
from timing import milliseconds

from dla.alignment.dtw import dtw
from dla.spectral.chroma import chroma
from dla.spectral.cqt import cqt

RATE = 22050


def rows() -> list[tuple[str, float, float]]:
    """What, milliseconds of ours, milliseconds of librosa."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(60 * RATE, generator=generator)
    y = x.numpy()
    pairs = {}
    for per_octave in (12, 36):
        grid = {"n_bins": 7 * per_octave, "bins_per_octave": per_octave}
        pairs[f"cqt, 7 octaves of {per_octave} bins, 1 min"] = (
            partial(cqt, x, sample_rate=RATE, **grid),
            partial(librosa.cqt, y, sr=RATE, **grid),
        )
    pairs["chroma, 1 min"] = (
        partial(chroma, x, sample_rate=RATE),
        partial(librosa.feature.chroma_cqt, y=y, sr=RATE, tuning=0.0),
    )
    for size in (500, 1000, 2000):
        cost = torch.rand(size, size, generator=generator, dtype=torch.float64)
        pairs[f"dtw, {size} x {size}"] = (
            partial(dtw, cost),
            partial(librosa.sequence.dtw, C=cost.numpy()),
        )
    return [(what, *milliseconds(*pair)) for what, pair in pairs.items()]


if __name__ == "__main__":
    print("what, ours ms, librosa ms")
    for what, ours, theirs in rows():
        print(f'"{what}", {ours:.1f}, {theirs:.1f}')
