"""An arm hears what it keeps."""

import pytest
import torch

from dla.chapters.beat_tracking import arms


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_an_arm_hears_what_it_keeps():
    flux = torch.rand(3, 300, generator=dice())
    assert torch.equal(arms.as_heard(flux, "black box")[:3], flux)
    assert arms.as_heard(flux, "black box")[3].abs().max() == 0
    high = arms.as_heard(flux, "high band")
    changed = torch.cat([torch.rand(2, 300, generator=dice(1)), flux[2:]])
    assert high[:2].abs().max() == 0 and high[3].max() == 1
    torch.testing.assert_close(high, arms.as_heard(changed, "high band"))
    with pytest.raises(ValueError, match="with pulse"):
        arms.as_heard(flux, "bass")
