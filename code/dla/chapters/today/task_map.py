"""A map of the tasks: what its systems know beforehand, by kind.

Used in overview/speech/today and overview/music/today.
"""

from collections import Counter
from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from dla.chapters.today.systems import KINDS, KNOWN, System
from dla.plot import new_axes


def count_known(
    systems: Sequence[System],
) -> dict[tuple[str, str], Counter]:
    """(kind, task) -> how many systems know what beforehand.

    Kinds come in the order of KINDS, tasks in that of the table. A
    system with two results counts once, with what it knows in either.
    """
    rows = {(s.kind, s.task): Counter() for s in systems}
    once: dict[tuple[str, str, str], set[str]] = {}
    for s in systems:
        once.setdefault((s.kind, s.task, s.name), set()).update(s.known)
    for (kind, task, _), known in once.items():
        rows[kind, task].update(known)
    places = {row: k for k, row in enumerate(rows)}
    order = sorted(rows, key=lambda r: (KINDS.index(r[0]), places[r]))
    return {row: rows[row] for row in order}


def task_map(
    systems: Sequence[System], *, ax: Axes | None = None
) -> Axes:
    """Tasks against what is known beforehand, a number in each circle.

    Args:
        systems: rows of the table.

    Raises:
        ValueError: no systems.
    """
    if not systems:
        raise ValueError("a map of no systems; is the table empty?")
    rows = count_known(systems)
    if ax is None:
        ax = plt.subplots(figsize=(5, 1.2 + 0.3 * len(rows)))[1]
    ax = new_axes(ax)
    ink, faint = (
        plt.rcParams["axes.prop_cycle"].by_key()["color"][0],
        plt.rcParams["grid.color"],
    )
    for y, counts in enumerate(rows.values()):
        for x, word in enumerate(KNOWN):
            if counts[word]:
                ax.scatter(
                    x,
                    y,
                    s=120 + 50 * (counts[word] - 1),
                    facecolors="none",
                    linewidths=1.2,
                    edgecolors=ink,
                )
                ax.text(x, y, counts[word], ha="center", va="center")
    draw_groups(ax, [kind for kind, _ in rows], faint)
    ax.set_yticks(range(len(rows)), [task for _, task in rows])
    ax.set_xticks(
        range(len(KNOWN)), KNOWN.values(), rotation=35, ha="right"
    )
    ax.set(xlabel="known beforehand", xlim=(-0.6, len(KNOWN) - 0.4))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    return ax


def draw_groups(ax: Axes, names: Sequence[str], colour: str) -> None:
    """A line between groups of equal names, and each name at the right.

    Args:
        names: of each row, from the top; equal ones are neighbours.
        colour: of the lines.
    """
    first = [
        k for k, n in enumerate(names) if k == 0 or n != names[k - 1]
    ]
    for k, end in zip(first, [*first[1:], len(names)], strict=True):
        if k:
            ax.axhline(k - 0.5, color=colour, linewidth=0.8)
        ax.text(
            1.01,
            (k + end - 1) / 2,
            names[k],
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=10,
        )
