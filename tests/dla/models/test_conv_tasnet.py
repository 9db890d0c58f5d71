"""Laws of Conv-TasNet: its reach, its size, its symmetries, what its norms do."""

import pytest
import torch

from dla.models.conv_tasnet import (
    PAPER,
    ConvTasNet,
    ConvTasNetSettings,
    parameter_count,
    receptive_field,
)
from dla.models.tcn import TCN, TCNSettings, without_norms
from dla.train import seeded

SIZES = [
    ConvTasNetSettings(
        filters=8, length=16, tcn=TCNSettings(4, 6, 5, kernel=3, blocks=3, repeats=2)
    ),
    ConvTasNetSettings(
        filters=6, length=8, tcn=TCNSettings(4, 4, 4, kernel=5, blocks=2, repeats=1)
    ),
    ConvTasNetSettings(
        filters=6, length=2, sources=3, tcn=TCNSettings(3, 7, 2, kernel=3, blocks=4)
    ),
]


def model_of(sizes: ConvTasNetSettings) -> ConvTasNet:
    return seeded(lambda: ConvTasNet(sizes), 0).double()


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def samples_seen(output: torch.Tensor, x: torch.Tensor) -> int:
    """From the first to the last input sample with a gradient, and none missing between."""
    seen = torch.autograd.grad(output, x)[0][0].nonzero()
    assert len(seen) == seen.max() - seen.min() + 1
    return len(seen)


@pytest.mark.parametrize("sizes", SIZES)
def test_an_output_sample_depends_on_the_receptive_field_and_half_a_frame(sizes):
    model = without_norms(model_of(sizes))
    x = noise(1, 1500).requires_grad_()
    reach = samples_seen(model(x)[0, 0, 700], x)
    assert reach == receptive_field(model_of(sizes)) + sizes.stride


@pytest.mark.parametrize("sizes", SIZES)
def test_a_frame_of_the_masks_depends_on_the_receptive_field(sizes):
    model = without_norms(model_of(sizes))
    x = noise(1, 1500).requires_grad_()
    logits = model.separator(model.encoder(x[:, None]))
    frame = logits.shape[-1] // 2
    assert samples_seen(logits[0, 0, :, frame].sum(), x) == receptive_field(model)


def test_with_its_norms_an_output_sample_depends_on_the_whole_input():
    x = noise(1, 1500).requires_grad_()
    assert samples_seen(model_of(SIZES[0])(x)[0, 0, 700], x) == 1500


def test_the_papers_configuration_hears_one_and_a_half_seconds():
    assert receptive_field(ConvTasNet(PAPER)) == 12256  # 1.53 s at 8 kHz


@pytest.mark.parametrize("sizes", [*SIZES, PAPER])
def test_parameter_count_is_what_the_model_has(sizes):
    assert parameter_count(sizes) == sum(p.numel() for p in ConvTasNet(sizes).parameters())


@pytest.mark.parametrize("length", [100, 101, 107, 16])
def test_returns_as_many_samples_as_it_gets(length):
    assert model_of(SIZES[0])(noise(2, length)).shape == (2, 2, length)


def test_a_batch_is_a_stack_of_items():
    model, x = model_of(SIZES[0]), noise(3, 400)
    torch.testing.assert_close(model(x), torch.cat([model(item[None]) for item in x]))


def test_a_shift_by_a_stride_shifts_the_estimates():
    model, x = without_norms(model_of(SIZES[0])), noise(1, 1500)
    late = torch.nn.functional.pad(x, (SIZES[0].stride, 0))
    inner = slice(400, 1000)
    shifted = model(late)[..., SIZES[0].stride :]
    torch.testing.assert_close(shifted[..., inner], model(x)[..., inner])


def test_the_separator_ignores_the_level_of_its_features():
    tcn, x = TCN(8, 2, TCNSettings(4, 6, 5, blocks=2)).double(), noise(1, 8, 50)
    torch.testing.assert_close(tcn(x), tcn(100 * x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("length", [400, 401, 407])
@pytest.mark.parametrize(("bias", "share"), [(-1e4, 0.0), (1e4, 1.0)])
def test_closed_masks_give_silence_and_open_ones_the_bare_filter_banks(bias, share, length):
    model, x = model_of(SIZES[0]), noise(1, length)
    torch.nn.init.constant_(model.separator.exit[-1].bias, bias)
    amply_padded = torch.nn.functional.pad(x, (8, 40))[:, None]  # two frames for every sample
    bare = model.decoder(model.encoder(amply_padded))[:, 0, 8 : 8 + length]
    for estimate in model(x).unbind(1):
        torch.testing.assert_close(estimate, share * bare)


def test_removing_the_norms_leaves_the_model_as_it_is():
    model, x = model_of(SIZES[0]), noise(1, 300)
    before = model(x)
    changed = without_norms(model)(x)
    torch.testing.assert_close(model(x), before)
    assert not torch.allclose(changed, before)


def test_same_seed_same_model_and_the_global_generator_is_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, second, other = (seeded(lambda: ConvTasNet(SIZES[0]), s) for s in (0, 0, 1))
    assert torch.rand(1) == expected
    assert torch.equal(first.encoder.weight, second.encoder.weight)
    assert not torch.equal(first.encoder.weight, other.encoder.weight)
