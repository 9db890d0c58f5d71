"""A figure in words says what moved; in the dark it changes its inks and nothing else."""

import io
import re

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")
import matplotlib.pyplot as plt
from places import RC

from dlabook.output.figure import INKS, describe, number, recolour

LIGHT_PAGE, DARK_PAGE = "#ffffff", "#121212"


@pytest.fixture(autouse=True)
def book_style():
    with matplotlib.rc_context(fname=RC):
        yield
    plt.close("all")


def svg(figure) -> str:
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def test_curves_axes_and_legend_are_named():
    figure, ax = plt.subplots()
    x = np.arange(101)
    ax.plot(x, 10 / (1 + x), label="PIT")
    ax.axhline(2.5)
    ax.set(xlabel="step", ylabel="loss (dB)", yscale="log")
    ax.legend()
    assert describe(figure).splitlines() == [
        "axes: x 'step', y 'loss (dB)' (log)",
        "  line 'PIT': 101 points, x 0 to 100, y 0.0990 to 10",
        "  line across: y 2.50",
        "  legend: PIT",
    ]


def test_bars_with_names_values_and_errors():
    figure, ax = plt.subplots()
    ax.bar(["IBM", "PSM"], [12.25, 14.0], yerr=[0.2, 0.3], label="oracle")
    ax.set(ylabel="gain (dB)")
    text = describe(figure)
    assert "x without label [IBM, PSM], y 'gain (dB)'" in text
    assert "bars 'oracle': 12.2, 14" in text
    assert "line" not in text


def test_images_points_bands_and_texts():
    figure, axes = plt.subplots(1, 3)
    image = axes[0].imshow(np.linspace(-60.5, -0.5, 12).reshape(3, 4))
    axes[0].text(0, 0, "hello")
    figure.colorbar(image, ax=axes[0], label="level (dB)")
    axes[1].scatter([0.5, 1.5], [2.25, 3.25])
    axes[2].fill_between([0, 1], [1, 1], [2.5, 2])
    text = describe(figure)
    assert "image: 3 x 4, -60.5 to -0.500" in text
    assert "  text: hello" in text
    assert "colour bar 'level (dB)'" in text
    assert "scatter: 2 points, x 0.500 to 1.50, y 2.25 to 3.25" in text
    assert "band: x 0 to 1, y 1 to 2.50" in text


def test_missing_values_are_counted():
    figure, ax = plt.subplots()
    ax.plot([0, 1, 2], [1.5, np.nan, np.inf])
    assert "y 1.50 (2 not finite)" in describe(figure)


def test_a_figure_may_state_fewer_digits():
    figure, ax = plt.subplots()
    ax.plot([0, 1], [1.234, 5.678])
    figure.transcript_digits = 2
    assert "y 1.2 to 5.7" in describe(figure)


def test_an_empty_figure_says_so():
    assert describe(plt.figure()) == "empty figure"


@pytest.mark.parametrize("value", [0.5, 12.3456, 99.96, 0.0123, 834.2, 1.5e7, -3.21e-5])
def test_what_is_measured_has_a_point_and_three_digits(value):
    text = number(value, abs(value), 3)
    assert re.fullmatch(r"-?\d+\.\d+(e[-+]\d+)?", text)
    assert float(text) == pytest.approx(value, rel=6e-3)


def test_noise_beside_large_values_is_zero():
    assert number(1e-14, 10.0, 3) == "0"


def test_the_style_draws_with_known_inks_only():
    colours = re.findall(r"\b[0-9a-f]{6}\b", RC.read_text())
    assert {f"#{colour}" for colour in colours} <= set(INKS)


def test_every_ink_is_exchanged():
    figure, ax = plt.subplots()
    for k in range(6):
        ax.plot([0, 1], [k, k], label=f"curve {k}")
    ax.grid(True)
    ax.legend()
    ax.set(xlabel="time (s)", ylabel="level (dB)")
    light = svg(figure)
    dark = recolour(light)
    assert {ink for ink in INKS if ink in light} == set(INKS)
    assert not [ink for ink in INKS if ink in dark]
    assert [ink for ink in INKS.values() if ink not in dark] == []
    back = recolour(dark, {dark_ink: ink for ink, dark_ink in INKS.items()})
    assert back == light


def test_images_keep_their_colours():
    figure, ax = plt.subplots()
    ax.imshow(np.random.default_rng(0).random((8, 8)))
    light = svg(figure)
    embedded = re.compile(r"data:image/png;base64,[^\"]+")
    assert embedded.findall(light)
    assert embedded.findall(recolour(light)) == embedded.findall(light)


def test_the_exchange_can_be_undone_and_leaves_other_colours():
    assert len(set(INKS.values())) == len(INKS)
    assert recolour('<g style="fill: #123456"/>') == '<g style="fill: #123456"/>'
    assert recolour('<use xlink:href="#005f9e"/>') == '<use xlink:href="#005f9e"/>'


def luminance(colour: str) -> float:
    channels = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ink", [ink for ink in INKS if ink != "#d3d8de"])  # but the grid
def test_inks_are_legible_on_their_page(ink):
    assert contrast(ink, LIGHT_PAGE) >= 4.5
    assert contrast(INKS[ink], DARK_PAGE) >= 4.5
