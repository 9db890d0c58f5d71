"""Tables of starts, and mini-batches that they share."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import torch
from torch.testing import assert_close

from dla.chapters.melody import starts


def piece(name, f0):
    return SimpleNamespace(name=name, part="1", f0=torch.tensor(f0))


@dataclass
class Reached:
    """A result of two seeds and two parts: what `study.load` would give."""

    numbers: dict
    study: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(recipe=SimpleNamespace(steps=9))
    )

    def values(self, what, steps):
        assert steps == 9
        return self.numbers[what]


PIECES = [piece("low", [0.0, 0.0, 0.0, 110.0, 120.0]), piece("high", [0.0, 500.0, 390.0, 420.0])]
RESULT = Reached(
    {
        "pitch: low, 1": [0.9, 0.1],
        "pitch: high, 1": [0.8, 0.0],
        "chroma: low, 1": [1.0, 0.6],
        "chroma: high, 1": [0.8, 0.2],
        "fresh draw: raw pitch accuracy": [0.3, 0.4],
        "fresh draw: raw chroma accuracy": [0.5, 0.6],
        "loss without labels": [0.2, 0.7],
        "entropy in bits": [1.0, 2.0],
        "share that leaves": [0.0, 0.1],
    }
)


def test_rests_do_not_count_for_the_median_pitch():
    assert starts.is_high(PIECES).tolist() == [False, True]


def test_rows_are_means_over_the_parts_of_each_seed():
    rows = starts.start_rows(RESULT, PIECES)
    np.testing.assert_allclose(rows["raw pitch accuracy"], [0.85, 0.05])
    np.testing.assert_allclose(rows["raw chroma accuracy"], [0.9, 0.4])
    np.testing.assert_allclose(rows["chroma, high parts"], [0.8, 0.2])
    np.testing.assert_allclose(rows["chroma, other parts"], [1.0, 0.6])
    np.testing.assert_allclose(rows["parts right"], [1.0, 0.0])
    np.testing.assert_allclose(rows["parts octaves off"], [0.0, 0.5])
    np.testing.assert_allclose(rows["fresh draw, pitch"], [0.3, 0.4])
    assert starts.by_part(RESULT, "chroma", PIECES).tolist() == [[1.0, 0.6], [0.8, 0.2]]


def test_models_share_their_mini_batches():
    views, shift = torch.randn(1, 4, 5), torch.tensor([[3, -1]])
    draw = starts.shared_by(3, lambda step: (views + step, shift))
    seen, by = draw(2)
    assert_close(seen, (views + 2).repeat(3, 1, 1))
    assert by.tolist() == [[3, -1]] * 3
