"""Transforms of one minute of audio at 16 kHz: ours against librosa, one thread, same run.

    OMP_NUM_THREADS=1 .venv/bin/python tools/benchmark_spectral.py

Each row is the least CPU time of many runs; ours and librosa's take turns, so that a busy moment
of the machine meets both.
"""

import sys

import librosa
import torch
from timing import milliseconds

from dla.spectral.mel import log_mel
from dla.spectral.stft import istft, stft

SAMPLE_RATE = 16000  # Hz
GRID = {"n_fft": 512, "hop_length": 128}


def benchmark(runs: int = 30) -> list[tuple[str, float, float]]:
    """Rows (what, ours in ms, librosa's in ms)."""
    torch.set_num_threads(1)
    x = torch.randn(60 * SAMPLE_RATE, generator=torch.Generator().manual_seed(0))
    samples = x.numpy()
    spectrum = stft(x, **GRID)
    columns = librosa.stft(samples, **GRID)  # in the memory order that librosa likes

    def librosa_log_mel():
        energy = librosa.feature.melspectrogram(y=samples, sr=SAMPLE_RATE, n_mels=64, **GRID)
        return librosa.power_to_db(energy, amin=1e-6, top_db=None)

    pairs = {
        "stft": (lambda: stft(x, **GRID), lambda: librosa.stft(samples, **GRID)),
        "istft": (
            lambda: istft(spectrum, length=len(x), **GRID),
            lambda: librosa.istft(columns, length=len(x), **GRID),
        ),
        "log-mel": (lambda: log_mel(x, sample_rate=SAMPLE_RATE, **GRID), librosa_log_mel),
    }
    return [(what, *milliseconds(*pair, runs=runs)) for what, pair in pairs.items()]


def main() -> int:
    """Print the rows; 1 if librosa is faster at anything."""
    print("60 s at 16 kHz, n_fft 512, hop 128; ms: ours, librosa")
    rows = benchmark()
    for what, ours, librosas in rows:
        print(f"{what:8} {ours:6.1f} {librosas:6.1f}")
    return int(any(ours > librosas for _, ours, librosas in rows))


if __name__ == "__main__":
    sys.exit(main())
