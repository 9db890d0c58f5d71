"""Tempo curves against the integral that they solve."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from dla import scores


@pytest.mark.parametrize(
    "tempo",
    [100.0, [(2, 60), (6, 120), (6, 90), (9, 90), (12, 45)], [(3, 70)], [(0, 50), (8, 50.001)]],
)
def test_time_is_the_integral_of_the_inverse_tempo(tempo):
    curve = scores.TempoCurve(tempo, origin=1.5)
    points = [(0, tempo)] if np.ndim(tempo) == 0 else tempo
    at, bpm = np.array(points, dtype=float).T
    for quarter in (-1.0, 1.5, 3.3, 6.0, 7.7, 11.0, 20.0):
        edges = sorted({1.5, quarter, *at[(at > min(1.5, quarter)) & (at < max(1.5, quarter))]})
        area = sum(
            quad(lambda q: 60 / np.interp(q, at, bpm), a + 1e-12, b - 1e-12)[0]
            for a, b in pairwise(edges)
        )
        assert curve.time(quarter) == pytest.approx(np.sign(quarter - 1.5) * area, abs=1e-7)
        assert curve.quarter(curve.time(quarter)) == pytest.approx(quarter, abs=1e-9)
