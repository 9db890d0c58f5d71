"""The laws of the shift-tolerant loss: a loop, its gradient, its limits."""

import math

import pytest
import torch

from dla.losses.shift_tolerant import shift_tolerant_bce, spread, weighted_bce


@pytest.fixture
def example():
    """Logits without ties and targets, float64, 40 frames."""
    rng = torch.Generator().manual_seed(0)
    targets = torch.zeros(40, dtype=torch.float64)
    targets[[1, 15, 19, 33]] = 1.0
    return torch.randn(40, generator=rng, dtype=torch.float64), targets


def by_loop(logits, targets, weight, r):
    total, frames = 0.0, len(logits)
    for m in range(frames):
        near = max(logits[max(0, m - r) : m + r + 1].tolist())
        around = max(targets[max(0, m - 2 * r) : m + 2 * r + 1].tolist())
        p = 1 / (1 + math.exp(-near))
        if targets[m] == 1:
            total -= weight * math.log(p)
        elif around == 0:
            total -= math.log(1 - p)
    return total / frames


@pytest.mark.parametrize("r", [0, 1, 3])
def test_is_the_loop_over_frames(example, r):
    found = shift_tolerant_bce(*example, weight=3.0, tolerance=r)
    assert found.item() == pytest.approx(by_loop(*example, 3.0, r))


def test_without_tolerance_is_the_weighted_cross_entropy(example):
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        *example, pos_weight=torch.tensor(5.0).double()
    )
    torch.testing.assert_close(weighted_bce(*example, weight=5.0), expected)
    torch.testing.assert_close(shift_tolerant_bce(*example, weight=5.0, tolerance=0), expected)


def test_gradient(example):
    logits, targets = example
    logits.requires_grad_()
    assert torch.autograd.gradcheck(lambda z: shift_tolerant_bce(z, targets, weight=2.0), (logits,))


def test_gradient_of_a_beat_reaches_the_largest_logit_of_its_window_only():
    logits = torch.tensor([0.0, 0.1, 0.7, 0.2, -0.3], requires_grad=True)
    beat = torch.tensor([0.0, 0.0, 0.0, 1.0, 0.0])
    shift_tolerant_bce(logits, beat, weight=2.0, tolerance=2).backward()
    expected = torch.zeros(5)
    expected[2] = -2.0 * (1 - torch.sigmoid(torch.tensor(0.7))) / 5
    torch.testing.assert_close(logits.grad, expected)


def test_a_shift_within_the_tolerance_costs_nothing_one_more_frame_does():
    beat = torch.zeros(30)
    beat[15] = 1.0

    def loss(at):
        logits = torch.full((30,), -20.0)
        logits[at] = 20.0
        return shift_tolerant_bce(logits, beat, tolerance=3).item()

    assert max(loss(15 + s) for s in range(-3, 4)) < 1e-6
    assert min(loss(15 - 4), loss(15 + 4)) > 1


def test_is_the_same_for_a_stack(example):
    logits, targets = (torch.stack([x, x.flip(0)]) for x in example)
    each = [shift_tolerant_bce(z, y) for z, y in zip(logits, targets, strict=True)]
    torch.testing.assert_close(shift_tolerant_bce(logits, targets), torch.stack(each))


def test_refuses_other_shapes_and_negative_tolerances():
    with pytest.raises(ValueError, match=r"\(4,\) and targets \(1, 4\)"):
        shift_tolerant_bce(torch.zeros(4), torch.zeros(1, 4))
    with pytest.raises(ValueError, match="-1 frames is negative"):
        spread(torch.zeros(4), -1)
