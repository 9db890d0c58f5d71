"""Plots take an axis, return it, draw what they are given, and name quantity and unit."""

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("agg")
import matplotlib.pyplot as plt

from dla import plot

X = np.arange(4.0)
CALLS = {
    "waveform": lambda ax: plot.waveform(np.sin(X), 8000, ax=ax),
    "long waveform": lambda ax: plot.waveform(np.sin(np.arange(5000)), 8000, label="x", ax=ax),
    "spectrogram": lambda ax: plot.spectrogram(np.ones((3, 4)), X, X[:3] * 1000, ax=ax),
    "matrix": lambda ax: plot.matrix(np.eye(2), xlabel="source", ylabel="estimate", ax=ax),
    "lines": lambda ax: plot.lines(X, {"a": X}, xlabel="step", ylabel="loss (dB)", ax=ax),
    "bars": lambda ax: plot.bars({"a": 1.0}, ylabel="gain (dB)", xlabel="mask", ax=ax),
    "scatter": lambda ax: plot.scatter(X, X, xlabel="before (dB)", ylabel="after (dB)", ax=ax),
    "histogram": lambda ax: plot.histogram([1, 2], [0, 1, 2], xlabel="gain (dB)", ax=ax),
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_draws_on_the_axis_given_and_returns_it(call):
    ax = plt.subplots()[1]
    assert call(ax) is ax
    assert ax.has_data()
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert not ax.get_title()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_makes_its_own_axis_when_none_is_given(call):
    before = plt.get_fignums()
    ax = call(None)
    assert len(plt.get_fignums()) == len(before) + 1
    assert ax.has_data()


def test_the_envelope_of_a_long_waveform_keeps_its_extremes():
    samples = np.random.default_rng(0).standard_normal(100_000)
    samples[31_415], samples[92_653] = 9.0, -9.0
    ax = plot.waveform(samples, 8000)
    (envelope,) = ax.collections
    heights = envelope.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (-9.0, 9.0)
    assert ax.get_xlim() == (0.0, 12.5)


def test_the_spectrogram_lies_between_the_edges_of_its_cells():
    ax = plot.spectrogram(np.ones((3, 4)), X * 0.1, np.array([0.0, 1000.0, 2000.0]))
    np.testing.assert_allclose(ax.images[0].get_extent(), [-0.05, 0.35, -0.5, 2.5])


def test_refuses_a_transposed_spectrogram():
    with pytest.raises(ValueError, match=r"\(4, 3\) does not fit 3 frequencies and 4 times"):
        plot.spectrogram(np.ones((4, 3)), X, X[:3])


def test_the_matrix_shows_its_numbers_in_a_legible_ink():
    ax = plot.matrix(np.array([[0.0, 1.0]]), xlabel="source", ylabel="estimate", digits=2)
    assert [(t.get_text(), t.get_color()) for t in ax.texts] == [
        ("0.00", plot.ON_DARK),
        ("1.00", plot.ON_LIGHT),
    ]


def test_lines_differ_in_dashes_and_colour():
    ax = plot.lines(X, {str(k): X + k for k in range(4)}, xlabel="x", ylabel="y")
    assert len({line.get_linestyle() for line in ax.lines}) == 4
    assert len({line.get_color() for line in ax.lines}) == 4


def test_a_band_has_the_width_of_the_spread():
    ax = plot.lines(X, {"a": X}, xlabel="x", ylabel="y", spread={"a": np.full(4, 0.5)})
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (-0.5, 3.5)


def test_bars_say_value_and_error():
    ax = plot.bars({"PIT": 8.12, "IRM": 13.0}, ylabel="gain (dB)", errors=[0.4, 0.3])
    assert [text.get_text() for text in ax.texts] == ["8.1 ± 0.4", "13.0 ± 0.3"]


def test_takes_tensors_on_the_tape():
    x = torch.arange(4.0, requires_grad=True)
    assert plot.lines(x, x**2, xlabel="x", ylabel="y").lines[0].get_ydata()[-1] == 9
