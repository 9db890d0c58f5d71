"""The laws of the shared checks: what passes, what is refused, and what is said of it."""

import pytest
import torch

from dla import checks

SOUND = torch.linspace(-1.0, 1.0, 400)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.complex64])
def test_single_and_double_precision_come_back_as_they_are(dtype):
    x = SOUND.to(dtype)
    assert checks.as_floats("x", x) is x


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_and_its_gradient_comes_back_in_half(dtype):
    x = SOUND.to(dtype).requires_grad_()
    wide = checks.as_floats("x", x)
    wide.square().sum().backward()
    assert wide.dtype == torch.float32
    assert x.grad.dtype == dtype


@pytest.mark.parametrize("dtype", [torch.int16, torch.int64, torch.uint8, torch.bool])
def test_whole_numbers_are_refused_by_name_and_dtype(dtype):
    said = f"voice is {str(dtype)[6:]}, expected floating point"
    with pytest.raises(ValueError, match=said):
        checks.as_floats("voice", torch.ones(8).to(dtype))


@pytest.mark.parametrize("shape", [(8000, 2), (3, 8000, 8), (100, 1)])
def test_samples_before_channels_are_refused(shape):
    with pytest.raises(ValueError, match=r"did you pass \(time, channel\)"):
        checks.as_sound("voice", torch.zeros(shape))


@pytest.mark.parametrize("shape", [(2, 8000), (99, 8), (8000, 9), (4,)])
def test_channels_before_samples_pass(shape):
    assert checks.as_sound("voice", torch.zeros(shape)).shape == shape


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 1)])
def test_too_few_samples_are_refused(shape):
    with pytest.raises(ValueError, match="expected 2 or more samples"):
        checks.as_sound("voice", torch.zeros(shape), shortest=2)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_what_is_not_finite_is_counted_under_its_name(bad):
    x = torch.tensor([[0.0, bad], [bad, 1.0]])
    with pytest.raises(ValueError, match=r"2 of 4 values of y \(2, 2\) are not finite"):
        checks.refuse_non_finite(x=torch.zeros(2), y=x)


def test_silence_begins_where_rounding_of_full_scale_is():
    rounding = (SOUND + 1.0) - SOUND - 1.0
    checks.refuse_silence(x=1e-6 * SOUND)
    with pytest.raises(ValueError, match=r"x \(2, 400\) holds a silent signal: its ratios"):
        checks.refuse_silence(x=torch.stack([SOUND, torch.zeros(400)]))
    with pytest.raises(ValueError, match="its power of .* is rounding"):
        checks.refuse_silence(x=rounding / 2)


def test_axes_and_shapes_are_told_apart():
    with pytest.raises(ValueError, match=r"x \(1, 400\) has 2 axes, expected \(frame\)"):
        checks.refuse_other_axes("x", SOUND[None], "frame")
    with pytest.raises(ValueError, match=r"a \(400,\) and b \(1, 400\) differ in shape"):
        checks.refuse_different_shapes(a=SOUND, b=SOUND[None])


@pytest.mark.parametrize("times", [[0.0, 2.0, 1.0], [0.0, 1.0, 1.0]])
def test_times_that_stay_or_go_back_are_refused(times):
    with pytest.raises(ValueError, match="beats do not ascend"):
        checks.refuse_unsorted(beats=torch.tensor(times))
    with pytest.raises(ValueError, match="not finite"):
        checks.refuse_unsorted(beats=torch.tensor([0.0, torch.nan, 1.0]))
