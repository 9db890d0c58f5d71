"""Versions open alike, halls are none of the tune, searches find what is there."""

import pytest
import torch
from torch.testing import assert_close

from dla.chapters.audio_retrieval import embeddings as E


@pytest.fixture
def x():
    """Chroma of six items, (6, 12, 24)."""
    return torch.rand(6, 12, E.SHINGLE + E.SPARE, generator=torch.Generator().manual_seed(0))


def unchanged(y):
    return y


def test_no_score_is_two_works():
    names = [name for pair in E.WORKS for name in pair]
    assert len(set(names)) == len(names) == 102


def test_both_versions_open_on_one_pitch_class():
    for work in (0, 7, 30):
        first, second = (E.opening_pitch(E.scores.load(n)) for n in E.WORKS[work])
        moved = [E.tune(work, v).notes["pitch"].sum() for v in (0, 1)]
        written = [
            sum(n["pitch"] for n in E.scores.load(name).notes if n["onset"] < 20)
            for name in E.WORKS[work]
        ]
        count = len(E.tune(work, 1).notes)
        assert moved[0] == written[0]
        shift = (moved[1] - written[1]) / count
        assert (second + shift - first) % 12 == 0 and abs(shift) <= 6


def test_a_transposed_tune_is_the_tune_higher():
    low, high = E.tune(3, 1).notes, E.tune(3, 1, transpose=3).notes
    assert (high["pitch"] - low["pitch"] == 3).all()
    assert (high["onset"] == low["onset"]).all()


def test_a_sound_has_the_level_and_the_length():
    sound = E.dry(2, 1)
    assert_close(20 * E.signals.rms(sound).log10(), torch.tensor(E.LEVEL))
    assert len(sound) == E.N_FFT + (E.SHINGLE + E.SPARE - 1) * E.HOP


def test_each_work_has_a_hall_of_its_own_and_always_the_same():
    assert_close(E.hall(4), E.hall(4))
    assert len(E.hall(4)) != len(E.hall(5)) or (E.hall(4) != E.hall(5)).any()


def test_a_pitch_is_in_its_class_alone():
    t = torch.arange(E.N_FFT + (E.SHINGLE + E.SPARE - 1) * E.HOP) / E.SAMPLE_RATE
    chroma, mel = E.features(0.1 * torch.sin(2 * torch.pi * 440.0 * t))
    assert (chroma.argmax(0) == 9).all() and chroma.shape == (12, E.SHINGLE + E.SPARE)
    assert mel.shape == (E.BANDS, E.SHINGLE + E.SPARE)
    rows = E.pitch_classes().sum(0)
    assert rows.max() == 1 and rows[0] == 0


def test_copies_at_the_middle_of_a_steady_sound_are_that_sound():
    steady = torch.rand(3, 12, 1).expand(-1, -1, E.SHINGLE + E.SPARE)
    g = torch.Generator().manual_seed(0)
    for _ in range(5):
        assert_close(E.copies(steady, g), E.shingle(steady))


def test_copies_are_later_or_slower(x):
    g = torch.Generator().manual_seed(0)
    drawn = torch.stack([E.copies(x, g) for _ in range(20)])
    assert len(torch.unique(drawn, dim=0)) > 8


def test_transposition_moves_each_item_by_its_own(x):
    up = torch.tensor([0, 1, 5, 11, 3, 7])
    moved = E.transposed(torch.stack([x, x + 1]), up)
    for i, k in enumerate(up.tolist()):
        assert_close(moved[0, i], x[i].roll(k, 0))
        assert_close(moved[1, i], x[i].roll(k, 0) + 1)


def test_the_halves_share_no_work():
    a, b = E.folds()
    assert sorted([*a.tolist(), *b.tolist()]) == list(range(len(E.WORKS)))


def test_an_embedding_lies_on_the_sphere(x):
    e = E.ShingleEncoder(240)(E.shingle(x))
    assert e.shape == (6, E.SIZE)
    assert_close(e.norm(dim=-1), torch.ones(6))


def test_principal_axes_keep_the_most_variance(x):
    y = E.shingle(x)
    kept = E.principal(y, 2)(y)
    assert_close(kept.mean(0), torch.zeros(2), atol=1e-5, rtol=0)
    own = torch.linalg.eigvalsh(y.T.cov())[-2:].flip(0)
    assert_close(kept.T.cov(), own.diag(), atol=1e-4, rtol=1e-4)


def test_reciprocal_ranks_count_ties_against_the_item():
    base = torch.tensor([[0.0], [1.0], [5.0]])
    assert_close(
        E.reciprocal_ranks(torch.tensor([[0.1], [0.2], [5.0]]), base), torch.tensor([1, 1 / 2, 1])
    )
    assert_close(E.reciprocal_ranks(0 * base, 0 * base), torch.full((3,), 1 / 3))


def test_a_search_in_all_keys_finds_a_rotation(x):
    turned = x.roll(-4, -2)
    assert (E.reciprocal_ranks(E.shingle(turned), E.shingle(x)) < 1).any()
    assert_close(E.shifted_ranks(unchanged, turned, x), torch.ones(6))


def test_ranks_are_of_the_other_half_or_of_the_learned_one():
    a, b = E.folds()
    x = torch.rand(len(E.WORKS), 12, 24, generator=torch.Generator().manual_seed(1))
    blind = lambda y: 0 * y  # noqa: E731
    knows_one = [[unchanged], [blind]]
    other = E.cross_ranks(knows_one, x, x)[0]
    assert (other[b] == 1).all() and all_are(other[a], 1 / len(a))
    heard = E.cross_ranks(knows_one, x, x, heard=True)[0]
    assert (heard[a] == 1).all() and all_are(heard[b], 1 / len(b))


def test_batches_hold_both_versions_in_one_key():
    one = torch.rand(1, 20, 12, 1, generator=torch.Generator().manual_seed(2))
    x = one.expand(2, -1, -1, E.SHINGLE + E.SPARE)  # versions alike, steady
    works = torch.arange(20)
    for keys in (False, True):
        drawn, _ = E.batches(x, [works], [0], keys=keys)(0)
        assert drawn.shape == (1, 2, E.BATCH, 240)
        assert_close(drawn[:, 0], drawn[:, 1])
        known = E.shingle(x[0])
        found = (torch.cdist(drawn[0, 0], known).amin(1) < 1e-2).float().mean()
        assert (found == 1) if not keys else (found < 0.5)


def test_a_few_steps_bring_versions_nearer():
    x = torch.rand(2, 51, 12, 24, generator=torch.Generator().manual_seed(3))  # not alike
    nets = E.learn(x, learned=[E.folds()[0]], recipe=E.Recipe(steps=150))
    assert len(nets) == 1 and len(nets[0]) == len(E.SEEDS)
    start = E.seeded(lambda: E.ShingleEncoder(240), 0)
    with torch.no_grad():
        lost = [
            E.triplet(n(E.shingle(x[0, ::2])), n(E.shingle(x[1, ::2]))) for n in (start, nets[0][0])
        ]
    assert lost[1] < 0.5 * lost[0]


def all_are(found, value):
    return torch.allclose(found, torch.full_like(found, value))
