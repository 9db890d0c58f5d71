"""Laws of a linear probe."""

import pytest
import torch

from dla.protocol.probe import linear_probe


def clouds(seed: int, apart: float):
    g = torch.Generator().manual_seed(seed)
    labels = torch.randint(3, (600,), generator=g)
    centres = apart * torch.eye(3)
    return centres[labels] + torch.randn(600, 3, generator=g), labels


def test_finds_what_is_there_and_nothing_that_is_not():
    for apart, low, high in [(6.0, 0.98, 1.0), (0.0, 0.25, 0.42)]:
        seen, labels = clouds(0, apart)
        asked, truth = clouds(1, apart)
        accuracy = (linear_probe(seen, labels, asked) == truth).double().mean()
        assert low <= accuracy <= high


def test_ignores_the_unit_and_the_origin_of_each_feature():
    seen, labels = clouds(0, 2.0)
    asked, _ = clouds(1, 2.0)
    scale, shift = torch.tensor([1e-3, 1.0, 1e3]), torch.tensor([5.0, -1.0, 70.0])
    plain = linear_probe(seen, labels, asked)
    moved = linear_probe(scale * seen + shift, labels, scale * asked + shift)
    assert (plain == moved).double().mean() > 0.99


def test_is_ridge_regression_of_the_one_hot_labels():
    seen, labels = clouds(0, 2.0)
    x = ((seen - seen.mean(0)) / seen.std(0)).double()
    x = torch.cat([x, torch.ones(600, 1)], 1)
    penalty = torch.diag(torch.tensor([5.0, 5.0, 5.0, 0.0])).double()
    goal = torch.nn.functional.one_hot(labels).double()
    weights = torch.linalg.solve(x.T @ x + penalty, x.T @ goal)
    expected = (x @ weights).argmax(1)
    assert torch.equal(linear_probe(seen, labels, seen, ridge=5.0), expected)


def test_a_feature_that_never_changes_does_no_harm():
    seen, labels = clouds(0, 6.0)
    constant = torch.cat([seen, torch.full((600, 1), 3.0)], 1)
    assert (linear_probe(constant, labels, constant) == labels).double().mean() > 0.98


def test_refuses_one_class_and_labels_that_do_not_fit():
    x = torch.zeros(4, 2)
    with pytest.raises(ValueError, match=r"two classes to tell apart, got \[1\]"):
        linear_probe(x, torch.ones(4, dtype=torch.int64), x)
    with pytest.raises(ValueError, match="4 items and 3 labels"):
        linear_probe(x, torch.tensor([0, 1, 0]), x)
