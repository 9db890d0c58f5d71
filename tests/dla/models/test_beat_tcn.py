"""The beat network sees as far as the formula says, and is small."""

import pytest
import torch
import torch.nn.functional as F

from dla.models.beat_tcn import BeatTCN, BeatTCNSettings, receptive_field
from dla.train import seeded


@pytest.mark.parametrize(("kernel", "layers"), [(3, 3), (5, 4), (5, 6)])
def test_gradient_reaches_as_far_as_the_formula(kernel, layers):
    sizes = BeatTCNSettings(features=3, channels=4, kernel=kernel, layers=layers)
    net = seeded(lambda: BeatTCN(sizes), 0).double().eval()
    formula = 1 + (kernel - 1) * (2**layers - 1)
    frames = formula + 20
    x = torch.randn(
        1, 3, frames, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    ).requires_grad_()
    net(x)[0, 0, frames // 2].backward()
    reached = (x.grad[0] != 0).any(0).nonzero().flatten()
    assert receptive_field(net) == formula
    assert reached.tolist() == list(
        range(frames // 2 - formula // 2, frames // 2 + formula // 2 + 1)
    )


def test_eleven_layers_of_five_see_8189_frames():
    assert receptive_field(BeatTCN(BeatTCNSettings(channels=2, layers=11))) == 8189


def test_size_is_within_the_budget():
    assert 20_000 < sum(p.numel() for p in BeatTCN().parameters()) < 64_000


def test_a_picture_of_height_one_is_a_sequence():
    """Oracle: the same weights in one-dimensional convolutions, norms over transposed axes."""
    net = seeded(lambda: BeatTCN(BeatTCNSettings(features=3, channels=4, layers=3)), 0).double()
    for layer in net.layers:  # fresh norms neither scale nor shift
        torch.nn.init.normal_(layer.norm.weight, generator=torch.Generator().manual_seed(1))
        torch.nn.init.normal_(layer.norm.bias, generator=torch.Generator().manual_seed(2))
    x = torch.randn(2, 3, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(3))

    def conv(of, at):
        return F.conv1d(
            at, of.weight[:, :, 0], of.bias, dilation=of.dilation[1], padding=of.padding[1]
        )

    h = F.elu(conv(net.entry[0], x))
    for layer in net.layers:
        normed = layer.norm(h.mT.contiguous()).mT
        h = h + conv(layer.mix, F.elu(conv(layer.filter, normed)))
    torch.testing.assert_close(net(x), conv(net.exit, h))
