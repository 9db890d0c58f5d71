"""Causal diagrams: names and arrows, nothing computed.

Used in overview/experiments.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from dla.plot import new_axes


def causal_diagram(
    nodes: Mapping[str, tuple[float, float]],
    arrows: Sequence[tuple[str, str]],
    *,
    absent: Sequence[tuple[str, str]] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw variables and which of them acts on which.

    Args:
        nodes: name -> position, both coordinates from 0 to 1.
        arrows: (cause, effect) by name.
        absent: arrows that an intervention has removed, dashed.

    Raises:
        ValueError: an arrow with an unknown end.
    """
    ax = new_axes(ax)
    ink = plt.rcParams["text.color"]
    faint = plt.rcParams["xtick.color"]
    for pair in (*arrows, *absent):
        missing = [name for name in pair if name not in nodes]
        if missing:
            raise ValueError(
                f"arrow {pair}: no node {missing[0]!r}; there are "
                + ", ".join(nodes)
            )
        removed = pair in absent
        ax.annotate(
            "",
            xy=nodes[pair[1]],
            xytext=nodes[pair[0]],
            arrowprops={
                "arrowstyle": "-|>",
                "linestyle": ":" if removed else "-",
                "color": faint if removed else ink,
                "linewidth": 1.4,
                "shrinkA": 12,
                "shrinkB": 12,
            },
        )
    for name, (x, y) in nodes.items():
        ax.text(x, y, name, ha="center", va="center", color=ink)
    ax.set(xlim=(-0.15, 1.15), ylim=(-0.15, 1.15))
    ax.axis("off")
    return ax
