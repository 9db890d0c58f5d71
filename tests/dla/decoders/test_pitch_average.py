"""The weighted average finds pitches between bins, and says where it does not."""

import pytest
import torch

from dla.decoders.pitch_average import average_peak
from dla.losses.blurred_targets import blurred_targets


@pytest.mark.parametrize("position", [10.0, 10.2, 10.5, 9.7])
def test_finds_the_middle_of_a_hill_between_bins(position):
    hill = blurred_targets(torch.tensor([position]), 21, width=0.7)
    assert average_peak(hill, reach=4).position.item() == pytest.approx(position, abs=0.01)


def test_is_the_mean_of_the_bins_in_reach_by_hand():
    s = torch.tensor([9.0, 1.0, 3.0, 10.0, 2.0, 0.0, 8.0])[:, None]
    found = average_peak(s, reach=2)
    assert found.position.item() == pytest.approx((1 + 2 * 3 + 3 * 10 + 4 * 2) / 16)
    assert found.height.item() == 10


def test_a_peak_from_a_search_is_averaged_around():
    s = torch.tensor([4.0, 0.0, 0.0, 0.0, 1.0, 1.0])[:, None]
    found = average_peak(s, peak=torch.tensor([4]), reach=1)
    assert found.position.item() == 4.5 and found.height.item() == 1


def test_silence_stays_at_its_peak_and_edges_are_no_bins():
    assert average_peak(torch.zeros(5, 2)).position.tolist() == [0, 0]
    assert average_peak(torch.tensor([[1.0], [0.0]])).position.item() == 0


def test_refuses_logits_a_negative_reach_and_a_peak_beyond():
    with pytest.raises(ValueError, match="logits"):
        average_peak(torch.tensor([[-1.0], [2.0]]))
    with pytest.raises(ValueError, match="reach"):
        average_peak(torch.ones(3, 1), reach=-1)
    with pytest.raises(ValueError, match="bins 0 to 2"):
        average_peak(torch.ones(3, 1), peak=torch.tensor([3]))
