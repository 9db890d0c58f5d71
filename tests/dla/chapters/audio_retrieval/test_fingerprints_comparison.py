"""Bits are compared at every offset; a verdict knows strangers."""

import torch

from dla.chapters.audio_retrieval import fingerprints as material
from dla.chapters.audio_retrieval import fingerprints_comparison as fc

CLEAN = fc.Condition(3.0, "clean")


def words(seed, count):
    g = torch.Generator().manual_seed(seed)
    return torch.randint(-(2**31), 2**31, (count,), generator=g)


def test_the_share_of_equal_bits_is_that_of_a_double_loop():
    stored, query = words(0, 12), words(1, 3)
    found = fc.alike(fc.signs(query), fc.signs(stored))
    for start in range(10):
        equal = sum(
            32 - ((int(stored[start + k]) ^ int(query[k])) & 0xFFFFFFFF).bit_count()
            for k in range(3)
        )
        assert abs(float(found[start]) - equal / 96) < 1e-6


def test_a_query_that_is_stored_has_all_bits_equal_where_it_begins():
    stored = words(2, 30)
    found = fc.alike(fc.signs(stored[7:12]), fc.signs(stored))
    assert int(found.argmax()) == 7
    assert abs(float(found[7]) - 1.0) < 1e-6


def test_all_queries_of_a_condition_lie_one_after_the_other():
    sound, rate = fc.sound_of(CLEAN)
    assert rate == material.RATE
    rows = sound.view(fc.QUERIES, -1)
    for row, excerpt in zip(rows, fc.excerpts(3.0), strict=True):
        assert torch.equal(row, excerpt.waveform)


def test_a_stranger_is_none_of_what_was_cut_from_the_same_recording():
    rows = torch.zeros(fc.QUERIES, len(material.recordings()))
    for k, excerpt in enumerate(fc.excerpts(3.0)):
        rows[k, material.relatives(excerpt.recording)] = 9.0
        rows[k, (excerpt.recording + 500) % rows.shape[1]] = 4.0
    found = fc._judge(CLEAN, rows, 0.0)
    assert found.stranger.tolist() == [4.0] * fc.QUERIES
    right, apart = fc.verdicts(CLEAN, found)
    assert right.all()
    assert apart.all()


def test_one_loud_stranger_leaves_nobody_apart():
    rows = torch.zeros(fc.QUERIES, len(material.recordings()))
    for k, excerpt in enumerate(fc.excerpts(3.0)):
        rows[k, excerpt.recording] = 9.0
    first = fc.excerpts(3.0)[0].recording
    other = next(k for k in range(1113) if k not in material.relatives(first))
    rows[0, other] = 9.5
    right, apart = fc.verdicts(CLEAN, fc._judge(CLEAN, rows, 0.0))
    assert right.sum() == fc.QUERIES - 1
    assert not apart.any()


def test_noise_differs_from_query_to_query():
    clean = fc.sound_of(CLEAN)[0].view(fc.QUERIES, -1)
    noisy = fc.sound_of(fc.Condition(3.0, "noise 0 dB"))[0].view(fc.QUERIES, -1)
    noise = noisy - clean
    cosine = torch.nn.functional.cosine_similarity(noise[0], noise[1], dim=0)
    assert abs(float(cosine)) < 0.05


def test_without_its_package_chromaprint_is_not_asked(monkeypatch):
    monkeypatch.setattr(fc.reference.packages, "node_folder", lambda name: None)
    assert fc.COMPARISON.installed == ["landmarks"]
