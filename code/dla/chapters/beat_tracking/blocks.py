"""Block diagrams: what a tensor passes, and its shape in between.

Used in analysis/beat-tracking/network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from dla.plot import new_axes

WIDTH, HEIGHT, GAP = 1.0, 0.7, 0.75  # of a block; between two of them
ROW = 1.6  # from row to row


@dataclass(frozen=True)
class Chain:
    """Blocks in series, drawn as one row."""

    blocks: tuple[str, ...]
    shapes: tuple[str, ...]  # before each block, and after the last
    adds: bool = False  # whether what enters is added at the end

    def __post_init__(self):
        if len(self.shapes) != len(self.blocks) + 1:
            raise ValueError(
                f"{len(self.blocks)} blocks with {len(self.shapes)} "
                "shapes; expected one before each and one after the last"
            )


def block_diagram(
    chains: Sequence[Chain], *, ax: Axes | None = None
) -> Axes:
    """Draw chains below one another, shapes above their arrows.

    Args:
        chains: the network, then parts of it in detail.
        ax: where; without it on new axes.
    """
    ax = new_axes(ax)
    ink = plt.rcParams["text.color"]
    step = WIDTH + GAP
    for row, chain in enumerate(chains):
        y = -ROW * row
        ends = [k * step for k in range(len(chain.shapes) + 1)]
        last = ends[len(chain.blocks)]
        for x, shape in zip(ends, chain.shapes, strict=False):
            ax.annotate(
                "",
                (x, y),
                (x - GAP, y),
                arrowprops={
                    "arrowstyle": "->",
                    "color": ink,
                    "lw": 1,
                    "shrinkA": 0,
                    "shrinkB": 0,
                },
            )
            # Away from the line around the blocks, at both ends.
            aside = 0.2 * chain.adds * ((x == ends[0]) - (x == last))
            ax.text(
                x - GAP / 2 + aside,
                y + HEIGHT / 2 + 0.05,
                shape,
                ha="center",
                size="x-small",
            )
        for x, block in zip(ends, chain.blocks, strict=False):
            ax.add_patch(
                plt.Rectangle(
                    (x, y - HEIGHT / 2),
                    WIDTH,
                    HEIGHT,
                    fill=False,
                    ec=ink,
                    lw=1,
                )
            )
            ax.text(
                x + WIDTH / 2, y, block, ha="center", va="center",
                size="x-small",
            )  # fmt: skip
        if chain.adds:
            over = y + 0.65
            ax.plot(
                [-GAP, -GAP, last, last],
                [y, over, over, y + 0.1],
                color=ink,
                lw=1,
            )
            ax.text(last + 0.02, y, "+", ha="left", va="center")
    longest = max(len(chain.blocks) for chain in chains)
    ax.set_xlim(-GAP - 0.1, longest * step + 0.1)
    ax.set_ylim(-ROW * (len(chains) - 1) - 0.5, 0.7)
    ax.set_axis_off()
    return ax
