"""Planted trials: every decoder hears the same, and is compared piece by piece."""

import pytest
import torch

from dla.chapters.beat_tracking import trials
from dla.decoders.peaks import pick_peaks


@pytest.fixture(scope="module")
def table():
    """Two decoders that see the truth's activation, without flaws."""

    def both(activation):
        times = pick_peaks(activation, frame_rate=50.0, threshold=0.5)
        return {"right": times, "half": times[::2]}

    perfect = {"missing": 0.0, "extra": 0.0, "jitter": 0.0, "least": 1.0, "floor": 0.0}
    return trials.planted_scores(both, ("steady", "fermata"), **perfect)


def test_a_table_has_a_row_for_each_piece_and_draw(table):
    for curve, found in table.items():
        for scores in found.values():
            assert scores.shape == (trials.PIECES, trials.DRAWS[curve], 4)


def test_every_second_beat_has_two_thirds(table):
    halved = trials.piece_means(table["steady"]["half"])
    assert halved == pytest.approx([2 / 3] * trials.PIECES, abs=0.01)


def test_a_gap_is_the_first_over_the_second_and_changes_its_sign_when_they_are_exchanged(table):
    there = trials.gap(table["steady"], "right", "half")
    back = trials.gap(table["steady"], "half", "right")
    assert there.low > 0.3
    assert back.high == pytest.approx(-there.low)


def test_a_piece_is_the_same_performance_whenever_it_is_asked_for_and_another_number_is_another():
    first = trials.performance("rubato", trials.FRESH)
    assert torch.equal(first, trials.performance("rubato", trials.FRESH))
    assert not torch.equal(first, trials.performance("rubato", trials.FRESH + 1))
    assert len(first) == trials.LENGTH


def test_tempi_lie_in_their_range():
    slow, fast = trials.TEMPI
    tempi = [trials.draw_bpm(piece)[0] for piece in range(200)]
    assert slow <= min(tempi) < slow * 1.1 and fast / 1.1 < max(tempi) <= fast


def test_the_pointer_does_not_leave_its_range():
    """At 75 BPM a range that begins at 110 has to take 150."""
    activation = torch.full((1000,), 0.01)
    activation[::40] = 0.9
    for low, interval in ((55.0, 0.8), (110.0, 0.4)):
        times = trials.pointer(activation, low=low)
        assert times.diff().median().item() == pytest.approx(interval, abs=0.021)
