"""Figures in words, for the transcript, and in the inks of the dark theme.

`book/matplotlibrc` draws with the inks named here and with no others, so
that a dark figure is the light one with each ink exchanged: images inside
(spectrograms) keep their colours.
"""

from __future__ import annotations

import math
import re

import numpy as np

# light -> dark: both with at least 4.5:1 (text) or 3:1 (curves) on their page.
INKS = {
    "#24292f": "#d5dae0",  # text and axes
    "#5b6570": "#a4adb8",  # secondary text, ticks
    "#d3d8de": "#3a424b",  # grid
    "#005f9e": "#5cb3f2",  # blue
    "#c4460a": "#ff9655",  # vermilion
    "#007a5a": "#3fc79a",  # green
    "#9b3d7f": "#ea9bcf",  # purple
    "#8a6a00": "#e5c33b",  # ochre
    "#4a6670": "#93b3bf",  # slate
}
DIGITS = 3
_PAINT = re.compile(r"\b(fill|stroke|stop-color)(: ?|=\")(#[0-9a-fA-F]{6})\b")
_MOST = 12  # values or texts that are listed one by one


def recolour(svg: str, inks: dict[str, str] = INKS) -> str:
    """The figure for the dark theme: every ink exchanged, everything else as it is.

    Args:
        svg: as matplotlib writes it. Base64 holds no ``#``, so embedded
            images are not touched.
        inks: colour -> colour, ``#rrggbb`` in lower case.
    """

    def exchange(match: re.Match) -> str:
        colour = match[3].lower()
        return f"{match[1]}{match[2]}{inks.get(colour, colour)}"

    return _PAINT.sub(exchange, svg)


def describe(figure) -> str:
    """A matplotlib figure as text: axes with labels, what is drawn, ranges of the data.

    Numbers have three significant digits; a figure of trained results,
    which another processor draws a little differently, may state fewer:
    ``ax.figure.transcript_digits = 1``.
    """
    digits = getattr(figure, "transcript_digits", DIGITS)
    lines = []
    for axes in figure.axes:
        lines += _describe_axes(axes, digits)
    return "\n".join(lines) or "empty figure"


def _describe_axes(axes, digits: int) -> list[str]:
    if axes.get_label() == "<colorbar>":
        label = axes.get_ylabel() or axes.get_xlabel()
        return [f"colour bar {label!r}"]
    names = [_axis_name(axis, letter) for axis, letter in ((axes.xaxis, "x"), (axes.yaxis, "y"))]
    title = f"axes {axes.get_title()!r}" if axes.get_title() else "axes"
    lines = [f"{title}: {', '.join(names)}"]
    in_containers = set()
    for container in axes.containers:
        lines.append("  " + _describe_container(container, digits))
        for part in container.get_children():
            in_containers.add(id(part))
    for artist in [*axes.lines, *axes.images, *axes.collections]:
        if id(artist) not in in_containers and artist.get_visible():
            lines.append("  " + _describe_artist(artist, axes, digits))
    shapes = [type(p).__name__.lower() for p in axes.patches if id(p) not in in_containers]
    lines += [f"  {name}: {shapes.count(name)}" for name in sorted(set(shapes))]
    texts = [text.get_text() for text in axes.texts if text.get_text()]
    if texts:
        more = f" and {len(texts) - _MOST} more" if len(texts) > _MOST else ""
        lines.append(f"  text: {', '.join(texts[:_MOST])}{more}")
    legend = axes.get_legend()
    if legend is not None:
        lines.append("  legend: " + ", ".join(text.get_text() for text in legend.get_texts()))
    return lines


def _axis_name(axis, letter: str) -> str:
    """Label of an axis, with its scale and its categories where it has them."""
    from matplotlib.category import StrCategoryFormatter
    from matplotlib.ticker import FixedFormatter

    label = axis.get_label_text()
    name = f"{letter} {label!r}" if label else f"{letter} without label"
    if axis.get_scale() != "linear":
        name += f" ({axis.get_scale()})"
    if isinstance(axis.get_major_formatter(), (FixedFormatter, StrCategoryFormatter)):
        ticks = [tick.get_text() for tick in axis.get_ticklabels()]
        name += f" [{', '.join(filter(None, ticks))}]" if any(ticks) else ""
    return name


def _describe_container(container, digits: int) -> str:
    from matplotlib.container import BarContainer

    name = named(container)
    if isinstance(container, BarContainer):
        across = container.orientation == "horizontal"
        values = [bar.get_width() if across else bar.get_height() for bar in container]
        return f"bars{name}: {listed(values, digits)}"
    kind = type(container).__name__.removesuffix("Container").lower()
    points = container[0].get_ydata() if kind == "errorbar" and container[0] is not None else []
    return f"{kind}{name}: {listed(points, digits)}"


def _describe_artist(artist, axes, digits: int) -> str:
    """One line for a curve, an image, or a collection."""
    from matplotlib.collections import PathCollection
    from matplotlib.lines import Line2D

    name = named(artist)
    if isinstance(artist, Line2D):
        x, y = artist.get_xdata(orig=False), artist.get_ydata(orig=False)
        if artist.get_transform() is not axes.transData:  # axhline, axvline
            spans_x = artist.get_transform() == axes.get_yaxis_transform(which="grid")
            along, values = ("y", y) if spans_x else ("x", x)
            return f"line across{name}: {along} {span(values, digits)}"
        return f"line{name}: {plural(len(x))}, x {span(x, digits)}, y {span(y, digits)}"
    array = artist.get_array()
    if isinstance(artist, PathCollection):
        points = np.ma.getdata(artist.get_offsets())
        x, y = points[:, 0], points[:, 1]
        return f"scatter{name}: {plural(len(points))}, x {span(x, digits)}, y {span(y, digits)}"
    if array is not None:
        shape = " x ".join(map(str, np.shape(array)))
        kind = type(artist).__name__.replace("AxesImage", "image").replace("QuadMesh", "mesh")
        return f"{kind}{name}: {shape}, {span(array, digits)}"
    paths = [path.vertices for path in artist.get_paths() if len(path.vertices)]
    if not paths:
        return f"{type(artist).__name__}{name}: empty"
    x, y = np.concatenate(paths).T
    kind = {"FillBetweenPolyCollection": "band", "LineCollection": "segments"}
    what = kind.get(type(artist).__name__, type(artist).__name__)
    return f"{what}{name}: x {span(x, digits)}, y {span(y, digits)}"


def named(artist) -> str:
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") or not label else f" {label!r}"


def plural(count: int) -> str:
    return f"{count} point" + ("" if count == 1 else "s")


def listed(values, digits: int) -> str:
    """The values themselves when they are few, else their number and range."""
    values = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    if len(values) > _MOST:
        return f"{len(values)} values, {span(values, digits)}"
    largest = np.nanmax(np.abs(values), initial=0.0)
    return ", ".join(number(v, largest, digits) for v in values)


def span(values, digits: int) -> str:
    """Smallest to largest finite value; says how many are not finite."""
    values = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    finite = values[np.isfinite(values)]
    if not len(finite):
        return "without finite values"
    low, high = float(finite.min()), float(finite.max())
    largest = max(abs(low), abs(high))
    missing = len(values) - len(finite)
    note = f" ({missing} not finite)" if missing else ""
    if low == high:
        return number(low, largest, digits) + note
    return f"{number(low, largest, digits)} to {number(high, largest, digits)}{note}"


def number(value: float, largest: float, digits: int) -> str:
    """A value with the digits given; whole numbers whole, and noise beside ``largest`` zero.

    What is not whole has a decimal point, by which the transcript knows it
    for a measured number: 834.2 is 8.34e+02.

    >>> [number(v, 900.0, 3) for v in (99, 1e-13, 0.5, 83.456, 834.2, -0.000123)]
    ['99', '0', '0.500', '83.5', '8.34e+02', '-1.23e-04']
    """
    if not math.isfinite(value):
        return str(value)
    if abs(value) <= 1e-9 * largest or value == 0:
        return "0"
    if abs(value - round(value)) <= 1e-9 * abs(value) and abs(value) < 1e6:
        return str(round(value))
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    if 1 <= decimals <= digits + 2:
        return f"{value:.{decimals}f}"
    return f"{value:.{digits - 1}e}"
