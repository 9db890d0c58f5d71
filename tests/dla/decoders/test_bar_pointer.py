"""The bar pointer against all paths, against librosa's dense search, and against counts by hand."""

import itertools
import math

import librosa
import numpy as np
import pytest
import torch

from dla.decoders import bar_pointer as bp
from dla.decoders.bar_pointer import BarPointerSettings, decode, state_space
from dla.decoders.tempo_changes import tempo_transition

TINY = BarPointerSettings(100.0, 150.0, 2.0, 2.0, (2,))  # intervals 2 and 3 at 5 frames per second


def random_activation(frames, seed=0, rows=2):
    generator = torch.Generator().manual_seed(seed)
    activation = torch.rand(2, frames, generator=generator, dtype=torch.float64) ** 2
    activation[1] *= activation[0]
    return activation if rows == 2 else activation[0]


def dense(m):
    """Every state, its likelihood in every frame, the matrix and the start, by loops."""
    space = m.space
    tau, beat, meter = (x.tolist() for x in (space.intervals, space.beat, space.meter))
    rows = range(len(beat))
    states = [(r, j, k) for r in rows for j, t in enumerate(tau) for k in range(t)]
    index = {state: i for i, state in enumerate(states)}
    matrix = np.zeros((len(states), len(states)))
    for (r, j, k), i in index.items():
        if k + 1 < tau[j]:
            matrix[i, index[r, j, k + 1]] = 1
            continue
        if beat[r] + 1 < space.beats_per_bar[meter[r]]:
            following = {r + 1: 1.0}
        else:
            following = {s: m.switch[meter[r], meter[s]].exp().item() for s in rows if beat[s] == 0}
        for s, p in following.items():
            for j2 in range(len(tau)):
                matrix[i, index[s, j2, 0]] += p * m.change[j, j2].exp().item()
    likelihood = np.array(
        [
            (m.evidence.rest + (k < m.width[j]) * m.evidence.odds[int(beat[r] == 0)]).exp().numpy()
            for r, j, k in states
        ]
    )
    start = np.array([m.start[r].exp().item() for r, _, _ in states])
    return index, likelihood, matrix, start


def sequence(path, index, m):
    """State of each frame on a path that is given beat by beat."""
    frames = len(m.evidence.rest)
    found = np.full(frames, -1)
    shortest = int(m.space.intervals[0])
    for row, start, tau in zip(*(x.tolist() for x in path[:3]), strict=True):
        for k in range(tau):
            if 0 <= start + k < frames:
                found[start + k] = index[row, tau - shortest, k]
    return found


def all_paths(likelihood, matrix, start):
    """Probability of each sequence of states that is possible."""
    frames = likelihood.shape[1]

    def grow(path, p):
        if len(path) == frames:
            yield path, p
            return
        for s in np.flatnonzero(matrix[path[-1]]):
            yield from grow([*path, s], p * matrix[path[-1], s] * likelihood[s, len(path)])

    for s in range(len(start)):
        yield from grow([s], start[s] * likelihood[s, 0])


def a_model(frames, settings, seed=0, frame_rate=5.0, rows=2):
    return bp.model(random_activation(frames, seed, rows), frame_rate=frame_rate, settings=settings)


@pytest.mark.parametrize(("frames", "seed"), list(itertools.product((1, 2, 3, 7, 10), range(4))))
@pytest.mark.parametrize(
    "settings",
    [
        TINY,
        BarPointerSettings(100.0, 150.0, 2.0, 2.0, (1,)),
        BarPointerSettings(100.0, 150.0, 2.0, 2.0, (1, 2)),
        BarPointerSettings(100.0, 150.0, 2.0, 2.0, (1, 2), 0.2),
    ],
)
def test_no_path_is_more_probable_and_the_sum_is_over_all(settings, frames, seed):
    m = a_model(frames, settings, seed)
    index, *tables = dense(m)
    paths = list(all_paths(*tables))
    best, most = max(paths, key=lambda pair: pair[1])
    found = bp.viterbi(m)
    assert found.log_probability == pytest.approx(math.log(most), abs=1e-4)
    assert sequence(found, index, m).tolist() == [int(s) for s in best]
    total = bp.endings(m, bp.sweep(m, torch.logsumexp)).logsumexp((0, 1, 2))
    total = total + m.evidence.rest.sum()
    assert total.item() == pytest.approx(math.log(sum(p for _, p in paths)))


@pytest.mark.parametrize("meters", [(1,), (3,), (2, 3)])
@pytest.mark.parametrize("rows", [1, 2])
def test_librosa_finds_the_same_path_in_the_dense_matrix(meters, rows):
    if rows == 1 and meters != (1,):
        pytest.skip("without downbeats the beats of a bar are alike: many paths tie")
    m = a_model(
        200, BarPointerSettings(100.0, 215.0, 20.0, 8.0, meters), frame_rate=25.0, rows=rows
    )
    index, likelihood, matrix, start = dense(m)
    theirs = librosa.sequence.viterbi(likelihood, matrix, p_init=start)
    assert np.array_equal(sequence(bp.viterbi(m), index, m), theirs)


@pytest.mark.parametrize(
    ("rate", "tempi", "states"), [(100.0, 82, 5617), (50.0, 41, 1394)], ids=["100 fps", "50 fps"]
)
def test_state_counts_of_the_literatures_tempo_range(rate, tempi, states):
    space = state_space(BarPointerSettings(beats_per_bar=(1,)), frame_rate=rate)
    assert (len(space.intervals), space.states) == (tempi, states)


def test_intervals_of_three_four_and_five_frames_have_twelve_states():
    space = bp.Space(torch.tensor([3, 4, 5]), (1,))
    assert space.states == 12
    assert space._replace(beats_per_bar=(2, 3)).states == 60


@pytest.mark.parametrize("change", [0.0, 0.3])
def test_steady_beats_and_downbeats_are_found_where_they_are(change):
    activation = torch.full((2, 900), 0.02)
    activation[1] = 0.005
    activation[0, 7::50] = 0.9
    activation[1, 57::150] = 0.85
    settings = BarPointerSettings(beats_per_bar=(3, 4), meter_change=change)
    found = decode(activation, frame_rate=100.0, settings=settings)
    assert (found.times * 100).round().tolist() == list(range(7, 900, 50))
    assert (found.downbeats * 100).round().tolist() == list(range(57, 900, 150))
    assert (found.bpm[:-2] == 120).all() and (found.beats_per_bar == 3).all()


def test_ties_are_broken_alike_in_single_and_double_precision():
    flat = torch.full((300,), 0.1)
    first = decode(flat, frame_rate=50.0)
    assert all(
        a.equal(b)
        for a, b in zip(
            first.path[:3], decode(flat.double(), frame_rate=50.0).path[:3], strict=True
        )
    )


def test_a_uniform_local_tempo_changes_nothing():
    activation = random_activation(300)
    size = len(state_space(BarPointerSettings(), frame_rate=50.0).intervals)
    weight = torch.full((300, size), 0.5)
    plain = decode(activation, frame_rate=50.0)
    weighted = decode(activation, frame_rate=50.0, local_tempo=weight)
    assert weighted.times.equal(plain.times)
    assert weighted.path.log_probability == pytest.approx(plain.path.log_probability, abs=1e-4)


def test_a_local_tempo_is_followed_where_the_activation_says_nothing():
    flat = torch.full((600,), 1 / 16)
    tau = state_space(BarPointerSettings(), frame_rate=50.0).intervals
    wanted = torch.where(torch.arange(600) < 300, 20, 40)
    weight = torch.exp(-20.0 * (tau / wanted[:, None]).log().abs())
    settings = BarPointerSettings(transition_lambda=0.0, beats_per_bar=(1,))
    path = decode(flat, frame_rate=50.0, settings=settings, local_tempo=weight).path
    inside = path.starts > 0
    off = path.intervals[inside] - wanted[path.starts[inside]]
    assert off.abs().max() <= 1  # a longer beat is one factor less


def test_an_explicit_transition_replaces_lambda():
    activation = random_activation(300)
    tau = state_space(BarPointerSettings(), frame_rate=50.0).intervals
    given = decode(activation, frame_rate=50.0, transition=tempo_transition(tau, 5.0))
    by_lambda = decode(
        activation, frame_rate=50.0, settings=BarPointerSettings(transition_lambda=5.0)
    )
    assert given.path.starts.equal(by_lambda.path.starts)
    forbidden = decode(activation, frame_rate=50.0, transition=torch.eye(len(tau)))
    assert len(set(forbidden.path.intervals.tolist())) == 1


def test_refuses_what_has_no_meaning():
    with pytest.raises(ValueError, match="did you pass logits"):
        decode(torch.tensor([-1.0, 3.0]), frame_rate=50.0)
    with pytest.raises(ValueError, match=r"activation \(3, 4\): expected"):
        decode(torch.zeros(3, 4), frame_rate=50.0)
    with pytest.raises(ValueError, match="in this order"):
        decode(torch.zeros(9), frame_rate=50.0, settings=BarPointerSettings(200.0, 100.0))
    with pytest.raises(ValueError, match="no whole number of frames"):
        decode(torch.zeros(9), frame_rate=1.0, settings=BarPointerSettings(100.0, 110.0))
    with pytest.raises(ValueError, match="do not sum to one"):
        decode(torch.zeros(9), frame_rate=50.0, transition=torch.ones(41, 41))
    with pytest.raises(ValueError, match="meter change of 0.1 among 1 meters"):
        decode(torch.zeros(9), frame_rate=50.0, settings=BarPointerSettings(meter_change=0.1))
    with pytest.raises(ValueError, match="local tempo"):
        decode(torch.zeros(9), frame_rate=50.0, local_tempo=torch.zeros(9, 41))
    with pytest.raises(ValueError, match="not above one"):
        decode(torch.zeros(9), frame_rate=50.0, settings=BarPointerSettings(observation_lambda=1.0))
    with pytest.raises(ValueError, match="at least one each"):
        decode(torch.zeros(9), frame_rate=50.0, settings=BarPointerSettings(beats_per_bar=()))


def test_a_beat_is_seen_below_a_sixteenth_of_its_positions():
    tau = torch.arange(14, 55)
    counted = [sum(k / t < 1 / 16 for k in range(t)) for t in tau.tolist()]
    assert bp.beat_states(tau, 16.0).tolist() == counted


def test_beats_downbeats_and_the_rest_share_one_probability():
    evidence = bp.observe(torch.tensor([[0.7], [0.2]], dtype=torch.float64), 16.0)
    beat, down = (evidence.rest + evidence.odds).exp()[:, 0].tolist()
    assert (beat, down) == pytest.approx((0.5, 0.2))
    assert beat + down + 15 * evidence.rest.exp().item() == pytest.approx(1)


def test_no_interval_is_outside_the_tempo_range():
    for fastest in (140.0, 143.0, 150.0, 160.0):
        assert (60 * 10.0 / bp.beat_intervals(60.0, fastest, frame_rate=10.0) <= fastest).all()
