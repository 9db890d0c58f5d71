"""Landmarks, their index and the search, against double loops."""

from collections import Counter

import pytest
import torch

from dla import signals
from dla.retrieval import fingerprint
from dla.retrieval.fingerprint import Landmarks, build, landmarks, pack, pair, peaks, unpack

RATE = fingerprint.SAMPLE_RATE


def rng(seed):
    return torch.Generator().manual_seed(seed)


def sound(seed, seconds=2.0):
    return torch.randn(round(seconds * RATE), generator=rng(seed))


def marks(seed, count=300, hashes=40, frames=50):
    return Landmarks(
        torch.randint(hashes, (count,), generator=rng(seed)),
        torch.randint(frames, (count,), generator=rng(seed + 1000)),
    )


def test_a_peak_is_the_largest_of_its_box():
    x = sound(0, 1.0)
    level = fingerprint.stft(x, n_fft=fingerprint.N_FFT, hop_length=fingerprint.HOP).abs()
    level = level[: fingerprint.BINS].T
    high, wide = fingerprint.BOX[0] // 2, fingerprint.BOX[1] // 2
    found = {tuple(p) for p in peaks(x, sample_rate=RATE).tolist()}
    for m in range(level.shape[0]):
        for k in range(level.shape[1]):
            box = level[max(m - wide, 0) : m + wide + 1, max(k - high, 0) : k + high + 1]
            assert ((m, k) in found) == bool(level[m, k] >= box.max())


def test_peaks_do_not_depend_on_the_level():
    assert torch.equal(peaks(sound(1), sample_rate=RATE), peaks(8 * sound(1), sample_rate=RATE))


def test_silence_has_no_peaks():
    assert not len(landmarks(torch.zeros(RATE), sample_rate=RATE))


def test_a_peak_that_is_far_below_the_largest_is_none():
    x = signals.sine(500.0, seconds=1.0) + 1e-4 * signals.sine(2000.0, seconds=1.0)
    assert int(peaks(x, sample_rate=RATE)[:, 1].max()) < 200


def test_pairs_are_those_of_a_double_loop():
    points = peaks(sound(2), sample_rate=RATE)
    expected = []
    for i, (m, k) in enumerate(points.tolist()):
        partners = [
            (k, kk - k, mm - m)
            for mm, kk in points[i + 1 :].tolist()
            if 0 < mm - m <= fingerprint.ZONE_FRAMES and 0 < abs(kk - k) <= fingerprint.ZONE_BINS
        ]
        expected += [(m, *p) for p in partners[: fingerprint.FAN_OUT]]
    found = pair(points)
    rows = torch.cat([found.frames[:, None], unpack(found.hashes)], dim=-1)
    assert sorted(map(tuple, rows.tolist())) == sorted(expected)


def test_a_hash_is_unpacked_to_what_was_packed_and_no_two_are_one():
    every = torch.arange(fingerprint.HASHES)
    assert torch.equal(pack(*unpack(every).T), every)


def test_a_sound_that_starts_whole_frames_later_has_the_same_hashes_later():
    x, late = sound(3), 7
    moved = torch.cat([torch.zeros(late * fingerprint.HOP), x])
    one, other = landmarks(x, sample_rate=RATE), landmarks(moved, sample_rate=RATE)
    here = set(zip(one.hashes.tolist(), (one.frames + late).tolist(), strict=True))
    there = set(zip(other.hashes.tolist(), other.frames.tolist(), strict=True))
    assert len(here & there) > 0.9 * len(here)


def test_hits_and_votes_are_those_of_a_double_loop():
    stored, query = [marks(s) for s in range(4)], marks(9, count=50)
    hits = Counter(
        (r, int(t) - int(u))
        for r, one in enumerate(stored)
        for h, t in zip(one.hashes, one.frames, strict=True)
        for g, u in zip(query.hashes, query.frames, strict=True)
        if h == g
    )
    index = build(stored)
    assert Counter(map(tuple, index.hits(query).T.tolist())) == hits
    found = index.search(query)
    assert found.votes.tolist() == sorted(found.votes.tolist(), reverse=True)
    for r, o, v in zip(found.recordings, found.offsets, found.votes, strict=True):
        best = max(n for (rr, _), n in hits.items() if rr == r)
        assert int(v) == best == hits[int(r), int(o)]
    assert len(found) == len({r for r, _ in hits})


def test_leaving_out_a_recording_is_what_an_index_without_it_says():
    stored, query = [marks(s) for s in range(4)], marks(9)
    without = build(stored).search(query).without([3])
    fewer = build(stored[:3]).search(query)
    assert torch.equal(without.recordings, fewer.recordings)
    assert torch.equal(without.votes, fewer.votes)


def test_an_excerpt_is_found_where_it_was_cut():
    stored = [sound(s, 6.0) for s in range(5)]
    index = build([landmarks(x, sample_rate=RATE) for x in stored])
    start = 33 * fingerprint.HOP
    found = index.search(landmarks(stored[3][start : start + 3 * RATE], sample_rate=RATE))
    assert int(found.recordings[0]) == 3
    assert float(found.seconds[0]) == pytest.approx(start / RATE)
    assert int(found.votes[0]) > 10 * int(found.votes[1])


def test_a_query_without_landmarks_finds_nothing():
    found = build([marks(0)]).search(landmarks(torch.zeros(RATE), sample_rate=RATE))
    assert len(found) == 0
    assert found.accepted(1) is None


def test_reading_is_a_hundred_times_faster_than_listening(cpu_seconds):
    x = sound(4, 30.0)
    assert cpu_seconds(lambda: landmarks(x, sample_rate=RATE)) < 0.3
