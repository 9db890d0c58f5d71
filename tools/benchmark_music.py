"""Time the transforms of overview/music against librosa, on one thread.

    OMP_NUM_THREADS=1 python tools/benchmark_music.py

One minute of noise; least CPU time of a few runs, in the same process.
"""

import time

import librosa
import torch

from dla.alignment.dtw import dtw
from dla.spectral.chroma import chroma
from dla.spectral.cqt import cqt

RATE = 22050


def milliseconds(function, runs: int = 5) -> float:
    """Least CPU time of a call, after one that is not timed."""
    function()
    spent = []
    for _ in range(runs):
        start = time.process_time()
        function()
        spent.append(time.process_time() - start)
    return 1000 * min(spent)


def rows() -> list[tuple[str, float, float]]:
    """What, milliseconds of ours, milliseconds of librosa."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(60 * RATE, generator=generator)
    y = x.numpy()
    table = []
    for per_octave in (12, 36):
        bins = 7 * per_octave
        table.append(
            (
                f"cqt, 7 octaves of {per_octave} bins, 1 min",
                milliseconds(
                    lambda b=bins, p=per_octave: cqt(
                        x, sample_rate=RATE, n_bins=b, bins_per_octave=p
                    )
                ),
                milliseconds(
                    lambda b=bins, p=per_octave: librosa.cqt(
                        y, sr=RATE, n_bins=b, bins_per_octave=p
                    )
                ),
            )
        )
    table.append(
        (
            "chroma, 1 min",
            milliseconds(lambda: chroma(x, sample_rate=RATE)),
            milliseconds(lambda: librosa.feature.chroma_cqt(y=y, sr=RATE, tuning=0.0)),
        )
    )
    for size in (500, 1000, 2000):
        cost = torch.rand(size, size, generator=generator, dtype=torch.float64)
        table.append(
            (
                f"dtw, {size} x {size}",
                milliseconds(lambda c=cost: dtw(c)),
                milliseconds(lambda c=cost: librosa.sequence.dtw(C=c.numpy())),
            )
        )
    return table


if __name__ == "__main__":
    print("what, ours ms, librosa ms")
    for what, ours, theirs in rows():
        print(f'"{what}", {ours:.1f}, {theirs:.1f}')
