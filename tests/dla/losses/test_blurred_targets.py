"""Blurred targets are hills, and the loss is smallest at their mean."""

import pytest
import torch
from torch.nn import functional

from dla.losses.blurred_targets import blurred_targets, frame_bce


def test_a_hill_is_one_at_the_pitch_and_falls_by_its_width():
    hill = blurred_targets(torch.tensor([4.0]), 9, width=2.0)[:, 0]
    expected = [2.718281828 ** -((k - 4) ** 2 / 8) for k in range(9)]
    torch.testing.assert_close(hill, torch.tensor(expected))


def test_a_pitch_between_bins_is_between_them():
    hill = blurred_targets(torch.tensor([3.5]), 8)[:, 0]
    torch.testing.assert_close(hill, hill.flip(0))


def test_frames_without_pitch_are_zero():
    targets = blurred_targets(torch.tensor([2.0, torch.nan]), 6)
    assert targets[:, 0].sum() > 0 and not targets[:, 1].any()


def test_the_loss_is_the_sum_over_bins_of_binary_cross_entropies():
    g = torch.Generator().manual_seed(0)
    logits, y = torch.randn(2, 5, 3, generator=g), torch.rand(2, 5, 3, generator=g)
    s = torch.sigmoid(logits)
    by_hand = -(y * s.log() + (1 - y) * (1 - s).log())
    torch.testing.assert_close(frame_bce(logits, y), by_hand.sum(1).mean(1))


def test_its_minimum_is_the_mean_of_the_targets():
    y = blurred_targets(torch.tensor([3.0, 6.0, 6.0, torch.nan]), 10)
    logits = torch.zeros(1, 10, 1, requires_grad=True)
    optimizer = torch.optim.LBFGS([logits], max_iter=200, tolerance_grad=1e-9)

    def closure():
        optimizer.zero_grad()
        value = frame_bce(logits.expand(1, 10, 4), y[None]).sum()
        value.backward()
        return value

    optimizer.step(closure)
    torch.testing.assert_close(torch.sigmoid(logits)[0, :, 0], y.mean(1), atol=2e-3, rtol=0)


def test_gradient():
    y = torch.rand(1, 4, 2, dtype=torch.float64)
    logits = torch.randn(1, 4, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: frame_bce(x, y), (logits,))
    frame_bce(logits, y).sum().backward()
    torch.testing.assert_close(logits.grad, (torch.sigmoid(logits) - y).detach() / 2)
    functional.binary_cross_entropy(y, y)  # targets are valid probabilities


def test_refuses_shapes_widths_and_axes_without_bins():
    with pytest.raises(ValueError, match="differ in shape"):
        frame_bce(torch.zeros(1, 3, 2), torch.zeros(3, 2))
    for options in ({"n_bins": 0}, {"n_bins": 3, "width": 0.0}):
        with pytest.raises(ValueError, match="positive width"):
            blurred_targets(torch.zeros(2), **options)
