"""Folds, pairs in one key, encoders that do not touch, Fisher's axes."""

import pytest
import torch
from torch.testing import assert_close

from dla import scores
from dla.chapters.audio_retrieval import themes_study as S
from dla.chapters.audio_retrieval.embeddings import WORKS
from dla.scores import sections


@pytest.fixture
def steady(monkeypatch):
    """Themes that are their settings and stand still, (2, work, 12, 24)."""
    g = torch.Generator().manual_seed(0)
    x = torch.rand(1, len(S.THEMES), 12, 1, generator=g).expand(2, -1, -1, 24)
    monkeypatch.setattr(S, "themes", lambda: x)
    return x


def test_the_themes_are_other_works_than_those_chosen_on():
    known = {name for pair in WORKS for name in pair}
    assert not known & set(S.THEMES) and len(set(S.THEMES)) == len(S.THEMES)
    assert all(S.sings(scores.load(name)) for name in S.THEMES[::10])


def test_no_theme_opens_as_another_or_as_a_tune_chosen_on():
    marks = [sections._marks(scores.load(n)) for n in S.THEMES]
    chosen = set().union(*(sections._marks(scores.load(n)) for p in WORKS for n in p))
    seen = set()
    for some in marks:
        assert not some & seen and not some & chosen
        seen |= some


def test_each_work_is_tested_in_one_fold_and_learned_in_the_others():
    tested = torch.cat([S.fold(k)[1] for k in range(S.FOLDS)])
    assert sorted(tested.tolist()) == list(range(len(S.THEMES)))
    for k in range(S.FOLDS):
        learned, other = S.fold(k)
        assert not set(learned.tolist()) & set(other.tolist())


def test_a_pair_is_of_one_work_in_one_key(steady):
    x = S.pairs(S.fold(0)[0], torch.Generator().manual_seed(1))
    assert x.shape == (2, S.BATCH, 240)
    assert_close(x[0], x[1])
    rows = x[0].unflatten(-1, (12, 20))[..., 0]
    known = torch.stack([steady[0, S.fold(0)[0], :, 0].roll(k, -1) for k in range(12)])
    assert (torch.cdist(rows, known.flatten(0, 1)).amin(1) < 1e-2).all()


def test_encoders_of_folds_and_sizes_do_not_touch():
    model = S.network(0)
    x = torch.rand(S.FOLDS, 2, 5, 240, generator=torch.Generator().manual_seed(2))
    out = model(x)
    assert out.shape == (S.FOLDS, len(S.SIZES), 2, 5, S.SIZES[-1])
    for i, d in enumerate(S.SIZES):
        assert (out[:, i, ..., d:] == 0).all()
        assert_close(out[1, i, ..., :d], model.encoder(1, d)(x[1]))
    S.loss(out[None, :1], x).sum().backward()
    assert model.encoder(0, 4).layers[0].weight.grad.abs().sum() > 0
    assert (
        model.encoder(2, 4).layers[0].weight.grad is None
        or (model.encoder(2, 4).layers[0].weight.grad == 0).all()
    )


def test_the_loss_of_what_is_told_apart_is_small():
    e = torch.eye(8).expand(1, S.FOLDS, len(S.SIZES), 2, 8, 8)
    assert S.loss(e, e) < 0.01
    same = torch.ones_like(e)
    expected = S.FOLDS * len(S.SIZES) * torch.tensor([8.0]).log()
    assert_close(S.loss(same, e), expected)


def test_the_discriminant_leaves_what_differs_within_a_work():
    g = torch.Generator().manual_seed(3)
    work = torch.randn(200, 6, generator=g) * torch.tensor([1.0, 1, 0, 0, 0, 0])
    within = torch.randn(2, 200, 6, generator=g) * torch.tensor([0.1, 0.1, 1.5, 1.5, 0.1, 0.1])
    encode = S.discriminant(work + within, 2)
    slope = torch.autograd.functional.jacobian(lambda y: encode(y).sum(0), work[:1])
    assert slope[..., 2:4].abs().max() < 0.2 * slope[..., :2].abs().max()
    assert_close(encode(work).norm(dim=-1), torch.ones(200))


def test_the_discriminant_solves_its_equation():
    g = torch.Generator().manual_seed(4)
    x = torch.randn(2, 300, 5, generator=g, dtype=torch.float64) * torch.arange(1, 6)
    x[1] = 0.5 * x[0] + x[1]
    gap = x[0] - x[1]
    within = gap.T @ gap / 600
    within = within + S.RIDGE * within.diagonal().mean() * torch.eye(5)
    best = torch.linalg.eig(torch.linalg.solve(within, x.flatten(0, 1).T.cov()))
    v = best.eigenvectors.real[:, best.eigenvalues.real.argmax()]
    found = S.discriminant(x, 1)
    mean = x.flatten(0, 1).mean(0)
    sign = ((x[0] - mean) @ v).sign() * found(x[0])[:, 0]
    assert (sign == sign[0]).all()
