"""The formulas against a fit and against the decoder."""

import pytest
import torch

from dla.chapters.beat_tracking import formulas
from dla.decoders.bar_pointer import BarPointerSettings, decode
from dla.decoders.tempo_changes import fit_lambda


def test_lambda_on_an_endless_grid_is_the_fitted_one():
    intervals, middle = torch.arange(2, 300), 150 - 2
    counts = torch.zeros(len(intervals), len(intervals))
    counts[middle, middle - 2 : middle + 3] = torch.tensor([1.0, 3, 9, 3, 1])
    mean = float((counts[middle] * (intervals / 150 - 1).abs()).sum() / 17)
    expected = fit_lambda(counts, intervals, cap=1e4)
    assert formulas.geometric_lambda(mean, 150.0) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("interval", [18, 20])
@pytest.mark.parametrize("strong", [0.7, 0.95])
def test_the_decoder_changes_level_at_the_critical_activation(interval, strong):
    critical = formulas.critical_activation(strong, interval)
    for weak, expected in ((critical - 0.05, 2 * interval), (critical + 0.05, interval)):
        activation = torch.full((40 * interval,), 0.001)
        for shift in (-1, 0, 1):
            activation[5 + shift :: 2 * interval] = strong
            activation[5 + interval + shift :: 2 * interval] = weak
        settings = BarPointerSettings(transition_lambda=1e4, beats_per_bar=(1,))
        path = decode(activation, frame_rate=50.0, settings=settings).path
        assert path.intervals.median() == expected
