"""Pictures of data: each takes an axis, draws on it and returns it.

Nothing is computed and nothing is shown here; labels carry quantity
and unit. Sizes and colours come from the book's matplotlibrc, where a
figure is 5 x 3 inches with text of 11 points: legible on a phone.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from dla import checks

DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
ON_DARK, ON_LIGHT = "#ffffff", "#000000"  # numbers on a colour


def new_axes(ax: Axes | None) -> Axes:
    """The axis given, or that of a new figure."""
    return plt.subplots()[1] if ax is None else ax


def array(data: ArrayLike) -> np.ndarray:
    """Torch tensors, also those on the tape, and sequences."""
    if hasattr(data, "detach"):
        data = data.detach().cpu()
    return np.asarray(data)


def waveform(
    samples: ArrayLike,
    sample_rate: float,
    *,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Amplitude over time in seconds.

    A waveform with many samples is drawn by its envelope: the smallest
    and largest sample of each column of the picture.

    Args:
        samples: one channel, shape (time,), full scale 1.
        sample_rate: in Hz.
        label: its name in a legend.

    Raises:
        ValueError: more than one channel.
    """
    x = array(samples)
    checks.refuse_other_axes("samples", x, "time")
    ax = new_axes(ax)
    columns = 1000
    if len(x) <= 2 * columns:
        ax.plot(np.arange(len(x)) / sample_rate, x, label=label)
    else:
        edges = np.linspace(0, len(x), columns + 1).astype(int)
        low = np.minimum.reduceat(x, edges[:-1])
        high = np.maximum.reduceat(x, edges[:-1])
        times = (edges[:-1] + edges[1:]) / 2 / sample_rate
        ax.fill_between(times, low, high, label=label, linewidth=0.4)
    ax.set(
        xlabel="time (s)",
        ylabel="amplitude",
        xlim=(0, len(x) / sample_rate),
    )
    if label is not None:
        ax.legend()
    return ax


def spectrogram(
    level: ArrayLike,
    times: ArrayLike,
    frequencies: ArrayLike,
    *,
    unit: str = "dB",
    limits: tuple[float, float] | None = None,
    colours: str = "magma",
    ax: Axes | None = None,
) -> Axes:
    """Level over time and frequency, both evenly spaced.

    Args:
        level: shape (freq, frame), for example in dB.
        times: centres of the frames, in seconds.
        frequencies: centres of the bins, in Hz.
        unit: of the level, on the colour bar.
        limits: of the colours; without them the data's own.
        colours: a colour map of matplotlib.

    Raises:
        ValueError: the shapes do not fit each other, or levels that
            are not finite set the limits.
    """
    level, times, frequencies = (
        array(level),
        array(times),
        array(frequencies),
    )
    if level.shape != (len(frequencies), len(times)):
        raise ValueError(
            f"level {level.shape} does not fit "
            f"{len(frequencies)} frequencies and {len(times)} times; "
            "is it (freq, frame)?"
        )
    low, high = limits or (float(level.min()), float(level.max()))
    if not np.isfinite([low, high]).all():
        raise ValueError(
            f"levels from {low} to {high} {unit}: colours need finite "
            "limits; is there a logarithm of zero?"
        )
    ax = new_axes(ax)
    image = ax.imshow(
        level,
        origin="lower",
        aspect="auto",
        interpolation="none",
        cmap=plt.get_cmap(colours, 64),  # smooth to the eye, and small
        vmin=low,
        vmax=high,
        extent=(
            *outer_edges(times),
            *(edge / 1000 for edge in outer_edges(frequencies)),
        ),
    )
    ax.set(xlabel="time (s)", ylabel="frequency (kHz)")
    ax.figure.colorbar(
        image, ax=ax, label=f"level ({unit})" if unit else None
    )
    return ax


def outer_edges(centres: np.ndarray) -> tuple[float, float]:
    """Outer edges of evenly spaced cells."""
    step = centres[1] - centres[0] if len(centres) > 1 else 1.0
    return float(centres[0] - step / 2), float(centres[-1] + step / 2)


def matrix(
    values: ArrayLike,
    *,
    xlabel: str,
    ylabel: str,
    unit: str = "",
    columns: Sequence[str] | None = None,
    rows: Sequence[str] | None = None,
    digits: int = 1,
    colours: str = "cividis",
    ax: Axes | None = None,
) -> Axes:
    """A small matrix as colours, with its numbers written into it.

    Args:
        values: shape (row, column); the first row is at the top.
        xlabel, ylabel: what columns and rows are.
        unit: of the values, on the colour bar.
        columns, rows: names, where they are not 1, 2, 3, ...
        digits: decimals of the numbers written into the cells.
        colours: a colour map of matplotlib.
    """
    ax, values = new_axes(ax), array(values)
    image = ax.imshow(
        values,
        origin="upper",
        aspect="auto",
        interpolation="none",
        cmap=plt.get_cmap(colours, 64),
    )
    height, width = values.shape
    ax.set_xticks(range(width), columns or range(1, width + 1))
    ax.set_yticks(range(height), rows or range(1, height + 1))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    for i, j in np.ndindex(height, width):
        red, green, blue, _ = image.to_rgba(values[i, j])
        light = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
        ink = ON_LIGHT if light else ON_DARK
        ax.text(
            j,
            i,
            f"{values[i, j]:.{digits}f}",
            ha="center",
            va="center",
            color=ink,
        )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.figure.colorbar(image, ax=ax, label=unit or None)
    return ax


def lines(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike] | ArrayLike,
    *,
    xlabel: str,
    ylabel: str,
    spread: Mapping[str, ArrayLike] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Curves over one axis, told apart by colour and by dashes.

    Args:
        x: shape (point,).
        curves: label -> values, shape (point,); or those of one curve.
        xlabel, ylabel: quantity and unit.
        spread: label -> half width of a band around that curve.
    """
    ax, x = new_axes(ax), array(x)
    named = curves if isinstance(curves, Mapping) else {None: curves}
    for k, (label, values) in enumerate(named.items()):
        values = array(values)
        (line,) = ax.plot(
            x, values, linestyle=DASHES[k % len(DASHES)], label=label
        )
        if spread and label in spread:
            half = array(spread[label])
            ax.fill_between(
                x,
                values - half,
                values + half,
                color=line.get_color(),
                alpha=0.2,
                linewidth=0,
            )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(True, axis="y")
    if isinstance(curves, Mapping):
        ax.legend()
    return ax


def bars(
    values: Mapping[str, float],
    *,
    ylabel: str,
    errors: Sequence[float] | None = None,
    xlabel: str = "",
    digits: int = 1,
    ax: Axes | None = None,
) -> Axes:
    """One horizontal bar per name, with its value at its end.

    Args:
        values: name -> value, from top to bottom.
        ylabel: quantity and unit of the values (along the bars).
        errors: half widths, for example standard deviations.
        xlabel: what the names are.
        digits: decimals of the values written at the bars.
    """
    ax = new_axes(ax)
    names, heights = list(values), [float(v) for v in values.values()]
    drawn = ax.barh(
        names,
        heights,
        height=0.6,
        xerr=errors,
        ecolor=plt.rcParams["text.color"],
    )
    ax.invert_yaxis()
    texts = [f"{v:.{digits}f}" for v in heights]
    if errors is not None:
        texts = [
            f"{t} ± {e:.{digits}f}"
            for t, e in zip(texts, errors, strict=True)
        ]
    ax.bar_label(drawn, texts, padding=4)
    ax.margins(x=0.22)
    ax.set(xlabel=ylabel, ylabel=xlabel)
    ax.grid(True, axis="x")
    return ax


def scatter(
    x: ArrayLike,
    y: ArrayLike,
    *,
    xlabel: str,
    ylabel: str,
    label: str | None = None,
    diagonal: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Points, one per item.

    Args:
        x, y: shape (item,).
        xlabel, ylabel: quantity and unit.
        label: their name in a legend.
        diagonal: draw the line of equal values.
    """
    ax = new_axes(ax)
    ax.scatter(
        array(x), array(y), s=18, alpha=0.7, linewidths=0, label=label
    )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(True)
    if diagonal:
        ax.axline(
            (0, 0),
            slope=1,
            color=plt.rcParams["xtick.color"],
            linewidth=1,
            zorder=0,
        )
    if label is not None:
        ax.legend()
    return ax


def histogram(
    counts: ArrayLike,
    edges: ArrayLike,
    *,
    xlabel: str,
    ylabel: str = "number",
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Counts between edges, as ``numpy.histogram`` returns them.

    Args:
        counts: shape (bin,).
        edges: shape (bin + 1,).
        xlabel, ylabel: quantity and unit.
        label: its name in a legend.
    """
    ax = new_axes(ax)
    ax.stairs(
        array(counts), array(edges), fill=True, alpha=0.6, label=label
    )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(True, axis="y")
    if label is not None:
        ax.legend()
    return ax
