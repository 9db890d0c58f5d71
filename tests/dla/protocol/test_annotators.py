"""Agreement of annotators: counts of pairs, the best answer, and EM that recovers habits."""

from itertools import combinations, pairwise

import pytest
import torch

from dla.protocol.annotators import (
    best_score,
    dawid_skene,
    label_shares,
    majority,
    pairwise_agreement,
)


@pytest.fixture
def labels():
    return torch.randint(5, (4, 300), generator=torch.Generator().manual_seed(0))


def test_agreement_is_a_mean_over_pairs(labels):
    pairs = [(a == b).double().mean() for a, b in combinations(labels, 2)]
    assert pairwise_agreement(labels) == pytest.approx(float(sum(pairs) / len(pairs)))


def test_the_best_answer_is_the_best_of_all_answers_item_by_item(labels):
    best = max_of_all = 0.0
    for t in range(60):
        scores = [(labels[:, t] == y).double().mean() for y in range(5)]
        max_of_all += float(max(scores)) / 60
    best = best_score(labels[:, :60])
    assert best == pytest.approx(max_of_all)
    assert best >= pairwise_agreement(labels[:, :60])


def test_a_majority_reaches_the_best_score(labels):
    chosen = majority(labels, generator=torch.Generator().manual_seed(1))
    reached = (labels == chosen).double().mean()
    assert float(reached) == pytest.approx(best_score(labels))


def test_a_draw_decides_between_equals():
    two = torch.tensor([[0], [1]]).expand(2, 400)
    chosen = majority(two, generator=torch.Generator().manual_seed(2))
    assert 0.4 < float(chosen.double().mean()) < 0.6


def habits(n=4000, seed=3):
    """Three careful annotators and one who calls 1 what is 0."""
    g = torch.Generator().manual_seed(seed)
    true = torch.randint(3, (n,), generator=g)
    given = true.repeat(4, 1)
    slip = torch.rand(4, n, generator=g) < 0.15
    given = torch.where(slip, torch.randint(3, (4, n), generator=g), given)
    given[3] = torch.where(true == 0, torch.ones(()).long(), given[3])
    return true, given


def test_em_finds_the_habits_and_more_true_labels_than_a_vote():
    true, given = habits()
    found = dawid_skene(given, classes=3)
    vote = majority(given, generator=torch.Generator().manual_seed(4))
    right = (found.posterior.argmax(1) == true).double().mean()
    assert right > (vote == true).double().mean() and right > 0.97
    assert found.confusion[3, 0, 1] > 0.95 and found.confusion[0, 0, 0] > 0.85
    torch.testing.assert_close(found.confusion.sum(-1), torch.ones(4, 3).double())


def test_the_likelihood_never_falls():
    _, given = habits(300)
    steps = dawid_skene(given, classes=3, smoothing=0.0).log_likelihood
    assert all(b >= a - 1e-6 for a, b in pairwise(steps))


def test_one_step_is_bayes_rule_on_the_counts():
    labels = torch.tensor([[0, 0, 1], [0, 1, 1]])
    found = dawid_skene(labels, classes=2, steps=1, smoothing=0.0)
    q = torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    first = torch.tensor([[1.5, 0.0], [0.5, 1.0]]) / 1.5  # true, given
    second = torch.tensor([[1.0, 0.5], [0.0, 1.5]]) / 1.5
    joint = q.mean(0) * torch.stack(
        [first[:, a] * second[:, b] for a, b in zip(*labels.tolist(), strict=True)]
    )
    expected = joint / joint.sum(1, keepdim=True)
    torch.testing.assert_close(found.posterior.float(), expected)


def test_refuses_labels_that_there_are_not():
    with pytest.raises(ValueError, match="labels from -1 to 2: there are 0 to 2"):
        label_shares(torch.tensor([[0, -1, 2]]), classes=3)
    with pytest.raises(ValueError, match="two annotators or more"):
        pairwise_agreement(torch.zeros(1, 4).long())
    with pytest.raises(ValueError, match=r"labels \(3,\): expected"):
        label_shares(torch.zeros(3).long(), classes=2)
