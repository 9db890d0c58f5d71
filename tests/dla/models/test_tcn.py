"""Laws of the temporal convolutional network: its reach, and what its norm ties together."""

import pytest
import torch

from dla.models.tcn import TCN, GlobalNorm, TCNSettings, without_norms
from dla.train import seeded

SMALL = TCNSettings(channels=4, hidden=6, skip=5, kernel=3, blocks=3, repeats=2)


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def frames_seen(net: torch.nn.Module, frames: int = 101) -> torch.Tensor:
    """Input frames on which the middle frame of the output depends."""
    x = noise(1, 3, frames).requires_grad_()
    (gradient,) = torch.autograd.grad(net(x)[..., frames // 2].sum(), x)
    return gradient[0].abs().sum(0).nonzero().flatten()


def test_the_dilations_double_in_each_repeat():
    assert SMALL.dilations == [1, 2, 4, 1, 2, 4]


def test_without_its_norms_it_reaches_each_dilation_times_the_kernel_further():
    seen = frames_seen(without_norms(seeded(lambda: TCN(3, 2, SMALL), 0).double()))
    reach = sum((SMALL.kernel - 1) * d for d in SMALL.dilations)
    assert seen.tolist() == list(range(50 - reach // 2, 50 + reach // 2 + 1))


def test_its_norms_tie_each_frame_to_all():
    assert len(frames_seen(seeded(lambda: TCN(3, 2, SMALL), 0).double())) == 101


def test_the_norm_is_zero_mean_and_unit_variance_over_channels_and_frames_together():
    x = 5.0 * torch.arange(5)[:, None] + 7.0 * noise(2, 5, 400)
    y = GlobalNorm(5).double()(x)
    torch.testing.assert_close(y.mean((1, 2)), torch.zeros(2).double(), atol=1e-9, rtol=0)
    assert y.var((1, 2), correction=0).sub(1).abs().max() < 1e-6
    assert (y.mean(2).diff(dim=1) > 0).all()  # channels keep their offsets


def test_the_output_is_made_of_every_blocks_skip():
    net = seeded(lambda: TCN(3, 2, SMALL), 0).double()
    hidden, skips = net.entry(noise(1, 3, 30)), []
    for block in net.blocks:
        hidden, skip = block(hidden)
        skips.append(skip)
    whole = net.exit(sum(skips)).unflatten(1, (2, 3))
    torch.testing.assert_close(net(noise(1, 3, 30)), whole)


def test_removing_the_norms_leaves_the_model_as_it_was():
    net = seeded(lambda: TCN(3, 2, SMALL), 0).double()
    x = noise(1, 3, 20)
    before = net(x)
    without_norms(net)
    assert torch.equal(net(x), before)


@pytest.mark.parametrize("sources", [1, 3])
def test_there_is_a_logit_for_each_source_feature_and_frame(sources):
    assert TCN(3, sources, SMALL).double()(noise(2, 3, 20)).shape == (2, sources, 3, 20)
