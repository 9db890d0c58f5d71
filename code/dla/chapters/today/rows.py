"""Rows in groups, from the top down, as map and timeline have them.

Used in overview/speech/today and overview/music/today.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

WIDTH = 5.0  # inches


def grouped_axes(
    groups: Sequence[str], *, what: str, height: float, ax: Axes | None
) -> tuple[Axes, dict[str, float]]:
    """Axes with a line between groups, and where each group's middle is.

    Args:
        groups: the group of each row, from the top; equal ones are
            neighbours.
        what: is drawn, for the error.
        height: of a new figure, in inches.
        ax: to draw on; None makes a figure.

    Raises:
        ValueError: no rows.
    """
    if not groups:
        raise ValueError(f"a {what} of no systems; is the table empty?")
    if ax is None:
        ax = plt.subplots(figsize=(WIDTH, height))[1]
    ax.set_ylim(len(groups) - 0.4, -0.6)
    middles = {}
    for name in dict.fromkeys(groups):
        first = groups.index(name)
        if first:
            ax.axhline(
                first - 0.5,
                color=plt.rcParams["grid.color"],
                linewidth=0.8,
            )
        middles[name] = first + (groups.count(name) - 1) / 2
    return ax, middles
