"""Networks as blocks and arrows, with the shapes that flow between them.

Used in decomposition/permutation-invariant-training/real-voices.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

BLOCK, ARROW, LINE = 0.26, 0.4, 0.19  # heights in inches
WIDTH = 4.6  # inches, legible on a phone


def block_diagram(
    blocks: Sequence[str],
    shapes: Sequence[str],
    *,
    skips: Mapping[tuple[int, int], str] | None = None,
) -> Axes:
    """Draw a network from top to bottom: what it does, and on what.

    Args:
        blocks: what happens, in order; a name may have several lines.
        shapes: what enters each block, and what leaves the last one.
        skips: (from, to) -> a word at the line: what enters block
            ``from`` also goes to the block ``to``, past those between.

    Raises:
        ValueError: shapes and blocks do not alternate, or a skip leads
            to no later block.
    """
    if len(shapes) != len(blocks) + 1:
        raise ValueError(
            f"{len(blocks)} blocks and {len(shapes)} shapes; "
            "there is one shape before each block and one after the last"
        )
    skips = dict(skips or {})
    for start, end in skips:
        if not 0 <= start < end < len(blocks):
            raise ValueError(
                f"skip from {start} to {end}; the blocks are 0 to "
                f"{len(blocks) - 1}, and a skip leads to a later one"
            )
    heights = [BLOCK + LINE * name.count("\n") for name in blocks]
    total = sum(heights) + ARROW * len(shapes)
    ink, faint = (
        plt.rcParams[name] for name in ("text.color", "axes.edgecolor")
    )
    _, ax = plt.subplots(figsize=(WIDTH, total))
    ax.set(xlim=(0, WIDTH), ylim=(-total, 0))
    ax.axis("off")
    left, right, middle = 0.6, 4.5, 2.55
    arrow = {
        "arrowstyle": "-|>",
        "linewidth": 1.2,
        "color": ink,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    above, tops, y = [], [], 0.0  # middles of arrows, tops of blocks
    for k, shape in enumerate(shapes):
        ax.annotate(
            "", (middle, y - ARROW), (middle, y), arrowprops=arrow
        )
        ax.text(middle + 0.12, y - ARROW / 2, shape, va="center")
        above.append(y - ARROW / 2)
        y -= ARROW
        if k < len(blocks):
            tops.append(y)
            box = plt.Rectangle(
                (left, y - heights[k]),
                right - left,
                heights[k],
                fill=False,
                edgecolor=faint,
                linewidth=1.2,
            )
            ax.add_patch(box)
            ax.text(
                middle,
                y - heights[k] / 2,
                blocks[k],
                ha="center",
                va="center",
            )
            y -= heights[k]
    for lane, ((start, end), word) in enumerate(skips.items()):
        x = left - 0.25 - 0.25 * lane
        target = tops[end] - heights[end] / 2
        ax.plot(
            [middle, x, x],
            [above[start], above[start], target],
            color=ink,
            linewidth=1.2,
        )
        ax.annotate("", (left, target), (x, target), arrowprops=arrow)
        ax.text(
            x - 0.08,
            (above[start] + target) / 2,
            word,
            ha="right",
            va="center",
            rotation=90,
        )
    return ax


def output_shapes(
    model: nn.Module, names: Sequence[str], *inputs: Tensor
) -> dict[str, tuple[int, ...]]:
    """The shape of what each named part of a network gives, in one run.

    Args:
        model: any network.
        names: of parts of it, as in ``model.named_modules()``.
        inputs: what the network is called with.

    Raises:
        ValueError: the network has no part of that name.

    >>> model = nn.Sequential(nn.Linear(3, 5), nn.ReLU())
    >>> output_shapes(model, ["0"], torch.zeros(2, 3))
    {'0': (2, 5)}
    """
    parts, found = dict(model.named_modules()), {}
    for name in names:
        if name not in parts:
            raise ValueError(
                f"no part {name!r}; there are {', '.join(filter(None, parts))}"
            )

    def keep(name: str):
        def hook(
            module: nn.Module, given: tuple, result: Tensor
        ) -> None:
            found[name] = tuple(result.shape)

        return hook

    hooks = [
        parts[name].register_forward_hook(keep(name)) for name in names
    ]
    try:
        with torch.no_grad():
            model(*inputs)
    finally:
        for one in hooks:
            one.remove()
    return found
