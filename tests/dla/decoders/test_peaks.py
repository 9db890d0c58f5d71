"""Peak picking against its definition, frame by frame."""

import pytest
import torch

from dla.decoders.peaks import pick_peaks


@pytest.mark.parametrize("reach", [1, 2, 5, 40])
@pytest.mark.parametrize("seed", range(4))
def test_peaks_are_what_the_definition_says(seed, reach):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randint(0, 6, (60,), generator=generator) / 5.0  # many equal values
    expected = [
        m
        for m in range(60)
        if x[m] >= 0.4
        and all(x[m] > x[k] for k in range(max(0, m - reach), m))
        and all(x[m] >= x[k] for k in range(m + 1, min(60, m + reach + 1)))
    ]
    found = pick_peaks(x, frame_rate=10.0, threshold=0.4, distance=reach / 10)
    assert (found * 10).round().long().tolist() == expected
    assert (found.diff() * 10 > reach + 0.5).all()


def test_of_a_plateau_the_first_frame_and_the_ends_count():
    x = torch.tensor([0.9, 0.1, 0.8, 0.8, 0.8, 0.1, 0.9])
    assert pick_peaks(x, frame_rate=1.0, distance=1.0).tolist() == [0.0, 2.0, 6.0]


def test_refuses_what_has_no_meaning():
    with pytest.raises(ValueError, match="not finite"):
        pick_peaks(torch.tensor([0.0, float("nan")]), frame_rate=1.0)
    with pytest.raises(ValueError, match="have to be positive"):
        pick_peaks(torch.zeros(4), frame_rate=1.0, distance=0.0)
