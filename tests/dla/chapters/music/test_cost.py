"""Costs against counts by hand."""

import torch
from torch import nn

from dla.chapters.music.cost import DilatedStack, kept, multiplications, seconds


def test_multiplications_are_those_of_the_matrices():
    stack = DilatedStack(4, 3)
    assert multiplications(stack, torch.zeros(2, 10, 4)) == 2 * 10 * 3 * 3 * 4 * 4


def test_kept_numbers_are_inputs_and_no_weights():
    two = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2))
    assert kept(two, torch.zeros(7, 3)) == 7 * 3 + 7 * 5


def test_a_stack_reaches_as_far_as_it_says():
    stack = DilatedStack(2, 3)
    x = torch.zeros(1, 41, 2, requires_grad=True)
    with torch.no_grad():
        for layer in stack.layers:
            layer.weight.fill_(1.0)
            layer.bias.fill_(1.0)
    stack(x)[0, 20].sum().backward()
    reached = x.grad[0].abs().sum(-1).nonzero().flatten()
    assert reached.min() == 20 - 7 and reached.max() == 20 + 7  # 2 ** 4 - 1


def test_time_is_of_one_pass():
    calls = []
    assert 0 <= seconds(lambda x: calls.append(x), torch.zeros(1), repeats=4) < 1
    assert len(calls) == 5
