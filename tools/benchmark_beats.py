"""Time the beat decoders against librosa, on one thread.

    OMP_NUM_THREADS=1 python tools/benchmark_beats.py

30 s at 50 frames per second, 55 to 215 beats per minute: 1394 states. Median CPU time of five
runs, in the same process. Fails if the bar pointer is not 20 times faster than
librosa.sequence.viterbi on the same model, or if their paths differ.
"""

import statistics
import sys
import time

import librosa
import numpy as np
import torch

from dla.decoders import bar_pointer as bp
from dla.decoders.ellis import ellis

RATE, SECONDS, WANTED = 50.0, 30, 20


def milliseconds(function, runs: int = 5) -> float:
    """Median CPU time of a call, after one that is not timed."""
    function()
    spent = []
    for _ in range(runs):
        start = time.process_time()
        function()
        spent.append(time.process_time() - start)
    return 1000 * statistics.median(spent)


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
    settings = bp.Settings(beats_per_bar=(1,))
    m = bp.model(a, frame_rate=RATE, settings=settings)
    likelihood, matrix, start = dense(m)

    def theirs():
        return librosa.sequence.viterbi(likelihood, matrix, p_init=start)

    same = np.array_equal(states(bp.viterbi(m), m), theirs())
    ours = milliseconds(lambda: bp.decode(a, frame_rate=RATE, settings=settings))
    dense_ms = milliseconds(theirs)
    print("what, ms")
    print(f'"bar pointer, {m.space.states} states", {ours:.1f}')
    print(f'"librosa.sequence.viterbi, same model", {dense_ms:.1f}')
    bars = bp.Settings(beats_per_bar=(2, 3, 4))
    count = bp.state_space(bars, frame_rate=RATE).states
    spent = milliseconds(lambda: bp.decode(a, frame_rate=RATE, settings=bars))
    print(f'"bar pointer, bars of 2, 3, 4, {count} states", {spent:.1f}')
    print(f'"ellis", {milliseconds(lambda: ellis(a, frame_rate=RATE, bpm=120.0)):.1f}')
    onset = a.float().numpy()

    def tracker():
        return librosa.beat.beat_track(onset_envelope=onset, sr=22050, hop_length=441)

    print(f'"librosa.beat.beat_track, same envelope", {milliseconds(tracker):.1f}')
    ratio = dense_ms / ours
    print(f"same path: {same}; {ratio:.0f} times faster than the dense search ({WANTED} wanted)")
    return 0 if same and ratio >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
