"""What a layer costs: multiplications, numbers kept, processor time.

Explained in overview/music/attention.
"""

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode


def multiplications(layer: nn.Module, x: Tensor) -> int:
    """Of one forward pass; torch counts two operations for each.

    >>> multiplications(nn.Linear(3, 5), torch.zeros(2, 3))
    30
    """
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        layer(x)
    return counter.get_total_flops() // 2


def kept(layer: nn.Module, x: Tensor) -> int:
    """Numbers kept for the gradient, each tensor once."""
    found = {}

    def keep(tensor: Tensor) -> Tensor:
        found[tensor.untyped_storage().data_ptr()] = (
            tensor.untyped_storage().nbytes() // tensor.element_size()
        )
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        end = layer(x.clone().requires_grad_())
    weights = {
        p.untyped_storage().data_ptr() for p in layer.parameters()
    }
    del end
    return sum(n for place, n in found.items() if place not in weights)


def seconds(
    layer: Callable[[Tensor], Tensor], x: Tensor, *, repeats: int = 3
) -> float:
    """Processor time of one forward pass: the least of some."""
    spent = []
    with torch.no_grad():
        layer(x)
        for _ in range(repeats):
            start = time.process_time()
            layer(x)
            spent.append(time.process_time() - start)
    return min(spent)


class DilatedStack(nn.Module):
    """Convolutions of three taps, dilated 1, 2, 4, ..., over "batch frame channel".

    Args:
        channels: of each layer.
        layers: n of them reach 2^(n + 1) - 1 frames.
    """

    def __init__(self, channels: int, layers: int):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(
                channels, channels, 3, dilation=2**n, padding=2**n
            )
            for n in range(layers)
        )

    def forward(self, x: Tensor) -> Tensor:
        h = x.mT
        for layer in self.layers:
            h = h + layer(h).relu()
        return h.mT
