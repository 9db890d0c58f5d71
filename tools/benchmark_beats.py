"""Time the beat decoders against librosa, on one thread.

    OMP_NUM_THREADS=1 python tools/benchmark_beats.py

30 s at 50 frames per second, 55 to 215 beats per minute: 1394 states. Median CPU time of five
runs, in the same process. Fails if the bar pointer is not 20 times faster than
librosa.sequence.viterbi on the same model, or if their paths differ.
"""

import statistics
import sys

import librosa
import numpy as np
import torch
from timing import milliseconds

from dla.decoders import bar_pointer as bp
from dla.decoders.ellis import ellis

RATE, SECONDS, WANTED = 50.0, 30, 20


def activation() -> torch.Tensor:
    """Beats at 120 per minute, planted in noise."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(int(RATE * SECONDS), generator=generator, dtype=torch.float64)
    noise = 0.5 * noise**3
    noise[7::25] += 0.4
    return noise


def dense(m: bp.Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Likelihood, transition matrix and start of the same model for bars of one beat."""
    tau, width = m.space.intervals.numpy(), m.width.numpy()
    last = np.cumsum(tau) - 1
    matrix = np.eye(m.space.states, k=1)
    matrix[last] = 0
    matrix[np.ix_(last, last - tau + 1)] = m.change.exp().numpy()
    position = np.arange(m.space.states) - np.repeat(last - tau + 1, tau)
    shows = position < np.repeat(width, tau)
    rest, odds = m.evidence.rest.numpy(), m.evidence.odds[1].numpy()
    likelihood = np.exp(rest + shows[:, None] * odds)
    return likelihood, matrix, np.full(m.space.states, 1 / m.space.states)


def states(path: bp.Path, m: bp.Model) -> np.ndarray:
    """State of each frame on a path of bars of one beat."""
    first = m.space.intervals.cumsum(0) - m.space.intervals
    parts = [
        int(first[tau - m.space.intervals[0]]) + np.arange(tau) for tau in path.intervals.tolist()
    ]
    begin = -int(path.starts[0])
    return np.concatenate(parts)[begin : begin + len(m.evidence.rest)]


def main() -> int:
    torch.set_num_threads(1)
    a = activation()
    settings = bp.BarPointerSettings(beats_per_bar=(1,))
    m = bp.model(a, frame_rate=RATE, settings=settings)
    likelihood, matrix, start = dense(m)

    def theirs():
        return librosa.sequence.viterbi(likelihood, matrix, p_init=start)

    same = np.array_equal(states(bp.viterbi(m), m), theirs())
    bars = bp.BarPointerSettings(beats_per_bar=(2, 3, 4))
    count = bp.state_space(bars, frame_rate=RATE).states
    onset = a.float().numpy()
    timed = {
        f"bar pointer, {m.space.states} states": lambda: bp.decode(
            a, frame_rate=RATE, settings=settings
        ),
        "librosa.sequence.viterbi, same model": theirs,
        f"bar pointer, bars of 2, 3, 4, {count} states": lambda: bp.decode(
            a, frame_rate=RATE, settings=bars
        ),
        "ellis": lambda: ellis(a, frame_rate=RATE, bpm=120.0),
        "librosa.beat.beat_track, same envelope": lambda: librosa.beat.beat_track(
            onset_envelope=onset, sr=22050, hop_length=441
        ),
    }
    spent = milliseconds(*timed.values(), of=statistics.median)
    print("what, ms")
    for what, ms in zip(timed, spent, strict=True):
        print(f'"{what}", {ms:.1f}')
    ours, dense_ms = spent[:2]
    ratio = dense_ms / ours
    print(f"same path: {same}; {ratio:.0f} times faster than the dense search ({WANTED} wanted)")
    return 0 if same and ratio >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
